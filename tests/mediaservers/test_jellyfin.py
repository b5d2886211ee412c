"""Every rule, with three versions of the server and both kinds of credential."""

import json

import pytest

from harmonie_daemon.mediaservers.push import PushReport
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.openapi_check import is_available
from tests.mediaservers.world import item


async def test_a_playlist_is_created_private_and_in_order(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()

    report = await world.target.push([item("mix", ids[::-3], name="Daily Mix")])

    assert report == PushReport(created=1)
    made = world.named("Daily Mix")
    assert made.entries == await world.expected(ids[::-3])
    assert (made.owner, made.is_public, made.media_type) == (world.me.id, False, "Audio")
    (row,) = await world.store.playlists.remotes("jellyfin")
    assert (row.key, row.user, row.remote_id) == ("mix", world.me.id, made.id)


async def test_a_refresh_replaces_contents_and_name_under_the_same_id(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids[:10], name="Monday")])
    before = world.named("Monday").id

    report = await world.target.push([item("mix", ids[20:3:-1], name="Tuesday")])

    assert report == PushReport(updated=1)
    made = world.named("Tuesday")
    assert made.entries == await world.expected(ids[20:3:-1])
    assert (made.id == before) is world.keeps_ids
    assert len(world.fake.playlists) == 1
    assert [r.remote_id for r in await world.store.playlists.remotes("jellyfin")] == [made.id]


async def test_what_has_not_changed_is_looked_at_but_not_written(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    world.fake.requests.clear()

    assert await world.target.push([item("mix", ids)]) == PushReport(unchanged=1)

    assert {request.method for request in world.fake.requests} == {"GET"}
    assert any("ids" in dict(request.query) for request in world.fake.seen("GET", "/Items"))


async def test_a_playlist_that_was_deleted_by_hand_is_made_again(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    world.fake.playlists.clear()

    assert await world.target.push([item("mix", ids)]) == PushReport(created=1)

    assert world.named("Mix").entries == await world.expected(ids)


async def test_what_is_no_longer_wanted_is_removed_and_nothing_else(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    own = world.fake.add_playlist(world.me, "A", await world.expected(ids))
    await world.target.push([item("a", ids), item("b", ids)])

    report = await world.target.push([item("b", ids)])

    assert report == PushReport(unchanged=1, removed=1)
    assert sorted(p.name for p in world.fake.playlists.values()) == ["A", "B"]
    assert own.id in world.fake.playlists
    assert await world.target.push([]) == PushReport(removed=1)
    assert list(world.fake.playlists) == [own.id]
    assert await world.store.playlists.remotes("jellyfin") == []


async def test_a_playlist_of_the_users_own_with_the_same_name_is_never_touched(
    world: World,
) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    own = world.fake.add_playlist(world.me, "Mix", (await world.expected(ids))[:3])
    for wanted in (ids, ids[:9], ids[4:]):
        await world.target.push([item("mix", wanted)])
    await world.target.push([])

    assert world.fake.playlists == {own.id: own}
    assert own.entries == (await world.expected(ids))[:3]
    touched = [r for r in world.fake.requests if r.method != "GET" and own.id in r.path]
    assert touched == []


async def test_duplicates_are_sent_once_and_unknown_tracks_are_counted(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    stranger = await world.store.add("new/one.mp3")

    report = await world.target.push([item("mix", [ids[0], stranger, ids[1], ids[0]])])

    assert (report.created, report.unmatched) == (1, 1)
    assert world.named("Mix").entries == await world.expected(ids[:2])


async def test_a_track_that_the_server_learns_of_later_is_added(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    late = await world.store.add("late/one.mp3", title="Late")
    await world.target.push([item("mix", [*ids, late])])
    await world.mirror()

    assert await world.target.push([item("mix", [*ids, late])]) == PushReport(updated=1)

    assert world.named("Mix").entries == await world.expected([*ids, late])


async def test_long_playlists_go_in_requests_of_at_most_a_hundred_ids(world: World) -> None:
    ids = await world.store.add_albums(50)
    await world.mirror()
    token = world.fake.api_key if world.uses_key else world.me.token
    target = make_target(world.fake, world.store, token, "alice", most_tracks=250)
    await target.push([item("mix", ids)])
    await target.push([item("mix", ids[::-1])])
    await target.close()

    assert world.named("Mix").entries == await world.expected(ids[::-1])
    for request in world.fake.requests:
        for value in (v for k, v in request.query if k in ("ids", "entryIds")):
            assert len(value.split(",")) <= 100


async def test_every_request_carries_the_whole_authorization_header(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    device = await world.store.meta.device_id()
    for request in world.fake.requests:
        assert request.authorization.startswith("MediaBrowser ")
        for part in ("Client=", "Device=", f'DeviceId="{device}"', 'Version="0.1.0"'):
            assert part in request.authorization
        is_open = request.path == "/System/Info/Public"
        assert ("Token=" in request.authorization) is not is_open
        assert not any(name.lower() in ("apikey", "api_key") for name, _ in request.query)


async def test_a_user_is_named_by_name_or_id(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    hyphened = "-".join(
        world.me.id[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
    )
    for text in ("ALICE", world.me.id, hyphened.upper()):
        await world.target.push([item("mix", ids, users=[text])])
    assert world.named("Mix").owner == world.me.id


async def test_playlists_for_others_are_made_for_each_or_shared(world: World) -> None:
    bob = world.fake.add_user("bob")
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids, users=["alice", "bob"])])
    await world.target.push([item("mix", ids[:4], users=["alice", "bob"])])

    lists = list(world.fake.playlists.values())
    assert all(one.visible_to(bob.id) for one in lists if one.owner == bob.id)
    wanted = await world.expected(ids[:4])
    assert all(one.entries == wanted for one in lists)
    if world.uses_key:
        assert {one.owner for one in lists} == {world.me.id, bob.id}
    else:
        assert [(one.owner, one.shares) for one in lists] == [(world.me.id, {bob.id: False})]

    await world.target.push([item("mix", ids[:4], users=["alice"])])
    (left,) = world.fake.playlists.values()
    assert (left.owner, left.shares) == (world.me.id, {})


async def test_an_empty_playlist_is_made_and_emptied(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    assert (await world.target.push([item("mix", [])])).created == 1
    await world.target.push([item("mix", ids)])
    assert (await world.target.push([item("mix", [])])).updated == 1
    assert world.named("Mix").entries == []


async def test_a_known_catalogue_is_not_fetched_for_every_push(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    for _ in range(3):
        await world.target.push([item("mix", ids)])

    def asked(name: str) -> int:
        return sum(name in dict(r.query) for r in world.fake.seen("GET", "/Items"))

    assert (asked("sortBy"), asked("minDateLastSaved")) == (1, 0)
    world.store.clock.now += 3600
    await world.target.push([item("mix", ids)])
    assert (asked("sortBy"), asked("minDateLastSaved")) == (3, 1)


async def test_the_stand_in_checks_its_traffic_against_the_servers_own_document(
    world: World,
) -> None:
    if not is_available(world.fake.state.version):
        pytest.skip(f"the OpenAPI document of Jellyfin {world.fake.state.version} is not at hand")
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    (created,) = world.fake.seen("POST", "/Playlists")
    assert set(json.loads(created.body)) == {
        "Name", "Ids", "UserId", "MediaType", "IsPublic", "Users",
    }  # fmt: skip
    assert world.fake.is_validating
    assert world.fake.violations == []
