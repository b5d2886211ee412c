"""What each emotion does to music.

Valence chooses the mode and the register, arousal how dense, loud, short and fast things are, and
tension how far harmony and melody strain from rest (Russell's circumplex, with the third axis that
music psychology adds to it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harmonie_daemon.domain.brief import Emotion


@dataclass(frozen=True, slots=True)
class Affect:
    """An emotion in figures."""

    valence: float
    """−1 (bad) to 1 (good)."""
    arousal: float
    """0 (asleep) to 1 (wild)."""
    tension: float
    """0 to 1."""
    modes: tuple[str, ...]
    """Scales of ``theory`` that suit it, the usual one first."""

    @property
    def is_dark(self) -> bool:
        """Whether it asks for a minor mode."""
        return self.valence < 0


AFFECTS: Mapping[Emotion, Affect] = MappingProxyType(
    {
        Emotion.HAPPY: Affect(0.8, 0.6, 0.1, ("major",)),
        Emotion.JOYFUL: Affect(0.9, 0.7, 0.1, ("major",)),
        Emotion.CHEERFUL: Affect(0.8, 0.65, 0.1, ("mixolydian", "major")),
        Emotion.CALM: Affect(0.4, 0.15, 0.05, ("major",)),
        Emotion.RELAXING: Affect(0.5, 0.1, 0.05, ("lydian", "major")),
        Emotion.DREAMY: Affect(0.4, 0.25, 0.2, ("lydian",)),
        Emotion.MOTIVATIONAL: Affect(0.7, 0.7, 0.2, ("major",)),
        Emotion.INSPIRATIONAL: Affect(0.7, 0.55, 0.2, ("major",)),
        Emotion.TRIUMPHANT: Affect(0.8, 0.85, 0.3, ("mixolydian", "major")),
        Emotion.ENERGETIC: Affect(0.6, 0.95, 0.3, ("dorian", "aeolian")),
        Emotion.SAD: Affect(-0.6, 0.2, 0.3, ("aeolian",)),
        Emotion.DEPRESSING: Affect(-0.8, 0.1, 0.4, ("aeolian",)),
        Emotion.TENSE: Affect(-0.4, 0.6, 0.8, ("harmonic minor",)),
        Emotion.SCARY: Affect(-0.7, 0.5, 0.9, ("phrygian", "harmonic minor")),
        Emotion.FEARFUL: Affect(-0.7, 0.45, 0.85, ("harmonic minor",)),
        Emotion.ANGRY: Affect(-0.6, 0.95, 0.8, ("phrygian", "aeolian")),
    }
)
