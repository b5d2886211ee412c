"""A process that is killed between a request and the row that says what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harmonie_daemon.mediaservers.push import PushReport
from harmonie_daemon.store.database import Database
from tests.mediaservers.being_killed import be_killed
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.world import Clock, Store, item


@pytest.mark.parametrize(
    ("version", "uses_key", "made_before", "skip"),
    [
        ("12.0.0", True, False, 0),
        ("12.0.0", False, True, 0),
        ("10.11.11", True, True, 1),
        ("10.10.7", True, True, 0),
        ("10.10.7", True, True, 1),
    ],
    ids=["making", "replacing", "exchanging", "making the next", "removing the former"],
)
async def test_the_next_process_finds_what_the_killed_one_did(
    tmp_path: Path, version: str, uses_key: bool, made_before: bool, skip: int
) -> None:
    fake = FakeJellyfin(version)
    await fake.start()
    alice = fake.add_user("alice")
    token = fake.api_key if uses_key else alice.token
    path = tmp_path / "harmonie.db"
    store = Store(await Database.open(path), Clock())
    world = World(fake, store, make_target(fake, store, token, "alice"), alice, uses_key)
    ids = await store.add_albums(4)
    await world.mirror()
    if made_before:
        await world.target.push([item("mix", ids[:12], name="Old")])
    await world.target.close()
    await store.database.close()

    fault = Fault("POST|DELETE", ".*", after=True, skip=skip)
    arguments = [str(path), fake.url, token, "New", *map(str, ids[5:])]
    await be_killed(fake, fault, "push_process", *arguments)

    store = Store(await Database.open(path), Clock())
    world = World(fake, store, make_target(fake, store, token, "alice"), alice, uses_key)
    report = await world.target.push([item("mix", ids[5:], name="New")])
    assert (report.created, report.problems) == (0, ())
    assert world.named("New").entries == await world.expected(ids[5:])
    assert len(fake.playlists) == 1
    assert await world.target.push([]) == PushReport(removed=1)
    assert await store.playlists.remotes("jellyfin") == []
    await world.target.close()
    await store.database.close()
    await fake.stop()
