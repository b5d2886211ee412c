"""What is kept of a Subsonic server: it says that there were changes, if anything, not which."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from harmonie_daemon.domain.errors import MediaServerError
from tests.mediaservers.fake_subsonic import NAVIDROME, FakeSubsonic
from tests.mediaservers.test_subsonic import make_target
from tests.mediaservers.world import Store, item

DAY = 86_400.0


@pytest.fixture
async def server() -> AsyncIterator[FakeSubsonic]:
    fake = FakeSubsonic(NAVIDROME)
    await fake.start()
    yield fake
    await fake.stop()


def add_all(server: FakeSubsonic, albums: int) -> None:
    for n in range(albums):
        for i in range(1, 6):
            server.add_song(
                f"/srv/music/Artist {n}/Album {n}/{i:02} Title {n}-{i}.mp3",
                title=f"Title {n}-{i}", album=f"Album {n}", artist=f"Artist {n}", track=i,
                duration=180,
            )  # fmt: skip


async def test_a_server_that_tells_of_its_scans_is_listed_after_one_and_once_a_week(
    server: FakeSubsonic, store: Store
) -> None:
    ids = await store.add_albums(3)
    add_all(server, 3)
    server.last_scan = "2024-01-01T00:00:00Z"
    target = make_target(server, store)
    await target.push([item("mix", ids)])
    assert server.requests.count("search3") == 1
    store.clock.now += DAY
    again = make_target(server, store)
    await again.push([item("mix", ids)])
    assert server.requests.count("search3") == 1

    late = (await store.add_albums(4))[-1]
    add_all(server, 4)
    server.last_scan = "2024-01-02T00:00:00Z"
    assert (await again.push([item("mix", [*ids, late])])).unmatched == 0
    assert server.requests.count("search3") == 2
    store.clock.now += 8 * DAY
    await again.push([item("mix", ids)])
    assert server.requests.count("search3") == 3
    await target.close()
    await again.close()


async def test_a_server_that_does_not_is_listed_as_ever(server: FakeSubsonic, store: Store) -> None:
    ids = await store.add_albums(3)
    add_all(server, 3)
    target = make_target(server, store)
    for _ in range(2):
        await target.push([item("mix", ids)])
    assert server.requests.count("search3") == 1
    store.clock.now += 601
    await target.push([item("mix", ids)])
    assert server.requests.count("search3") == 2
    await target.close()


@pytest.mark.parametrize("how", ["500", "drop", "garble"])
async def test_a_listing_that_breaks_makes_nothing_vanish(
    server: FakeSubsonic, store: Store, how: str
) -> None:
    ids = await store.add_albums(3)
    add_all(server, 3)
    target = make_target(server, store)
    await target.push([item("mix", ids)])
    before = await target.catalogue.remote_ids(ids)
    assert len(before) == len(ids)
    store.clock.now += 601
    server.fail("search3", how)
    with pytest.raises(MediaServerError):
        await target.push([item("mix", ids[:3])])
    assert await target.catalogue.remote_ids(ids) == before
    await target.push([item("mix", ids[:3])])
    await target.close()
