"""Refreshes that break off in the middle, at the server or here: what stands afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from harmonie_daemon.mediaservers.covers.studio import CoverStudio
from harmonie_daemon.mediaservers.jellyfin.marks import TagMarks
from harmonie_daemon.mediaservers.push import Pusher, PushReport
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.vectors import Vectors
from tests.mediaservers.being_killed import be_killed
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.test_jellyfin_dressing import DRAWN
from tests.mediaservers.world import Clock, Store, item

ITEM, IMAGES = "/Items/[0-9a-f]+", "/Items/[0-9a-f]+/Images"


def break_off(world: World, *, after: int, times: int) -> None:
    """Let the server fail in the middle of adding tracks."""
    world.fake.state.breaks_after, world.fake.state.breaks = after, times


@pytest.mark.parametrize("after", [0, 3])
async def test_what_the_server_half_does_is_undone_and_done_by_the_next_push(
    world: World, after: int
) -> None:
    """It clears the list, adds some, or none, and fails: nobody finds half a playlist."""
    if not world.keeps_ids:
        pytest.skip("an API key on 10.10 changes nothing in place")
    ids = await world.store.add_albums(4)
    await world.mirror()
    await world.target.push([item("mix", ids[:10])])
    remote = world.named("Mix").id

    break_off(world, after=after, times=1)
    report = await world.target.push([item("mix", ids[5:15], name="New")])

    assert (len(report.problems), report.retry) == (1, True)
    assert world.fake.playlists[remote].entries == await world.expected(ids[:10])
    assert await world.target.push([item("mix", ids[5:15], name="New")]) == PushReport(updated=1)
    assert world.named("New").id == remote
    assert world.named("New").entries == await world.expected(ids[5:15])
    assert len(world.fake.playlists) == 1


@pytest.mark.parametrize("after", [0, 3])
async def test_what_stays_half_done_gets_its_former_tracks_when_the_new_ones_are_gone(
    world: World, after: int
) -> None:
    if not world.keeps_ids:
        pytest.skip("an API key on 10.10 changes nothing in place")
    ids = await world.store.add_albums(4)
    elsewhere = await world.store.add("elsewhere/x.mp3")
    await world.mirror()
    world.fake.state.items = {
        key: one for key, one in world.fake.state.items.items() if "elsewhere" not in one.path
    }
    await world.target.push([item("mix", ids[:10])])
    remote = world.named("Mix").id
    break_off(world, after=after, times=9)
    await world.target.push([item("mix", ids[5:15])])
    assert world.named("Mix").entries != await world.expected(ids[:10])
    world.fake.state.breaks = 0

    report = await world.target.push([item("mix", [elsewhere])])

    assert report.problems == ("'Mix': Jellyfin has none of its tracks",)
    assert world.named("Mix").id == remote
    assert world.named("Mix").entries == await world.expected(ids[:10])


@pytest.mark.parametrize("after", [0, 3])
async def test_a_creation_that_the_server_half_does_is_completed_under_its_id(
    world: World, after: int
) -> None:
    """Somebody's own empty list of that name, which was there before, stays theirs."""
    ids = await world.store.add_albums(3)
    await world.mirror()
    own = world.fake.add_playlist(world.me, "Mix", [])
    own.looks.created_at = "2020-01-01T00:00:00.0000000Z"
    break_off(world, after=after, times=1)
    report = await world.target.push([item("mix", ids)])
    assert (report.created, len(report.problems)) == (0, 1)
    (half,) = (one for one in world.fake.playlists.values() if one is not own)

    await world.target.push([item("mix", ids)])

    made = [one for one in world.fake.playlists.values() if one is not own]
    assert [one.entries for one in made] == [await world.expected(ids)]
    assert made == [half] or not world.keeps_ids
    assert own.entries == []
    assert await world.target.push([item("mix", ids)]) == PushReport(unchanged=1)


async def test_a_creation_that_was_half_done_is_known_again_by_our_own_clock(world: World) -> None:
    """The server's is an hour behind."""
    ids = await world.store.add_albums(3)
    await world.mirror()
    at = world.store.clock.now - 3_600
    world.fake.state.clock = lambda: at
    break_off(world, after=0, times=1)
    await world.target.push([item("mix", ids)])
    (half,) = world.fake.playlists.values()
    half.looks.created_at = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    await world.target.push([item("mix", ids)])
    assert [one.name for one in world.fake.playlists.values()] == ["Mix"]


async def test_a_server_that_says_all_is_well_is_compared_with_what_it_lists(
    world: World,
) -> None:
    """Where that is one answer: with a user's token."""
    if world.uses_key:
        pytest.skip("an API key would have to read the whole list")
    ids = await world.store.add_albums(4)
    await world.mirror()
    await world.target.push([item("mix", ids[:10])])
    break_off(world, after=3, times=1)
    lie = Fault("POST", "/Playlists/[^/]+", status=204, after=True, text="")
    world.fake.faults.armed = [lie]
    report = await world.target.push([item("mix", ids[5:15])])
    assert report.problems == ("'Mix': Jellyfin accepts the change but lists other tracks",)
    assert world.named("Mix").entries == await world.expected(ids[:10])
    assert await world.target.push([item("mix", ids[5:15])]) == PushReport(updated=1)
    assert world.named("Mix").entries == await world.expected(ids[5:15])


async def test_tracks_that_the_owner_may_not_see_are_no_lie(world: World) -> None:
    ids = await world.store.add_albums(2)
    await world.mirror()
    hidden = (await world.expected(ids[:1]))[0]
    await world.target.push([item("mix", ids[:5])])
    world.fake.state.items[hidden].hidden_from = frozenset({world.me.id})
    assert (await world.target.push([item("mix", ids)])).problems == ()
    seen = [one for one in world.named("Mix").entries if one != hidden]
    assert seen == (await world.expected(ids))[1:]


