"""The kinds of music that somebody likes: groups of what speaks for their taste, by sound."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.seeded import centroid
from harmonie_daemon.playlists.taste import Signal, varied
from harmonie_daemon.similarity.columns import Codebook, Codes
from harmonie_daemon.similarity.index import Floats
from harmonie_daemon.similarity.space import Space

MOST_SIGNALS = 50
"""The strongest that are looked at."""
PER_GROUP = 5
"""Signals that a group has on average where there are few of them."""
SMALLEST_GROUP = 2
"""A single track is no kind of music, if there are others."""
MOST_SEEDS = 15
RESTARTS = 4
STEADY_SEED = 0
"""The same listening falls into the same groups."""

NamesOf = Callable[[TrackId], Collection[int]]
Group = tuple[Signal, ...]
"""The strongest first, at most ``MOST_SEEDS``."""


def taste_groups(space: Space, ranked: Sequence[Signal], most: int) -> list[Group]:
    """At most ``most`` groups of the strongest signals (with vectors), the weightiest first.

    By k-means over the vectors, which have length 1, each counting as much as its signal.
    """
    strongest = list(ranked[:MOST_SIGNALS])
    if not strongest or most < 1:
        return []
    vectors = space.index.vectors(np.array([one.track_id for one in strongest], np.int64))
    count = min(most, max(1, len(strongest) // PER_GROUP), len(np.unique(vectors, axis=0)))
    labels = _labels(vectors, np.array([one.score for one in strongest]), count)
    groups = [
        tuple(one for one, own in zip(strongest, labels, strict=True) if own == label)
        for label in range(count)
    ]
    large = [one for one in groups if len(one) >= SMALLEST_GROUP] or groups[:1]
    large.sort(key=lambda group: (-sum(one.score for one in group), group[0].track_id))
    return [_seeds(space, group) for group in large]


def middle_of(space: Space, group: Group) -> Floats:
    """The direction in which a group lies, float32[dim], length 1."""
    vectors = space.index.vectors(np.array([one.track_id for one in group], np.int64))
    return centroid(vectors, np.array([one.score for one in group], np.float32))


def names_of(space: Space) -> tuple[NamesOf, NamesOf]:
    """What tells the artists of a track of the space, and its albums, by the codes of its books."""
    columns, books = space.columns, space.columns.books

    def members(codes: Codes, book: Codebook) -> NamesOf:
        return lambda track_id: book.members(int(codes[np.searchsorted(columns.ids, track_id)]))

    return members(columns.artist, books.artists), members(columns.album, books.albums)


def slots(middles: Sequence[Floats], former: Sequence[Floats | None]) -> list[int | None]:
    """For each group the number of the former list whose place it takes, ``None`` for a new one.

    The assignment with the largest total of cosines (Hungarian method): however far a taste has
    shifted, a list goes on as the one that is nearest. ``None`` among ``former``: nothing is known
    of what was in it.
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - loaded when it is needed

    taken: list[int | None] = [None] * len(middles)
    if not middles or not former:
        return taken
    near = np.array([[-1.0 if f is None else float(m @ f) for f in former] for m in middles])
    for row, column in zip(*linear_sum_assignment(-near), strict=True):
        taken[row] = int(column)
    return taken


def _seeds(space: Space, group: Sequence[Signal]) -> Group:
    """The strongest of a group, few of an artist and of an album."""
    return tuple(varied(group, *names_of(space), MOST_SEEDS))


def _labels(vectors: Floats, scores: npt.NDArray[np.float64], count: int) -> Sequence[int]:
    if count == 1:
        return [0] * len(vectors)
    from sklearn.cluster import KMeans  # noqa: PLC0415 - a second and 60 MB that few starts need

    means = KMeans(n_clusters=count, n_init=RESTARTS, random_state=STEADY_SEED)
    found: list[int] = means.fit_predict(vectors, sample_weight=scores).tolist()
    return found
