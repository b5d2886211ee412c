"""Playlists that people ask for by a name in Jellyfin: filled, kept, and never anybody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import NotReadyError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.mediaservers.push import PushItem
from harmonie_daemon.store.prefix_lists import PrefixState
from harmonie_daemon.tasks.prefix_rounds import MOST_LOOKS
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakeUser
from tests.mediaservers.jellyfin_world import make_target
from tests.mediaservers.prefix_world import PrefixWorld
from tests.mediaservers.world import Store

RADIO = "[RADIO n=4] Sunday"


@pytest.fixture(params=["key", "login"])
async def world(
    request: pytest.FixtureRequest, fake: FakeJellyfin, store: Store, tmp_path: Path
) -> AsyncIterator[PrefixWorld]:
    """A server at which we may change what is alice's, by her login or, from 10.11 on, by a key."""
    uses_key = request.param == "key"
    if uses_key and fake.state.release < (10, 11):
        pytest.skip("an API key changes no playlist there")
    made = PrefixWorld(fake, store, tmp_path, fake.api_key if uses_key else None)
    await made.fill_library()
    alice = fake.add_user("alice")
    if not uses_key:
        await made.log_in(alice)
    yield made
    await made.close()


@pytest.fixture
def alice(world: PrefixWorld) -> FakeUser:
    return next(iter(world.fake.state.users.values()))


def writes(world: PrefixWorld) -> int:
    return len(world.fake.seen("POST|DELETE", ".*"))


async def test_a_radio_is_filled_below_its_seeds_and_then_left_alone(
    world: PrefixWorld, alice: FakeUser
) -> None:
    radio = world.made(alice, RADIO, 1, 3)
    other = world.made(alice, "My own list", 5, 7)
    assert await world.round() == 1
    assert world.numbers(radio) == [1, 3, 0, 2, 4, 6]
    ((wish, seeds, listener),) = world.asked
    assert (wish.n, wish.label, listener) == (4, "Sunday", "alice")
    assert seeds == [world.tracks[1], world.tracks[3]]
    before = writes(world)
    for _ in range(3):
        assert await world.round() == 0
    assert writes(world) == before
    assert len(world.asked) == 1
    assert world.numbers(other) == [5, 7]


async def test_our_own_writes_are_no_edits_after_a_restart_either(
    world: PrefixWorld, alice: FakeUser
) -> None:
    world.made(alice, RADIO, 1, 3)
    await world.round()
    before = writes(world)
    await world.restart()
    assert await world.round() == 0
    assert writes(world) == before
    assert len(world.asked) == 1


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("edited", "seeds"),
    [
        ([1, 3, 0, 2, 4, 6, 9], [1, 3, 9]),
        ([3, 1, 0, 2, 4, 6], [3, 1]),
        ([1, 3, 6, 0, 2, 4], [1, 3]),
        ([3, 0, 2, 4, 6], [3]),
        ([9, 1, 3, 0, 2, 4, 6], [9, 1, 3]),
        ([4, 1, 3, 0, 2, 6], [4, 1, 3]),
    ],
    ids=["appended", "seeds reordered", "others reordered", "removed", "on top", "drawn up"],
)
async def test_an_edit_is_noticed_and_followed(
    world: PrefixWorld, alice: FakeUser, edited: list[int], seeds: list[int]
) -> None:
    radio = world.made(alice, RADIO, 1, 3)
    await world.round()
    radio.entries[:] = [world.items[place] for place in edited]
    world.turn = 5
    assert await world.round() == 1
    assert world.numbers(radio) == [*seeds, 10, 12, 14, 16]
    assert await world.round() == 0


async def test_a_new_name_is_an_edit(world: PrefixWorld, alice: FakeUser) -> None:
    radio = world.made(alice, RADIO, 1, 3)
    await world.round()
    radio.name = "[RADIO n=1] Monday"
    assert await world.round() == 1
    assert world.numbers(radio) == [1, 3, 0]


async def test_a_list_that_is_being_changed_is_waited_for(
    world: PrefixWorld, alice: FakeUser
) -> None:
    radio = world.made(alice, RADIO, 1, 3)
    await world.round()
    radio.entries.append(world.items[9])
    world.settled.append(lambda: radio.entries.append(world.items[11]))
    assert await world.round() == 0
    assert world.numbers(radio) == [1, 3, 0, 2, 4, 6, 9, 11]
    assert await world.round() == 1
    assert world.numbers(radio) == [1, 3, 9, 11, 0, 2, 4, 6]


