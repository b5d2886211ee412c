"""Own playlists of listeners: read where they have changed, counted as our tracks."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.mediaservers import own_lists
from harmonie_daemon.mediaservers.listening import list_reading
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.listener_lists import ListenerLists
from harmonie_daemon.store.listening import own_lists as kept_lists
from tests.mediaservers.being_killed import be_killed
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakePlaylist, FakeUser
from tests.mediaservers.fake_subsonic import KINDS, USER, FakeSubsonic, Held, Kind
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.list_world import DAY_S, ENTRIES, Reader
from tests.mediaservers.test_subsonic import World as SubsonicWorld
from tests.mediaservers.test_subsonic import make_target as make_subsonic
from tests.mediaservers.world import Clock, Store

IN_CI = pytest.mark.thorough


class Shelf:
    """Alice's playlists at a Jellyfin: made of tracks of ours by their numbers, from 1."""

    def __init__(self, world: World, items: list[str]) -> None:
        self.world, self.items = world, items
        self.reader = Reader(world.store, world.target.own_lists())

    def add(self, name: str, *numbers: int, owner: FakeUser | None = None) -> FakePlaylist:
        entries = [self.items[number - 1] for number in numbers]
        return self.world.fake.add_playlist(owner or self.world.me, name, entries)

    def asked(self) -> Counter[str]:
        """What has been asked so far, in words."""
        fake = self.world.fake
        listings = [r for r in fake.seen("GET", "/Items") if ("fields", "Etag") in r.query]
        return Counter(listings=len(listings), entries=len(fake.seen("GET", ENTRIES)))


@pytest.fixture
async def shelf(world: World) -> Shelf:
    ids = await world.store.add_albums(4)
    assert ids == list(range(1, 21))
    await world.mirror()
    await world.target.sync()
    return Shelf(world, await world.expected(ids))


async def test_tracks_count_as_often_as_playlists_of_ones_own_have_them(shelf: Shelf) -> None:
    world, reader = shelf.world, shelf.reader
    bob = world.fake.add_user("bob")
    shelf.add("Road", 1, 2)
    shelf.add("Sunday", 2, 3)
    shelf.add("[RADIO] Sunday", 4)
    shelf.add("[my own] bracket", 5)
    shelf.add("Happy_Fast_automatic", 6)
    shelf.add("alice-fingerprint", 7)
    shelf.add("Elsewhere", 8).looks.tags = ["harmonie:mix", "harmonie@another1"]
    shelf.add("Daily mix", 9)
    await world.store.playlists.save(SavedPlaylist("mix", "r", "Daily mix", (), 0.0))
    shared = shelf.add("Bob's", 10, owner=bob)
    shared.is_public = True
    assert await reader.round() == (4 if world.uses_key else 3)
    assert await reader.counts() == {1: 1, 2: 2, 3: 1, 5: 1}
    assert await reader.counts("bob") == ({10: 1} if world.uses_key else {})
    assert await reader.plays.listeners() == (["alice", "bob"] if world.uses_key else ["alice"])


async def test_what_has_not_changed_is_not_read_again(shelf: Shelf) -> None:
    reader = shelf.reader
    road, sunday = shelf.add("Road", 1, 2), shelf.add("Sunday", 2, 3)
    assert await reader.round() == 2
    asked, requests = shelf.asked(), len(shelf.world.fake.requests)
    assert await reader.round(6 * 3600) == 0
    assert len(shelf.world.fake.requests) == requests, "a day is a day"

    assert await reader.round(DAY_S) == 0
    assert shelf.asked() == asked + Counter(listings=1)
    road.entries.append(shelf.items[3])
    assert await reader.round(DAY_S) == 1
    assert shelf.asked() == asked + Counter(listings=2, entries=1)
    assert await reader.counts() == {1: 1, 2: 2, 3: 1, 4: 1}
    sunday.entries.clear()
    assert await reader.round(DAY_S) == 1
    assert await reader.counts() == {1: 1, 2: 1, 4: 1}

    reading = Reader(shelf.world.store, shelf.world.target.own_lists())
    asked = shelf.asked()
    assert await reading.round() == 0
    assert shelf.asked() == asked, "a new process knows what was read"
    assert await reading.round(list_reading.READ_AGAIN_S + DAY_S) == 2


