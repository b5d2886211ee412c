"""Music that is asked for in words."""

from __future__ import annotations

import logging
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from harmonie_daemon.api.beatteller.deps import BeattellerCall, BeattellerDeps
from harmonie_daemon.api.beatteller.paging import (
    LIMIT_TEXT,
    PAGE_TEXT,
    PER_PAGE_TEXT,
    Limit,
    PageNumber,
    Pagination,
    Sheet,
    sheet,
)
from harmonie_daemon.api.beatteller.sources import LIBRARY, MUSIC, SOURCES_TEXT, Source
from harmonie_daemon.api.beatteller.texts import Input, Word
from harmonie_daemon.api.beatteller.timestamps import EXAMPLE, iso
from harmonie_daemon.discovery.answers import Discovered, Hit
from harmonie_daemon.providers.gemini_errors import GeminiError
from harmonie_daemon.web.endpoint import Nothing

_log = logging.getLogger(__name__)
RELEVANCE = "library: how well its styles, moods, tempo, year and names answer"
MOOD_MATCH = "library: how much of the moods that are asked for was heard"


class DiscoverBody(BaseModel):
    """What is looked for."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "input": "atmospheric indie rock for late night drives",
                    "mood": "calm",
                    "genre": "indie rock",
                    "limit": 12,
                }
            ]
        },
    )

    input: Input = Field(description="What the music is to be like, in words.")
    mood: Word | None = Field(default=None, description="Asked for beside it.")
    genre: Word | None = Field(default=None, description="Asked for beside it.")
    limit: Limit | None = Field(default=None, description=LIMIT_TEXT)
    page: PageNumber | None = Field(default=None, description=PAGE_TEXT)
    per_page: Limit | None = Field(default=None, description=PER_PAGE_TEXT)


class FoundMusic(BaseModel):
    """A track of the library that answers."""

    name: str
    artist: str | None
    category: Literal["Music"] = MUSIC
    popularity: float = Field(ge=0, le=1)
    relevance_score: float = Field(ge=0, le=1)
    genre_tags: list[str]
    recommendation_reason: str = Field(description="The evidence.")
    types: list[str] = Field(description="What it is: a track.")
    mood_match: float | None = Field(
        description="How well it has the moods that are asked for, 0 to 1; null if none is."
    )
    album: str | None = Field(description="Ours.")
    track_id: int = Field(description="Ours: the id at `/api/v1/tracks/{id}`.")


class QueryMetadata(BaseModel):
    """What was asked for."""

    processed_input: str
    mood: str | None
    genre: str | None
    understood: list[str] = Field(description="Ours: the words that meant something.")


class SearchMetadata(BaseModel):
    """As the frontend reads it."""

    mood: str | None
    genre: str | None
    timestamp: str = Field(examples=[EXAMPLE])


class DiscoverAnswer(BaseModel):
    """Tracks of the library, the most relevant first."""

    success: bool = True
    results: list[FoundMusic]
    total_results: int = Field(description="As many as are shown; pagination.total counts all.")
    query_metadata: QueryMetadata
    pagination: Pagination
    query: str
    total_found: int = Field(description="As many as answer.")
    search_metadata: SearchMetadata
    source: Source = Field(
        description="`library`; `gemini` where nothing answered the text, and the tracks are those "
        "that answer the words which Gemini found for it."
    )
    sources: dict[str, str] = Field(description=SOURCES_TEXT)


async def discover(call: BeattellerCall[Nothing, Nothing, DiscoverBody]) -> DiscoverAnswer:
    """Ranked over what the library is known to hold."""
    body, deps = call.body, call.deps
    page = sheet(
        deps.settings,
        limit=body.limit,
        page=body.page,
        per_page=body.per_page,
        usual=deps.settings.default_limit,
    )
    found, source = await _discovered(deps, body, page)
    clauses = [clause.phrase for clause in found.understood.clauses]
    return DiscoverAnswer(
        results=[found_music(hit) for hit in found.hits],
        total_results=len(found.hits),
        query_metadata=QueryMetadata(
            processed_input=body.input,
            mood=body.mood,
            genre=body.genre,
            understood=[*clauses, *found.understood.words],
        ),
        pagination=page.among(found.total),
        query=body.input,
        total_found=found.total,
        search_metadata=SearchMetadata(
            mood=body.mood, genre=body.genre, timestamp=iso(deps.clock())
        ),
        source=source,
        sources={
            "relevance_score": RELEVANCE,
            "mood_match": MOOD_MATCH,
            "popularity": f"listening: {found.popularity_source}",
        },
    )


async def _discovered(
    deps: BeattellerDeps, body: DiscoverBody, page: Sheet
) -> tuple[Discovered, Source]:
    """What answers the text, or else the words that the language model finds for it."""

    async def ask(text: str) -> Discovered:
        return await deps.discovery.discover(
            text, mood=body.mood, genre=body.genre, limit=page.per_page, offset=page.offset
        )

    found = await ask(body.input)
    if found.total or deps.rewording is None:
        return found, LIBRARY
    try:
        text = await deps.rewording.reworded(body.input)
    except GeminiError as error:
        _log.info("nothing answers, and the model did not: %s", error)
        return found, LIBRARY
    return (await ask(text), "gemini") if text else (found, LIBRARY)


def found_music(hit: Hit) -> FoundMusic:
    """A hit as it is answered."""
    return FoundMusic(
        name=hit.name,
        artist=hit.artist,
        popularity=hit.popularity,
        relevance_score=hit.relevance,
        genre_tags=list(hit.genres),
        recommendation_reason=reason_of(hit),
        types=["track"],
        mood_match=hit.mood_match,
        album=hit.album,
        track_id=hit.track_id,
    )


def reason_of(hit: Hit) -> str:
    """The evidence on one line."""
    return "; ".join(hit.reasons)
