"""Looking at Jellyfin's sessions, also when it is in trouble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.listening import Play, PlaySource
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.sessions import parse_sessions
from harmonie_daemon.mediaservers.jellyfin.watching import SessionWatcher
from harmonie_daemon.mediaservers.listening.finding import HeardItem
from harmonie_daemon.mediaservers.listening.keeper import PlayKeeper
from harmonie_daemon.store.plays import Plays
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakeSession, FakeUser
from tests.mediaservers.jellyfin_world import make_keyring
from tests.mediaservers.world import Store


@dataclass
class Watched:
    """A server with one track, which is ours, and one user."""

    fake: FakeJellyfin
    store: Store
    plays: Plays
    alice: FakeUser
    item: str
    track_id: TrackId
    keyring: Keyring
    watcher: SessionWatcher

    async def look(self, position_s: float | None, after_s: float = 15.0) -> None:
        self.store.clock.now += after_s
        self.show(position_s)
        await self.watcher.look()

    def show(self, position_s: float | None) -> None:
        item = None if position_s is None else self.item
        self.fake.state.sessions = [FakeSession(self.alice, "phone", item, position_s or 0.0)]

    async def kept(self) -> list[Play]:
        return await self.plays.between(0, self.store.clock.now + 1)


@pytest.fixture
async def watched(fake: FakeJellyfin, store: Store) -> AsyncIterator[Watched]:
    alice = fake.add_user("alice")
    item = fake.add_item("/media/a.flac", "A")
    track_id = await store.add("a.flac")
    plays = Plays(store.database, store.clock)

    async def find(heard: HeardItem) -> TrackId | None:
        return track_id if heard.id == item else None

    keyring = make_keyring(fake.url, fake.api_key, store.meta, store.clock)
    keeper = PlayKeeper(PlaySource.SESSIONS, plays, store.clock)
    watcher = SessionWatcher(keyring, keeper, find, every_s=0.01)
    yield Watched(fake, store, plays, alice, item, track_id, keyring, watcher)
    await keyring.close()


FAULTS = {
    "drop": Fault("GET", "/Sessions", times=2),
    "500": Fault("GET", "/Sessions", status=500),
    "503": Fault("GET", "/Sessions", status=503, retry_after="1"),
    "401": Fault("GET", "/Sessions", status=401, times=2),
    "403": Fault("GET", "/Sessions", status=403),
    "truncated": Fault("GET", "/Sessions", status=200, text='[{"Id": "12'),
    "another shape": Fault("GET", "/Sessions", status=200, text='{"Items": 5}'),
    "a proxy's page": Fault("GET", "/Sessions", status=200, text="<html>login</html>"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_look_that_fails_is_made_up_for_by_the_next(watched: Watched, name: str) -> None:
    """Nothing is lost and nothing doubled, whatever befalls a look in the middle of a play."""
    await watched.look(0.0)
    await watched.look(15.0)
    watched.fake.faults.armed = [FAULTS[name]]
    FAULTS[name].hit = False
    times = FAULTS[name].times
    with pytest.raises(MediaServerError):
        await watched.look(30.0)
    FAULTS[name].times = times
    watched.fake.faults.armed = []
    for position_s in (45.0, 60.0, 175.0, None, None):
        await watched.look(position_s, 115.0 if position_s == 175.0 else 15.0)
    (play,) = await watched.kept()
    assert (play.heard_s, play.outcome) == (180.0, "counted")
    assert play.started_at == pytest.approx(watched.store.clock.now - 205.0)


async def test_a_slow_answer_and_a_restart_lose_nothing(watched: Watched) -> None:
    await watched.look(0.0)
    watched.fake.faults.latency_s = 0.05
    await watched.look(15.0)
    await watched.fake.stop()
    with pytest.raises(MediaServerError):
        await watched.look(30.0)
    await watched.fake.come_back()
    watched.fake.state.sessions = []
    watched.store.clock.now += 15
    await watched.watcher.look()
    await watched.look(60.0)
    assert await watched.kept() == []
    assert [one.heard_s for one in await watched.plays.open(PlaySource.SESSIONS)] == [60.0]


async def test_a_change_that_cannot_be_written_is_made_up_for(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watched.look(170.0)
    turn = Plays.turn

    async def fails(*_: object) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(Plays, "turn", fails)
    with pytest.raises(OSError, match="full"):
        await watched.look(None)
    monkeypatch.setattr(Plays, "turn", turn)
    await watched.look(None)
    assert len(await watched.kept()) == 1


async def test_a_user_s_token_sees_the_user(watched: Watched) -> None:
    bob = watched.fake.add_user("bob")
    watched.show(10.0)
    watched.fake.state.sessions.append(FakeSession(bob, "desk", watched.item, 10.0))
    for token, seen in [(bob.token, {"bob"}), (watched.fake.api_key, {"alice", "bob"})]:
        keyring = make_keyring(watched.fake.url, token, watched.store.meta, watched.store.clock)
        keeper = PlayKeeper(PlaySource.SESSIONS, watched.plays, watched.store.clock)
        watcher = SessionWatcher(keyring, keeper, watched.watcher._find, every_s=15.0)
        await watcher.look()
        open_plays = await watched.plays.open(PlaySource.SESSIONS)
        assert {one.listener for one in open_plays} == seen
        await keyring.close()


async def test_it_goes_on_looking_and_says_once_what_is_wrong(
    watched: Watched, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmonie_daemon.mediaservers.jellyfin.watching.FIRST_RETRY_S", 0.01)
    watched.show(1.0)
    watched.fake.faults.armed = [Fault("GET", "/Sessions", status=500, times=3)]
    running = asyncio.create_task(watched.watcher.run())
    async with asyncio.timeout(20):
        while not await watched.plays.open(PlaySource.SESSIONS):
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    said = [r.getMessage() for r in caplog.records if "what is played there" in r.getMessage()]
    assert [line.partition(":")[2].partition("(")[0].strip() for line in said] == [
        "what is played there is not seen: Jellyfin is not ready or has failed",
        "what is played there is seen again",
    ]


def test_sessions_without_end_and_without_sense() -> None:
    row = {"UserName": "alice", "UserId": "a" * 32, "DeviceId": "x"}
    assert len(parse_sessions([row] * 5_000)) == 1_000
    odd = {
        **row,
        "NowPlayingItem": {"Id": "A" * 9_999, "Type": "Audio", "RunTimeTicks": -1, "Artists": [7]},
        "PlayState": {"PositionTicks": 10**30, "IsPaused": "yes"},
    }
    (one,) = parse_sessions([odd, None, 5, {"UserName": "nobody"}, {**row, "UserName": " "}])
    assert one.item is not None
    assert (len(one.item.id), one.item.duration_s, one.item.artist) == (2_000, None, None)
    assert (one.position_s, one.is_paused) == (0.0, False)
    with pytest.raises(MediaServerError):
        parse_sessions({"Items": []})