async def test_a_long_list_is_not_read_again(world: World) -> None:
    ids = await world.store.add_albums(41)
    await world.mirror()
    token = world.fake.api_key if world.uses_key else world.me.token
    target = make_target(world.fake, world.store, token, "alice", most_tracks=1000)
    await target.push([item("mix", ids)])
    await target.push([item("mix", ids[::-1])])
    assert world.fake.seen("GET", "/Playlists/[^/]+") == []
    assert world.named("Mix").entries == await world.expected(ids[::-1])
    await target.close()


CALLS = {
    "compare ids": ("GET", "/Playlists/[0-9a-f]+"),
    "read item": ("GET", ITEM),
    "tag": ("POST", ITEM),
    "cover": ("POST", f"{IMAGES}/Primary"),
    "drop backdrop": ("DELETE", f"{IMAGES}/Backdrop"),
    "backdrop": ("POST", f"{IMAGES}/Backdrop"),
}
"""The requests that came with covers, tags and comparing."""
FAULTS = {
    "drop": {},
    "lost answer": {"after": True},
    "500": {"status": 500},
    "500 after": {"status": 500, "after": True},
    "503": {"status": 503, "retry_after": "1"},
    "401": {"status": 401},
    "403": {"status": 403},
    "404": {"status": 404},
    "truncated": {"truncate": True},
    "no answer": {"hold": True},
    "restart": {},
}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("version", "uses_key"), [("10.11.11", True), ("12.0.0", False)])
async def test_whatever_befalls_a_new_call_nothing_is_lost_or_doubled(
    store: Store, version: str, uses_key: bool, call: str, fault: str
) -> None:
    """A refresh that renames and changes, in which one kind of request fails, and the next one."""
    if call == "compare ids" and uses_key:
        pytest.skip("an API key may not ask that")
    fake = FakeJellyfin(version)
    await fake.start()
    alice = fake.add_user("alice", admin=True)
    studio = CoverStudio(Vectors(store.database), drawn_before=DRAWN)
    token = fake.api_key if uses_key else alice.token
    target = make_target(fake, store, token, "alice", studio=studio)
    world = World(fake, store, target, alice, uses_key)
    ids = await store.add_albums(3)
    await world.mirror()
    await target.push([item("mix", ids[:10])])
    (playlist,) = fake.playlists.values()
    playlist.looks.tags, edited = ["evening"], dict(playlist.looks.edited)
    wanted = [item("mix", ids[5:], name="New")]
    armed = Fault(*CALLS[call], times=99, **FAULTS[fault])
    fake.faults.armed = [armed]

    within_s = 0.4 if fault == "no answer" else 30.0
    outcomes = await Pusher([target], store.playlists, store.clock).push_all(
        {"jellyfin": wanted}, force=True, within_s=within_s
    )

    assert armed.hit
    renames = uses_key and call in ("read item", "tag")  # which is no matter of looks
    if not renames and call != "compare ids" and fault != "no answer":
        assert not outcomes["jellyfin"].failed, "a cover or a tag is no reason to fail"
    if fault == "restart":
        await fake.stop()
        await fake.come_back()
    fake.faults.armed = []
    assert (await target.push(wanted)).problems == ()
    assert [*fake.playlists.values()] == [playlist]
    looks = playlist.looks
    assert (playlist.name, playlist.entries) == ("New", await world.expected(ids[5:]))
    assert looks.tags == ["evening", *TagMarks(await store.meta.device_id()).tags("mix")]
    assert (looks.edited, looks.locked) == (edited, False)
    assert looks.primary is not None
    assert len(looks.backdrops) == 1
    assert await target.push(wanted) == PushReport(unchanged=1)
    assert fake.violations == fake.state.deleted_music == []
    await target.close()
    await fake.stop()
    studio.close()


@pytest.mark.parametrize("call", ["compare ids", "tag", "cover", "backdrop", "clear and add"])
async def test_a_process_killed_at_a_new_call_leaves_what_the_next_completes(
    tmp_path: Path, call: str
) -> None:
    fake = FakeJellyfin("12.0.0")
    await fake.start()
    alice = fake.add_user("alice", admin=True)
    path = tmp_path / "harmonie.db"
    store = Store(await Database.open(path), Clock())
    world = World(fake, store, make_target(fake, store, alice.token, "alice"), alice, False)
    ids = await store.add_albums(3)
    await world.mirror()
    await world.target.push([item("mix", ids[:10], name="Old")])
    (playlist,) = fake.playlists.values()
    playlist.looks.tags = []
    await world.target.close()
    await store.database.close()
    break_off(world, after=0, times=call == "clear and add")
    method, address = CALLS.get(call, ("POST", "/Playlists/[0-9a-f]+"))
    fault = Fault(method, address, after=True)

    arguments = [str(path), fake.url, alice.token, "New", *map(str, ids[5:])]
    await be_killed(fake, fault, "push_process", *arguments)
    if call == "clear and add":
        assert playlist.entries == []

    store = Store(await Database.open(path), Clock())
    studio = CoverStudio(Vectors(store.database), drawn_before=DRAWN)
    world = World(
        fake, store, make_target(fake, store, alice.token, "alice", studio=studio), alice, False
    )
    report = await world.target.push([item("mix", ids[5:], name="New")])
    assert report.problems == ()
    assert [*fake.playlists.values()] == [playlist]
    assert playlist.entries == await world.expected(ids[5:])
    assert playlist.looks.primary is not None
    assert (len(playlist.looks.backdrops), len(playlist.looks.tags)) == (1, 2)
    await world.target.close()
    await store.database.close()
    await fake.stop()
    studio.close()
