"""A track as a story knows it, and what it sounds like in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoryTrack:
    """A track as a story knows it; whatever is unknown is left unsaid."""

    title: str
    artist: str | None = None
    genre: str | None = None
    """A style that was heard, or what the asker says."""
    bpm: float | None = None
    energy: float | None = None
    """0 to 1."""
    valence: float | None = None
    """0 (dark) to 1 (bright)."""
    key: str | None = None
    """In words: ``D minor``."""
    year: int | None = None
    mood: str | None = None
    """The strongest of its moods."""


ADJECTIVES = {"party": "festive", "chilling": "laid-back"}
"""Moods that are called otherwise where they stand beside other adjectives."""


def sound_of(track: StoryTrack) -> str:
    """What a track is like, by its measurements: ``fast and dark, 168 beats a minute in D minor``.

    Blank when nothing of it is known.
    """
    words = [word for word in (_pace(track.bpm), _light(track)) if word]
    if track.energy is not None and not words and not track.genre:
        words = [
            {"low": "hushed", "mid": "steady", "high": "full of drive"}[level_of(track.energy)]
        ]
    facts = []
    if track.bpm is not None:
        facts.append(f"{track.bpm:.0f} beats a minute")
    if track.key is not None:
        facts.append(f"in {track.key}")
    if track.year is not None:
        facts.append(f"from {track.year}")
    described = ", ".join(part for part in (" and ".join(words), track.genre) if part)
    return ", ".join(part for part in (described, " ".join(facts)) if part)


def _pace(bpm: float | None) -> str:
    if bpm is None:
        return ""
    for most, word in ((75, "slow"), (100, "unhurried"), (125, "easy on its feet"), (150, "quick")):
        if bpm < most:
            return word
    return "fast"


def _light(track: StoryTrack) -> str:
    if track.mood is not None:
        return ADJECTIVES.get(track.mood, track.mood)
    if track.valence is None:
        return ""
    return {"bright": "bright", "dark": "dark", "even": ""}[colour_of(track.valence)]


def level_of(energy: float | None) -> str:
    """``low``, ``mid`` or ``high``; unknown counts as ``mid``."""
    if energy is None:
        return "mid"
    return "low" if energy < 0.35 else "high" if energy > 0.65 else "mid"


def colour_of(valence: float | None) -> str:
    """``dark``, ``even`` or ``bright``; unknown counts as ``even``."""
    if valence is None:
        return "even"
    return "dark" if valence < 0.4 else "bright" if valence > 0.6 else "even"
