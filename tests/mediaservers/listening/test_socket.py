"""Jellyfin's socket: what changes is told at once, and what breaks is opened again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.listening import PlaySource, PlayTotal
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.errors import BadTokenError
from harmonie_daemon.mediaservers.jellyfin import socket as sockets
from harmonie_daemon.mediaservers.jellyfin.facts import JellyfinFacts
from harmonie_daemon.mediaservers.jellyfin.hearing import SocketHearing
from harmonie_daemon.mediaservers.jellyfin.messages import (
    SocketMessage,
    keep_alive_s,
    parse_message,
    parse_user_change,
)
from harmonie_daemon.mediaservers.jellyfin.socket import JellyfinSockets
from harmonie_daemon.mediaservers.jellyfin.watching import SessionWatcher
from harmonie_daemon.mediaservers.listening.finding import HeardItem
from harmonie_daemon.mediaservers.listening.keeper import PlayKeeper
from harmonie_daemon.store.plays import Plays
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_sessions import session_dto
from tests.mediaservers.fake_state import FakeSession, FakeUser
from tests.mediaservers.jellyfin_world import make_keyring
from tests.mediaservers.world import Store

COUNT = PlaySource.JELLYFIN_COUNT


@dataclass
class Socketed:
    """An administrator's token, and one track that is ours."""

    fake: FakeJellyfin
    store: Store
    plays: Plays
    alice: FakeUser
    item: str
    track_id: TrackId
    sockets: JellyfinSockets
    keyring: Any

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while True:
                found = condition()
                if asyncio.iscoroutine(found):
                    found = await found
                if found:
                    return
                await asyncio.sleep(0.005)

    async def tell(self, **data: Any) -> None:
        row = {"ItemId": self.item, "Key": self.item, **data}
        change = {"UserId": self.alice.id, "UserDataList": [row]}
        await self.fake.state.sockets.tell(self.alice.id, "UserDataChanged", change)


