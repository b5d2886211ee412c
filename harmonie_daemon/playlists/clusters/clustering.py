"""What a clustering tells: how far it is, what was drawn, what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harmonie_daemon.domain.clustering import ClusterMethod
from harmonie_daemon.domain.mood import MoodLabel
from harmonie_daemon.domain.track import TrackId

MAKER = "clustering"
"""Of the playlists of every clustering, whoever asked for it."""


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """What a score is made of, each 0 to 1."""

    silhouette: float
    """How much nearer tracks are to their own cluster than to the next one."""
    purity: float
    """How much stronger than in the library the strongest moods of the playlists are."""
    distinctness: float
    """How far the playlists lie from each other."""
    coverage: float
    """How many different moods the playlists have, of as many as there could be."""
    size: float
    """The share of groups that make a playlist that is not too short."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One set of parameters out of the requested ranges."""

    run_id: int
    """Its number, from 1 on."""
    method: ClusterMethod
    """Never ``auto``."""
    clusters: int = 0
    """K-means: clusters; mixtures: components."""
    eps: float = 0.0
    min_samples: int = 0
    components: int = 0
    """Principal components; 0: as many as hold 90 % of the variance."""
    seed: int = 0

    @property
    def params(self) -> dict[str, int | float]:
        """Those of its method, by the names that are used everywhere for them."""
        match self.method:
            case ClusterMethod.DBSCAN:
                return {"eps": self.eps, "min_samples": self.min_samples}
            case ClusterMethod.GMM:
                return {"n_components": self.clusters}
            case _:
                return {"n_clusters": self.clusters}


@dataclass(frozen=True, slots=True)
class Best:
    """The best draw so far."""

    draw: Draw
    score: float
    """0 to 1."""
    parts: ScoreParts
    components: int
    """Principal components that were used."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some draws that a worker tries in one go."""

    number: int
    """From 1 on."""
    runs: int
    done: bool = False


@dataclass(frozen=True, slots=True)
class ClusterProgress:
    """Where a clustering stands."""

    fraction: float
    """0 to 1."""
    tracks: int
    """That are clustered."""
    total_runs: int
    runs_completed: int
    total_batches: int
    batches_launched: int
    batches_active: int
    best: Best | None
    batch: Batch | None
    """The one that begins or has ended with this report; ``None`` before, between and after."""


Report = Callable[[ClusterProgress], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ClusterPlaylist:
    """One playlist of a clustering."""

    key: str
    """Stable: the playlist of last time that it continues has the same one."""
    name: str
    """``Energetic_Medium_automatic``."""
    track_ids: tuple[TrackId, ...]
    """In the order of playing."""
    moods: tuple[tuple[MoodLabel, float], ...]
    """What stands out against the library, the strongest first: mean of the playlist, 0 to 1."""
    cluster_size: int
    """Tracks of the cluster that it was chosen from."""
    continues: bool
    """Whether it takes the place of an earlier one."""


@dataclass(frozen=True, slots=True)
class Clustering:
    """The outcome: playlists that are not saved yet."""

    best: Best
    """Its score is that of these playlists, in the whole library."""
    playlists: tuple[ClusterPlaylist, ...]
    max_songs_per_cluster: int
    tracks: int
    """That were clustered."""
    total_runs: int
    runs_completed: int
    """Fewer than all when the score had stopped rising."""

    @property
    def songs(self) -> int:
        """Tracks in all the playlists together."""
        return sum(len(playlist.track_ids) for playlist in self.playlists)
