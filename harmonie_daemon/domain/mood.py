"""What a track feels like, in numbers that say where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

MoodLabel = Literal[
    "acoustic",
    "aggressive",
    "ambient",
    "chilling",
    "dark",
    "energetic",
    "epic",
    "happy",
    "melancholy",
    "party",
    "relaxed",
    "romantic",
    "sad",
    "serious",
    "sexy",
    "sleepy",
    "warm",
]

MOOD_LABELS: tuple[MoodLabel, ...] = MoodLabel.__args__  # type: ignore[attr-defined]
"""The 17 labels of the AudioMuse contract, in its order."""
MOOD_AXES = ("energy", "valence", "arousal", "danceability")


class MoodSource(StrEnum):
    """The strongest evidence that a score rests on, beside what was measured."""

    AUDIO = "audio"
    GENRES = "genres"
    """Measured, and drawn towards what the file's genre tags suggest."""
    STYLES = "styles"
    """Measured, and drawn towards what a classifier heard."""
    TAGS = "tags"
    """Somebody wrote it into the file."""


@dataclass(frozen=True, slots=True)
class Mood:
    """A score with what it is worth."""

    value: float
    """0 to 1."""
    source: MoodSource
    confidence: float
    """0 to 1: how far the value is to be trusted, not how strong the mood is."""


@dataclass(frozen=True, slots=True)
class TrackMoods:
    """The moods of one track by itself, not yet ranked within a library."""

    energy: Mood
    """Loud, dense and bright against sparse and soft."""
    valence: Mood
    """Sad or angry (0) to glad or serene (1)."""
    arousal: Mood
    """Calm to excited."""
    danceability: Mood
    labels: Mapping[MoodLabel, Mood]
    """All 17."""

    def top(self, count: int) -> list[tuple[MoodLabel, float]]:
        """The strongest labels with their scores, ties in the order of ``MOOD_LABELS``."""
        scores = [(label, self.labels[label].value) for label in MOOD_LABELS]
        return sorted(scores, key=lambda pair: -pair[1])[:count]
