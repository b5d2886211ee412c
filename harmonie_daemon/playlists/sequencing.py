"""The order of a finished list: as few and as small jumps as can be.

The usual way for playlists (Pohle, Pampalk & Widmer, "Generating Similarity-Based Playlists Using
Traveling Salesman Algorithms", 2005): the shortest path through the tracks, here by 2-opt moves
from the order they were picked in. Steps count by their fourth power, so that the worst one weighs
most.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.diversity import LONGEST_RUN
from harmonie_daemon.playlists.tempo import FARTHEST, USUAL, tempo_gaps
from harmonie_daemon.similarity.columns import Columns
from harmonie_daemon.similarity.index import positions_of
from harmonie_daemon.similarity.space import Space

SOUND, TEMPO, LOUDNESS, SAME_ARTIST = 0.6, 0.2, 0.2, 0.3
"""What a step costs at most for each of these; sound is what a listener hears most."""
LOUDEST_STEP_DB = 12.0
"""From here on louder or softer makes no difference."""
WORST_WEIGHS = 4
"""The power of a step's cost."""
LONGEST = 500
"""Tracks up to which a list is ordered: a second of work."""

Costs = npt.NDArray[np.float64]
Order = npt.NDArray[np.intp]


def sequenced(
    space: Space, track_ids: Sequence[TrackId], fixed: Collection[int] = ()
) -> tuple[TrackId, ...]:
    """The tracks in an order whose worst step is smaller, or as they are.

    Those at the places ``fixed`` stay there, and nothing moves past them.
    """
    ids = np.array(track_ids, np.int64)
    _, has_vector = positions_of(space.index.ids, ids)
    if not 2 < len(ids) <= LONGEST or not has_vector.all():
        return tuple(track_ids)
    columns = space.columns.take(np.sort(ids)).in_order(ids)
    costs = step_costs(space, columns)
    picked = np.arange(len(ids))
    order = _shortened(costs**WORST_WEIGHS, picked, _movable(len(ids), fixed))
    is_better = _worst(costs, order) < _worst(costs, picked)
    is_spaced = _longest_run(columns, order) <= max(LONGEST_RUN, _longest_run(columns, picked))
    chosen = order if is_better and is_spaced else picked
    return tuple(track_ids[place] for place in chosen.tolist())


def step_costs(space: Space, columns: Columns) -> Costs:
    """float64[n, n], 0 to 1 (and more for the same artist): how much of a jump each step is."""
    vectors = space.index.vectors(columns.ids)
    sound = (1.0 - np.clip(vectors @ vectors.T, -1.0, 1.0).astype(np.float64)) / 2
    tempo = tempo_gaps(columns.bpm[:, None], columns.bpm[None, :])
    loudness = np.abs(columns.loudness_db[:, None] - columns.loudness_db[None, :])
    same = np.array([columns.is_by(artist) for artist in columns.artist.tolist()], np.float64)
    return np.asarray(
        SOUND * sound
        + TEMPO * np.nan_to_num(tempo, nan=USUAL) / FARTHEST
        + LOUDNESS * np.minimum(np.nan_to_num(loudness), LOUDEST_STEP_DB) / LOUDEST_STEP_DB
        + SAME_ARTIST * same
    )


def _movable(count: int, fixed: Collection[int]) -> npt.NDArray[np.bool_]:
    """bool[n, n]: whether the stretch from i to j (i < j) may be turned round."""
    is_fixed = np.zeros(count, np.bool_)
    is_fixed[[place for place in fixed if place < count]] = True
    before = np.concatenate(([0], np.cumsum(is_fixed)))
    return np.triu(before[None, 1:] == before[:-1, None], 1)


def _shortened(costs: Costs, order: Order, movable: npt.NDArray[np.bool_]) -> Order:
    """The order after turning stretches round, the most rewarding first, while any rewards."""
    for _ in range(4 * len(order)):
        # a place before the first and one behind the last, which cost nothing
        steps = np.pad(costs[np.ix_(order, order)], 1)
        ahead = np.diagonal(steps, 1)
        gains = ahead[:-1, None] + ahead[None, 1:] - steps[:-2, 1:-1] - steps[1:-1, 2:]
        gains = np.where(movable, gains, 0.0)
        first, last = np.unravel_index(int(np.argmax(gains)), gains.shape)
        if gains[first, last] <= 1e-12:
            break
        order = np.concatenate((order[:first], order[first : last + 1][::-1], order[last + 1 :]))
    return order


def _worst(costs: Costs, order: Order) -> float:
    return float(costs[order[:-1], order[1:]].max())


def _longest_run(columns: Columns, order: Order) -> int:
    """How many tracks of one artist stand in a row at most."""
    artists = columns.artist[order]
    longest = run = 1
    for before, after in zip(artists[:-1].tolist(), artists[1:].tolist(), strict=True):
        run = run + 1 if before == after and before >= 0 else 1
        longest = max(longest, run)
    return longest
