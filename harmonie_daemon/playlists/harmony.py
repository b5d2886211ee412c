"""Keys that mix well: the Camelot wheel.

The wheel writes the circle of fifths as the numbers 1 to 12, with B for major keys and A for
their relative minors: C major is 8B, A minor 8A, G major 9B. Two keys are compatible when they
are the same, one step apart on the same ring, or share a number.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from harmonie_daemon.similarity.columns import MINOR_OFFSET

HOURS = 12
_FIFTH = 7
"""Semitones of a fifth; one step clockwise on the wheel."""
_C_MAJOR_HOUR = 8
_TO_RELATIVE_MAJOR = 3
"""Semitones from a minor key up to its relative major."""


def camelot(key: int) -> str:
    """The wheel's name of a key code: ``8B`` for C major (0), ``8A`` for A minor (21)."""
    return f"{_hour(key)}{'A' if key >= MINOR_OFFSET else 'B'}"


def compatible(key: int, keys: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Which of ``keys`` (codes) may follow ``key``; an unknown key never may.

    After an unknown ``key`` every known one may follow.
    """
    known = keys >= 0
    return known if key < 0 else known & _table()[key][keys]


def wheel_distances(keys: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    """float64[n, n], 0 to 6: steps on the wheel, changing between its rings one of them.

    NaN where a key is unknown.
    """
    known = keys >= 0
    distances = _distances()[np.ix_(keys, keys)]
    return np.where(known[:, None] & known[None, :], distances, np.nan)


@cache
def _distances() -> npt.NDArray[np.float64]:
    codes = range(2 * MINOR_OFFSET)
    return np.array([[_steps(one, other) for other in codes] for one in codes], np.float64)


def _steps(one: int, other: int) -> int:
    hours = (_hour(one) - _hour(other)) % HOURS
    changes_ring = (one >= MINOR_OFFSET) != (other >= MINOR_OFFSET)
    return min(HOURS // 2, min(hours, HOURS - hours) + changes_ring)


@cache
def _table() -> npt.NDArray[np.bool_]:
    """bool[24, 24]: whether two key codes are neighbours on the wheel."""
    codes = range(2 * MINOR_OFFSET)
    return np.array([[_neighbours(one, other) for other in codes] for one in codes], np.bool_)


def _neighbours(one: int, other: int) -> bool:
    steps = (_hour(one) - _hour(other)) % HOURS
    same_ring = (one >= MINOR_OFFSET) == (other >= MINOR_OFFSET)
    return steps == 0 or (same_ring and steps in (1, HOURS - 1))


def _hour(key: int) -> int:
    pitch = key if key < MINOR_OFFSET else (key - MINOR_OFFSET + _TO_RELATIVE_MAJOR) % MINOR_OFFSET
    return (_C_MAJOR_HOUR - 1 + _FIFTH * pitch) % HOURS + 1
