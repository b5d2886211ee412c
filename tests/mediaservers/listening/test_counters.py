"""What servers count and mark themselves: imported once, then as plays that nobody else told of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource, PlayTotal
from harmonie_daemon.mediaservers.listening.counters import Counters
from harmonie_daemon.store.plays import Plays
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_subsonic import KINDS, FakeSubsonic, Kind
from tests.mediaservers.jellyfin_world import World
from tests.mediaservers.test_subsonic import World as SubsonicWorld
from tests.mediaservers.test_subsonic import make_target
from tests.mediaservers.world import Store

LATER_S = 7 * 3_600.0


def written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S") + ".1230000Z"


def counters_of(target: Any, plays: Plays, source: PlaySource, **options: Any) -> Counters:
    return Counters(
        target.catalogue,
        plays,
        source,
        place=target.name,
        **({"ignored": frozenset()} | options),
    )


@pytest.mark.parametrize("ahead_s", [3_600.0, -3_600.0])
async def test_a_play_is_counted_once_whatever_the_servers_clock_says(
    world: World, ahead_s: float
) -> None:
    """Else its counter tells of another play than whoever looked at its sessions."""
    (track,) = (await world.store.add_albums(1))[:1]
    await world.mirror()
    (item,) = await world.expected([track])
    clock, plays = world.store.clock, Plays(world.store.database, world.store.clock)
    world.fake.state.clock = lambda: clock.now + ahead_s
    counters = counters_of(world.target, plays, PlaySource.JELLYFIN_COUNT)
    await world.target.sync()
    await counters.take_in()

    clock.now += LATER_S
    seen = Play("alice", track, clock.now - 500, clock.now - 320, 180.0, PlayOutcome.COUNTED,
                PlaySource.SESSIONS)  # fmt: skip
    await plays.record([seen])
    said = world.fake.state.listening.of(world.me.id, item)
    said.play_count, said.last_played = 1, written(clock.now + ahead_s - 500)
    await world.target.sync()

    assert await counters.take_in() == 0
    assert await plays.between(0, clock.now + 9_999) == [seen]


@pytest.mark.parametrize("fault", [None, 500, 503, 401, "drop", "truncated"])
async def test_jellyfins_counters_and_favourites(world: World, fault: int | str | None) -> None:
    """With a fault in the middle of the second look: it is made up for by the third."""
    first, second = (await world.store.add_albums(1))[:2]
    await world.mirror()
    one, two = await world.expected([first, second])
    clock, plays = world.store.clock, Plays(world.store.database, world.store.clock)
    counters = counters_of(world.target, plays, PlaySource.JELLYFIN_COUNT)
    said = world.fake.state.listening.of(world.me.id, one)
    said.play_count, said.last_played, said.is_favorite = 7, written(clock.now - 99), True
    await world.target.sync()
    assert await counters.take_in() == 0
    assert await plays.totals("alice") == {first: PlayTotal(7, clock.now - 99)}
    assert await plays.favourites("alice") == {first: clock.now}

    clock.now += LATER_S
    seen = Play("alice", first, clock.now - 500, clock.now - 400, 100.0, PlayOutcome.PARTIAL,
                PlaySource.SESSIONS)  # fmt: skip
    await plays.record([seen])
    said.play_count, said.last_played, said.is_favorite = 8, written(clock.now - 500), False
    other = world.fake.state.listening.of(world.me.id, two)
    other.play_count, other.last_played, other.is_favorite = 1, written(clock.now - 50), True
    if fault is not None:
        world.fake.faults.armed = [
            Fault(
                "GET", "/Items", query="isPlayed", times=2,
                status=fault if isinstance(fault, int) else 200 if fault == "truncated" else None,
                text='{"Items": [{"Id": "12',
            )
        ]  # fmt: skip
        with pytest.raises(MediaServerError):
            await world.target.sync()
        assert await counters.take_in() == 0
        world.fake.faults.armed = []
    await world.target.sync()
    assert await counters.take_in() == 1
    assert await counters.take_in() == 0
    counted, kept = await plays.between(0, clock.now)
    assert kept == seen
    assert (counted.track_id, counted.source) == (second, PlaySource.JELLYFIN_COUNT)
    assert counted.started_at == clock.now - 50
    assert await plays.favourites("alice") == {second: clock.now}
    assert (await plays.totals("alice"))[first].plays == 7


async def test_nothing_is_taken_in_of_whom_nothing_is_kept_or_nothing_is_known(
    world: World,
) -> None:
    (track, *_) = await world.store.add_albums(1)
    await world.mirror()
    (one,) = await world.expected([track])
    bob = world.fake.add_user("bob")
    for user in (world.me, bob):
        world.fake.state.listening.of(user.id, one).play_count = 7
    plays = Plays(world.store.database, world.store.clock)
    ignored = frozenset({"alice"})
    counters = counters_of(world.target, plays, PlaySource.JELLYFIN_COUNT, ignored=ignored)
    await world.target.sync()
    await counters.take_in()
    # alice's own token says nothing of bob
    assert await plays.listeners() == (["bob"] if world.uses_key else [])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_subsonics_counters_and_stars(store: Store, kind: Kind) -> None:
    fake = FakeSubsonic(kind)
    await fake.start()
    target = make_target(fake, store)
    world = SubsonicWorld(fake, store, target)
    first, second = (await store.add_albums(2))[:2]
    await world.mirror()
    one, two = (fake.songs[id_] for id_ in await world.expected([first, second]))
    clock, plays = store.clock, Plays(store.database, store.clock)
    counters = counters_of(target, plays, PlaySource.SUBSONIC_COUNT)
    one.said = {"playCount": 7, "played": written(clock.now - 99), "starred": written(1)}
    two.said = {"playCount": True, "played": "yesterday", "starred": None}
    await target.sync()
    assert await counters.take_in() == 0
    assert await plays.totals("ALICE") == {first: PlayTotal(7, clock.now - 99)}
    assert list(await plays.favourites("alice")) == [first]

    clock.now += LATER_S
    one.said = {"playCount": 9, "played": written(clock.now - 99)}
    await target.sync()
    assert await counters.take_in() == 2
    assert {play.source for play in await plays.between(0, clock.now)} == {
        PlaySource.SUBSONIC_COUNT
    }
    assert await plays.favourites("alice") == {}
    await target.close()
    await fake.stop()
