"""The work of a clustering in a process of its own; one step a job.

A folder holds what is worked on: what the daemon wrote there, and what the first step makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.playlists.clusters.clustering import Best, Draw
from harmonie_daemon.playlists.clusters.facts import (
    Facts,
    Floats,
    Rows,
    first_of_each_song,
    strongest,
)
from harmonie_daemon.playlists.clusters.grouping import Labels, groups
from harmonie_daemon.playlists.clusters.mood_profile import Distinction, MoodBase
from harmonie_daemon.playlists.clusters.score import parts, score
from harmonie_daemon.playlists.clusters.selection import Chosen, chosen
from harmonie_daemon.playlists.clusters.sound_space import SoundSpace, prepare
from harmonie_daemon.workers import WorkerKind

MIB = 1024 * 1024
CLUSTERING = WorkerKind(
    "clustering",
    "harmonie_daemon.playlists.clusters.job:run",
    preload=("harmonie_daemon.playlists.clusters.job",),
    memory_limit_bytes=600 * MIB,
)
PREPARED, STRATA = "rows.npy", "strata.npy"


@dataclass(frozen=True, slots=True)
class Prepare:
    """Find the space, and which tracks are looked at."""

    folder: str
    request: ClusterRequest


@dataclass(frozen=True, slots=True)
class Try:
    """Judge these draws by so many tracks."""

    folder: str
    request: ClusterRequest
    draws: tuple[Draw, ...]
    tracks: int


@dataclass(frozen=True, slots=True)
class Finish:
    """Make the playlists of this draw."""

    folder: str
    request: ClusterRequest
    draw: Draw


@dataclass(frozen=True, slots=True)
class Selected:
    """One playlist; rows of the files that the daemon wrote."""

    rows: tuple[int, ...]
    cluster_size: int
    moods: tuple[Distinction, ...]
    """What stands out, the strongest first."""


def run(job: Prepare | Try | Finish) -> int | list[Best] | list[Selected]:
    """The worker's side; ``Prepare`` answers with how many different songs there are."""
    match job:
        case Prepare():
            return _prepared(Path(job.folder), job.request)
        case Try():
            look = _Look.at(Path(job.folder), job.request, job.tracks)
            return [look.best(draw) for draw in job.draws]
        case Finish():
            folder = Path(job.folder)
            songs = np.load(folder / PREPARED)
            look = _Look.at(folder, job.request, len(songs))
            return [
                Selected(
                    tuple(songs[one.rows].tolist()),
                    len(one.group),
                    tuple(look.base.distinctions(look.facts.moods[one.rows])),
                )
                for one in look.playlists(look.labels(job.draw))
            ]


def _prepared(folder: Path, request: ClusterRequest) -> int:
    facts = Facts.read(folder)
    songs = first_of_each_song(facts.songs)
    space = prepare(folder, songs, request.pca_components_max)
    np.save(folder / PREPARED, songs)
    np.save(folder / STRATA, _strata(facts.moods[songs], space.points(1)))
    return len(songs)


def _strata(moods: Floats, first_axis: Floats) -> Rows:
    """The rows by their most unusual mood and their side of the library.

    Every so manieth of them is a sample that has of each kind its share.
    """
    base = MoodBase.of(moods)
    unusual = (moods - base.means) / np.maximum(base.deviations, 1e-6)
    mood = np.where(np.isnan(moods[:, 0]), -1, np.argmax(np.nan_to_num(unusual), axis=1))
    return np.asarray(np.lexsort((np.arange(len(moods)), first_axis[:, 0], mood)), np.intp)


@dataclass(frozen=True, slots=True)
class _Look:
    """Some tracks of the library, or all of them."""

    request: ClusterRequest
    space: SoundSpace
    rows: Rows
    points: Floats
    """In the usual space."""
    facts: Facts
    base: MoodBase

    @classmethod
    def at(cls, folder: Path, request: ClusterRequest, tracks: int) -> _Look:
        """An even sample of so many tracks."""
        strata = np.load(folder / STRATA)
        rows = np.sort(strata[np.linspace(0, len(strata) - 1, tracks).astype(np.intp)])
        facts = Facts.read(folder).taken(np.load(folder / PREPARED)[rows])
        facts = Facts(
            strongest(facts.moods, request.top_n_moods),
            facts.durations_s,
            facts.artists,
            facts.songs,
        )
        space = SoundSpace.read(folder)
        base = MoodBase.of(facts.moods)
        return cls(request, space, rows, space.points(rows=rows), facts, base)

    def labels(self, draw: Draw) -> Labels:
        return groups(self.space.points(draw.components, self.rows), draw)

    def playlists(self, labels: Labels) -> list[Chosen]:
        return chosen(self.points, labels, self.facts, self.request)

    def best(self, draw: Draw) -> Best:
        labels = self.labels(draw)
        found = parts(
            self.points, labels, self.playlists(labels), self.facts, self.base, self.request
        )
        return Best(draw, score(found), found, self.space.kept(draw.components))
