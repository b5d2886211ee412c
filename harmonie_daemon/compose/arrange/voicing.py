"""Voice leading: each chord in the position that is least far from the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from harmonie_daemon.compose.arrange.plan import HarmonySpan
from harmonie_daemon.compose.theory import Chord

_WIDEST = 16
"""Semitones from the lowest to the highest voice."""
_LEAST_GAP_LOW = 5
"""Semitones between the two lowest voices where they are below C3, lest they growl."""
_LOW = 48
_PARALLEL_COST = 6.0
_CENTRE_COST = 0.25
_FIFTHS = (0, 7)


def voiced(
    harmony: Sequence[HarmonySpan], low: int, high: int, voices: int
) -> tuple[HarmonySpan, ...]:
    """The same spans with voicings of so many voices between ``low`` and ``high``.

    Each minimises the motion of all voices from the chord before, with a pull to the middle of
    the range, and a price on parallel fifths and octaves between the outer voices.
    """
    centre = (low + high) / 2
    done: list[HarmonySpan] = []
    known: dict[tuple[tuple[int, ...], Chord], tuple[int, ...]] = {}
    before: tuple[int, ...] = ()
    for span in harmony:
        found = known.get((before, span.chord))
        if found is None:
            fitting = list(_positions(span.chord, low, high, voices))
            found = min(fitting, key=lambda one: (_cost(before, one, centre), one))
            known[before, span.chord] = found
        done.append(replace(span, voicing=found))
        before = found
    return tuple(done)


def _positions(chord: Chord, low: int, high: int, voices: int) -> Iterator[tuple[int, ...]]:
    """All stacks of the chord's tones in the range, close or with a gap of one tone."""
    tones = _chosen(chord, voices)
    for bottom in range(low, high + 1):
        if bottom % 12 not in tones:
            continue
        above = [one for one in range(bottom, min(high, bottom + _WIDEST) + 1) if one % 12 in tones]
        for skipped in range(len(above)):
            stack = [one for number, one in enumerate(above) if number != skipped or not skipped]
            taken = stack[:voices]
            whole = len(taken) == voices and {one % 12 for one in taken} == set(tones)
            if whole and (taken[0] >= _LOW or taken[1] - taken[0] >= _LEAST_GAP_LOW):
                yield tuple(taken)
    root = low + (chord.root - low) % 12
    yield tuple(sorted({root + one for one in chord.intervals[:voices] if root + one <= high}))


def _chosen(chord: Chord, voices: int) -> tuple[int, ...]:
    """The tones that are heard: with more tones than voices the fifth goes first, then the root."""
    tones = list(chord.tones)
    if len(tones) > voices and 7 in chord.intervals:
        tones.remove((chord.root + 7) % 12)
    if len(tones) > voices:
        tones.remove(chord.root)
    return tuple(tones[:voices])


def _cost(before: tuple[int, ...], now: tuple[int, ...], centre: float) -> float:
    cost = _CENTRE_COST * abs(sum(now) / len(now) - centre) * len(now)
    if not before:
        return cost
    cost += motion(before, now) * len(now)
    outer = (before[-1] - before[0]) % 12, (now[-1] - now[0]) % 12
    moved = now[0] != before[0] and now[-1] != before[-1]
    if moved and outer[0] == outer[1] and outer[0] in _FIFTHS:
        cost += _PARALLEL_COST
    return cost


def motion(before: Sequence[int], now: Sequence[int]) -> float:
    """Semitones that a voice moves, on average; voices are paired from below."""
    pairs = list(zip(before, now, strict=False))
    if not pairs:
        return 0.0
    return sum(abs(one - other) for one, other in pairs) / len(pairs)


def mean_motion(harmony: Sequence[HarmonySpan]) -> float:
    """Mean over all changes of chord."""
    moves = [
        motion(one.voicing, other.voicing)
        for one, other in pairwise(harmony)
        if one.chord != other.chord
    ]
    return sum(moves) / len(moves) if moves else 0.0
