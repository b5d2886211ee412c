"""What a composition is to be: genre, feeling, tempo, key, and how the time is divided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harmonie_daemon.domain.track import PITCH_CLASSES

SHORTEST_MS, LONGEST_MS = 5_000, 600_000
"""What can be composed; Beatoven's own limits are the same order."""


class Genre(StrEnum):
    """The genres that the composer knows; Beatoven's words, in its order."""

    INDIAN = "indian"
    POP = "pop"
    AMBIENT = "ambient"
    INDIE = "indie"
    RNB = "rnb"
    CINEMATIC = "cinematic"
    HIPHOP = "hiphop"
    ELECTRONIC = "electronic"


class Emotion(StrEnum):
    """What a section feels like; Beatoven's words, in its order."""

    SAD = "sad"
    CALM = "calm"
    MOTIVATIONAL = "motivational"
    HAPPY = "happy"
    SCARY = "scary"
    CHEERFUL = "cheerful"
    ANGRY = "angry"
    TRIUMPHANT = "triumphant"
    RELAXING = "relaxing"
    DEPRESSING = "depressing"
    DREAMY = "dreamy"
    INSPIRATIONAL = "inspirational"
    ENERGETIC = "energetic"
    JOYFUL = "joyful"
    TENSE = "tense"
    FEARFUL = "fearful"


class TempoWord(StrEnum):
    """How fast, where no tempo is given in beats per minute."""

    SLOW = "slow"
    MEDIUM = "medium"
    FAST = "fast"


class Stem(StrEnum):
    """What a part is for, and what it sounds with when stems are asked for."""

    PERCUSSION = "percussion"
    CHORDS = "chords"
    BASS = "bass"
    MELODY = "melody"


@dataclass(frozen=True, slots=True)
class MusicalKey:
    """A tonic and a mode, where somebody asked for one."""

    tonic: int
    """Pitch class, 0 (C) to 11 (B)."""
    mode: str
    """``major`` or ``minor``."""

    @property
    def text(self) -> str:
        """As ID3 writes keys: ``Am``, ``F#``."""
        return PITCH_CLASSES[self.tonic] + ("m" if self.mode == "minor" else "")


@dataclass(frozen=True, slots=True)
class BriefSection:
    """A stretch of time with one feeling."""

    emotion: Emotion
    start_ms: int
    length_ms: int


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything the composer has to know but the seed.

    ``sections`` are contiguous, begin at 0 and cover the whole piece.
    """

    genre: Genre
    tempo: TempoWord
    sections: tuple[BriefSection, ...]
    title: str = ""
    bpm: float | None = None
    """Asked for in so many words; wins over ``tempo``."""
    key: MusicalKey | None = None
    looping: bool = False
    """No beginning and no ending: the last bar leads back into the first."""
    without: frozenset[Stem] = frozenset()
    """Stems that are to be silent."""
    programs: tuple[tuple[Stem, int], ...] = ()
    """General MIDI programs (0 to 127) asked for by name, instead of the genre's own."""

    @property
    def duration_ms(self) -> int:
        """The length of the whole piece."""
        return sum(section.length_ms for section in self.sections)
