"""What a track may be made of, member for member as the original answers it.

One of the blocked combinations says ``mood`` where the others say ``moods``. Clients were written
against that; the composer has the combinations in a form of its own (``compose/blocked.py``).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class BlockedParams(BaseModel):
    """A tempo at which a genre cannot have some emotions."""

    genre: str
    moods: tuple[str, ...] | None = Field(default=None, exclude_if=lambda value: value is None)
    mood: tuple[str, ...] | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="The same as moods; the original has one entry that is spelled so.",
    )
    tempo: str


class CompositionParams(BaseModel):
    """The words that requests may use, and the combinations that are refused."""

    model_config = ConfigDict(frozen=True)

    genre: tuple[str, ...]
    emotion: tuple[str, ...]
    tempo: tuple[str, ...]
    blockedParams: tuple[BlockedParams, ...]  # noqa: N815 - the original's name


def composition_params() -> CompositionParams:
    """The original's list."""
    return CompositionParams(
        genre=("indian", "pop", "ambient", "indie", "rnb", "cinematic", "hiphop", "electronic"),
        emotion=(
            "sad", "calm", "motivational", "happy", "scary", "cheerful", "angry", "triumphant",
            "relaxing", "depressing", "dreamy", "inspirational", "energetic", "joyful", "tense",
            "fearful",
        ),
        tempo=("slow", "medium", "fast"),
        blockedParams=(
            BlockedParams(
                genre="rnb",
                moods=(
                    "tense", "angry", "scary", "fearful", "sad", "inspirational", "depressing",
                    "motivational", "triumphant",
                ),
                tempo="slow",
            ),
            BlockedParams(
                genre="rnb", moods=("inspirational", "motivational", "triumphant"), tempo="fast"
            ),
            BlockedParams(genre="indie", moods=("energetic",), tempo="slow"),
            BlockedParams(genre="indie", mood=("energetic",), tempo="medium"),
            BlockedParams(genre="cinematic", moods=("energetic",), tempo="slow"),
            BlockedParams(genre="hiphop", moods=("energetic",), tempo="slow"),
        ),
    )  # fmt: skip
