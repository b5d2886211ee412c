"""What a clustering is asked for: every parameter, its default and its bounds, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from harmonie_daemon.domain.errors import ParameterError


class ClusterMethod(StrEnum):
    """How tracks are put into groups."""

    KMEANS = "kmeans"
    """Spherical k-means."""
    DBSCAN = "dbscan"
    """By density, with the cosine."""
    GMM = "gmm"
    """Gaussian mixtures with diagonal covariances."""
    AUTO = "auto"
    """Each of them by turns; the score decides."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be."""

    low: float
    high: float
    is_whole: bool = True

    def __str__(self) -> str:
        kind = "a whole number" if self.is_whole else "a number"
        return f"{kind} from {self.low:g} to {self.high:g}"

    def admit(self, value: object) -> bool:
        """Whether it is such a number; truth values, texts and infinities are none."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        # what is not finite lies outside, too
        return self.low <= value <= self.high and not (self.is_whole and value != int(value))


_CLUSTERS = Bounds(2, 500)
_SONGS = Bounds(1, 500)
_EPSILON = Bounds(0.01, 1, is_whole=False)
_SAMPLES = Bounds(1, 100)
_COMPONENTS = Bounds(0, 500)
BOUNDS: Mapping[str, Bounds] = {
    "num_clusters_min": _CLUSTERS,
    "num_clusters_max": _CLUSTERS,
    "dbscan_eps_min": _EPSILON,
    "dbscan_eps_max": _EPSILON,
    "dbscan_min_samples_min": _SAMPLES,
    "dbscan_min_samples_max": _SAMPLES,
    "gmm_n_components_min": _CLUSTERS,
    "gmm_n_components_max": _CLUSTERS,
    "pca_components_min": _COMPONENTS,
    "pca_components_max": _COMPONENTS,
    "runs": Bounds(1, 10_000),
    "max_distance": Bounds(0.01, 1, is_whole=False),
    "max_songs_per_cluster": _SONGS,
    "max_songs_per_artist": _SONGS,
    "top_n_moods": Bounds(0, 17),
    "seed": Bounds(0, 2**32 - 1),
}
"""By the name of the parameter."""
RANGES = (
    ("num_clusters_min", "num_clusters_max"),
    ("dbscan_eps_min", "dbscan_eps_max"),
    ("dbscan_min_samples_min", "dbscan_min_samples_max"),
    ("gmm_n_components_min", "gmm_n_components_max"),
    ("pca_components_min", "pca_components_max"),
)
"""Parameters that are the two ends of one range."""
FEWEST_TRACKS = 20
"""Tracks with a vector below which there is nothing to divide; from here on there is always a
playlist."""


@dataclass(frozen=True, slots=True)
class ClusterRequest:
    """What to cluster by. Raises ``ParameterError`` when a value is out of its bounds.

    Both ends of a range are drawn as well. The defaults are those of the AudioMuse contract,
    except for the components.
    """

    method: ClusterMethod = ClusterMethod.KMEANS
    num_clusters_min: int = 3
    num_clusters_max: int = 10
    dbscan_eps_min: float = 0.1
    """Share of the tracks that have ``min_samples`` others within that distance: the quantile of
    their distances to the ``min_samples``-th nearest, whatever the space."""
    dbscan_eps_max: float = 0.8
    dbscan_min_samples_min: int = 2
    dbscan_min_samples_max: int = 5
    gmm_n_components_min: int = 3
    gmm_n_components_max: int = 10
    pca_components_min: int = 0
    """0: as many as hold 90 % of the variance, 16 to 128."""
    pca_components_max: int = 0
    runs: int = 100
    """How many draws out of the ranges are tried."""
    max_distance: float = 0.5
    """How far from the middle of its cluster a track may be; 1 is where the farthest 5 % begin."""
    max_songs_per_cluster: int = 20
    max_songs_per_artist: int = 3
    """In one playlist."""
    top_n_moods: int = 5
    """How many of a track's strongest moods count, of 17."""
    seed: int = 0
    """The same library and the same seed give the same playlists."""

    def __post_init__(self) -> None:
        check_values({field.name: getattr(self, field.name) for field in fields(self)})
        # 8.0 is 8 to whoever writes JSON, and would be another request to whoever compares
        object.__setattr__(self, "method", ClusterMethod(self.method))
        for name, bounds in BOUNDS.items():
            value = getattr(self, name)
            object.__setattr__(self, name, int(value) if bounds.is_whole else float(value))

    @property
    def most_groups(self) -> int:
        """How many groups a draw may have."""
        match self.method:
            case ClusterMethod.GMM:
                return self.gmm_n_components_max
            case ClusterMethod.AUTO:
                return max(self.num_clusters_max, self.gmm_n_components_max)
            case _:
                return self.num_clusters_max


def check_values(values: Mapping[str, object]) -> None:
    """Raise ``ParameterError`` for the first of these parameters that cannot be."""
    for name, value in values.items():
        if name == "method":
            if value not in list(ClusterMethod):
                raise ParameterError(name, value, " or ".join(ClusterMethod))
        elif name not in BOUNDS:
            raise ParameterError(name, value, f"left out; there are method, {', '.join(BOUNDS)}")
        elif not BOUNDS[name].admit(value):
            raise ParameterError(name, value, str(BOUNDS[name]))
    for low, high in RANGES:
        if low in values and high in values and values[low] > values[high]:  # type: ignore[operator]
            raise ParameterError(low, values[low], f"no more than {high}, which is {values[high]}")
