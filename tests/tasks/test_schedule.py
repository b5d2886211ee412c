"""The clock of the daemon: what is due, what is made up for, what is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.app import Core, open_core
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.playlist import RecipeMode
from harmonie_daemon.domain.task import ScanStatus
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.records import TargetState
from harmonie_daemon.tasks.backup import ScheduledBackup
from harmonie_daemon.tasks.schedule import Schedule, cron_trigger
from tests.factories import make_tags, make_track, make_vector
from tests.scanning.world import Clock, wait_until

DAILY, WEEKLY = "Daily mix", "Weekly"
RECIPES = (
    {"name": DAILY, "mode": "vibe", "schedule": "0 4 * * *"},
    {"name": WEEKLY, "mode": "vibe", "schedule": "0 4 * * mon"},
)
TUESDAY_NOON = datetime(2027, 3, 2, 12).timestamp()
HOUR, DAY = 3600.0, 86_400.0


@asynccontextmanager
async def opened(
    folder: Path,
    clock: Clock,
    *,
    tracks: int = 8,
    recipes: Any = RECIPES,
    **settings: Any,
) -> AsyncIterator[Core]:
    """A core with some tracks and two recipes."""
    configured = Settings(
        data_dir=folder,
        workers=1,
        default_playlists=False,
        personal={"enabled": False},
        playlist=recipes,
        **settings,
    )
    async with open_core(configured, clock) as core:
        await core.services.spaces.load()
        for number in range(tracks):
            tags = make_tags(artist=f"Artist {number}", title=f"Title {number}")
            await make_track(
                core.services.tracks, f"{number}.flac", vector=make_vector(1.0, number), tags=tags
            )
        yield core


@asynccontextmanager
async def scheduled(
    core: Core, clock: Clock, *, scan_interval_hours: float = 0, scan_follows: bool = False
) -> AsyncIterator[Schedule]:
    schedule = Schedule(
        scan=core.scan,
        scan_interval_hours=scan_interval_hours,
        refresher=core.refresher,
        playlists=core.playlists,
        clock=clock,
        meta=Meta(core.services.database),
        scan_follows=scan_follows,
    )
    await schedule.start()
    try:
        yield schedule
    finally:
        await schedule.close()


@pytest.fixture
def clock() -> Clock:
    return Clock(TUESDAY_NOON)


@pytest.fixture
async def core(tmp_path: Path, clock: Clock) -> AsyncIterator[Core]:
    async with opened(tmp_path, clock) as core:
        yield core


async def refreshed_at(core: Core) -> dict[str, float]:
    return {saved.recipe: saved.refreshed_at for saved in await core.playlists.all()}


async def test_recipes_that_were_never_made_are_made_at_start(core: Core, clock: Clock) -> None:
    async with scheduled(core, clock):
        await until_refreshed(core, {DAILY: TUESDAY_NOON, WEEKLY: TUESDAY_NOON})


async def until_refreshed(core: Core, expected: dict[str, float]) -> None:
    for _ in range(500):
        if await refreshed_at(core) == expected:
            return
        await core.services.database.read(lambda _: None)
    assert await refreshed_at(core) == expected


async def end_of_scan(core: Core, **status: Any) -> None:
    assert core.scan.on_finished is not None
    await core.scan.on_finished(ScanStatus(**status))


async def pushes_end(core: Core) -> None:
    """Let a push pass."""
    pushed = asyncio.Event()
    core.refresher.on_pushed = pushed.set
    async with asyncio.timeout(10):
        await pushed.wait()


async def test_recipes_that_were_never_made_wait_for_the_scan_that_follows(
    core: Core, clock: Clock
) -> None:
    async with scheduled(core, clock, scan_follows=True):
        await pushes_end(core)
        assert await refreshed_at(core) == {}
        clock.now += HOUR
        await end_of_scan(core, full=8)
        await until_refreshed(core, {DAILY: clock.now, WEEKLY: clock.now})


async def test_a_recipe_that_was_missed_does_not_wait_for_a_scan(core: Core, clock: Clock) -> None:
    await core.refresher.refresh(core.refresher.recipes[:1])
    clock.now += DAY
    async with scheduled(core, clock, scan_follows=True):
        await until_refreshed(core, {DAILY: clock.now})


async def test_what_was_made_before_the_first_scan_ended_is_made_again_once(
    core: Core, clock: Clock
) -> None:
    await core.refresher.refresh(force=True)  # somebody pushes in the middle of the first scan
    async with scheduled(core, clock, scan_follows=True) as schedule:
        await pushes_end(core)
        clock.now += HOUR
        await end_of_scan(core, full=8, missing_roots=("/not/mounted",))
        assert await refreshed_at(core) == {DAILY: TUESDAY_NOON, WEEKLY: TUESDAY_NOON}
        await end_of_scan(core, full=8)
        complete = clock.now
        await until_refreshed(core, {DAILY: complete, WEEKLY: complete})
        clock.now += HOUR
        await end_of_scan(core, full=1)
        assert await schedule._due() == ()


@pytest.mark.parametrize(
    "status",
    [
        {"hidden": 8},
        {"returned": 8},
        {"whole": True, "discovered": 500, "full": 60, "removed": 50},
    ],
    ids=["another was chosen", "an old one is back", "much is new"],
)
async def test_recipes_are_made_anew_after_a_scan_that_made_another_library(
    core: Core, clock: Clock, status: dict[str, Any]
) -> None:
    await core.refresher.refresh()
    async with scheduled(core, clock):
        await pushes_end(core)
        await end_of_scan(core, full=8)
        clock.now += HOUR
        await end_of_scan(core, **status)
        await until_refreshed(core, {DAILY: clock.now, WEEKLY: clock.now})


@pytest.mark.parametrize(
    "status",
    [
        {"whole": True, "discovered": 500, "full": 12, "removed": 3},
        {"whole": True, "discovered": 9, "full": 9},
        {"discovered": 500, "full": 500},
    ],
    ids=["a new album", "in a small library", "a change that the watcher saw"],
)
async def test_they_are_not_for_a_change_of_every_day(
    core: Core, clock: Clock, status: dict[str, Any]
) -> None:
    await core.refresher.refresh()
    async with scheduled(core, clock) as schedule:
        await pushes_end(core)
        await end_of_scan(core, full=8)
        clock.now += HOUR
        await end_of_scan(core, **status)
        await asyncio.gather(*schedule._running)
        assert await refreshed_at(core) == {DAILY: TUESDAY_NOON, WEEKLY: TUESDAY_NOON}


async def test_any_name_will_do_for_a_recipe(tmp_path: Path, clock: Clock) -> None:
    recipes = [{"name": name, "mode": "vibe"} for name in ("scan", "push again")]
    async with (
        opened(tmp_path / "names", clock, recipes=recipes) as core,
        scheduled(core, clock, scan_interval_hours=6) as schedule,
    ):
        clock.now = datetime.now().timestamp()
        await core.playlists.save_backoff(TargetState("m3u", 3, clock.now + 240.0, "disk full"))
        await schedule._set_retry()
        assert {job.id for job in schedule._scheduler.get_jobs()} == {
            "scan", "push again", "newcomers", "recipe scan", "recipe push again",
        }  # fmt: skip


async def test_what_fell_due_while_the_daemon_was_down_is_made_up_for(
    core: Core, clock: Clock
) -> None:
    await core.refresher.refresh()
    clock.now += DAY
    async with scheduled(core, clock):
        await until_refreshed(core, {DAILY: TUESDAY_NOON + DAY, WEEKLY: TUESDAY_NOON})


async def test_nothing_is_made_again_before_its_time(core: Core, clock: Clock) -> None:
    await core.refresher.refresh()
    clock.now += 15 * HOUR  # the night before four o'clock
    async with scheduled(core, clock) as schedule:
        assert await schedule._due() == ()
        clock.now += 2 * HOUR
        assert [recipe.name for recipe in await schedule._due()] == [DAILY]


async def test_a_target_is_brought_up_to_date_at_start_though_nothing_is_due(
    core: Core, clock: Clock
) -> None:
    await core.refresher.refresh()
    folder = core.services.settings.m3u_folder
    for file in folder.glob("*.m3u8"):
        file.unlink()
    async with scheduled(core, clock):
        await wait_until(lambda: len(list(folder.glob("*.m3u8"))) == 2)


async def test_a_scan_that_removed_tracks_brings_the_lists_up_to_date(
    core: Core, clock: Clock
) -> None:
    await core.refresher.refresh()
    pushes: list[str] = []
    async with scheduled(core, clock):
        core.refresher.on_pushed = lambda: pushes.append("push")
        await wait_until(lambda: len(pushes) == 1)  # the one at the start
        assert core.scan.on_finished is not None
        await core.scan.on_finished(ScanStatus(full=5))
        await core.scan.on_finished(ScanStatus(removed=1))
        await wait_until(lambda: len(pushes) > 1)
    assert len(pushes) == 2


async def test_a_target_that_failed_is_tried_again_when_its_time_has_come_and_only_then(
    core: Core, clock: Clock
) -> None:
    await core.refresher.refresh()
    async with scheduled(core, clock) as schedule:
        clock.now = datetime.now().timestamp()
        await core.playlists.save_backoff(TargetState("m3u", 3, clock.now + 240.0, "disk full"))
        await schedule._set_retry()
        assert schedule.retry_at == pytest.approx(clock.now + 241.0, abs=1.0)
        report = await core.refresher.refresh()
        assert report.targets["m3u"].skipped
        report = await core.refresher.refresh(force=True)
        assert not report.targets["m3u"].skipped
        state = await core.playlists.backoff("m3u")
        assert state.failures == 0


async def test_a_target_that_is_well_wakes_nobody(core: Core, clock: Clock) -> None:
    async with scheduled(core, clock) as schedule:
        await until_refreshed(core, {DAILY: TUESDAY_NOON, WEEKLY: TUESDAY_NOON})
        await schedule._set_retry()
        assert schedule.retry_at is None


async def test_a_recipe_that_fails_leaves_the_others_and_its_own_old_list(
    core: Core, clock: Clock
) -> None:
    await core.refresher.refresh()
    clock.now += DAY
    daily, weekly = core.refresher.recipes
    lost = replace(weekly, mode=RecipeMode.SIMILAR, seeds=("Nobody - Nothing",))
    core.refresher._making.recipes = (daily, lost)
    report = await core.refresher.refresh()
    assert list(report.problems) == [WEEKLY]
    assert not report.ok
    assert await refreshed_at(core) == {DAILY: TUESDAY_NOON + DAY, WEEKLY: TUESDAY_NOON}


async def test_the_lists_of_a_recipe_that_is_gone_go(tmp_path: Path, clock: Clock) -> None:
    async with opened(tmp_path, clock) as core:
        await core.refresher.refresh()
        core.refresher._making.recipes = core.refresher.recipes[:1]
        report = await core.refresher.push()
        assert [saved.recipe for saved in report.playlists] == [DAILY]
        assert [file.stem for file in core.services.settings.m3u_folder.glob("*.m3u8")] == [DAILY]


def test_weekdays_are_those_of_cron() -> None:
    sunday = datetime(2027, 3, 7, 12).astimezone()
    fire = cron_trigger("0 4 * * 0").get_next_fire_time(None, sunday)
    assert fire.strftime("%a %H:%M") == "Sun 04:00"


async def test_a_backup_that_the_clock_asks_for_keeps_the_newest_and_says_what_failed(
    core: Core, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "backups"
    backup = ScheduledBackup(core.services.settings.database, folder, keep=2, clock=clock)
    for _ in range(3):
        await backup.run()
        clock.now += DAY
    assert len(list(folder.iterdir())) == 2
    clock.now -= DAY
    await backup.run()
    assert "nothing is overwritten" in caplog.text
    assert len(list(folder.iterdir())) == 2
    await backup.close()


async def test_playlists_for_which_nobody_listens_are_not_tried_after_every_scan(
    tmp_path: Path, clock: Clock
) -> None:
    recipes = ({"name": "Again", "mode": "on_repeat", "schedule": "0 4 * * *"},)
    async with opened(tmp_path, clock, recipes=recipes) as core, scheduled(core, clock) as schedule:
        await pushes_end(core)
        assert await schedule._due() == ()
        clock.now += DAY
        assert [recipe.name for recipe in await schedule._due()] == ["Again"]
