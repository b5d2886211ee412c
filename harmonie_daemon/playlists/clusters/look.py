"""Some tracks of a library, or all of them, and what a draw makes of them. Runs in a worker."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from harmonie_daemon.playlists.clusters.mood_profile import MoodBase
from harmonie_daemon.playlists.clusters.score import parts, score
from harmonie_daemon.playlists.clusters.selection import Chosen, chosen
from harmonie_daemon.playlists.clusters.sound_space import SoundSpace, prepare

SONGS, STRATA = "rows.npy", "strata.npy"


def arranged(folder: Path, request: ClusterRequest) -> int:
    """Find the space and the strata of the library in the folder; how many songs there are."""
    facts = Facts.read(folder)
    songs = first_of_each_song(facts.songs)
    space = prepare(folder, songs, request.pca_components_max)
    np.save(folder / SONGS, songs)
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
class Look:
    """Some tracks of the library, or all of them."""

    request: ClusterRequest
    space: SoundSpace
    songs: Rows
    """The rows of these tracks in the files of the daemon ..."""
    rows: Rows
    """... and in those of the space."""
    points: Floats
    """In the usual space."""
    facts: Facts
    base: MoodBase

    @classmethod
    def at(cls, folder: Path, request: ClusterRequest, tracks: int | None = None) -> Look:
        """An even sample of so many tracks; all, by default."""
        strata = np.load(folder / STRATA)
        places = np.linspace(0, len(strata) - 1, tracks or len(strata)).astype(np.intp)
        rows = np.sort(strata[places])
        songs = np.load(folder / SONGS)[rows]
        facts = Facts.read(folder).taken(songs)
        facts = replace(facts, moods=strongest(facts.moods, request.top_n_moods))
        space = SoundSpace.read(folder)
        base = MoodBase.of(facts.moods)
        return cls(request, space, songs, rows, space.points(rows=rows), facts, base)

    def labels(self, draw: Draw) -> Labels:
        """The group of each track as this draw has it."""
        return groups(self.space.points(draw.components, self.rows), draw)

    def playlists(self, labels: Labels) -> list[Chosen]:
        """What is chosen of these groups."""
        return chosen(self.points, labels, self.facts, self.request)

    def judged(self, draw: Draw) -> Best:
        """What the draw is worth, by these tracks."""
        labels = self.labels(draw)
        found = parts(
            self.points, labels, self.playlists(labels), self.facts, self.base, self.request
        )
        return Best(draw, score(found), found, self.space.kept(draw.components))