async def test_lists_are_refreshed_when_their_time_has_come(
    world: PrefixWorld, alice: FakeUser
) -> None:
    radio = world.made(alice, RADIO, 1, 3)
    drift = world.made(alice, "[DRIFT n=2] away", 5, 7, 9)
    mix = world.made(alice, "[MIX n=2] week", 11)
    style = world.made(alice, "[style n=2] Bop")
    assert await world.round() == 4
    assert world.numbers(drift) == [5, 0, 2]
    assert world.numbers(mix) == world.numbers(style) == [0, 2]
    world.turn, due = 6, world.store.clock.now + 60
    world.is_missed = lambda refreshed_at: refreshed_at < due
    assert await world.round() == 4
    assert world.numbers(radio) == [1, 3, 12, 14, 16, 18]
    assert world.numbers(drift) == [5, 12, 14]
    assert world.numbers(mix) == world.numbers(style) == [12, 14]
    assert await world.round() == 0


async def test_what_somebody_puts_into_a_mix_goes_with_its_next_refresh(
    world: PrefixWorld, alice: FakeUser
) -> None:
    mix = world.made(alice, "[MIX n=2] week")
    await world.round()
    mix.entries.append(world.items[9])
    assert await world.round() == 0
    assert world.numbers(mix) == [0, 2, 9]
    due = world.store.clock.now + 60
    world.is_missed = lambda refreshed_at: refreshed_at < due
    assert await world.round() == 1
    assert world.numbers(mix) == [0, 2]


async def test_seeds_that_we_do_not_know_stay_where_they_are(
    world: PrefixWorld, alice: FakeUser
) -> None:
    unknown = world.fake.add_item("/their/unknown.mp3", "Unknown")
    radio = world.made(alice, RADIO, 1)
    radio.entries.insert(0, unknown)
    await world.round()
    assert radio.entries == [unknown, *(world.items[place] for place in (1, 0, 2, 4, 6))]
    assert world.asked[0][1] == [None, world.tracks[1]]


async def test_nothing_is_taken_out_of_a_list_for_which_nothing_is_found(
    world: PrefixWorld, alice: FakeUser, caplog: pytest.LogCaptureFixture
) -> None:
    empty = world.made(alice, "[RADIO] nothing yet")
    world.items, items = [one[::-1] for one in world.items], world.items
    style = world.fake.add_playlist(alice, "[STYLE] of nothing", items[5:8])
    assert await world.round() == await world.round() == 0
    assert (empty.entries, style.entries) == ([], items[5:8])
    said = [record.getMessage() for record in caplog.records if "stays as it is" in record.message]
    assert len(said) == 2
    world.items = items
    empty.entries.append(items[1])
    assert await world.round(1000) == 2
    assert world.numbers(empty)[:2] == [1, 0]


async def test_nothing_is_touched_while_the_library_is_not_there(
    world: PrefixWorld, alice: FakeUser
) -> None:
    radio = world.made(alice, RADIO, 1, 3, 5, 7, 9, 11)
    world.failing = NotReadyError("the library is still being loaded")
    assert await world.round() == 0
    assert world.numbers(radio) == [1, 3, 5, 7, 9, 11]
    assert writes(world) == 0
    world.failing = None
    assert await world.round() == 1


async def test_others_playlists_and_those_we_pushed_are_never_touched(
    world: PrefixWorld, alice: FakeUser
) -> None:
    bob, root = world.fake.add_user("bob"), world.fake.add_user("root", admin=True)
    public = world.made(bob, RADIO, 1, 3, 5, 7, 9, 11)
    public.is_public = True
    lent = world.made(root, RADIO, 1, 3, 5, 7, 9, 11)
    lent.shares[alice.id] = True
    target = make_target(world.fake, world.store, world.fake.api_key, "alice")
    ours = SavedPlaylist("x", "recipe", RADIO, tuple(world.tracks[1:20:2]), 0.0)
    await target.push([PushItem(ours)])
    await target.close()
    world.users = ("Alice",)
    before = writes(world)
    assert await world.round() == 0
    assert writes(world) == before
    assert world.asked == []


async def test_of_administrators_only_what_is_surely_their_own(
    world: PrefixWorld, alice: FakeUser
) -> None:
    root = world.fake.add_user("root", admin=True)
    boss = world.fake.add_user("boss", admin=True)
    if world.token is None:
        await world.log_in(root)
        await world.log_in(boss)
    own, public = world.made(root, RADIO, 1), world.made(alice, RADIO, 3)
    public.is_public = True
    shared = world.made(root, RADIO, 5)
    shared.is_public = True
    world.users = ("root",)
    assert await world.round() == (1 if world.token else 2)
    assert world.numbers(own) == [1, 0, 2, 4, 6]
    assert world.numbers(public) == [3]
    # by its owner's login it is known whose it is; to an API key it may be either's
    assert world.numbers(shared) == ([5] if world.token else [5, 0, 2, 4, 6])


async def test_only_users_that_were_chosen_are_looked_at(
    world: PrefixWorld, alice: FakeUser
) -> None:
    world.users = ("nobody else",)
    world.made(alice, RADIO, 1)
    assert await world.round() == 0
    assert world.fake.seen("GET", "/Items") == []


