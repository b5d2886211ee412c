"""Music like other music of the library."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from harmonie_daemon.api.beatteller.deps import BeattellerCall
from harmonie_daemon.api.beatteller.paging import (
    LIMIT_TEXT,
    PAGE_TEXT,
    PER_PAGE_TEXT,
    RECOMMENDATIONS,
    Limit,
    PageNumber,
    Pagination,
    sheet,
)
from harmonie_daemon.api.beatteller.sources import LIBRARY, MUSIC, SOURCES_TEXT, Source
from harmonie_daemon.api.beatteller.texts import Name
from harmonie_daemon.api.beatteller.timestamps import EXAMPLE, iso
from harmonie_daemon.discovery.answers import Recommendation
from harmonie_daemon.web.endpoint import Nothing

SIMILARITY = "library: the cosine between what was heard"


class RecommendationsBody(BaseModel):
    """What others are to be like."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [{"seed_entity": "Aphex Twin", "limit": 8, "include_metadata": True}]
        },
    )

    seed_entity: Name = Field(description="A track, an artist, an album or a genre.")
    limit: Limit | None = Field(default=None, description=LIMIT_TEXT)
    include_metadata: bool | None = Field(
        default=None, description="Whether to say genres, popularity and what it is; yes."
    )
    page: PageNumber | None = Field(default=None, description=PAGE_TEXT)
    per_page: Limit | None = Field(default=None, description=PER_PAGE_TEXT)


class RecommendedMusic(BaseModel):
    """A track, or an artist, of the library."""

    name: str
    artist: str | None
    category: Literal["Music"] = MUSIC
    similarity_score: float = Field(ge=0, le=1)
    recommendation_reason: str
    types: list[str] = Field(description="What it is: a track or an artist.")
    genre_tags: list[str] | None = Field(exclude_if=lambda value: value is None)
    popularity: float | None = Field(exclude_if=lambda value: value is None)
    album: str | None = Field(exclude_if=lambda value: value is None)
    track_id: int = Field(description="The track, or the artist's that is nearest.")


class RecommendationsMetadata(BaseModel):
    """As the frontend reads it."""

    total_found: int
    algorithm: str
    generated_at: str = Field(examples=[EXAMPLE])
    taken_for: str = Field(description="Ours: track, artist, album or genre.")


class RecommendationsAnswer(BaseModel):
    """What is like the entity, the nearest first."""

    success: bool = True
    recommendations: list[RecommendedMusic]
    seed_entity: str = Field(description="As the library spells it.")
    total_recommendations: int = Field(description="As many as are shown.")
    pagination: Pagination
    seed: str
    metadata: RecommendationsMetadata
    source: Source
    sources: dict[str, str] = Field(description=SOURCES_TEXT)


async def recommend(
    call: BeattellerCall[Nothing, Nothing, RecommendationsBody],
) -> RecommendationsAnswer:
    """Nearest by what was heard."""
    body, deps = call.body, call.deps
    page = sheet(
        deps.settings,
        limit=body.limit,
        page=body.page,
        per_page=body.per_page,
        usual=RECOMMENDATIONS,
    )
    found = await deps.discovery.recommend(body.seed_entity, page.per_page, page.offset)
    is_long = body.include_metadata is not False
    items = [_recommended(item, is_long=is_long) for item in found.items]
    return RecommendationsAnswer(
        recommendations=items,
        seed_entity=found.entity,
        total_recommendations=len(items),
        pagination=page.among(found.total),
        seed=found.entity,
        metadata=RecommendationsMetadata(
            total_found=found.total,
            algorithm="cosine of embeddings, ranked by mutual proximity",
            generated_at=iso(deps.clock()),
            taken_for=found.taken_for.value,
        ),
        source=LIBRARY,
        sources={
            "similarity_score": SIMILARITY,
            "popularity": f"listening: {found.popularity_source}",
        },
    )


def _recommended(item: Recommendation, *, is_long: bool) -> RecommendedMusic:
    return RecommendedMusic(
        name=item.name,
        artist=item.artist,
        similarity_score=item.similarity,
        recommendation_reason=item.reason,
        types=[item.kind.value],
        genre_tags=list(item.genres) if is_long else None,
        popularity=item.popularity if is_long else None,
        album=item.album if is_long else None,
        track_id=item.track_id,
    )
