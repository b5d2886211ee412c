"""``vibe``: no seed, but a tempo and a danceability to come close to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.playlist import PlaylistItem, VibeRequest, VibeTarget
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.similarity.columns import Columns
from harmonie_daemon.similarity.index import SCORE_DECIMALS, Floats

HALF_BPM = 10.0
"""A tempo this many BPM off the target is half as fit: what a listener still takes for the
same pace around 120 BPM."""
HALF_DANCEABILITY = 0.5
"""Likewise for danceability, whose useful range is about 0 to 3."""
SHUFFLE_SPREAD = 0.2
"""Fitness that chance may make good: tracks about as fit change places, worlds apart they do not.
Three BPM at the target, less than what a resting artist loses."""
SHUFFLED_POOL = 100
OVERSAMPLE = 4
"""A shuffled list is first looked for among the best 4n tracks, at least 100."""
WIDENING = 4


def fitness(columns: Columns, target: VibeTarget) -> Floats:
    """float32[n], 0 to 1: the mean closeness to what the target names; 1 if it names nothing.

    Closeness halves with every ``HALF_BPM`` or ``HALF_DANCEABILITY`` of difference; a track that
    lacks a value has closeness 0 there, since nothing speaks for it.
    """
    wishes = (
        (target.bpm, columns.bpm, HALF_BPM),
        (target.danceability, columns.danceability, HALF_DANCEABILITY),
    )
    parts = [_closeness(values, wish, half) for wish, values, half in wishes if wish is not None]
    if not parts:
        return np.ones(len(columns), np.float32)
    mean: npt.NDArray[np.float64] = np.stack(parts).mean(axis=0)
    return np.round(mean, SCORE_DECIMALS).astype(np.float32)


def vibe(
    columns: Columns, request: VibeRequest, rng: np.random.Generator
) -> tuple[PlaylistItem, ...]:
    """The list for ``request`` from these tracks; scores are fitness.

    Fitness ranks; shuffle adds a little chance to it, which decides alone where nothing is
    wished for. Cooldown and de-duplication apply to that order.
    """
    fit = fitness(columns, request.target)
    keys = fit
    if request.shuffle:
        keys = fit + np.float32(SHUFFLE_SPREAD) * rng.random(len(columns), np.float32)
    ranked = np.lexsort((columns.ids, -keys))
    picker = Picker(Rules(request.diversity, flow=False), rng)
    size = max(SHUFFLED_POOL, OVERSAMPLE * request.n) if request.shuffle else len(columns)
    while True:
        rows = np.sort(ranked[:size])
        pool = picker.offer(columns.take(columns.ids[rows]), is_last=size >= len(columns))
        picker.fill(pool, keys[rows], request.n - len(picker))
        if len(picker) >= request.n or size >= len(columns):
            return _with_fitness(picker.items, columns, fit)
        size *= WIDENING


def _closeness(
    values: npt.NDArray[np.float64], wish: float, half: float
) -> npt.NDArray[np.float64]:
    return np.nan_to_num(0.5 ** (np.abs(values - wish) / half), nan=0.0)


def _with_fitness(
    items: list[PlaylistItem], columns: Columns, fit: Floats
) -> tuple[PlaylistItem, ...]:
    at = np.searchsorted(columns.ids, np.array([item.track_id for item in items], np.int64))
    return tuple(
        PlaylistItem(item.track_id, float(score))
        for item, score in zip(items, fit[at], strict=True)
    )
