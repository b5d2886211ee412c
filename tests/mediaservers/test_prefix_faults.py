"""Whatever breaks while a person's playlist is filled: their seeds are in it, and it is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.store.database import Database
from tests.mediaservers.being_killed import be_killed
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakePlaylist, FakeUser
from tests.mediaservers.prefix_world import PrefixWorld
from tests.mediaservers.test_prefix_lists import RADIO
from tests.mediaservers.world import Clock, Store

LIST = "/Playlists/[^/]+/Items"
CALLS = {
    "server": ("GET", "/System/Info/Public", ""),
    "who we are": ("GET", "/Users/Me", ""),
    "users": ("GET", "/Users", ""),
    "playlists": ("GET", "/Items", "includeItemTypes=Playlist"),
    "contents": ("GET", LIST, ""),
    "visible": ("GET", "/Items", "ids="),
    "removing": ("DELETE", LIST, ""),
    "adding": ("POST", LIST, ""),
}
ONCE = ("visible", "adding")
"""Asked once where a list is changed: there is no second one to go wrong."""
FAULTS: dict[str, dict[str, object]] = {
    "drop": {},
    "lost answer": {"after": True},
    "500": {"status": 500},
    "503": {"status": 503, "retry_after": "30"},
    "401": {"status": 401},
    "truncated": {"status": 200, "text": '{"Items": [{"Id"'},
}


IN_CI = pytest.mark.thorough
"""Every fault once and several times, at the first such call of a round and at the second."""


@pytest.fixture(params=["10.11.11 key", pytest.param("10.11.11 login", marks=IN_CI)])
async def world(request: pytest.FixtureRequest, store: Store, tmp_path: Path):  # type: ignore[no-untyped-def]
    version, way = request.param.split()
    fake = FakeJellyfin(version, validate=False)
    await fake.start()
    made = PrefixWorld(fake, store, tmp_path, fake.api_key if way == "key" else None)
    await made.fill_library()
    alice = fake.add_user("alice")
    if way == "login":
        await made.log_in(alice)
    yield made
    await made.close()
    await fake.stop()


def of_alice(world: PrefixWorld) -> FakeUser:
    return next(iter(world.fake.state.users.values()))


def check_seeds(world: PrefixWorld, radio: FakePlaylist) -> None:
    """The person's own tracks are there, in their order, at every moment."""
    assert [place for place in world.numbers(radio) if place in (1, 3)] == [1, 3]


async def test_a_list_that_failed_is_looked_at_again_when_our_clock_was_put_back(
    world: PrefixWorld,
) -> None:
    radio = world.made(of_alice(world), RADIO, 1, 3)
    world.fake.faults.armed = [Fault("GET", LIST, times=9, status=500)]
    await world.round()
    world.fake.faults.armed = []
    await world.round(-365 * 86_400)
    assert world.numbers(radio) == [1, 3, 0, 2, 4, 6]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("times", "skip"),
    [
        (3, 0),
        pytest.param(1, 0, marks=IN_CI),
        pytest.param(1, 1, marks=IN_CI),
        pytest.param(3, 1, marks=IN_CI),
    ],
)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
async def test_no_fault_of_any_call_loses_or_doubles_anything(
    world: PrefixWorld, call: str, fault: str, skip: int, times: int
) -> None:
    if skip and call in ONCE:
        pytest.skip("there is no second such call")
    radio = world.made(of_alice(world), RADIO, 1, 3)
    other = world.made(of_alice(world), "Mine", 5, 7)
    await world.round()
    assert world.numbers(radio) == [1, 3, 0, 2, 4, 6]
    radio.entries.append(world.items[9])
    world.turn = 5
    method, path, query = CALLS[call]
    armed = Fault(method, path, query=query, skip=skip, times=times, **FAULTS[fault])  # type: ignore[arg-type]
    world.fake.faults.armed = [armed]
    for _ in range(3):
        await world.round(400)
        check_seeds(world, radio)
    assert armed.hit
    world.fake.faults.armed = []
    await world.restart()
    for _ in range(3):
        await world.round(8 * 3600)
        check_seeds(world, radio)
    assert world.numbers(radio) == [1, 3, 9, 10, 12, 14, 16]
    assert len(world.fake.playlists) == 2
    assert world.numbers(other) == [5, 7]
    asked = len(world.asked)
    await world.round()
    assert len(world.asked) == asked, "what is settled is left alone"


