"""Rhythms written as sixteen signs a bar (twelve in three-four), and notes cut to fit a bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from harmonie_daemon.compose.score import Note
from harmonie_daemon.compose.timing import Bar

SHORTEST = 40
"""Ticks; what is cut shorter than this is not played."""


@dataclass(frozen=True, slots=True)
class Onset:
    """A sign of a pattern: where it is and how long it lasts, in steps."""

    step: int
    length: int
    sign: str


@cache
def onsets(pattern: str) -> tuple[Onset, ...]:
    """Every sign but ``.`` (silence) and ``-`` (the one before lasts on)."""
    found = []
    for step, sign in enumerate(pattern):
        if sign in ".-":
            continue
        end = step + 1
        while end < len(pattern) and pattern[end] == "-":
            end += 1
        found.append(Onset(step, end - step, sign))
    return tuple(found)


def fitted(pattern: str, beats: int) -> str:
    """A four-four pattern without its last beats."""
    return pattern[: 4 * beats]


def in_bar(bar: Bar, pattern: str) -> Iterator[tuple[int, int, Onset]]:
    """Start and length in ticks of each sign, over again in a longer bar, cut in a shorter one."""
    turn = 0
    while turn * len(pattern) * bar.step < bar.length:
        for onset in onsets(pattern):
            start = bar.start + (turn * len(pattern) + onset.step) * bar.step
            length = min(onset.length * bar.step, bar.end - start)
            if length >= SHORTEST or (start == bar.start and length > 0):
                yield start, length, onset
        turn += 1


def shortened(length: int, articulation: float) -> int:
    """A note's part of its value, never nothing."""
    return max(1, round(length * articulation))


def loudness(base: float, energy: float, accent: float = 0.0) -> int:
    """A velocity from what a part is mostly at, the energy (0 to 1) and an accent."""
    return max(1, min(127, round(base * (0.72 + 0.4 * energy) + accent)))


def by_time(notes: list[Note]) -> tuple[Note, ...]:
    """In the order that scores keep."""
    return tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))
