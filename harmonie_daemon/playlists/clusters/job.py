"""The work of a clustering in a process of its own; one step a job.

A folder holds what is worked on: what the daemon wrote there, and what the first step makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.playlists.clusters.clustering import Best, Draw
from harmonie_daemon.playlists.clusters.look import Look, arranged
from harmonie_daemon.playlists.clusters.mood_profile import Distinction
from harmonie_daemon.workers import WorkerKind

MIB = 1024 * 1024
CLUSTERING = WorkerKind(
    "clustering",
    "harmonie_daemon.playlists.clusters.job:run",
    preload=("harmonie_daemon.playlists.clusters.job",),
    memory_limit_bytes=600 * MIB,
)


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
            return arranged(Path(job.folder), job.request)
        case Try():
            look = Look.at(Path(job.folder), job.request, job.tracks)
            return [look.judged(draw) for draw in job.draws]
        case Finish():
            look = Look.at(Path(job.folder), job.request)
            return [
                Selected(
                    tuple(look.songs[one.rows].tolist()),
                    len(one.group),
                    tuple(look.base.distinctions(look.facts.moods[one.rows])),
                )
                for one in look.playlists(look.labels(job.draw))
            ]
