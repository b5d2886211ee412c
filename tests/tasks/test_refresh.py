"""A refresh that somebody waits for: it comes first, it ends, and two are one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from harmonie_daemon.app import Core
from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource
from harmonie_daemon.domain.playlist import Recipe, SavedPlaylist
from harmonie_daemon.mediaservers.push import Pusher, PushItem, PushReport
from harmonie_daemon.playlists.recipes import RecipeKitchen
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.tasks.refresh import Refresher
from harmonie_daemon.tasks.runner import Runner
from tests.scanning.world import Clock, wait_until
from tests.tasks.test_schedule import DAILY, TUESDAY_NOON, WEEKLY, opened, refreshed_at

DEADLINE_S = 60.0
"""Short of for ever, which is what a target that hangs takes."""


class Place:
    """A target that answers, or accepts a push and never ends it."""

    def __init__(self, name: str, *, hangs: bool = False) -> None:
        self.name = name
        self.hangs = hangs
        self.begun: list[bool] = []
        """Whether forced, of each push."""
        self.broken_off = 0

    async def push(self, wanted: Sequence[PushItem], *, force: bool = False) -> PushReport:
        self.begun.append(force)
        try:
            while self.hangs:
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            self.broken_off += 1
            raise
        return PushReport(created=len(wanted))


class SlowKitchen(RecipeKitchen):
    """Never gets some recipes done; each of the others becomes two playlists."""

    slow: frozenset[str] = frozenset()
    begun = False
    go_on: asyncio.Event

    async def make(
        self, recipe: Recipe, *, now: float, previous: Sequence[SavedPlaylist] = ()
    ) -> list[SavedPlaylist]:
        if recipe.name in self.slow:
            self.begun = True
            await self.go_on.wait()
        made = await super().make(recipe, now=now, previous=previous)
        return [
            SavedPlaylist(f"{one.key}-{n}", one.recipe, f"{one.name} {n}", one.track_ids, now)
            for one in made
            for n in (1, 2)
        ]


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with opened(tmp_path, Clock(TUESDAY_NOON)) as core:
        yield core


def refresher_of(core: Core, *places: Place, kitchen: RecipeKitchen | None = None) -> Refresher:
    """One that gives up waiting soon; its tasks end with the test's database."""
    clock = Clock(TUESDAY_NOON)
    refresher = Refresher(
        recipes=core.refresher.recipes,
        kitchen=kitchen or core.refresher._making._kitchen,
        playlists=core.playlists,
        pusher=Pusher(places, core.playlists, clock),
        targets=[place.name for place in places],
        runner=Runner(Tasks(core.services.database), clock),
        clock=clock,
    )
    refresher.forced_within_s = 1.0
    return refresher


def slow_kitchen(core: Core, *names: str) -> SlowKitchen:
    services = core.services
    kitchen = SlowKitchen(services.tracks, services.spaces, services.resolver, services.builder)
    kitchen.slow, kitchen.go_on = frozenset(names), asyncio.Event()
    return kitchen


async def test_a_forced_push_ends_a_running_one_at_a_server_that_hangs(core: Core) -> None:
    hung, fine = Place("hung", hangs=True), Place("fine")
    refresher = refresher_of(core, hung, fine)
    scheduled = asyncio.create_task(refresher.refresh())
    await wait_until(lambda: hung.begun == [False])
    queued = asyncio.create_task(refresher.push())
    await asyncio.sleep(0)

    report = await asyncio.wait_for(refresher.refresh(force=True), DEADLINE_S)

    assert report.targets["hung"].error == "is still being brought up to date"
    assert not report.ok
    assert hung.begun == [False, True]
    assert fine.begun[-1:] == [True], "the scheduled push may have been broken off before it"
    for given_up in (await scheduled, await queued):
        assert all(outcome.skipped for outcome in given_up.targets.values())
    hung.hangs = False


async def test_a_push_that_was_broken_off_is_no_failure_of_the_target(core: Core) -> None:
    place = Place("x", hangs=True)
    refresher = refresher_of(core, place)
    scheduled = asyncio.create_task(refresher.push())
    await wait_until(lambda: place.begun)
    place.hangs = False
    report = await refresher.refresh(force=True)
    assert report.ok
    assert place.broken_off == 1
    assert (await core.playlists.backoff("x")).failures == 0
    await scheduled


