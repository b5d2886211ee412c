"""What kinds of value an argument may be, and how much work a value is."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harmonie_daemon.compose.musicpy_code import limits
from harmonie_daemon.compose.musicpy_code.faults import FaultError
from harmonie_daemon.compose.musicpy_code.quiet_musicpy import musicpy as mp

MUSIC = (mp.note, mp.chord, mp.scale, mp.track, mp.piece, mp.drum)
EVENTS = (mp.tempo, mp.pitch_bend, mp.pan, mp.volume, mp.event)

NOTE_COST = 3
"""Microseconds in which musicpy copies a note and looks at it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: in words, and how it is recognised."""

    words: str
    accepts: Callable[[Any], bool]

    def check(self, name: str, value: object) -> None:
        """Raises ``FaultError`` that says what the argument ``name`` must be."""
        if not self.accepts(value):
            raise FaultError(f"{name} must be {self.words}, not {shown(value)}")


def is_number(value: object) -> bool:
    """An int or a finite float; truth values are no numbers here."""
    return type(value) is int or (type(value) is float and math.isfinite(value))


def number(least: float, most: float) -> Kind:
    """A number of a range, both ends included."""
    words = f"a number from {least} to {most}"
    return Kind(words, lambda value: is_number(value) and least <= value <= most)


def integer(least: int, most: int) -> Kind:
    """A whole number of a range, both ends included."""
    words = f"a whole number from {least} to {most}"
    return Kind(words, lambda value: type(value) is int and least <= value <= most)


def text(longest: int, words: str, pattern: str = ".*") -> Kind:
    """A text; ``pattern`` has to match all of it."""
    compiled = re.compile(pattern, re.DOTALL)

    def accepts(value: object) -> bool:
        if type(value) is not str or len(value) > longest:
            return False
        return compiled.fullmatch(value) is not None

    return Kind(f"{words} (at most {longest} characters)", accepts)


def word(*options: str) -> Kind:
    """One of these words."""
    listed = " or ".join(repr(option) for option in options)
    return Kind(listed, lambda value: type(value) is str and value in options)


def one(kind: type, words: str) -> Kind:
    """A value of this class, not of one derived from it."""
    return Kind(words, lambda value: type(value) is kind)


def several(kind: Kind, most: int, least: int = 0) -> Kind:
    """A list or tuple of that many values of a kind."""

    def accepts(value: object) -> bool:
        return (
            isinstance(value, list | tuple)
            and least <= len(value) <= most
            and all(map(kind.accepts, value))
        )

    return Kind(f"a list of at most {most} times {kind.words}", accepts)


def pair(first: Kind, second: Kind) -> Kind:
    """A tuple of two."""

    def accepts(value: object) -> bool:
        return (
            type(value) is tuple
            and len(value) == 2
            and first.accepts(value[0])
            and second.accepts(value[1])
        )

    return Kind(f"({first.words}, {second.words})", accepts)


def either(*kinds: Kind) -> Kind:
    """Any of these."""
    words = " or ".join(kind.words for kind in kinds)
    return Kind(words, lambda value: any(kind.accepts(value) for kind in kinds))


NOTHING = Kind("None", lambda value: value is None)


def maybe(kind: Kind) -> Kind:
    """That, or ``None``."""
    return either(kind, NOTHING)


def shown(value: object) -> str:
    """A value in an error message, short."""
    if value is None or isinstance(value, bool | int | float):
        return repr(value)[:40]
    if isinstance(value, str):
        return repr(value[:40])
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"


def weight(value: object) -> int:
    """Microseconds that copying or reading a value through takes, about."""
    total = 0
    pending = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        total += _own_weight(item)
        if total > limits.FUEL:
            return total
        if isinstance(item, (list, tuple)):
            if depth >= limits.DEEPEST_LIST:
                raise FaultError("there are too many lists within lists")
            pending.extend((inner, depth + 1) for inner in item)
    return total


def _own_weight(value: object) -> int:
    if isinstance(value, str):
        return 1 + len(value)
    return 1 + NOTE_COST * notes_in(value)


def notes_in(value: Any) -> int:
    """How many notes, tracks and events a musical value holds; of others, none."""
    count = _COUNTS.get(type(value))
    return 0 if count is None else count(value)


def _in_chord(chord: Any) -> int:
    events = len(chord.tempos) + len(chord.pitch_bends) + len(chord.other_messages)
    return len(chord.notes) + events


def _in_track(track: Any) -> int:
    return 1 + notes_in(track.content) + len(track.pan) + len(track.volume)


def _in_piece(piece: Any) -> int:
    changes = sum(map(len, piece.pan)) + sum(map(len, piece.volume)) + len(piece.other_messages)
    return sum(1 + notes_in(track) for track in piece.tracks) + changes


_COUNTS: Mapping[type, Callable[[Any], int]] = {
    **dict.fromkeys((mp.note, *EVENTS), lambda one: 1),
    mp.chord: _in_chord,
    mp.scale: lambda scale: len(scale.notes),
    mp.drum: lambda drum: notes_in(drum.notes),
    mp.track: _in_track,
    mp.piece: _in_piece,
}


def octave_steps(chord: Any) -> int:
    """Microseconds that musicpy takes to bring a chord's highest note below its lowest.

    It goes octave by octave, and a note may have been moved very far.
    """
    pitches = [note.degree for note in chord.notes]
    return max(pitches) - min(pitches) if pitches else 0


def check_size(value: Any) -> None:
    """Raises ``FaultError`` for a value that is larger than any a program may hold."""
    kind = type(value)
    if kind is str:
        _check_length(value, limits.LONGEST_TEXT, "a text is longer than {} characters")
    elif kind in (int, float):
        if not -limits.LARGEST_NUMBER <= value <= limits.LARGEST_NUMBER:  # nor is it no number
            raise FaultError(f"a number is larger than {limits.LARGEST_NUMBER}")
    elif isinstance(value, (list, tuple)):
        _check_length(value, limits.LONGEST_LIST, "a list is longer than {}")
    elif kind is complex:
        raise FaultError("a power of a negative number has to be a whole one")
    elif kind in _COUNTS:
        if kind is mp.piece:
            _check_length(value.tracks, limits.MOST_TRACKS, "a piece has more than {} tracks")
        if notes_in(value) > limits.MOST_NOTES + limits.MOST_EVENTS:
            raise FaultError(f"there are more than {limits.MOST_NOTES} notes")


def _check_length(value: Sequence[Any], longest: int, words: str) -> None:
    if len(value) > longest:
        raise FaultError(words.format(longest))
