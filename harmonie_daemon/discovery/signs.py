"""What in a track may speak for something that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harmonie_daemon.domain.track import Scale

Place = tuple[str, str | None]
"""A place in the taxonomy: genre and style; ``None`` for a genre as a whole."""


@dataclass(frozen=True, slots=True)
class MoodSign:
    """How much of a mood, or of an axis of moods, a track has."""

    name: str
    low: bool = False
    """Little of it speaks for the track, and much against it."""


@dataclass(frozen=True, slots=True)
class StyleSign:
    """That a track is of a genre or style; any of them will do."""

    places: Mapping[Place, float] = field(hash=False)
    """What each is worth, 0 to 1."""
    words: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Likewise every style whose name has this word."""


@dataclass(frozen=True, slots=True)
class TempoSign:
    """Beats per minute, both bounds included; ``None`` leaves a side open."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class YearSign:
    """Years, both bounds included; ``None`` leaves a side open."""

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class LengthSign:
    """Seconds, both bounds included; ``None`` leaves a side open."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class KeySign:
    """A key; ``None`` leaves the note or the scale open."""

    key: str | None
    """One of ``PITCH_CLASSES``."""
    scale: Scale | None


Sign = MoodSign | StyleSign | TempoSign | YearSign | LengthSign | KeySign
