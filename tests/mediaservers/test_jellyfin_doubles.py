"""Whatever is answered in the middle of a change: never two of a playlist, never none forgotten.

Each test counts the playlists on the stand-in, and holds the report to what stands there.
"""

from __future__ import annotations

import asyncio
import copy
from contextlib import suppress

import pytest

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.push import PushItem, PushReport
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.world import item
from tests.scanning.world import wait_until

NOTHING = '{"Items": [], "TotalRecordCount": 0, "StartIndex": 0}'
FOR_EVER = 10_000

Faulty = Fault | tuple[Fault, ...]
"""What goes wrong during one push."""

SHOWS_NOTHING = (
    Fault("GET", "/Items", status=200, text=NOTHING, times=FOR_EVER),
    Fault("GET", "/Items/.+", status=404, times=FOR_EVER),
)

_PASSING_AND_LASTING: dict[str, Faulty] = {
    f"{name}, {'passing' if times == 1 else 'lasting'}": Fault(
        "GET", "/Items", status=status, text=text, times=times
    )
    for name, status, text in (
        ("an empty list", 200, NOTHING),
        ("an empty 200", 200, ""),
        ("a page of a proxy", 200, "<html>"),
        ("404", 404, ""),
    )
    for times in (1, FOR_EVER)
}
LOOKS: dict[str, Faulty] = {
    **_PASSING_AND_LASTING,
    "404 for each item": Fault("GET", "/Items/.+", status=404, times=FOR_EVER),
    "404 for the user": Fault("GET", "/Users/Me", status=404, times=1),
    "no playlists in the list": Fault(
        "GET", "/Items", query="Playlist", status=200, text=NOTHING, times=FOR_EVER
    ),
    "a server that shows nothing": SHOWS_NOTHING,
}
CHANGES: dict[str, Faulty] = {
    f"{name} to change {skip}, {'done' if after else 'not done'}": Fault(
        "POST|DELETE", ".*", status=status, text=text, skip=skip, after=after
    )
    for name, status, text in (("404", 404, ""), ("an empty 200", 200, ""))
    for skip in (0, 1, 2)
    for after in (False, True)
}
FAULTS = LOOKS | CHANGES
DELETIONS = LOOKS | {name: fault for name, fault in CHANGES.items() if "change 0" in name}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_change_that_meets_a_fault_leaves_one_playlist(world: World, fault: Faulty) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids[:20], name="Old")])
    before = world.named("Old").id
    wanted = [item("mix", ids[10:], name="New")]

    await push_with(world, fault, wanted)

    if world.keeps_ids:
        assert list(world.fake.playlists) == [before]
    report = await world.target.push(wanted)
    assert not report.problems
    assert world.named("New").entries == await world.expected(ids[10:])
    assert len(world.fake.playlists) == 1
    assert await world.target.push(wanted) == PushReport(unchanged=1)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("fault", LOOKS.values(), ids=LOOKS)
async def test_a_playlist_that_stays_as_it_is_meets_a_fault(world: World, fault: Faulty) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    wanted = [item("mix", ids)]
    await world.target.push(wanted)
    before = world.named("Mix").id

    await push_with(world, fault, wanted)

    assert list(world.fake.playlists) == [before]
    assert await world.target.push(wanted) == PushReport(unchanged=1)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("fault", DELETIONS.values(), ids=DELETIONS)
async def test_a_removal_that_meets_a_fault_forgets_no_playlist(
    world: World, fault: Faulty
) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids), item("other", ids)])

    await push_with(world, fault, [])

    await world.target.push([])
    assert world.fake.playlists == {}
    assert await world.store.playlists.remotes("jellyfin") == []


BROKEN_ANSWERS = ["", "{", "<html>", "[]", '{"Id": 5}', '{"Id": "../../Users"}']