async def test_a_server_that_is_away_for_days_is_asked_again(world: PrefixWorld) -> None:
    radio = world.made(of_alice(world), RADIO, 1, 3)
    await world.round()
    world.fake.faults.down = True
    for _ in range(20):
        await world.round(3600)
    world.fake.faults.down = False
    radio.entries.append(world.items[9])
    await world.round(3600)
    assert world.numbers(radio) == [1, 3, 9, 0, 2, 4, 6]


async def test_a_slow_server_is_waited_for(world: PrefixWorld) -> None:
    radio = world.made(of_alice(world), RADIO, 1, 3)
    world.fake.faults.latency_s = 0.05
    assert await world.round() == 1
    assert world.numbers(radio) == [1, 3, 0, 2, 4, 6]


async def test_a_refresh_that_broke_off_at_once_is_gone_on_with(world: PrefixWorld) -> None:
    radio = world.made(of_alice(world), RADIO, 1, 3)
    await world.round()
    world.turn = 5
    world.is_missed = lambda refreshed_at: True
    world.fake.faults.armed = [Fault("DELETE", LIST, status=500, times=9)]
    await world.round()
    assert world.numbers(radio) == [1, 3, 0, 2, 4, 6]
    world.is_missed = lambda refreshed_at: False
    world.fake.faults.armed = []
    assert await world.round(400) == 1
    assert world.numbers(radio) == [1, 3, 10, 12, 14, 16]


async def test_a_seed_that_was_lost_on_the_way_is_put_back(world: PrefixWorld) -> None:
    """As by a server that stops between taking out and putting in, or another client of it."""
    radio = world.made(of_alice(world), RADIO, 1, 3)
    await world.round()
    world.turn = 5
    world.is_missed = lambda refreshed_at: True
    world.fake.faults.armed = [Fault("POST", LIST, status=500, times=9)]
    await world.round()
    radio.entries.clear()
    world.is_missed = lambda refreshed_at: False
    world.fake.faults.armed = []
    await world.restart()
    assert await world.round(400) == 1
    assert world.numbers(radio) == [1, 3, 10, 12, 14, 16]


async def test_it_is_put_back_though_nothing_can_be_made_of_it(world: PrefixWorld) -> None:
    radio = world.made(of_alice(world), RADIO, 1, 3)
    world.fake.faults.armed = [Fault("POST", LIST, status=500, times=9)]
    await world.round()
    radio.entries[:] = [world.items[5]]
    world.fake.faults.armed = []
    world.failing = BadRequestError("none of the tracks that it starts from is known here")
    await world.round(400)
    assert world.numbers(radio) == [1, 3, 5]


async def test_what_is_put_in_while_we_are_interrupted_is_a_seed(world: PrefixWorld) -> None:
    radio = world.made(of_alice(world), RADIO, 1, 3)
    world.fake.faults.armed = [Fault("POST", LIST, status=500, times=9)]
    await world.round()
    radio.entries.append(world.items[9])
    world.fake.faults.armed = []
    await world.round(400)
    assert world.numbers(radio) == [1, 3, 9, 0, 2, 4, 6]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize("uses_key", [True, False], ids=["key", "login"])
async def test_a_process_that_is_killed_in_the_middle_leaves_the_seeds_and_the_next_goes_on(
    tmp_path: Path, uses_key: bool, skip: int, after: bool
) -> None:
    fake = FakeJellyfin("12.0.0")
    await fake.start()
    path = tmp_path / "harmonie.db"
    store = Store(await Database.open(path), Clock())
    world = PrefixWorld(fake, store, tmp_path, fake.api_key if uses_key else None)
    await world.fill_library()
    alice = fake.add_user("alice")
    if not uses_key:
        await world.log_in(alice)
    radio = world.made(alice, RADIO, 1, 3)
    await world.round()
    radio.entries.append(world.items[9])
    await world.close()
    await world.store.database.close()

    fault = Fault("POST|DELETE", LIST, after=after, skip=skip)
    arguments = [str(path), fake.url, world.token or "", str(tmp_path)]
    await be_killed(fake, fault, "prefix_process", *arguments)
    check_seeds(world, radio)
    assert world.items[9] in radio.entries

    later = Clock()
    later.now += 3600
    world.store = Store(await Database.open(path), later)
    await world.restart()
    world.turn = 7
    await world.round()  # where all was done already, it is only taken note of
    assert world.numbers(radio) == [1, 3, 9, 14, 16, 18, 20]
    assert await world.round() == 0
    assert fake.violations == []
    await world.close()
    await world.store.database.close()
    await fake.stop()