async def test_who_asks_while_another_waits_gets_the_same_answer(core: Core) -> None:
    place = Place("x", hangs=True)
    refresher = refresher_of(core, place)
    first = asyncio.create_task(refresher.refresh(force=True))
    await wait_until(lambda: place.begun)
    first.cancel()  # the client gave up; what it asked for goes on
    async with asyncio.timeout(DEADLINE_S):
        second, third = await asyncio.gather(
            refresher.refresh(force=True), refresher.refresh(force=True)
        )
    assert second == third
    assert place.begun == [True]
    place.hangs = False
    assert (await refresher.refresh(force=True)).ok
    assert place.begun == [True], "it is still the same refresh"


async def test_what_comes_due_during_a_forced_refresh_runs_after_it(core: Core) -> None:
    place = Place("x", hangs=True)
    refresher = refresher_of(core, place)
    forced = asyncio.create_task(refresher.refresh(force=True))
    await wait_until(lambda: place.begun)
    later = asyncio.create_task(refresher.refresh())
    await asyncio.sleep(0)
    await forced
    place.hangs = False
    await core.playlists.save_backoff(type(await core.playlists.backoff("x"))("x"))
    report = await later
    assert report.ok
    assert place.begun == [True, False]


async def test_a_recipe_that_is_late_is_reported_and_goes_on(core: Core) -> None:
    place, kitchen = Place("x"), slow_kitchen(core, WEEKLY)
    refresher = refresher_of(core, place, kitchen=kitchen)
    report = await asyncio.wait_for(refresher.refresh(force=True), DEADLINE_S)
    assert report.problems == {WEEKLY: "is still being made"}
    assert [saved.recipe for saved in report.playlists] == [DAILY, DAILY]
    assert not report.ok
    kitchen.go_on.set()
    report = await asyncio.wait_for(refresher.refresh(force=True), DEADLINE_S)
    assert report.targets["x"].report == PushReport(created=4)
    assert place.begun == [True], "it was the same refresh"


async def test_a_recipe_under_way_makes_way_for_a_forced_refresh(core: Core) -> None:
    place = Place("x")
    kitchen = slow_kitchen(core, DAILY)
    refresher = refresher_of(core, place, kitchen=kitchen)
    scheduled = asyncio.create_task(refresher.refresh())
    await wait_until(lambda: kitchen.begun)
    kitchen.slow = frozenset()
    report = await refresher.refresh(force=True)
    assert report.ok
    assert (await refreshed_at(core)).keys() == {DAILY, WEEKLY}
    assert place.begun == [True]
    assert not (await scheduled).problems


async def test_who_begins_to_listen_does_not_wait_for_the_day_of_a_recipe(tmp_path: Path) -> None:
    recipes = (
        {"name": "Daily", "mode": "daily_mix", "schedule": "0 4 * * *"},
        {"name": "Again", "mode": "on_repeat", "schedule": "0 4 * * mon"},
    )
    clock = Clock(TUESDAY_NOON)
    async with opened(tmp_path, clock, recipes=recipes) as core:
        await core.refresher.refresh()
        first = await refreshed_at(core)
        assert set(first) == {"Daily"}
        for listener in ("alice", "bob"):
            clock.now += 86_400
            tracks = (await core.services.tracks.newest(8))[:5]
            await core.services.plays.record([
                Play(listener, track, clock.now - 900 * n, clock.now - 900 * n + 180, 180.0,
                     PlayOutcome.COUNTED, PlaySource.PLAYER)
                for n, track in enumerate(tracks * 3)
            ])  # fmt: skip
            await core.refresher.welcome()
        of = {one.user: one.refreshed_at for one in await core.playlists.by_recipe("Again")}
        assert of == {"alice": TUESDAY_NOON + 86_400, "bob": TUESDAY_NOON + 2 * 86_400}
        assert (await refreshed_at(core))["Daily"] == first["Daily"]


async def test_a_recipe_that_makes_nothing_of_nothing_says_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path / "empty", Clock(TUESDAY_NOON), tracks=0) as core:
        with caplog.at_level(logging.INFO, "harmonie_daemon"):
            assert (await core.refresher.refresh()).ok
        assert caplog.messages == []