async def test_a_playlist_that_is_gone_counts_no_more_and_one_hidden_for_a_day_does(
    shelf: Shelf,
) -> None:
    reader, playlists = shelf.reader, shelf.world.fake.playlists
    shelf.add("Road", 1)
    shelf.add("Sunday", 2)
    await reader.round()
    there = dict(playlists)
    playlists.clear()
    await reader.round(DAY_S)
    assert await reader.counts() == {1: 1, 2: 1}, "a server that shows none may be starting"
    playlists.update(there)
    asked = shelf.asked()
    await reader.round(DAY_S)
    assert shelf.asked() == asked + Counter(listings=1)
    playlists.clear()
    for _ in range(kept_lists.MISSED):
        assert await reader.counts() == {1: 1, 2: 1}
        await reader.round(DAY_S)
    assert await reader.counts() == {}
    assert await reader.plays.listeners() == []


async def test_tracks_that_come_and_go_here_or_there_count_without_another_look(
    shelf: Shelf,
) -> None:
    world = shelf.world
    new = world.fake.add_item("/media/music/New/New/01 New.mp3", "New")
    shelf.items.append(new)
    shelf.add("Road", 1, 21)
    await shelf.reader.round()
    assert await shelf.reader.counts() == {1: 1}
    asked = shelf.asked()
    added = await world.store.add("New/New/01 New.mp3", title="New")
    await world.store.tracks.remove([1])
    world.store.clock.now += 8 * DAY_S  # a sweep is due
    await world.target.sync()
    assert await shelf.reader.counts() == {int(added): 1}
    assert shelf.asked() == asked


async def test_forgetting_empties_it_and_what_was_there_before_stays_away(shelf: Shelf) -> None:
    reader = shelf.reader
    road = shelf.add("Road", 1, 2)
    await reader.round()
    await reader.plays.forget("Alice")
    assert (await reader.counts(), await reader.plays.listeners()) == ({}, [])
    await reader.round(DAY_S)
    assert (await reader.counts(), await reader.plays.listeners()) == ({}, [])
    road.entries.append(shelf.items[2])
    shelf.add("Sunday", 1)
    await reader.round(DAY_S)
    assert await reader.counts() == {1: 1, 3: 1}
    del road.entries[0]
    await reader.round(DAY_S)
    road.entries.append(shelf.items[0])
    await reader.round(DAY_S)
    assert await reader.counts() == {1: 2, 3: 1}, "taken out and put in anew"
    await reader.plays.take_in_again("alice")
    await reader.round(DAY_S)
    assert await reader.counts() == {1: 2, 2: 1, 3: 1}