async def test_a_key_that_may_not_is_said_once_and_changes_nothing(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fake = FakeJellyfin("10.10.7")
    await fake.start()
    world = PrefixWorld(fake, store, tmp_path, fake.api_key)
    await world.fill_library()
    radio = world.made(fake.add_user("alice"), RADIO, 1, 3, 5, 7, 9, 11)
    for _ in range(3):
        assert await world.round() == 0
    assert world.numbers(radio) == [1, 3, 5, 7, 9, 11]
    assert writes(world) == 0
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said == [
        "jellyfin: Jellyfin 10.10.7 lets an API key change no playlist: "
        "run harmonie jellyfin login --user alice, or update Jellyfin to 10.11"
    ]
    await world.close()
    await fake.stop()


async def test_a_server_that_refuses_to_remove_keeps_its_list(
    world: PrefixWorld, alice: FakeUser
) -> None:
    """Some 10.11 are said to answer 400 to an API key: then nothing may be added either."""
    radio = world.made(alice, RADIO, 1, 3, 5, 7, 9, 11)
    world.fake.faults.armed = [Fault("DELETE", "/Playlists/.*/Items", status=400, times=9)]
    for _ in range(3):
        assert await world.round() == 0
    assert world.numbers(radio) == [1, 3, 5, 7, 9, 11]
    world.fake.faults.armed = []
    assert await world.round(1000) == 1
    assert world.numbers(radio) == [1, 3, 5, 7, 9, 0, 2, 4, 6]


async def test_a_long_list_is_somebodys_collection(world: PrefixWorld, alice: FakeUser) -> None:
    ids = [world.fake.add_item(f"/their/x{number}.mp3", "x") for number in range(1500)]
    radio = world.fake.add_playlist(alice, RADIO, [*world.items[:5], *ids])
    assert await world.round() == 0
    assert len(radio.entries) == 1505
    assert writes(world) == 0
    ((row),) = (await world.rows.of("jellyfin")).values()
    assert "more than 1000 entries" in row.problem
    assert row.state is PrefixState.SETTLED


@pytest.mark.parametrize("fake", ["12.0.0"], indirect=True)
@pytest.mark.parametrize("world", ["key"], indirect=True)
async def test_a_list_of_a_hundred_thousand_is_not_read_to_its_end(
    world: PrefixWorld, alice: FakeUser
) -> None:
    radio = world.made(alice, RADIO, 1, 3)
    radio.entries *= 50_000
    assert await world.round() == 0
    assert len(world.fake.seen("GET", "/Playlists/.*/Items")) <= 3
    assert len(radio.entries) == 100_000
    assert writes(world) == 0


@pytest.mark.parametrize("fake", ["12.0.0"], indirect=True)
@pytest.mark.parametrize("world", ["key"], indirect=True)
async def test_thousands_of_lists_have_their_turn(world: PrefixWorld, alice: FakeUser) -> None:
    """A round is bounded; what is new is not kept waiting by what was looked at already."""
    world.fake.is_validating, world.fake._check = False, None
    many = [world.made(alice, f"[DRIFT n=1] {number}", 1) for number in range(2_000)]
    assert await world.round() == MOST_LOOKS
    assert await world.round() == MOST_LOOKS
    filled = [one for one in many if len(one.entries) == 2]
    assert len(filled) == 2 * MOST_LOOKS
    reads = len(world.fake.seen("GET", "/Playlists/.*/Items"))
    assert reads == 2 * 2 * MOST_LOOKS, "once before and once after it was filled"


@pytest.mark.parametrize("fake", ["12.0.0"], indirect=True)
@pytest.mark.parametrize("world", ["key"], indirect=True)
async def test_a_name_of_ten_megabytes_is_left_out_and_keeps_nobody_else_from_theirs(
    world: PrefixWorld, alice: FakeUser
) -> None:
    world.fake.is_validating, world.fake._check = False, None
    world.made(alice, "[RADIO] " + "x" * 10_000_000, 1)
    lists = [world.made(alice, f"[RADIO n=1] {number}", 1) for number in range(5)]
    assert await world.round() == 5
    assert all(len(one.entries) == 2 for one in lists)


async def test_a_row_is_forgotten_a_month_after_its_list(
    world: PrefixWorld, alice: FakeUser
) -> None:
    radio = world.made(alice, RADIO, 1, 3)
    await world.round()
    del world.fake.playlists[radio.id]
    await world.round(29 * 86_400)
    assert await world.rows.of("jellyfin")
    world.fake.playlists[radio.id] = radio
    assert await world.round() == 0, "as we left it"
    del world.fake.playlists[radio.id]
    await world.round(31 * 86_400)
    assert not await world.rows.of("jellyfin")
