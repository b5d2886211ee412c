"""What mutual proximity needs to know of an index, made when first asked for and then kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.similarity.proximity import (
    SMALLEST_LIBRARY,
    Crowd,
    Floats,
    Outlook,
    Positions,
)

MOST_SAMPLED = 20_000
"""Tracks from which the mean and the covariance of a larger library are taken."""
BATCH = 4_096
"""Rows copied at a time."""
STALE_AFTER = 0.1
"""Share of the tracks that may have changed before mean and covariance are taken anew."""

Rows = Callable[[Positions], Floats]
"""From positions to float32[n, dim], a copy."""


@dataclass(frozen=True, slots=True)
class View:
    """A library and the outlook of each of its tracks, in the order of the index's ids."""

    crowd: Crowd
    outlook: Outlook
    tracks: int
    """When the crowd was looked at."""
    changed: int = 0
    """Tracks that came, went or were replaced since."""


class Perspective:
    """The view of one snapshot of an index. Eight bytes a track, and none before it is used."""

    __slots__ = ("_lock", "_view")

    def __init__(self, view: View | None = None) -> None:
        self._lock = threading.Lock()
        self._view = view

    def view(self, count: int, rows: Rows) -> View | None:
        """The view of ``count`` tracks; ``None`` if they are too few to tell who is a hub."""
        if count < SMALLEST_LIBRARY:
            return None
        with self._lock:
            if self._view is None:
                self._view = _seen(count, rows)
            return self._view

    def after(self, stays: npt.NDArray[np.bool_], arrived: Floats, order: Positions) -> Perspective:
        """The perspective after a change of the index; empty if too much has changed.

        ``stays``: which tracks are left, bool[n]; ``order``: of those and the arrived behind them.
        """
        view = self._view
        if view is None:
            return Perspective()
        changed = view.changed + int(np.count_nonzero(~stays)) + len(arrived)
        if changed > STALE_AFTER * view.tracks:
            return Perspective()
        outlook = view.outlook.at(np.flatnonzero(stays))
        if len(arrived):
            outlook = outlook.joined(view.crowd.seen_from(arrived))
        return Perspective(View(view.crowd, outlook.at(order), view.tracks, changed))


def _seen(count: int, rows: Rows) -> View:
    sampled = np.unique(np.linspace(0, count - 1, min(count, MOST_SAMPLED)).astype(np.intp))
    crowd = Crowd.of(rows(batch) for batch in _batches(sampled))
    outlooks = [crowd.seen_from(rows(batch)) for batch in _batches(np.arange(count))]
    outlook = Outlook(
        np.concatenate([each.mean for each in outlooks]),
        np.concatenate([each.deviation for each in outlooks]),
    )
    return View(crowd, outlook, count)


def _batches(positions: Positions) -> Iterator[Positions]:
    return (positions[start : start + BATCH] for start in range(0, len(positions), BATCH))
