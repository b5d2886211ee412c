"""Scales, chords and steps: what is true of tones whatever the piece."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
}
"""Semitones above the tonic."""

_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "°": (0, 3, 6),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
}


def is_minor_mode(scale: str) -> bool:
    """Whether a scale has a minor third above its tonic."""
    return 3 in SCALES[scale]


def pitch_classes(scale: str, tonic: int) -> frozenset[int]:
    """The seven of a scale on a tonic."""
    return frozenset((tonic + one) % 12 for one in SCALES[scale])


@dataclass(frozen=True, slots=True)
class Chord:
    """A root (pitch class) and intervals above it, the root's own 0 first."""

    root: int
    intervals: tuple[int, ...]

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes, the root first."""
        return tuple((self.root + one) % 12 for one in self.intervals)


@cache
def _numeral(text: str) -> tuple[int, tuple[int, ...]]:
    """Semitones above the tonic and the intervals: ``bVI``, ``ii``, ``V7``, ``Isus4``, ``ii°``."""
    flat = text.startswith("b")
    letters = text[flat:]
    size = next((n for n, sign in enumerate(letters) if sign not in "ivIV"), len(letters))
    name, quality = letters[:size], letters[size:]
    if name.islower() and quality in ("", "7"):
        quality = f"m{quality}"
    return (_DEGREES[name.lower()] - flat) % 12, _QUALITIES[quality]


def chord_of(numeral: str, tonic: int) -> Chord:
    """The chord that a roman numeral names.

    Degrees count from the major scale whatever the mode: the sixth of minor is ``bVI``. Small
    letters are minor.
    """
    degree, intervals = _numeral(numeral)
    return Chord((tonic + degree) % 12, intervals)


def scale_under(chord: Chord, scale: frozenset[int]) -> frozenset[int]:
    """What is played while a chord sounds: its tones, and those of the scale that bear them.

    A chord from outside the scale silences the scale's tones a semitone away from what it brings.
    """
    tones = frozenset(chord.tones)
    foreign = tones - scale
    silent = {(one + step) % 12 for one in foreign for step in (-1, 1)}
    return tones | (scale - silent)


def coloured(chord: Chord, scale: frozenset[int], *, thirds: int) -> Chord:
    """The chord with so many thirds more on top (a seventh, a ninth), out of the scale.

    What would grate stays out: a minor ninth, and a major seventh above a suspended fourth.
    """
    intervals = list(chord.intervals)
    around = scale_under(chord, scale)
    for choices, wanted in (((10, 11), 1), ((14,), 2)):
        if thirds < wanted:
            break
        fitting = [one for one in choices if (chord.root + one) % 12 in around]
        if fitting and not (5 in intervals and fitting[0] == 11):
            intervals.extend([fitting[0]] if fitting[0] not in intervals else [])
    return Chord(chord.root, tuple(intervals))


def nearest(pitch: float, tones: Collection[int], low: int, high: int) -> int:
    """The pitch nearest to ``pitch`` within the range whose class is one of ``tones``.

    The range must be an octave at least.
    """
    fitting = (one for one in range(low, high + 1) if one % 12 in tones)
    return min(fitting, key=lambda one: (abs(one - pitch), one))


def stepped(pitch: int, steps: int, tones: Collection[int]) -> int:
    """So many scale steps up (or down) from a pitch, which need not be in the scale itself."""
    direction = 1 if steps > 0 else -1
    for _ in range(abs(steps)):
        pitch += direction
        while pitch % 12 not in tones:
            pitch += direction
    return pitch


def steps_between(one: int, other: int, tones: Collection[int]) -> int:
    """How many steps of a scale lead from one of its tones to another (negative: down)."""
    low, high = sorted((one, other))
    steps = sum(pitch % 12 in tones for pitch in range(low + 1, high + 1))
    return steps if other > one else -steps
