"""Clusterings of what each listener hears: private, continued, gone when they are forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.app import Core
from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.task import TaskState
from harmonie_daemon.tasks.listener_clusters import LISTENER_CLUSTERING, LISTENER_MAKER
from tests.scanning.world import Clock
from tests.tasks.test_schedule import DAY, TUESDAY_NOON, opened

RECIPES = ({"name": "Mine", "mode": "listener_clusters", "clustering": {"runs": 3}},)


@pytest.fixture
def clock() -> Clock:
    return Clock(TUESDAY_NOON)


@pytest.fixture
async def core(tmp_path: Path, clock: Clock) -> AsyncIterator[Core]:
    async with opened(tmp_path, clock, tracks=40, recipes=RECIPES) as core:
        yield core


async def hear(core: Core, listener: str, tracks: range, at: float = TUESDAY_NOON - DAY) -> None:
    everything = sorted(await core.services.tracks.newest(100))
    plays = [
        Play(listener, everything[number], at + number, at + number + 200, 200.0,
             PlayOutcome.COUNTED, PlaySource.PLAYER)
        for number in tracks
    ]  # fmt: skip
    assert await core.store.plays.record(plays) == len(plays)


async def clustered(core: Core) -> list[SavedPlaylist]:
    """The playlists after another clustering."""
    before = {record.id for record in await core.runner.newest(kinds=(LISTENER_CLUSTERING,))}
    assert (await core.refresher.refresh()).ok
    (begun,) = [
        record
        for record in await core.runner.newest(kinds=(LISTENER_CLUSTERING,))
        if record.id not in before
    ]
    ended = await core.runner.wait(begun.id)
    assert ended is not None
    assert (ended.state, ended.error) == (TaskState.SUCCESS, None)
    return await core.playlists.by_maker(LISTENER_MAKER)


async def test_each_listener_gets_groups_of_their_own(core: Core, tmp_path: Path) -> None:
    assert await clustered(core) == []
    await hear(core, "Alice", range(0, 8))
    await hear(core, "bob", range(20, 23))
    made = await clustered(core)
    assert made
    assert {one.user for one in made} == {"Alice"}, "of three tracks nobody's taste can be told"
    assert all(one.name.startswith("Alice's ") for one in made)
    assert all(one.name.endswith("_automatic") for one in made)
    assert not list((tmp_path / "playlists").glob("*.m3u8"))


async def test_they_are_continued_and_go_with_what_is_known_of_their_listener(core: Core) -> None:
    await hear(core, "alice", range(0, 8))
    await hear(core, "bob", range(20, 30))
    first = await clustered(core)
    again = await clustered(core)
    assert [(one.key, one.name, set(one.track_ids)) for one in again] == [
        (one.key, one.name, set(one.track_ids)) for one in first
    ]
    assert {one.user for one in again} == {"alice", "bob"}
    await core.store.plays.forget("bob")
    assert {one.user for one in await clustered(core)} == {"alice"}


async def test_who_listens_no_more_keeps_them(core: Core, clock: Clock) -> None:
    await hear(core, "alice", range(0, 8))
    first = await clustered(core)
    clock.now += 400 * DAY
    assert await clustered(core) == first


async def test_they_go_when_they_are_switched_off(tmp_path: Path, clock: Clock) -> None:
    settings: dict[str, Any] = {"tracks": 40, "recipes": RECIPES}
    async with opened(tmp_path, clock, **settings) as core:
        await hear(core, "alice", range(0, 8))
        assert await clustered(core)
    async with opened(tmp_path, clock, tracks=0, recipes=()) as core:
        assert await core.playlists.by_maker(LISTENER_MAKER) == []
