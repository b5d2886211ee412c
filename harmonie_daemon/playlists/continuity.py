"""Which of today's playlists is last week's: so that key and name survive a refresh."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId

SAME_PLAYLIST = 0.3
"""Share of common tracks (Jaccard) from which on a listener would call it the same list."""


def successors(
    lists: Sequence[Sequence[TrackId]], previous: Sequence[SavedPlaylist]
) -> list[SavedPlaylist | None]:
    """For each list the earlier playlist it continues, each at most once.

    The assignment with the largest total overlap (Hungarian method); pairs below
    ``SAME_PLAYLIST`` do not count.
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - loaded when it is needed

    heirs: list[SavedPlaylist | None] = [None] * len(lists)
    if not lists or not previous:
        return heirs
    ours = [frozenset(tracks) for tracks in lists]
    theirs = [frozenset(earlier.track_ids) for earlier in previous]
    overlap = np.array([[jaccard(one, other) for other in theirs] for one in ours])
    overlap[overlap < SAME_PLAYLIST] = 0.0
    for row, column in zip(*linear_sum_assignment(-overlap), strict=True):
        if overlap[row, column] > 0:
            heirs[row] = previous[column]
    return heirs


def jaccard(one: Set[TrackId], other: Set[TrackId]) -> float:
    """Common tracks divided by all tracks, 0 to 1."""
    common = len(one & other)
    return common / max(1, len(one) + len(other) - common)