@pytest.mark.sampled(4)
@pytest.mark.parametrize("text", BROKEN_ANSWERS)
async def test_a_creation_with_a_broken_answer_is_found_again(world: World, text: str) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    fault = Fault("POST", "/Playlists", status=200, text=text, after=True)

    first = await push_with(world, fault, [item("mix", ids)])

    assert first is not None
    assert (first.created, len(first.problems), first.retry) == (0, 1, True)
    made = world.named("Mix").id
    report = await world.target.push([item("mix", ids[:5])])
    assert report == PushReport(updated=1)
    assert world.named("Mix").entries == await world.expected(ids[:5])
    assert (world.named("Mix").id == made) is world.keeps_ids


@pytest.mark.parametrize("times", [1, FOR_EVER], ids=["a while", "for ever"])
async def test_a_creation_with_a_broken_answer_is_not_given_up_when_nothing_is_shown(
    world: World, times: int
) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    wanted = [item("mix", ids)]
    await push_with(world, Fault("POST", "/Playlists", status=200, text="", after=True), wanted)
    made = world.named("Mix").id

    await push_with(world, Fault("GET", "/Items", status=200, text=NOTHING, times=times), wanted)

    assert list(world.fake.playlists) == [made]
    assert await world.target.push(wanted) == PushReport(unchanged=1)


async def test_a_creation_with_a_broken_answer_is_found_though_its_owner_sees_not_all_of_it(
    world: World,
) -> None:
    """Jellyfin drops silently what the owner may not see."""
    ids = await world.store.add_albums(6)
    await world.mirror()
    (song,) = await world.expected(ids[2:3])
    world.fake.state.items[song].hidden_from = frozenset({world.me.id})
    fault = Fault("POST", "/Playlists", status=200, text="", after=True)

    await push_with(world, fault, [item("mix", ids)])
    await world.target.push([item("mix", ids)])

    assert len(world.named("Mix").entries) == len(ids) - 1


@pytest.mark.sampled(4)
@pytest.mark.parametrize("after", [False, True], ids=["before it is done", "when it is done"])
@pytest.mark.parametrize("skip", [0, 1, 2])
async def test_a_process_that_ends_in_the_middle_of_a_change_leaves_one_playlist(
    world: World, skip: int, after: bool
) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids[:20])])
    fault = Fault("POST|DELETE", ".*", after=after, skip=skip, hold=True)
    world.fake.faults.armed = [fault]
    pushing = asyncio.create_task(world.target.push([item("mix", ids[10:])]))
    await wait_until(lambda: fault.hit or pushing.done())
    pushing.cancel()
    await asyncio.wait([pushing])
    await world.target.close()
    world.fake.faults.armed = []

    token = world.fake.api_key if world.uses_key else world.me.token
    later = make_target(world.fake, world.store, token, "alice")
    report = await later.push([item("mix", ids[10:])])
    await later.close()

    assert not report.problems
    assert world.named("Mix").entries == await world.expected(ids[10:])
    assert len(world.fake.playlists) == 1


async def test_a_creation_that_is_refused_is_forgotten(world: World) -> None:
    """Else the next push would take a playlist of the user's own for what it asked for."""
    ids = await world.store.add_albums(6)
    await world.mirror()
    for status in (400, 403):
        fault = Fault("POST", "/Playlists", status=status)
        report = await push_with(world, fault, [item("mix", ids)])
        assert report is not None
        assert len(report.problems) == 1
        assert await world.store.playlists.remotes("jellyfin") == []
    own = world.fake.add_playlist(world.me, "Mix", await world.expected(ids))

    assert (await world.target.push([item("mix", ids)])).created == 1

    await world.target.push([])
    assert list(world.fake.playlists) == [own.id]


async def test_a_replacement_that_is_refused_leaves_the_old_one_in_place(world: World) -> None:
    if world.keeps_ids:
        pytest.skip("only an API key on 10.10 makes playlists anew")
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids[:20])])
    before = list(world.fake.playlists)

    report = await push_with(
        world, Fault("POST", "/Playlists", status=403), [item("mix", ids[10:])]
    )

    assert report is not None
    assert len(report.problems) == 1
    assert list(world.fake.playlists) == before
    (row,) = await world.store.playlists.remotes("jellyfin")
    assert (row.remote_id, row.state) == (before[0], "unfinished")


