"""A clustering by the schedule: a task that every client sees, which no refresh waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.app import Core
from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.domain.task import TaskRecord, TaskState
from harmonie_daemon.playlists.clusters.clustering import MAKER
from harmonie_daemon.tasks.clustering import MAIN_CLUSTERING
from tests.scanning.world import Clock
from tests.tasks.test_schedule import DAY, TUESDAY_NOON, opened, scheduled

RECIPES = (
    {"name": "Daily", "mode": "vibe"},
    {"name": "Clusters", "mode": "clustering", "clustering": {"runs": 3, "seed": 5}},
)


@pytest.fixture
def clock() -> Clock:
    return Clock(TUESDAY_NOON)


@pytest.fixture
async def core(tmp_path: Path, clock: Clock) -> AsyncIterator[Core]:
    async with opened(tmp_path, clock, tracks=24, recipes=RECIPES) as core:
        yield core


async def clustering(core: Core) -> TaskRecord:
    """The one that was begun, when it has ended."""
    async with asyncio.timeout(60):
        while not (found := await core.runner.newest(kinds=(MAIN_CLUSTERING,))):
            await core.services.database.read(lambda _: None)
        (begun,) = found
        record = await core.runner.wait(begun.id)
    assert record is not None
    return record


async def test_a_refresh_begins_it_and_does_not_wait(core: Core) -> None:
    report = await core.refresher.refresh()
    assert report.ok
    assert {saved.recipe for saved in report.playlists} == {"Daily"}
    record = await clustering(core)
    assert (record.state, record.error) == (TaskState.SUCCESS, None)
    assert record.arguments["runs"] == 3
    assert await core.playlists.by_maker(MAKER)


async def test_it_is_due_when_it_was_never_made_and_a_week_later(core: Core, clock: Clock) -> None:
    async with scheduled(core, clock):
        assert (await clustering(core)).state is TaskState.SUCCESS
    clock.now += DAY
    async with scheduled(core, clock) as schedule:
        assert [recipe.name for recipe in await schedule._due()] == ["Daily"]
    clock.now += 6 * DAY
    async with scheduled(core, clock) as schedule:
        assert "Clusters" in [recipe.name for recipe in await schedule._due()]


async def test_what_somebody_asked_for_by_himself_is_not_made_again_at_once(
    core: Core, clock: Clock
) -> None:
    await core.clusterings.submit(ClusterRequest(runs=1)).wait()
    async with scheduled(core, clock) as schedule:
        assert "Clusters" not in [recipe.name for recipe in await schedule._due()]


async def test_without_enough_tracks_it_fails_by_itself(tmp_path: Path, clock: Clock) -> None:
    async with opened(tmp_path, clock, tracks=3, recipes=RECIPES) as core:
        assert (await core.refresher.refresh()).ok
        record = await clustering(core)
        assert record.state is TaskState.FAILURE
        assert "(3)" in (record.error or "")