@pytest.fixture
async def socketed(
    fake: FakeJellyfin, store: Store, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Socketed]:
    monkeypatch.setattr(sockets, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(sockets, "LONGEST_RETRY_S", 0.05)
    alice = fake.add_user("alice", admin=True)
    item, track_id = fake.add_item("/media/a.flac", "A"), await store.add("a.flac")
    plays = Plays(store.database, store.clock)

    async def find(heard: HeardItem) -> TrackId | None:
        return track_id if heard.id == item else None

    keyring = make_keyring(fake.url, alice.token, store.meta, store.clock)
    keeper = PlayKeeper(PlaySource.SESSIONS, plays, store.clock)
    watcher = SessionWatcher(keyring, keeper, find, every_s=15.0)
    facts = JellyfinFacts(keyring, store.clock)
    hearing = SocketHearing(watcher, facts, find, plays, store.clock, ignored=frozenset())
    listening = JellyfinSockets(keyring, hearing.hear)
    running = asyncio.create_task(listening.run())
    world = Socketed(fake, store, plays, alice, item, track_id, listening, keyring)
    await world.until(lambda: fake.state.sockets.open)
    yield world
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await keyring.close()


async def test_favourites_and_counts_are_heard_at_once(socketed: Socketed) -> None:
    plays, now = socketed.plays, socketed.store.clock.now
    await plays.note_totals("alice", {socketed.track_id: PlayTotal(3, None)}, now - 9, COUNT)
    await socketed.tell(IsFavorite=True, PlayCount=4, LastPlayedDate="2023-11-14T22:13:10.0000000Z")
    await socketed.until(lambda: plays.between(0, now + 1))
    assert list(await plays.favourites("alice")) == [socketed.track_id]
    (play,) = await plays.between(0, now + 1)
    assert (play.source, play.started_at) == (COUNT, 1_700_000_000.0 - 10)
    await socketed.tell(IsFavorite=False, PlayCount=4)
    await socketed.until(lambda: _none(plays))


async def test_a_count_is_of_when_our_clock_says(socketed: Socketed) -> None:
    clock = socketed.store.clock
    clock.now += 601
    socketed.fake.state.clock = lambda: clock.now - 3_600
    await socketed.plays.note_totals("alice", {}, clock.now - 9, COUNT)
    theirs = datetime.fromtimestamp(clock.now - 3_600 - 5, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    await socketed.tell(PlayCount=1, LastPlayedDate=theirs)
    await socketed.until(lambda: socketed.plays.between(0, clock.now))
    assert [one.started_at for one in await socketed.plays.between(0, clock.now)] == [clock.now - 5]


async def _none(plays: Plays) -> bool:
    return await plays.favourites("alice") == {}


async def test_an_administrator_asks_for_sessions_and_hears_them(socketed: Socketed) -> None:
    received = socketed.fake.state.sockets.received
    await socketed.until(lambda: len(received) >= 2)
    kinds = [said["MessageType"] for _, said in received]
    assert sorted(kinds[:2]) == ["KeepAlive", "SessionsStart"]
    session = FakeSession(socketed.alice, "phone", socketed.item, 12.0)
    rows = [session_dto(socketed.fake.state, session)]
    await socketed.fake.state.sockets.tell(socketed.alice.id, "Sessions", rows)
    await socketed.until(lambda: socketed.plays.open(PlaySource.SESSIONS))
    (going_on,) = await socketed.plays.open(PlaySource.SESSIONS)
    assert going_on.heard_s == 12.0


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[" * 100_000, "5", '{"MessageType": 7}', '{"MessageType": "Play"}',
     '{"MessageType": "UserDataChanged", "Data": {"UserId": "x", "UserDataList": 7}}',
     '{"MessageType": "Sessions", "Data": 7}', '{"x": "' + "y" * (5 * 2**20) + '"}'],
    ids=["nothing", "no JSON", "deep", "number", "kind", "unknown", "list", "sessions", "5 MB"],
)  # fmt: skip
async def test_what_is_no_message_does_no_harm(socketed: Socketed, text: str) -> None:
    """It is ignored, or the socket is opened again; what comes then is heard."""
    await socketed.fake.state.sockets.tell_text(text)

    async def heard() -> bool:
        await socketed.tell(IsFavorite=True)
        return bool(await socketed.plays.favourites("alice"))

    await socketed.until(heard)


@pytest.mark.parametrize("trouble", ["a name that is none", "a listener too many"])
async def test_who_cannot_be_a_listener_ends_no_socket(
    socketed: Socketed, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    is_name = trouble == "a name that is none"
    if not is_name:
        await socketed.plays.admit(["alice"])
        monkeypatch.setattr("harmonie_daemon.store.listening.listeners.MOST_LISTENERS", 1)
    odd = socketed.fake.add_user("x" * 101 if is_name else "bob")
    row = {"ItemId": socketed.item, "Key": socketed.item, "IsFavorite": True}
    change = {"UserId": odd.id, "UserDataList": [row]}
    told = socketed.fake.state.sockets
    await told.tell(socketed.alice.id, "UserDataChanged", change)
    await socketed.tell(IsFavorite=True)
    await socketed.until(lambda: socketed.plays.favourites("alice"))
    assert told.opened == 1


async def test_what_breaks_is_opened_again(socketed: Socketed) -> None:
    told = socketed.fake.state.sockets
    await told.end()
    await socketed.until(lambda: told.opened == 2 and told.open)
    await socketed.fake.stop()
    await socketed.fake.come_back()
    await socketed.until(lambda: told.opened == 3 and told.open)
    socketed.fake.faults.down = True
    await told.end()
    await asyncio.sleep(0.05)
    assert told.opened == 3
    socketed.fake.faults.down = False
    await socketed.until(lambda: told.opened == 4 and told.open)
    await socketed.tell(IsFavorite=True)
    await socketed.until(lambda: socketed.plays.favourites("alice"))


async def test_a_store_that_fails_for_a_moment_ends_no_socket_for_good(
    socketed: Socketed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither while logins are looked at, nor while a token is doubted."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(sockets, "CHECK_S", 0.02)
    store, told, token = socketed.store, socketed.fake.state.sockets, socketed.alice.token

    async def rename(was: str, becomes: str) -> None:
        statement = f"ALTER TABLE {was} RENAME TO {becomes}"
        await store.database.write(lambda connection: connection.execute(statement))

    listening = JellyfinSockets(socketed.keyring, _ignore)
    running = asyncio.create_task(listening.run())
    await socketed.until(lambda: told.opened == 2)
    await rename("meta", "lost")
    socketed.alice.token = "another"
    await told.end()
    store.clock.now += 60.0
    await socketed.until(lambda: "no such table: meta" in caplog.text)
    await rename("lost", "meta")
    socketed.alice.token = token
    store.clock.now += 60.0
    await socketed.until(lambda: told.opened >= 4 and len(told.open) == 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_fault_of_ours_ends_no_socket_for_good(
    socketed: Socketed, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[SocketMessage] = []

    async def hear(message: SocketMessage) -> None:
        heard.append(message)
        raise KeyError("a bug")

    listening = JellyfinSockets(socketed.keyring, hear)
    running = asyncio.create_task(listening.run())
    for count in (1, 2):
        await socketed.until(lambda: len(socketed.fake.state.sockets.open) == 2)
        await socketed.tell(IsFavorite=True)
        await socketed.until(lambda count=count: len(heard) == count)
    assert "a message of its socket broke something" in caplog.text
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _ignore(_message: SocketMessage) -> None:
    pass


async def test_silence_is_broken_by_us_and_then_given_up(socketed: Socketed) -> None:
    told = socketed.fake.state.sockets
    told.keep_alive_s = 1.0
    await told.end()
    await socketed.until(lambda: told.opened == 2 and told.open)
    before = len(told.received)
    await socketed.until(lambda: len(told.received) > before + 2)


async def test_a_token_that_is_not_accepted_is_said_so(socketed: Socketed) -> None:
    visit = await socketed.keyring.visit()
    (credential,) = visit.credentials.held
    socketed.alice.token = "another"
    with pytest.raises(BadTokenError):
        await socketed.sockets.listen_once(credential)
    await socketed.fake.stop()
    with pytest.raises(MediaServerError, match="cannot reach Jellyfin"):
        await socketed.sockets.listen_once(credential)


def test_messages_of_any_shape() -> None:
    assert parse_message('{"MessageType": "X", "Data": [1]}') is not None
    assert [keep_alive_s(one) for one in (60, 0.5, 10**9, "60", None)] == [60.0, *[None] * 4]
    change = parse_user_change(
        {
            "UserId": "A-B",
            "UserDataList": [
                {"ItemId": "F-0", "PlayCount": True, "LastPlayedDate": "yesterday or so, or not"},
                {"ItemId": "F1", "PlayCount": 10**30, "IsFavorite": 1},
                5,
                {},
            ],
        }
    )
    assert change is not None
    assert change.user_id == "ab"
    assert [(one.item_id, one.plays, one.is_favorite) for one in change.items] == [
        ("f0", 0, False),
        ("f1", 2**31, False),
    ]
    assert len(parse_user_change(  # type: ignore[union-attr]
        {"UserId": "x", "UserDataList": [{"ItemId": "a"}] * 20_000}).items) == 10_000  # fmt: skip
