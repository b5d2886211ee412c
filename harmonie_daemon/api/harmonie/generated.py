"""The playlists that appear by themselves: what there is, and making them anew (ours)."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import get_args

from pydantic import BaseModel, Field

from harmonie_daemon.api.harmonie.deps import HarmonieCall
from harmonie_daemon.discovery.kept_mixes import MAKER as KEPT
from harmonie_daemon.domain.errors import BadRequestError, PlaylistNotFoundError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.mediaservers.planning import Planned, PlanOutcome
from harmonie_daemon.mediaservers.push import PushOutcome
from harmonie_daemon.tasks.refresh import RefreshReport
from harmonie_daemon.web.endpoint import Nothing


class PlaylistPath(BaseModel):
    """Which playlist."""

    key: str = Field(max_length=300)


class GeneratedPlaylist(BaseModel):
    """One playlist as it was last made."""

    key: str = Field(description="Stays the same when the playlist is refreshed.")
    name: str
    recipe: str = Field(description="The recipe it comes from; empty when another maker made it.")
    maker: str = Field(description="What made it; `recipes` for every recipe.")
    user: str | None = Field(description="The media server user whom it is for, if for one.")
    description: str = Field(description="What it is, in words; may be empty.")
    tracks: int
    track_ids: list[int]
    refreshed_at: float = Field(description="Unix time.")


class GeneratedPlaylists(BaseModel):
    """Every generated playlist."""

    items: list[GeneratedPlaylist]
    total: int


class TargetOutcome(BaseModel):
    """What happened at one target."""

    target: str
    ok: bool
    summary: str
    problems: list[str]


class RefreshOutcome(BaseModel):
    """What a refresh came to."""

    ok: bool = Field(description="Whether every recipe and every target did well.")
    playlists: list[GeneratedPlaylist]
    problems: dict[str, str] = Field(description="Recipe to the reason why it was not made.")
    targets: list[TargetOutcome]


class PlannedPlaylist(BaseModel):
    """What would become of one playlist at one target."""

    key: str
    name: str
    user: str = Field(description="Whose it is there; empty where users are not told apart.")
    change: Planned
    added: int = Field(description="Tracks that would come.")
    removed: int = Field(description="Tracks that would go.")
    reordered: bool = Field(description="Whether those that stay would stand in another order.")
    former_name: str | None = Field(description="What it is called now, if it would be renamed.")
    reshared: bool = Field(description="Whether others would see it.")


class PlannedTarget(BaseModel):
    """What would happen at one target."""

    target: str
    ok: bool
    summary: str
    playlists: list[PlannedPlaylist]
    problems: list[str]


class RefreshPlan(BaseModel):
    """What a refresh would come to."""

    ok: bool = Field(description="Whether every recipe and every target would do well.")
    problems: dict[str, str] = Field(description="Recipe to the reason why it cannot be made.")
    targets: list[PlannedTarget]


async def list_generated(call: HarmonieCall[Nothing, Nothing, Nothing]) -> GeneratedPlaylists:
    """The playlists there are."""
    saved = [_generated(playlist) for playlist in await call.deps.playlists.all()]
    return GeneratedPlaylists(items=saved, total=len(saved))


async def delete_kept(call: HarmonieCall[PlaylistPath, Nothing, Nothing]) -> None:
    """Let go of a playlist that somebody wanted to keep, here now and soon at the targets."""
    key, deps = call.path.key, call.deps
    saved = await deps.playlists.get(key)
    if saved is None:
        raise PlaylistNotFoundError(f"no playlist has the key {key!r}; GET /api/v1/playlists")
    if saved.maker != KEPT:
        whence = f"the recipe {saved.recipe!r}" if saved.recipe else f"the maker {saved.maker!r}"
        raise BadRequestError(
            f"{saved.name!r} would be made again by {whence}; switch that off in the configuration"
        )
    await deps.playlists.delete(key, KEPT)
    deps.refresher.begin_push()


async def refresh_generated(call: HarmonieCall[Nothing, Nothing, Nothing]) -> RefreshOutcome:
    """Make every recipe anew and push to every target, now."""
    return _outcome(await call.deps.refresher.refresh(force=True))


async def plan_refresh(call: HarmonieCall[Nothing, Nothing, Nothing]) -> RefreshPlan:
    """What making every recipe and pushing would change, found out by reading alone."""
    rehearsal = await call.deps.refresher.rehearse()
    return RefreshPlan(
        ok=rehearsal.ok,
        problems=dict(rehearsal.problems),
        targets=[_planned(outcome) for outcome in rehearsal.targets.values()],
    )


def _planned(outcome: PlanOutcome) -> PlannedTarget:
    plan = outcome.plan
    if plan is None:
        return PlannedTarget(
            target=outcome.target, ok=False, summary=outcome.error or "", playlists=[], problems=[]
        )
    counts = Counter(one.change for one in plan.changes)
    numbers = ", ".join(f"{counts[change]} {change}" for change in get_args(Planned))
    return PlannedTarget(
        target=outcome.target,
        ok=not outcome.failed,
        summary=f"{numbers}, {plan.unmatched} tracks not found there",
        playlists=[PlannedPlaylist(**asdict(one)) for one in plan.changes],
        problems=list(plan.problems),
    )


def _outcome(report: RefreshReport) -> RefreshOutcome:
    return RefreshOutcome(
        ok=report.ok,
        playlists=[_generated(playlist) for playlist in report.playlists],
        problems=dict(report.problems),
        targets=[_target(outcome) for outcome in report.targets.values()],
    )


def _generated(saved: SavedPlaylist) -> GeneratedPlaylist:
    return GeneratedPlaylist(
        key=saved.key,
        name=saved.name,
        recipe=saved.recipe,
        maker=saved.maker,
        user=saved.user,
        description=saved.description,
        tracks=len(saved.track_ids),
        track_ids=list(saved.track_ids),
        refreshed_at=saved.refreshed_at,
    )


def _target(outcome: PushOutcome) -> TargetOutcome:
    report = outcome.report
    if report is None:
        summary = outcome.error or "waits to be tried again"
        return TargetOutcome(
            target=outcome.target, ok=not outcome.failed, summary=summary, problems=[]
        )
    summary = (
        f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.removed} removed, {report.unmatched} tracks not found there"
    )
    return TargetOutcome(
        target=outcome.target,
        ok=not outcome.failed,
        summary=summary,
        problems=list(report.problems),
    )
