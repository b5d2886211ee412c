"""What is listened to now."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from harmonie_daemon.api.beatteller.deps import BeattellerCall
from harmonie_daemon.api.beatteller.paging import (
    LIMIT_TEXT,
    PAGE_TEXT,
    PER_PAGE_TEXT,
    TRENDS,
    Limit,
    PageNumber,
    Pagination,
    sheet,
)
from harmonie_daemon.api.beatteller.sources import SOURCES_TEXT, Source
from harmonie_daemon.api.beatteller.timestamps import EXAMPLE, iso
from harmonie_daemon.discovery.trends import NO_PLAYS, Trend, TrendPeriod, Trends, TrendSubject
from harmonie_daemon.web.endpoint import Nothing
from harmonie_daemon.web.validation import CASEFOLDED

PLAYS = "listening: plays that count"


class TrendingQuery(BaseModel):
    """Which trends."""

    limit: Limit | None = Field(default=None, description=LIMIT_TEXT)
    category: Annotated[TrendSubject, CASEFOLDED] = TrendSubject.MUSIC
    time_period: Annotated[TrendPeriod, CASEFOLDED] = Field(
        default=TrendPeriod.CURRENT, description="Three days, a week or thirty days."
    )
    page: PageNumber | None = Field(default=None, description=PAGE_TEXT)
    per_page: Limit | None = Field(default=None, description=PER_PAGE_TEXT)


class TrendEntry(BaseModel):
    """A track, an artist or a genre of the library."""

    name: str
    artist: str | None
    trend_score: float = Field(ge=0, le=1)
    category: str = Field(description="Music, Artist or Genre.")
    trend_reason: str
    plays: int = Field(description="Ours: in this time, by whomever.")
    plays_before: int = Field(description="Ours: in as much time before.")
    track_id: int = Field(description="Ours: the track, or the first one of the artist or genre.")


class TrendingMetadata(BaseModel):
    """The stretch of time, and what was counted in it."""

    category: TrendSubject
    time_period: TrendPeriod
    since: str = Field(examples=[EXAMPLE])
    until: str = Field(examples=[EXAMPLE])
    plays: int = Field(description="All plays that count in it.")
    total_found: int
    generated_at: str = Field(examples=[EXAMPLE])
    note: str | None = Field(description="Why these are no trends but what was added last.")


class TrendingAnswer(BaseModel):
    """The strongest trends first."""

    success: bool = True
    trending: list[TrendEntry]
    last_updated: str = Field(examples=[EXAMPLE])
    total_trends: int = Field(description="As many as are shown; pagination.total counts all.")
    pagination: Pagination
    metadata: TrendingMetadata
    source: Source = Field(description="`listening`, or `library` where nobody has listened.")
    sources: dict[str, str] = Field(description=SOURCES_TEXT)


async def list_trends(call: BeattellerCall[Nothing, TrendingQuery, Nothing]) -> TrendingAnswer:
    """Of all listeners of this library together."""
    query, deps = call.query, call.deps
    page = sheet(
        deps.settings, limit=query.limit, page=query.page, per_page=query.per_page, usual=TRENDS
    )
    found = await deps.caches.trends.answer(
        [query.category, query.time_period],
        lambda: deps.trendsetter.trends(query.category, query.time_period),
        Trends,
    )
    shown = found.items[page.offset : page.offset + page.per_page]
    updated = iso(found.until)
    scored = PLAYS if found.has_plays else "library: how lately it came in"
    return TrendingAnswer(
        trending=[_entry(trend, query.category) for trend in shown],
        last_updated=updated,
        total_trends=len(shown),
        pagination=page.among(len(found.items)),
        metadata=_metadata(found, query, updated),
        source="listening" if found.has_plays else "library",
        sources={"trend_score": scored, "plays": PLAYS, "plays_before": PLAYS},
    )


def _metadata(found: Trends, query: TrendingQuery, updated: str) -> TrendingMetadata:
    return TrendingMetadata(
        category=query.category,
        time_period=query.time_period,
        since=iso(found.since),
        until=updated,
        plays=found.plays,
        total_found=len(found.items),
        generated_at=updated,
        note=None if found.has_plays else NO_PLAYS,
    )


def _entry(trend: Trend, subject: TrendSubject) -> TrendEntry:
    return TrendEntry(
        name=trend.name,
        artist=trend.artist,
        trend_score=trend.score,
        category=subject.value.capitalize(),
        trend_reason=trend.reason,
        plays=trend.plays,
        plays_before=trend.plays_before,
        track_id=trend.track_id,
    )
