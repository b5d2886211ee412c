"""The mood of a text, and music that has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from harmonie_daemon.api.beatteller.deps import BeattellerCall
from harmonie_daemon.api.beatteller.finding import reason_of
from harmonie_daemon.api.beatteller.sources import LIBRARY, MUSIC, SOURCES_TEXT, Source
from harmonie_daemon.api.beatteller.texts import LongText
from harmonie_daemon.api.beatteller.timestamps import EXAMPLE, iso
from harmonie_daemon.discovery.answers import Hit
from harmonie_daemon.discovery.moods import MoodAnalysis
from harmonie_daemon.discovery.story_model import MODEL, ReadMood
from harmonie_daemon.web.endpoint import Nothing

MOST_RECOMMENDED = 6
"""As the original has it."""
MOST_GENRES = 5


class MoodBody(BaseModel):
    """A text of somebody's."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {"text": "I feel nostalgic and contemplative today, thinking about old memories"}
            ]
        },
    )

    text: LongText = Field(description="English.")


class MoodReading(BaseModel):
    """What a text says of how its writer feels."""

    primary_mood: str
    secondary_mood: str | None
    emotional_intensity: float = Field(ge=0, le=1)
    sentiment_score: float = Field(ge=-1, le=1, description="Bad to good.")
    mood_intensity: int = Field(ge=1, le=10, description="The intensity as the frontend shows it.")
    secondary_moods: list[str]
    music_suggestions: list[str] = Field(description="The genres of the tracks that are suggested.")
    explanation: str


class SuggestedMusic(BaseModel):
    """A track of the library that has the mood."""

    name: str
    artist: str | None
    category: Literal["Music"] = MUSIC
    types: list[str] = Field(description="What it is: a track.")
    match_reason: str = Field(description="The evidence.")
    mood_match_reason: str = Field(description="The same, as the frontend reads it.")
    popularity: float = Field(ge=0, le=1)
    relevance_score: float = Field(ge=0, le=1)
    genre_tags: list[str]
    track_id: int


class MoodMetadata(BaseModel):
    """As the frontend's own server answers it."""

    analyzed_text_length: int = Field(description="Characters.")
    generated_at: str = Field(examples=[EXAMPLE])


class MoodAnswer(BaseModel):
    """The mood, and music for it."""

    success: bool = True
    mood_analysis: MoodReading
    music_suggestions: list[SuggestedMusic]
    recommended_music: list[SuggestedMusic] = Field(description="The first six of them.")
    metadata: MoodMetadata
    source: Source = Field(description="Who read the mood: `local` or `gemini`.")
    sources: dict[str, str] = Field(description=SOURCES_TEXT)


async def analyze_mood(call: BeattellerCall[Nothing, Nothing, MoodBody]) -> MoodAnswer:
    """Read by Gemini where there is a key, else by a lexicon; the music is the library's."""
    deps = call.deps
    read = await deps.mood_reader.read(call.body.text)
    mood = read.mood
    found = await deps.discovery.discover(
        mood.primary, mood=mood.secondary, limit=deps.settings.default_limit
    )
    suggestions = [_suggested(hit) for hit in found.hits]
    return MoodAnswer(
        mood_analysis=_reading(read, _genres(found.hits)),
        music_suggestions=suggestions,
        recommended_music=suggestions[:MOST_RECOMMENDED],
        metadata=MoodMetadata(
            analyzed_text_length=len(call.body.text), generated_at=iso(deps.clock())
        ),
        source="gemini" if read.source == MODEL else "local",
        sources={
            "emotional_intensity": read.source,
            "mood_intensity": read.source,
            "sentiment_score": read.source,
            "music_suggestions": LIBRARY,
            "relevance_score": LIBRARY,
            "popularity": f"listening: {found.popularity_source}",
        },
    )


def _reading(read: ReadMood, genres: list[str]) -> MoodReading:
    mood = read.mood
    return MoodReading(
        primary_mood=mood.primary,
        secondary_mood=mood.secondary,
        emotional_intensity=mood.intensity,
        sentiment_score=mood.sentiment,
        mood_intensity=1 + round(9 * mood.intensity),
        secondary_moods=list(mood.others),
        music_suggestions=genres,
        explanation="read by Gemini" if read.source == MODEL else _explanation(mood),
    )


def _explanation(mood: MoodAnalysis) -> str:
    if not mood.evidence:
        return "no word of the text says a mood; how good or bad it sounds decided"
    said = dict.fromkeys(f'"{one.word}" ({one.mood})' for one in mood.evidence)
    return f"the text says {', '.join(said)}"


def _genres(hits: Sequence[Hit]) -> list[str]:
    counted = Counter(genre for hit in hits for genre in hit.genres)
    return [genre for genre, _ in counted.most_common(MOST_GENRES)]


def _suggested(hit: Hit) -> SuggestedMusic:
    return SuggestedMusic(
        name=hit.name,
        artist=hit.artist,
        types=["track"],
        match_reason=reason_of(hit),
        mood_match_reason=reason_of(hit),
        popularity=hit.popularity,
        relevance_score=hit.relevance,
        genre_tags=list(hit.genres),
        track_id=hit.track_id,
    )
