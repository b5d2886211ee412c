"""A score: what is played when, before it sounds.

The one form between composing and everything after it: MIDI is written from it and read into it,
the renderer plays it, and musicpy code is written from it. It is a value: the same brief and seed
give an equal one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from harmonie_daemon.domain.brief import Emotion, MusicalKey, Stem

TICKS_PER_BEAT = 960
DRUM_CHANNEL = 9


class Voice(StrEnum):
    """What plays a part."""

    SOUNDFONT = "soundfont"
    TABLA = "tabla"
    TANPURA = "tanpura"


class TablaStroke(IntEnum):
    """What the pitches of a part with ``Voice.TABLA`` stand for; as GM percussion they are congas.

    Both hands together (dha, dhin) are two notes: ``NA`` or ``TIN`` with ``GE``.
    """

    NA = 60
    """Rim of the right drum, ringing."""
    TE = 61
    """Middle of the right drum, damped."""
    KA = 62
    """Flat hand on the left drum, damped."""
    TIN = 63
    """Skin of the right drum, softer and with its fundamental."""
    GE = 64
    """Left drum, open, its pitch gliding down."""


@dataclass(frozen=True, slots=True)
class Note:
    """Times in ticks from the beginning; ``velocity`` 1 to 127."""

    start: int
    length: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Control:
    """A controller's new value (MIDI control change)."""

    at: int
    number: int
    value: int


@dataclass(frozen=True, slots=True)
class Bend:
    """A new pitch bend, in semitones (−2 to 2)."""

    at: int
    semitones: float


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One instrument from the first bar to the last."""

    name: str
    """``role-instrument`` as clients see it: ``percussion-tabla``."""
    stem: Stem
    notes: tuple[Note, ...]
    """By start, then pitch."""
    program: int = 0
    """General MIDI program, 0 to 127; of drums the kit."""
    is_drums: bool = False
    voice: Voice = Voice.SOUNDFONT
    """What plays it here; MIDI files have the program instead."""
    controls: tuple[Control, ...] = ()
    bends: tuple[Bend, ...] = ()
    pan: float = 0.0
    """−1 (left) to 1 (right)."""
    level_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Tempo:
    """From here on a beat lasts so long."""

    at: int
    microseconds_per_beat: int


@dataclass(frozen=True, slots=True)
class ScoreSection:
    """Where a section of the brief came to stand; ticks and milliseconds say the same."""

    emotion: Emotion
    start: int
    length: int
    start_ms: int
    length_ms: int


@dataclass(frozen=True, slots=True)
class Score:
    """A whole piece."""

    title: str
    parts: tuple[ScorePart, ...]
    tempos: tuple[Tempo, ...]
    """The first one at 0."""
    duration_ms: int
    """Of the sound, its tail included, to the millisecond."""
    sections: tuple[ScoreSection, ...] = ()
    """Empty in what was read from a foreign MIDI file."""
    key: MusicalKey | None = None
    beats_per_bar: int = 4
    looping: bool = False
