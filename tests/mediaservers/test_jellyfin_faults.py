"""Whatever breaks, nothing is lost and the next push mends it."""

import traceback
from contextlib import suppress

import pytest

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.jellyfin.access import NO_OWNER
from harmonie_daemon.mediaservers.push import PushReport
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.world import item


async def test_an_item_that_is_no_playlist_is_never_deleted(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    (row,) = await world.store.playlists.remotes("jellyfin")
    await world.store.playlists.forget_remote(row)
    (song,) = await world.expected(ids[:1])
    confused = type(row)("jellyfin", row.key, row.user, song, row.name, row.content_hash, 0.0)
    await world.store.playlists.save_remote(confused)

    removed = (await world.target.push([])).removed

    assert removed == world.uses_key, "the one that we had tagged was found"
    assert world.fake.seen("DELETE", f"/Items/{song}") == []
    assert await world.store.playlists.remotes("jellyfin") == []


async def test_a_server_that_is_down_leaves_everything_as_it_was(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    rows = await world.store.playlists.remotes("jellyfin")
    await world.fake.stop()

    with pytest.raises(MediaServerError, match="cannot reach Jellyfin") as caught:
        await world.target.push([item("mix", ids[:5]), item("new", ids)])
    told = "".join(traceback.format_exception(caught.value))
    assert world.me.token not in told
    assert world.fake.api_key not in told

    assert await world.store.playlists.remotes("jellyfin") == rows
    await world.fake.come_back()
    report = await world.target.push([item("mix", ids[:5]), item("new", ids)])
    assert report == PushReport(created=1, updated=1)
    assert world.named("Mix").entries == await world.expected(ids[:5])


@pytest.mark.sampled(3)
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("skip", [0, 1, 2])
async def test_a_refresh_that_breaks_off_is_mended_by_the_next(
    world: World, skip: int, after: bool
) -> None:
    """Whichever changing request breaks, and whether or not it took effect."""
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids[:20])])
    # Twice, for the client library repeats a DELETE by itself.
    fault = Fault("POST|DELETE", ".*", after=after, skip=skip, times=2)
    world.fake.faults.armed = [fault]

    with suppress(MediaServerError):
        broken = await world.target.push([item("mix", ids[10:])])
        assert bool(broken.problems) or broken.retry or fault.times == 2
    world.fake.faults.armed = []
    report = await world.target.push([item("mix", ids[10:])])

    assert not report.problems
    assert world.named("Mix").entries == await world.expected(ids[10:])
    assert (await world.target.push([item("mix", ids[10:])])) == PushReport(unchanged=1)
    assert len(world.fake.playlists) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_a_creation_without_an_answer_does_not_leave_two(world: World, after: bool) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    world.fake.faults.armed = [Fault("POST", "/Playlists", after=after)]

    first = await world.target.push([item("mix", ids)])
    assert (first.created, first.retry, len(first.problems)) == (0, True, 1)
    await world.target.push([item("mix", ids[:20])])

    assert world.named("Mix").entries == await world.expected(ids[:20])


async def test_a_creation_without_an_answer_is_removed_when_unwanted(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    world.fake.faults.armed = [Fault("POST", "/Playlists", after=True)]
    await world.target.push([item("mix", ids)])

    assert (await world.target.push([])).removed == 1
    assert world.fake.playlists == {}


async def test_one_playlist_that_fails_does_not_keep_the_others(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    world.fake.faults.armed = [Fault("POST", "/Playlists", status=500)]

    report = await world.target.push([item("a", ids), item("b", ids)])

    assert (report.created, report.retry) == (1, True)
    assert report.problems == ("'A': Jellyfin is not ready or has failed (500 to POST /Playlists)",)
    assert await world.target.push([item("a", ids), item("b", ids)]) == PushReport(
        created=1, unchanged=1
    )


async def test_a_starting_server_is_waited_for(world: World) -> None:
    world.fake.faults.starting = True
    with pytest.raises(MediaServerError, match="not ready") as caught:
        await world.target.push([item("mix", [])])
    assert getattr(caught.value, "retry_after_s", None) == 30.0


async def test_nothing_is_changed_while_the_server_has_none_of_the_tracks(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    items, world.fake.state.items = world.fake.state.items, {}
    world.store.clock.now += 3600

    with pytest.raises(MediaServerError, match="shows no music to"):
        await world.target.push([item("mix", ids[:3])])
    world.fake.state.items = items
    elsewhere = await world.store.add("elsewhere/x.mp3")
    report = await world.target.push([item("mix", [elsewhere])])

    assert report.problems == ("'Mix': Jellyfin has none of its tracks",)
    assert world.named("Mix").entries == await world.expected(ids)


async def test_a_wrong_token_is_one_clear_line_without_the_token(world: World) -> None:
    target = make_target(world.fake, world.store, "sekrit-token", "alice")
    with pytest.raises(MediaServerError) as caught:
        await target.push([item("mix", [])])
    await target.close()
    assert str(caught.value) == (
        "Jellyfin does not accept the token (401 to GET /Users/Me); check HARMONIE_JELLYFIN_TOKEN"
    )
    assert "sekrit" not in repr(caught.value) + repr(caught.value.__cause__)


async def test_an_unknown_user_is_a_problem_and_costs_nobody_a_playlist(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids, users=["alice"]), item("b", ids)])

    report = await world.target.push([item("mix", ids, users=["renamed"]), item("b", ids)])

    assert report.problems == ("Jellyfin has no user 'renamed'",)
    assert report.removed == 0
    assert sorted(p.name for p in world.fake.playlists.values()) == ["B", "Mix"]


async def test_a_server_that_cannot_be_used_is_reported_though_there_is_nothing_to_push(
    world: World,
) -> None:
    assert await world.target.push([], force=True) == PushReport()
    wrong = make_target(world.fake, world.store, "sekrit-token", "alice")
    assert await wrong.push([]) == PushReport()
    with pytest.raises(MediaServerError, match="does not accept the token"):
        await wrong.push([], force=True)
    await wrong.close()
    for user, problem in (("nobody", "Jellyfin has no user 'nobody'"), (None, NO_OWNER)):
        target = make_target(world.fake, world.store, world.fake.api_key, user)
        assert (await target.push([], force=True)).problems == (problem,)
        await target.close()
    await world.fake.stop()
    with pytest.raises(MediaServerError, match="cannot reach Jellyfin"):
        await world.target.push([], force=True)
    assert await world.target.push([]) == PushReport()


async def test_who_waits_is_served_from_an_old_list_when_a_new_one_takes_long(
    world: World,
) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    world.store.clock.now += 3600
    world.target.catalogue.patience_s = 0.0

    report = await world.target.push([item("mix", ids[:5])], force=True)

    assert report == PushReport(updated=1)
    assert world.named("Mix").entries == await world.expected(ids[:5])
    late = await world.store.add("late/one.mp3", title="Late")
    await world.mirror()
    world.target.catalogue.patience_s = 10.0
    assert (await world.target.push([item("mix", [*ids, late])], force=True)).unmatched == 0
