"""The server's library moves: playlists that lost their tracks get them back."""

from __future__ import annotations

from harmonie_daemon.mediaservers.push import PushReport
from tests.mediaservers.jellyfin_world import THEIR_ROOT, World
from tests.mediaservers.world import item

LOST = ("'Mix': Jellyfin has none of its tracks",)


def take_away(world: World) -> dict[str, object]:
    """The library goes, but for one song, and with it the entries of all playlists."""
    items = dict(world.fake.state.items)
    world.fake.state.items.clear()
    world.fake.add_item("/elsewhere/song.mp3", "Song")
    for playlist in world.fake.playlists.values():
        playlist.entries.clear()
    return items


def move(world: World, items: dict[str, object], folder: str) -> None:
    """The library, or a part of it, comes up below another folder."""
    for one in items.values():
        one.path = one.path.replace(THEIR_ROOT, folder)  # type: ignore[attr-defined]
        world.fake.state.items[one.id] = one  # type: ignore[attr-defined, assignment]


async def test_a_library_that_went_and_came_back_fills_its_playlists_again(world: World) -> None:
    """Its items have the ids they had: by our own account nothing has changed."""
    ids = await world.store.add_albums(6)
    await world.mirror()
    wanted = [item("mix", ids)]
    await world.target.push(wanted)
    items = take_away(world)
    world.store.clock.now += 3600
    for _ in range(2):
        gone = await world.target.push(wanted)
        assert (gone.problems, gone.retry) == (LOST, True)
    world.fake.state.items |= items  # type: ignore[arg-type]

    report = await world.target.push(wanted)

    assert report == PushReport(updated=1)
    assert world.named("Mix").entries == await world.expected(ids)
    assert await world.target.push(wanted) == PushReport(unchanged=1)


async def test_a_library_that_moved_a_minute_ago_is_listed_anew(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    wanted = [item("mix", ids)]
    await world.target.push(wanted)
    move(world, take_away(world), "/new")

    report = await world.target.push(wanted)

    assert report == PushReport(updated=1)
    assert len(world.named("Mix").entries) == len(ids)
    assert set(world.named("Mix").entries) <= set(world.fake.state.items)


async def test_while_the_server_is_still_finding_tracks_it_is_asked_again_soon(
    world: World,
) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    wanted = [item("mix", ids)]
    await world.target.push(wanted)
    items = take_away(world)
    assert (await world.target.push(wanted)).retry
    first = dict(list(items.items())[:25])
    move(world, first, "/new")

    some = await world.target.push(wanted)
    assert (some.updated, some.unmatched, some.problems, some.retry) == (1, 5, (), True)
    move(world, items, "/new")
    all_of_it = await world.target.push(wanted)

    assert all_of_it == PushReport(updated=1)
    assert len(world.named("Mix").entries) == len(ids)


async def test_tracks_that_the_server_never_finds_are_not_asked_for_again_and_again(
    world: World,
) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    stranger = await world.store.add("new/one.mp3")
    wanted = [item("mix", [*ids, stranger]), item("strange", [stranger])]

    for _ in range(2):
        report = await world.target.push(wanted)
        assert report.problems == ("'Strange': Jellyfin has none of its tracks",)
        assert (report.unmatched, report.retry) == (1, False)
