"""The shelf and the recovery at a server that is neither Jellyfin nor a folder."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from harmonie_daemon.mediaservers.delivery import Delivery
from harmonie_daemon.mediaservers.push import PushReport
from harmonie_daemon.mediaservers.shelf import Shelf
from harmonie_daemon.store.records import RemoteState
from tests.mediaservers.cupboard import Cupboard, CupboardPlace, Wanted
from tests.mediaservers.world import Store

MIX = Wanted("mix", "Mix", ("a", "b", "c"))
LATER = Wanted("mix", "Later mix", ("b", "d"))


@dataclass(slots=True)
class World:
    store: Store
    cupboard: Cupboard = field(default_factory=Cupboard)

    async def push(self, *wanted: Wanted) -> PushReport:
        """As a process that has just been started does."""
        place = CupboardPlace(self.cupboard, self.store.playlists)
        shelf = Shelf(place, self.store.playlists, self.store.clock)
        holdings = {(one.key, one.user) for one in wanted}
        delivery = Delivery(place, shelf, self.store.playlists)
        stock = await shelf.stock(holdings)
        for one in wanted:
            await delivery.put(one, stock)
        await delivery.remove_unwanted(holdings)
        return delivery.report(unmatched=0)

    @property
    def standing(self) -> list[Wanted]:
        return list(self.cupboard.standing.values())

    async def states(self) -> list[RemoteState]:
        return [row.state for row in await self.store.playlists.remotes("cupboard")]


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


@pytest.mark.parametrize("can_change", [True, False], ids=["in place", "made anew"])
async def test_a_playlist_is_made_changed_kept_and_removed(world: World, can_change: bool) -> None:
    world.cupboard.can_change = can_change
    assert await world.push(MIX) == PushReport(created=1)
    assert await world.push(MIX) == PushReport(unchanged=1)
    assert await world.push(LATER) == PushReport(updated=1)
    assert world.standing == [LATER]
    assert world.cupboard.given == (1 if can_change else 2)
    assert await world.push() == PushReport(removed=1)
    assert (world.standing, await world.states()) == ([], [])


@pytest.mark.parametrize("wanted", [MIX, LATER], ids=["the same", "another"])
async def test_one_whose_making_was_not_confirmed_is_found_again(
    world: World, wanted: Wanted
) -> None:
    world.cupboard.loses_answers = True
    report = await world.push(MIX)
    assert (report.retry, len(report.problems)) == (True, 1)
    assert await world.states() == [RemoteState.UNCONFIRMED]
    world.cupboard.loses_answers = False

    assert not (await world.push(wanted)).problems

    assert (world.standing, world.cupboard.given) == ([wanted], 1)
    assert await world.states() == [RemoteState.CURRENT]


@pytest.mark.parametrize("can_change", [True, False], ids=["in place", "made anew"])
async def test_a_change_that_was_not_confirmed_leaves_one_playlist(
    world: World, can_change: bool
) -> None:
    world.cupboard.can_change = can_change
    await world.push(MIX)
    world.cupboard.loses_answers = True
    assert (await world.push(LATER)).problems
    assert LATER in world.standing
    world.cupboard.loses_answers = False

    assert not (await world.push(LATER)).problems

    assert world.standing == [LATER]
    assert await world.states() == [RemoteState.CURRENT]


async def test_the_old_one_stays_until_the_new_one_is_certain(world: World) -> None:
    await world.push(MIX)
    world.cupboard.can_change, world.cupboard.makes_none = False, True
    assert (await world.push(LATER)).retry
    assert world.standing == [MIX]
    world.cupboard.makes_none = False
    assert not (await world.push(LATER)).problems
    assert world.standing == [LATER]


async def test_a_server_that_shows_nothing_is_not_believed(world: World) -> None:
    await world.push(MIX)
    world.cupboard.shows_nothing = True
    for report in (await world.push(MIX), await world.push()):
        assert report.retry
        assert report.problems == (
            "'Mix': cupboard shows neither 'Mix' nor any music; is it still starting?",
        )
    world.cupboard.shows_nothing = False
    assert await world.push(MIX) == PushReport(unchanged=1)
    assert world.cupboard.given == 1


async def test_a_making_that_is_refused_is_forgotten_and_the_old_one_stays(world: World) -> None:
    world.cupboard.refuses = True
    assert (await world.push(MIX)).problems == ("'Mix': no",)
    assert await world.states() == []
    world.cupboard.refuses = False
    await world.push(MIX)
    world.cupboard.refuses, world.cupboard.can_change = True, False
    assert (await world.push(LATER)).problems == ("'Later mix': no",)
    assert (world.standing, await world.states()) == ([MIX], [RemoteState.UNFINISHED])


async def test_a_playlist_that_somebody_deleted_is_made_again(world: World) -> None:
    await world.push(MIX)
    world.cupboard.standing.clear()
    assert await world.push(MIX) == PushReport(created=1)
    assert world.standing == [MIX]


async def test_a_playlist_of_somebody_elses_of_the_same_name_is_left_alone(world: World) -> None:
    world.cupboard.standing["own"] = MIX
    assert await world.push(MIX) == PushReport(created=1)
    assert await world.push() == PushReport(removed=1)
    assert list(world.cupboard.standing) == ["own"]