async def test_the_old_one_stays_until_the_new_one_is_certain(world: World) -> None:
    if world.keeps_ids:
        pytest.skip("only an API key on 10.10 makes playlists anew")
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids[:20])])
    before = list(world.fake.playlists)

    await push_with(world, Fault("POST", "/Playlists", status=500), [item("mix", ids[10:])])

    assert list(world.fake.playlists) == before


async def test_a_change_that_may_be_half_done_is_done_again(world: World) -> None:
    """The mark of an unfinished change outlives its failure, even when nothing else changed."""
    if not world.keeps_ids:
        pytest.skip("an API key on 10.10 changes nothing in place")
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids[:20])])
    fault = Fault("POST", "/Playlists/.+", status=500, after=True, times=9)
    await push_with(world, fault, [item("mix", ids[10:])])
    assert world.named("Mix").entries != await world.expected(ids[:20])

    report = await world.target.push([item("mix", ids[:20])])

    assert report == PushReport(updated=1)
    assert world.named("Mix").entries == await world.expected(ids[:20])


async def test_a_deletion_that_is_forbidden_is_a_problem_of_that_playlist_only(
    world: World,
) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("a", ids), item("b", ids)])
    fault = Fault("DELETE", f"/Items/{world.named('A').id}", status=401)

    report = await push_with(world, fault, [])

    assert report == PushReport(removed=1, problems=("'A': it cannot be deleted with this token",))
    assert [p.name for p in world.fake.playlists.values()] == ["A"]
    assert [row.name for row in await world.store.playlists.remotes("jellyfin")] == ["A"]
    assert await world.target.push([]) == PushReport(removed=1)


async def test_a_copy_that_the_user_made_is_not_removed_in_place_of_ours(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    del world.fake.playlists[world.named("Mix").id]
    own = world.fake.add_playlist(world.me, "Mix", await world.expected(ids))

    assert await world.target.push([]) == PushReport()

    assert list(world.fake.playlists) == [own.id]
    assert await world.store.playlists.remotes("jellyfin") == []


async def test_a_playlist_that_got_another_id_is_taken_up_again(world: World) -> None:
    """As when the server was restored elsewhere: ids follow from paths there."""
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    del world.fake.playlists[world.named("Mix").id]
    again = world.fake.add_playlist(world.me, "Mix", await world.expected(ids))

    report = await world.target.push([item("mix", ids)])

    assert report == PushReport(updated=1)
    assert (list(world.fake.playlists) == [again.id]) is world.keeps_ids
    assert len(world.fake.playlists) == 1


async def test_another_users_playlist_that_is_listed_all_the_same_is_no_obstacle(
    world: World,
) -> None:
    """Jellyfin issue 17022: private playlists are listed to others, who may not read them."""
    bob = world.fake.add_user("bob")
    ids = await world.store.add_albums(6)
    await world.mirror()
    world.fake.add_playlist(bob, "Mix", await world.expected(ids))
    world.fake.state.leaks_private_playlists = True
    fault = Fault("POST", "/Playlists", status=200, text="", after=True)
    await push_with(world, fault, [item("mix", ids)])

    assert await world.target.push([item("mix", ids)]) == PushReport(unchanged=1)

    assert len(world.fake.playlists) == 2


async def push_with(world: World, faults: Faulty, wanted: list[PushItem]) -> PushReport | None:
    """Push while the faults last; who reports no problem must have done what was wanted."""
    several = faults if isinstance(faults, tuple) else (faults,)
    world.fake.faults.armed = [copy.copy(fault) for fault in several]
    report = None
    with suppress(MediaServerError):
        report = await world.target.push(wanted)
    world.fake.faults.armed = []
    if report is not None and not report.problems:
        standing = [(p.name, p.entries) for p in world.fake.playlists.values()]
        assert standing == [
            (one.playlist.name, await world.expected(one.playlist.track_ids)) for one in wanted
        ]
    return report
