"""What is kept of a server's music, and how it is kept up to date."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harmonie_daemon.domain.catalogue import RemoteTrack, UserItem
from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers import item_keys, syncing
from harmonie_daemon.mediaservers.catalogue import Catalogue
from harmonie_daemon.mediaservers.errors import GarbledError, UnavailableError
from harmonie_daemon.mediaservers.jellyfin import lister as jellyfin_lister
from harmonie_daemon.mediaservers.jellyfin.lister import lister_of
from harmonie_daemon.mediaservers.path_mapping import MappingLearner
from harmonie_daemon.mediaservers.push import PushReport
from harmonie_daemon.store.catalogue_items import MOST_CANDIDATES, Keyed
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.jellyfin_world import World, make_keyring, make_target
from tests.mediaservers.made_up_lister import MadeUpLister
from tests.mediaservers.world import Store, item
from tests.store.statements import noted

ADDRESS = "http://there"
DAY = 86_400.0


def catalogue(store: Store) -> Catalogue:
    """As after a restart: nothing is in memory."""
    return Catalogue("jellyfin", ADDRESS, store.catalogues, store.clock)


def listings(world: World) -> int:
    """Requests for tracks with their paths, all or those that were saved lately."""
    return sum(("fields", "Path") in r.query for r in world.fake.seen("GET", "/Items"))


async def test_a_restart_and_lookups_list_nothing(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    before = len(world.fake.requests)
    again = make_target(world.fake, world.store, world.fake.api_key, "alice")

    (remote,) = await world.expected(ids[:1])
    assert await again.catalogue.track_of(remote) == ids[0]
    assert await again.catalogue.remote_id_of(ids[0]) == remote
    assert await again.catalogue.track_of("f" * 32) is None
    assert len(world.fake.requests) == before
    await again.close()


async def test_after_a_restart_a_push_that_finds_all_lists_nothing(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    before = listings(world)
    token = world.fake.api_key if world.uses_key else world.me.token
    again = make_target(world.fake, world.store, token, "alice")
    assert await again.push([item("mix", ids)]) == PushReport(unchanged=1)
    assert listings(world) == before
    await again.close()


async def test_new_tracks_of_ours_are_matched_without_listing(store: Store) -> None:
    there = MadeUpLister.of(20)
    known = await store.add_albums(1, per_album=5)
    one = catalogue(store)
    await one.find(frozenset(known), there, hurry=False, is_moved=False)
    asked = list(there.asked)
    late = await store.add("Artist 1/Album 1/01 Title 1-1.mp3")

    found = await one.find(frozenset([late]), there, hurry=False, is_moved=False)

    assert found == {late: there.id_of("/srv/music/Artist 1/Album 1/01 Title 1-1.mp3")}
    assert there.asked == asked


async def test_what_is_saved_there_later_is_asked_for_by_its_own_clock(store: Store) -> None:
    """Which is an hour behind ours."""
    there = MadeUpLister.of(5)
    there.now = store.clock.now - 3600
    one = catalogue(store)
    await one.sync(there)
    for number in (8, 9):
        there.now += 1800
        store.clock.now += 1800
        late = there.add(f"/srv/music/Artist {number}/Album {number}/01 Title.mp3")
        ours = await store.add(f"Artist {number}/Album {number}/01 Title.mp3")
        there.asked.clear()
        found = await one.find(frozenset([ours]), there, hurry=False, is_moved=False)
        assert found == {ours: late}
        assert there.asked == ["changed", "standing"]


async def test_what_is_saved_after_its_clock_was_put_back_is_not_missed(store: Store) -> None:
    there = MadeUpLister.of(5)
    one = catalogue(store)
    await one.sync(there)
    there.now -= 7_200
    store.clock.now += 3_600
    first = there.items[0]
    there.items[0] = replace(first, path="/srv/music/moved.mp3")
    there.saved[first.id] = there.now - 1_800
    ours = await store.add("moved.mp3")

    assert await one.find(frozenset([ours]), there, hurry=False, is_moved=False) == {ours: first.id}

    there.asked.clear()
    await one.sync(there)
    assert there.asked == ["changed", "standing"]


async def test_what_is_saved_while_we_ask_is_not_missed(store: Store) -> None:
    """The overlap: it was saved before our last question, and visible only after it."""
    there = MadeUpLister.of(5)
    one = catalogue(store)
    await one.sync(there)
    store.clock.now += 3600
    there.now += 3600
    await one.sync(there)
    late = there.add("/srv/music/x/y/z.mp3", saved_at=there.now - 60)
    ours = await store.add("x/y/z.mp3")
    there.asked.clear()
    assert await one.find(frozenset([ours]), there, hurry=False, is_moved=False) == {ours: late}
    assert there.asked == ["changed", "standing"]


async def test_a_deletion_is_noticed_by_the_count_and_found_by_ids(store: Store) -> None:
    there = MadeUpLister.of(30)
    ids = await store.add_albums(2)
    one = catalogue(store)
    await one.find(frozenset(ids), there, hurry=False, is_moved=False)
    gone = there.remove("/srv/music/Artist 0/Album 0/01 Title 0-1.mp3")
    store.clock.now += 3600
    there.asked.clear()

    found = await one.find(frozenset(ids), there, hurry=False, is_moved=False)

    assert set(found) == set(ids[1:])
    assert there.asked == ["changed", "standing", "ids"]
    assert await one.track_of(gone) is None


async def test_a_clock_that_was_put_back_keeps_nothing_from_being_asked(store: Store) -> None:
    there = MadeUpLister.of(5)
    ids = frozenset(await store.add_albums(1))
    one, asked = catalogue(store), 0

    async def ask() -> list[UserItem]:
        nonlocal asked
        asked += 1
        return []

    await one.sync(there)
    await one.sync_user("alice", ask)
    store.clock.now -= DAY
    there.asked.clear()
    await one.sync_user("alice", ask)
    await one.find(ids, there, hurry=False, is_moved=False)
    assert (asked, there.asked) == (2, ["changed", "standing"])


async def test_once_a_week_all_ids_are_asked_for(store: Store) -> None:
    """One was deleted and another came whose date of saving is old: the number is the same."""
    there = MadeUpLister.of(30)
    ids = await store.add_albums(1)
    one = catalogue(store)
    await one.sync(there)
    there.remove("/srv/music/Artist 0/Album 0/01 Title 0-1.mp3")
    there.add("/srv/music/other.mp3", saved_at=0.0)
    store.clock.now += 6 * DAY
    await one.sync(there)
    assert "ids" not in there.asked
    store.clock.now += 2 * DAY
    await one.sync(there)
    assert "ids" in there.asked
    assert set(await one.remote_ids(ids)) == set(ids[1:])
    assert await one.track_of(there.id_of("/srv/music/other.mp3")) is None
    report = await one.report()
    assert report is not None
    assert report.items == 30


@pytest.mark.parametrize("broken", [1, 2, 3])
async def test_a_broken_sweep_goes_on_where_it_was(store: Store, broken: int) -> None:
    there = MadeUpLister.of(35, page_size=10)
    one = catalogue(store)
    there.breaks_at = broken
    with pytest.raises(UnavailableError):
        await one.sync(there)
    pages = len(there.positions)
    await catalogue(store).sync(there)
    assert there.positions[pages] == str(broken * 10)
    report = await one.report()
    assert report is not None
    assert report.items == 35


async def test_a_broken_sweep_makes_nothing_vanish(store: Store) -> None:
    there = MadeUpLister.of(30, page_size=10)
    ids = await store.add_albums(3)
    one = catalogue(store)
    await one.find(frozenset(ids), there, hurry=False, is_moved=False)
    before = await one.remote_ids(ids)
    there.remove("/srv/music/Artist 0/Album 0/01 Title 0-1.mp3")
    there.breaks_at = 1
    with pytest.raises(UnavailableError):
        await one.find(frozenset(ids), there, hurry=False, is_moved=True)
    assert await catalogue(store).remote_ids(ids) == before


async def test_a_sweep_that_shows_less_than_is_counted_makes_nothing_vanish(store: Store) -> None:
    """As when a page slips by because something was deleted while it was asked for."""
    there = MadeUpLister.of(30, page_size=10)
    ids = await store.add_albums(3)
    one = catalogue(store)
    await one.find(frozenset(ids), there, hurry=False, is_moved=False)
    before = await one.remote_ids(ids)
    there.hides_after = 10
    gone = there.remove("/srv/music/Artist 2/Album 2/05 Title 2-5.mp3")
    await one.find(frozenset(ids), there, hurry=False, is_moved=True)
    assert len(before) == len(ids)
    assert await one.remote_ids(ids) == {t: item for t, item in before.items() if item != gone}


async def test_a_server_that_shows_no_music_keeps_what_is_known(store: Store) -> None:
    there = MadeUpLister.of(10)
    ids = await store.add_albums(1)
    one = catalogue(store)
    await one.find(frozenset(ids), there, hurry=False, is_moved=False)
    before = await one.remote_ids(ids)
    there.clear()
    for is_moved in (True, False):
        store.clock.now += 3600
        with pytest.raises(MediaServerError, match="no music"):
            await one.find(frozenset(ids), there, hurry=False, is_moved=is_moved)
        assert await one.remote_ids(ids) == before


async def test_who_waits_does_not_wait_for_a_sweep_that_is_under_way(store: Store) -> None:
    there = MadeUpLister.of(10)
    ids = await store.add_albums(1)
    one = catalogue(store)
    await one.sync(there)
    held = MadeUpLister.of(10)
    held.goes_on = asyncio.Event()
    store.clock.now += 8 * DAY
    sweeping = asyncio.create_task(one.sync(held))
    await held.is_asked.wait()

    found = await one.find(frozenset(ids), there, hurry=True, is_moved=False)

    assert set(found) == set(ids)
    assert not sweeping.done()
    held.goes_on.set()
    await sweeping


async def test_the_same_page_for_ever_is_given_up(store: Store) -> None:
    there = MadeUpLister.of(30, page_size=10)
    there.repeats = True
    with pytest.raises(GarbledError, match="without end"):
        await catalogue(store).sync(there)
    assert len(there.asked) < 6
    there.repeats = False
    await catalogue(store).sync(there)
    assert there.positions.count("") == 2


async def test_a_number_that_is_nonsense_costs_no_endless_sweeps(store: Store) -> None:
    there = MadeUpLister.of(30, page_size=10)
    there.told = 10**9
    one = catalogue(store)
    await one.sync(there)
    there.asked.clear()
    for _ in range(5):
        store.clock.now += 601
        await one.sync(there)
    assert set(there.asked) == {"changed", "standing"}
    report = await one.report()
    assert report is not None
    assert (report.items, report.swept_at) == (30, None)


async def test_absurd_fields_are_cut_to_size(store: Store) -> None:
    there = MadeUpLister()
    long = "n" * 10_000_000
    there.items.append(
        RemoteTrack(
            "a", "/srv/\ud800\0x" + long, "\ud800" + long, long, (long,) * 1000, 10**400,
            float("nan"), frozenset({long, "ü", "a b"}),
        )
    )  # fmt: skip
    there.items.append(
        RemoteTrack("b", "/srv/music/a\ud800.mp3", None, "", (), -1, 1e308, frozenset())
    )
    one = catalogue(store)
    await one.sync(there)
    size = await store.database.read(
        lambda connection: connection.execute(
            "SELECT sum(length(title) + length(album) + length(artists)), max(track_number) "
            "FROM catalogue_items"
        ).fetchall()
    )
    assert size[0][0] < 20_000
    assert size[0][1] is None


async def test_another_user_sees_other_tracks_and_all_is_listed_anew(store: Store) -> None:
    there = MadeUpLister.of(10)
    ids = await store.add_albums(1)
    one = catalogue(store)
    await one.find(frozenset(ids), there, hurry=False, is_moved=False)
    there.viewer = "bob"
    there.remove("/srv/music/Artist 0/Album 0/01 Title 0-1.mp3")
    there.add("/srv/music/of bob.mp3", saved_at=0.0)
    await one.sync(there)
    assert set(await one.remote_ids(ids)) == set(ids[1:])


async def test_why_tracks_are_not_found(store: Store) -> None:
    there = MadeUpLister.of(10)
    there.add("/x/1.mp3", title="Twice", artists=("A",), album="P", duration_s=10.0)
    there.add("/x/2.mp3", title="Twice", artists=("A",), album="Q", duration_s=20.0)
    there.add("/x/3.mp3", title="Once", artists=("A",), album="P", duration_s=10.0)
    await store.add_albums(2)
    await store.add("new.mp3", artist="Nobody", title="Nothing")
    await store.add("twice.mp3", artist="A", title="Twice", album="R")
    await store.add("once.mp3", artist="A", title="Once", album="R")
    await store.add("bare.mp3")
    await store.add("elsewhere.mp3", root="/other", artist="Nobody", title="Nothing")
    one = catalogue(store)
    await one.sync(there)
    report = await one.report()
    assert report is not None
    assert {root.root: (root.matched, root.unmatched) for root in report.roots} == {
        "/other": ({}, {"unknown_folder": 1}),
        "/srv/music": (
            {"path": 10},
            {"not_there": 1, "ambiguous": 1, "differs": 1, "no_tags": 1},
        ),
    }


async def test_a_play_of_an_item_that_we_have_twice_is_one_of_a_single_track(store: Store) -> None:
    """Of the one as which it is heard of over there; a copy of it elsewhere was not played."""
    there = MadeUpLister()
    tags: dict[str, Any] = {"title": "One", "album": "A", "track_number": 1}
    copy = await store.add("copies/x.mp3", root="/elsewhere", artist="B", **tags)
    original = await store.add("B/A/01 One.mp3", artist="B", **tags)
    remote = there.add("/srv/music/B/A/01 One.mp3", artists=("B",), duration_s=180.0, **tags)
    one = catalogue(store)
    await one.sync(there)

    async def played() -> list[UserItem]:
        return [UserItem(remote, False, 3, 1_000.0)]

    await one.sync_user("alice", played)

    assert await one.remote_id_of(copy) == await one.remote_id_of(original) == remote
    assert await one.track_of(remote) == original
    assert set(await one.play_totals("alice")) == {original}


async def test_names_of_a_page_are_not_folded_on_the_event_loop(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()

    def keyed(item: RemoteTrack) -> Keyed:
        threads.add(threading.get_ident())
        return item_keys.keyed(item)

    monkeypatch.setattr(syncing, "keyed", keyed)
    there = MadeUpLister.of(10)
    one = catalogue(store)
    await one.sync(there)
    there.now += DAY
    there.add("/srv/music/new.mp3")
    await one.sync(there)
    store.clock.now += 8 * DAY
    there.add("/srv/music/another.mp3", saved_at=0.0)
    await one.sync(there)
    report = await one.report()
    assert report is not None
    assert report.items == 12
    assert threads
    assert threading.get_ident() not in threads


@pytest.mark.parametrize("step", ["pairs", "must_count", "mappings"])
async def test_names_of_folders_are_not_learnt_on_the_event_loop(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    threads: set[int] = set()
    known = getattr(MappingLearner, step)

    def noted(learner: MappingLearner) -> Any:
        threads.add(threading.get_ident())
        return known(learner)

    monkeypatch.setattr(MappingLearner, step, noted)
    await store.add_albums(4, root="/elsewhere")
    one = catalogue(store)
    await one.sync(MadeUpLister.of(20))
    report = await one.report()
    assert report is not None
    assert report.mappings == (("/elsewhere", "/srv/music"),)
    assert threads
    assert threading.get_ident() not in threads


async def test_matching_asks_the_store_by_the_hundred(store: Store) -> None:
    there = MadeUpLister.of(100)
    for n in range(100):
        title, artist = f"Title {n // 5}-{n % 5 + 1}", f"Artist {n // 5}"
        facts = {"title": title, "artists": (artist,), "duration_s": 180.0}
        there.add(f"/of another name/{n}.mp3", **facts)
    await store.add_albums(20)
    await store.add_albums(20, root="/elsewhere")
    one = catalogue(store)
    with noted(store.database) as asked:
        await one.sync(there)
    report = await one.report()
    assert report is not None
    found = {root.root: root.matched for root in report.roots}
    assert found == {"/srv/music": {"path": 100}, "/elsewhere": {"duration": 100}}
    assert len(asked) < 60


async def test_of_a_name_that_many_items_have_some_are_looked_at(store: Store) -> None:
    there = MadeUpLister.of(0)
    for name in ("Untitled", "Intro"):
        for _ in range(MOST_CANDIDATES + 10):
            there.add(None, title=name, artists=("A",))
    one = catalogue(store)
    await one.sync(there)
    state = await store.catalogues.latest("jellyfin", ADDRESS)
    assert state is not None
    keys = [key for one in there.items[:: MOST_CANDIDATES + 10] for key in item_keys.item_keys(one)]
    found = await store.catalogues.look(state, lambda view: view.with_keys(keys))
    assert [len(found[key]) for key in keys] == [MOST_CANDIDATES] * 2
    assert list(found[keys[1]]) == there.items[MOST_CANDIDATES + 10 :][:MOST_CANDIDATES]


async def test_favourites_and_plays_of_each_user(world: World) -> None:
    bob = world.fake.add_user("bob")
    ids = await world.store.add_albums(6)
    await world.mirror()
    theirs = await world.expected(ids)
    world.fake.state.listening.of(world.me.id, theirs[3]).is_favorite = True
    played = world.fake.state.listening.of(world.me.id, theirs[4])
    played.play_count, played.last_played = 7, "2024-05-01T12:00:00.1234567Z"
    world.fake.state.listening.of(bob.id, theirs[5]).play_count = 1
    await world.target.sync()

    catalogue = world.target.catalogue
    assert {user.name for user in await catalogue.users()} == {"alice", "bob"}
    assert list(await catalogue.favourites(world.me.id)) == [ids[3]]
    totals = await catalogue.play_totals(world.me.id)
    assert {track: (one.plays, one.last_played_at) for track, one in totals.items()} == {
        ids[4]: (7, 1714564800.0)
    }
    others = await catalogue.play_totals(bob.id)
    assert set(others) == ({ids[5]} if world.uses_key else set())
    sweeps = [r for r in world.fake.seen("GET", "/Items") if ("enableUserData", "true") in r.query]
    assert sweeps
    assert all(("isFavorite", "true") in r.query or ("isPlayed", "true") in r.query for r in sweeps)
    await world.target.sync()
    again = [r for r in world.fake.seen("GET", "/Items") if ("enableUserData", "true") in r.query]
    assert len(again) == len(sweeps)


FAULTS: dict[str, Callable[[], Fault]] = {
    "drop": lambda: Fault("GET", "/Items", times=2),
    "500": lambda: Fault("GET", "/Items", status=500),
    "503": lambda: Fault("GET", "/Items", status=503, retry_after="30"),
    "401": lambda: Fault("GET", "/Items", status=401),
    "404": lambda: Fault("GET", "/Items", status=404),
    "truncated": lambda: Fault("GET", "/Items", status=200, text='{"Items": [{"Id": "0f'),
    "another's answer": lambda: Fault("GET", "/Items", status=200, text='{"Items": 5}'),
}
CALLS = {
    "the first sweep": (0, r"^(?!.*minDateLastSaved).*fields=Path"),
    "the number": (0, r"limit=1(&|$)"),
    "changes": (1, "minDateLastSaved"),
    "ids alone": (2, "limit=1000"),
    "tracks by ids": (3, "ids="),
    "plays": (0, "isPlayed"),
    "favourites": (0, "isFavorite"),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("version", ["10.11.11"])
async def test_a_fault_at_any_question_is_mended_by_the_next(
    store: Store, version: str, call: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that was known is lost, nothing is doubled, and in the end all is known."""
    monkeypatch.setattr(jellyfin_lister, "PAGE_SIZE", 10)
    fake = FakeJellyfin(version)
    await fake.start()
    alice = fake.add_user("alice")
    ids = await store.add_albums(6)
    for key in await store.tracks.paths_and_ids():
        fake.add_item(key.path, "x", artists=("y",))
    target = make_target(fake, store, fake.api_key, "alice")
    act, query = CALLS[call]
    if act:
        await target.sync()
        before = await target.catalogue.remote_ids(ids)
        store.clock.now += 7 * 3600
    if act == 1:
        fake.add_item("/late.mp3", "late")
    if act >= 2:
        fake.state.items.pop(before[ids[0]])
    if act == 3:
        fake.add_item("/old.mp3", "old", saved_at=0.0)
        fake.add_item("/older.mp3", "old", saved_at=0.0)
    armed = FAULTS[fault]()
    armed.query = query
    fake.faults.armed = [armed]

    with pytest.raises(MediaServerError):
        await target.sync()
    assert armed.hit
    if act:
        kept = await target.catalogue.remote_ids(ids)
        assert kept == before
    fake.faults.armed = []
    again = make_target(fake, store, fake.api_key, "alice")
    await again.sync()
    found = await again.catalogue.remote_ids(ids)
    report = await again.catalogue.report()
    assert report is not None
    assert report.items == len(fake.state.items)
    assert set(found.values()) <= set(fake.state.items)
    assert set(found) == (set(ids[1:]) if act >= 2 else set(ids))
    assert {user.id for user in await again.catalogue.users()} == {alice.id}
    await target.close()
    await again.close()
    await fake.stop()


async def test_a_server_that_restarts_in_the_middle_is_asked_on(
    fake: FakeJellyfin, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jellyfin_lister, "PAGE_SIZE", 10)
    ids = await store.add_albums(7)
    for key in await store.tracks.paths_and_ids():
        fake.add_item(key.path, "x")
    keyring = make_keyring(fake.url, fake.api_key, store.meta, store.clock)
    visit = await keyring.visit()
    fake.faults.armed = [Fault("GET", "/Items", skip=2, times=2)]
    one = catalogue(store)
    with pytest.raises(UnavailableError):
        await one.sync(lister_of(visit))
    await fake.stop()
    await fake.come_back()
    await one.sync(lister_of(visit))
    assert set(await one.remote_ids(ids)) == set(ids)
    starts = [
        dict(r.query)["startIndex"]
        for r in fake.seen("GET", "/Items")
        if r.status == 200 and dict(r.query)["limit"] == "10"
    ]
    assert starts == ["0", "10", "20", "30"]
    await keyring.close()