async def test_what_is_forgotten_stays_away_while_its_list_is_too_long(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmonie_daemon.mediaservers.jellyfin.own_lists.MOST_ENTRIES", 4)
    reader = shelf.reader
    await reader.plays.admit(["alice"])
    await reader.plays.forget("alice")
    road, long = shelf.add("Road", 1, 2), shelf.add("Long", 5, 6, 7, 8, 9)
    await reader.round()
    road.entries.extend(shelf.items[2:6])
    await reader.round(DAY_S)
    assert await reader.counts() == {}
    del road.entries[3:], long.entries[1:]
    await reader.round(DAY_S)
    assert await reader.counts() == {}
    long.entries.append(shelf.items[9])
    await reader.round(DAY_S)
    assert await reader.counts() == {10: 1}


async def test_nothing_is_read_of_whom_nothing_is_kept(shelf: Shelf) -> None:
    road, store = shelf.add("Road", 1), shelf.world.store
    reader = Reader(store, shelf.world.target.own_lists(), ignored=frozenset({"alice"}))
    assert await reader.round() == 0
    assert shelf.asked() == Counter()
    # nor is it gone on with where it had begun, nor in the way of others
    lists = ListenerLists(store.database, "jellyfin")
    await lists.show("alice", {road.id: "a mark"}, store.clock.now)
    assert await reader.round() == 0
    assert shelf.asked() == Counter()
    assert await lists.unread(0, 1) == []


async def test_what_is_read_and_kept_is_bounded(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists of a person, entries of a list, lists a day, entries in all."""
    monkeypatch.setattr("harmonie_daemon.mediaservers.jellyfin.own_lists.MOST_LISTS", 6)
    monkeypatch.setattr("harmonie_daemon.mediaservers.jellyfin.own_lists.MOST_ENTRIES", 4)
    monkeypatch.setattr(list_reading, "MOST_READ", 4)
    monkeypatch.setattr(kept_lists, "MOST_ENTRIES_KEPT", 12)
    for number in range(1, 9):
        shelf.add(f"List {number}", number, number + 1, number + 2)
    shelf.add("A collection", *range(1, 8))
    reader, store = shelf.reader, shelf.world.store
    assert await reader.round() == 4
    assert await reader.round() == 0
    assert await reader.round(DAY_S) == 2
    assert await reader.round(DAY_S) == 0

    def kept(connection):  # type: ignore[no-untyped-def]
        of = "SELECT count(*), count(DISTINCT list_id) FROM listener_list_items"
        ((entries, lists),) = connection.execute(of).fetchall()
        ((rows, told),) = connection.execute(
            "SELECT count(*), sum(entries) FROM listener_lists"
        ).fetchall()
        return entries, lists, rows, told

    assert await store.database.read(kept) == (12, 4, 6, 12)
    assert sum((await reader.counts()).values()) == 12


def test_the_bounds_are_those_of_a_home() -> None:
    assert (own_lists.MOST_LISTS, own_lists.MOST_ENTRIES) == (200, 1_000)
    assert list_reading.MOST_READ * (own_lists.MOST_ENTRIES // 500 + 1) <= 600
    assert kept_lists.MOST_ENTRIES_KEPT == 200_000


CALLS = {
    "server": ("/System/Info/Public", ""),
    "users": ("/Users", ""),
    "playlists": ("/Items", "Etag"),
    "contents": (ENTRIES, ""),
}
FAULTS: dict[str, dict[str, object]] = {
    "drop": {},
    "500": {"status": 500},
    "503": {"status": 503, "retry_after": "30"},
    "401": {"status": 401},
    "403": {"status": 403},
    "404": {"status": 404},
    "garbled": {"status": 200, "text": '{"Items": [{"Id"'},
    "truncated": {"truncate": True},
}


@pytest.mark.sampled(6)
@pytest.mark.sampled(4)
@pytest.mark.parametrize("times", [1, pytest.param(5, marks=IN_CI)])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
async def test_a_fault_of_any_call_leaves_what_was_known_and_the_next_days_mend_it(
    shelf: Shelf, call: str, fault: str, times: int
) -> None:
    reader, world = shelf.reader, shelf.world
    road, sunday = shelf.add("Road", 1, 2), shelf.add("Sunday", 2, 3)
    await reader.round()
    before = await reader.counts()
    road.entries.append(shelf.items[3])
    sunday.entries.append(shelf.items[4])
    path, query = CALLS[call]
    armed = Fault("GET", path, query=query, times=times, **FAULTS[fault])  # type: ignore[arg-type]
    world.fake.faults.armed = [armed]
    with contextlib.suppress(MediaServerError):
        await reader.round(DAY_S)
    assert armed.hit
    now = await reader.counts()
    assert before.items() <= now.items(), "nothing is lost"
    world.fake.faults.armed = []
    for _ in range(2):
        with contextlib.suppress(MediaServerError):
            await reader.round(DAY_S)
    assert await reader.counts() == {1: 1, 2: 2, 3: 1, 4: 1, 5: 1}


async def test_a_slow_server_is_waited_for_with_one_request_at_a_time(shelf: Shelf) -> None:
    shelf.add("Road", 1)
    shelf.add("Sunday", 2)
    shelf.world.fake.faults.latency_s = 0.05
    assert await shelf.reader.round() == 2


async def test_a_list_that_breaks_the_server_stands_in_the_way_of_no_other(shelf: Shelf) -> None:
    first = shelf.add("A", 1)
    for number in range(2, 5):
        shelf.add(f"B {number}", number)
    shelf.world.fake.faults.armed = [Fault("GET", f"/Playlists/{first.id}/.*", status=500, times=9)]
    with pytest.raises(MediaServerError):
        await shelf.reader.round()
    asked = shelf.asked()
    assert await shelf.reader.round(3600) == 3
    assert await shelf.reader.round(3600) == 0, "once a day"
    assert shelf.asked() == asked + Counter(entries=3)


async def test_a_list_or_a_person_that_we_may_not_see_is_left_until_the_next_day(
    shelf: Shelf,
) -> None:
    first, second = shelf.add("A", 1), shelf.add("B", 2)
    faults = shelf.world.fake.faults
    faults.armed = [Fault("GET", f"/Playlists/{first.id}/.*", status=404)]
    assert await shelf.reader.round() == 1
    assert await shelf.reader.counts() == {2: 1}
    second.entries.append(shelf.items[2])
    faults.armed = [Fault("GET", "/Items", query=shelf.world.me.id, status=403)]
    asked = shelf.asked()
    assert await shelf.reader.round(DAY_S) == 0
    assert await shelf.reader.round(3600) == 0
    assert shelf.asked() == asked + Counter(listings=1)
    assert await shelf.reader.round(DAY_S) == 2
    assert await shelf.reader.counts() == {1: 1, 2: 1, 3: 1}


async def test_a_clock_that_is_put_back_keeps_nothing_waiting(shelf: Shelf) -> None:
    first, second = shelf.add("A", 1), shelf.add("B", 2)
    shelf.world.fake.faults.armed = [Fault("GET", f"/Playlists/{first.id}/.*", status=404)]
    assert await shelf.reader.round(365 * DAY_S) == 1
    second.entries.append(shelf.items[2])
    assert await shelf.reader.round(-365 * DAY_S) == 2
    anew = Reader(shelf.world.store, shelf.world.target.own_lists())
    second.entries.append(shelf.items[3])
    await anew.round(-DAY_S)
    assert await anew.counts() == {1: 1, 2: 1, 3: 1, 4: 1}


async def test_a_listener_too_many_stands_in_the_way_of_no_other(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shelf.world.uses_key:
        pytest.skip("a user's token sees nobody else's")
    monkeypatch.setattr("harmonie_daemon.store.listening.listeners.MOST_LISTENERS", 1)
    await shelf.reader.plays.admit(["bob"])
    shelf.add("Road", 1)
    shelf.add("Bob's", 2, owner=shelf.world.fake.add_user("bob"))
    assert await shelf.reader.round() == 1
    assert (await shelf.reader.counts(), await shelf.reader.counts("bob")) == ({}, {2: 1})


async def test_a_person_whose_lists_cannot_be_listed_stands_in_the_way_of_no_other(
    shelf: Shelf,
) -> None:
    if not shelf.world.uses_key:
        pytest.skip("a user's token sees nobody else's")
    bob = shelf.world.fake.add_user("bob")
    shelf.add("Road", 1)
    shelf.add("Bob's", 2, owner=bob)
    broken = Fault("GET", "/Items", query=shelf.world.me.id, status=500, times=2)
    shelf.world.fake.faults.armed = [broken]
    assert await shelf.reader.round() == 1
    assert await shelf.reader.counts("bob") == {2: 1}
    asked = shelf.asked()
    assert await shelf.reader.round(3600) == 0
    assert shelf.asked() == asked + Counter(listings=1), "of alice alone"
    assert await shelf.reader.round(3600) == 1
    assert await shelf.reader.counts() == {1: 1}


async def test_a_server_that_lists_nobodys_is_left_alone_for_now(shelf: Shelf) -> None:
    if not shelf.world.uses_key:
        pytest.skip("a user's token sees nobody else's")
    for number in range(6):
        shelf.world.fake.add_user(f"user {number}")
    shelf.world.fake.faults.armed = [Fault("GET", "/Items", query="Etag", status=503, times=99)]
    with pytest.raises(MediaServerError):
        await shelf.reader.round()
    assert shelf.asked() == Counter(listings=list_reading.MOST_BROKEN)


@pytest.mark.parametrize("skip", [0, pytest.param(1, marks=IN_CI)])
async def test_a_process_that_is_killed_in_the_middle_is_gone_on_with(
    tmp_path: Path, skip: int
) -> None:
    fake = FakeJellyfin("12.0.0")
    await fake.start()
    path, clock = tmp_path / "harmonie.db", Clock()
    store = Store(await Database.open(path), clock)
    target = make_target(fake, store, fake.api_key, "alice")
    world = World(fake, store, target, fake.add_user("alice"), uses_key=True)
    ids = await store.add_albums(1)
    await world.mirror()
    await target.sync()
    shelf = Shelf(world, await world.expected(ids))
    road, _ = shelf.add("Road", 1, 2), shelf.add("Sunday", 2, 3)
    await shelf.reader.round()
    road.entries.append(shelf.items[3])
    shelf.add("Monday", 5)
    await target.close()
    await store.database.close()

    at = str(clock.now + DAY_S)
    await be_killed(
        fake,
        Fault("GET", ENTRIES, skip=skip),
        "list_process",
        str(path),
        fake.url,
        fake.api_key,
        at,
    )
    clock.now += DAY_S
    store = Store(await Database.open(path), clock)
    target = make_target(fake, store, fake.api_key, "alice")
    reader = Reader(store, target.own_lists())
    assert (await reader.counts()).items() >= {1: 1, 2: 2, 3: 1}.items()
    assert await reader.round() == 2 - skip
    assert await reader.counts() == {1: 1, 2: 2, 3: 1, 4: 1, 5: 1}
    assert fake.violations == []
    await target.close()
    await store.database.close()
    await fake.stop()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
async def subsonic(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[SubsonicWorld]:
    kind: Kind = request.param
    fake = FakeSubsonic(kind)
    await fake.start()
    target = make_subsonic(fake, store)
    world = SubsonicWorld(fake, store, target)
    await store.add_albums(2)
    await world.mirror()
    await target.sync()
    yield world
    await target.close()
    await fake.stop()


async def adder(world: SubsonicWorld) -> Callable[..., Held]:
    keys = await world.store.tracks.paths_and_ids()
    songs = await world.expected([key.id for key in keys])

    def add(name: str, *numbers: int, owner: str = USER, **facts: object) -> Held:
        number = str(900 + len(world.fake.playlists))
        held = Held(number, name, owner, songs=[songs[one - 1] for one in numbers])
        for field, value in facts.items():
            setattr(held, field, value)
        world.fake.playlists[number] = held
        return held

    return add


async def test_the_playlists_of_a_subsonic_account(
    subsonic: SubsonicWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmonie_daemon.mediaservers.subsonic.own_lists.MOST_LISTS", 2)
    world, add = subsonic, await adder(subsonic)
    road = add("Road", 1, 2)
    add("Sunday", 2, 2, 3)
    add("[MIX] mine", 4)
    add("Smart", 5, readonly=True)
    add("Elsewhere", 6, comment="harmonie:mix@01234567")
    add("Bob's", 7, owner="bob", public=True)
    add("Too many", 8)
    reader = Reader(world.store, world.target.own_lists())
    assert await reader.round() == 2
    assert await reader.counts(USER) == {1: 1, 2: 2, 3: 1}
    tells = not world.fake.kind.counts
    assert await reader.round(DAY_S) == (0 if tells else 2)
    road.songs, road.changed = road.songs[:1], "2023-11-15T22:13:20.000Z"
    assert await reader.round(DAY_S) == (1 if tells else 2)
    assert await reader.counts(USER) == {1: 1, 2: 1, 3: 1}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("fault", ["500", "drop", "garble", "50", "70", "40"])
@pytest.mark.parametrize("method", ["ping", "getPlaylists", "getPlaylist"])
async def test_a_fault_of_a_subsonic_server_leaves_what_was_known(
    subsonic: SubsonicWorld, method: str, fault: str
) -> None:
    world, add = subsonic, await adder(subsonic)
    road = add("Road", 1, 2)
    reader = Reader(world.store, world.target.own_lists())
    await reader.round()
    road.songs, road.changed = road.songs[:1], "2023-11-15T22:13:20.000Z"
    world.fake.fail(method, *[fault] * 2)
    with contextlib.suppress(MediaServerError):
        await reader.round(DAY_S)
    assert await reader.counts(USER) == {1: 1, 2: 1}
    world.fake.faults.clear()
    await reader.round(DAY_S)
    assert await reader.counts(USER) == {1: 1}
