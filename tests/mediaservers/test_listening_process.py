"""The real daemon listens to the stand-in: as a process, over HTTP, killed in between."""

from __future__ import annotations

import asyncio
import json
import signal
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from harmonie_daemon.store.database import Database
from tests.e2e.harness import Daemon, wait_until
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakeSession, FakeUser
from tests.mediaservers.jellyfin_world import THEIR_ROOT
from tests.mediaservers.world import Clock, Store

KEY = "hush-hush-key"
T = TypeVar("T")


@dataclass
class Heard:
    """The daemon with a library of three albums, and the stand-in that has the same."""

    daemon: Daemon
    fake: FakeJellyfin
    alice: FakeUser
    items: list[str]

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return await self.aside(lambda: self.daemon.request(method, path, body))

    async def post_hook(self, kind: str, item: str, key: str = KEY, **fields: Any) -> int:
        notice = {"NotificationType": kind, "ItemId": item, "UserId": self.alice.id, **fields}
        return (await self.ask("POST", f"/hooks/jellyfin?key={key}", notice))[0]

    async def plays(self) -> Any:
        status, answer = await self.ask("GET", "/api/v1/plays")
        assert status == 200
        return answer

    async def until(self, condition: Callable[[], Any], what: str) -> Any:
        return await self.aside(lambda: wait_until(condition, what=what))

    @staticmethod
    async def aside(work: Callable[[], T]) -> T:
        """The stand-in answers on this loop meanwhile."""
        return await asyncio.to_thread(work)

    def show(self, item: str | None, position_s: float = 0.0) -> None:
        session = FakeSession(self.alice, "phone", item, position_s)
        self.fake.state.sessions = [session]


@pytest.fixture
async def heard(tmp_path: Path) -> AsyncIterator[Heard]:
    data = tmp_path / "data"
    data.mkdir()
    database = await Database.open(data / "harmonie.db")
    store = Store(database, Clock())
    await store.add_albums(3)
    keys = await store.tracks.paths_and_ids()
    await database.close()
    fake = FakeJellyfin("12.0.0")
    alice = fake.add_user("alice")
    items = [
        fake.add_item(f"{THEIR_ROOT}/{key.relative_path}", key.title_key or "") for key in keys
    ]
    await fake.start()
    daemon = Daemon(
        tmp_path,
        [],
        jellyfin_url=fake.url,
        jellyfin_token=fake.api_key,
        jellyfin_user="alice",
        default_playlists="false",
        api_key=KEY,
        listening_every_s="5",
        log_level="debug",
    )
    await asyncio.to_thread(daemon.start)
    yield Heard(daemon, fake, alice, items)
    await asyncio.to_thread(daemon.stop)
    await fake.stop()
    assert fake.violations == []


async def test_what_is_played_is_heard_through_a_kill_and_kept_once(heard: Heard) -> None:
    first, second = heard.items[:2]
    heard.show(first, 1.0)
    assert await heard.post_hook("PlaybackStart", first, PlaybackPositionTicks=10**7) == 200
    looked = len(heard.fake.seen("GET", "/Sessions"))
    assert await heard.post_hook("PlaybackProgress", first, PlaybackPositionTicks=10**7) == 200
    await heard.until(
        lambda: len(heard.fake.seen("GET", "/Sessions")) > looked, "a look after the hook"
    )

    await heard.aside(lambda: heard.daemon.signal(signal.SIGKILL))
    heard.show(second, 1.0)
    await heard.aside(heard.daemon.start)
    assert await heard.post_hook("PlaybackStart", second) == 200

    def ended() -> Any:
        return heard.daemon.get("/api/v1/plays")["items"]

    plays = await heard.until(ended, "the play that the kill interrupted")
    assert [(one["track_id"], one["listener"]) for one in plays] == [(1, "alice")]
    assert plays[0]["source"] == "hook"
    assert plays[0]["heard_s"] >= 1.0

    said = {"listener": "Alice", "track_id": 1, "started_at": plays[0]["started_at"] + 1}
    status, answer = await heard.ask("POST", "/api/v1/plays", said)
    assert (status, answer["new"], answer["known"]) == (200, 0, 1)
    status, answer = await heard.ask("POST", "/api/v1/plays", [said, {**said, "track_id": 99}])
    assert (status, [one["index"] for one in answer["refused"]]) == (200, [1])

    shown = await heard.aside(lambda: heard.daemon.command("plays", "alice"))
    assert (shown.returncode, "Alice" in shown.stdout) == (0, True), shown.stderr
    forgot = await heard.aside(lambda: heard.daemon.command("plays", "--forget", "ALICE"))
    assert (forgot.returncode, forgot.stdout) == (0, "ALICE is forgotten, with 1 plays\n")
    assert (await heard.ask("POST", "/api/v1/plays", said))[1]["known"] == 1
    assert (await heard.plays())["listeners"] == []
    gone = await heard.aside(lambda: heard.daemon.command("plays", "alice"))
    assert gone.returncode == 3


async def test_a_wrong_key_is_refused_and_no_key_is_ever_logged(heard: Heard) -> None:
    wrong = "wrong-but-secret"
    assert await heard.post_hook("PlaybackStart", heard.items[0], key=wrong) in (200, 401)
    status, answer = await heard.aside(lambda: _without_header(heard, f"?key={wrong}"))
    assert (status, list(answer)) == (401, ["detail"])
    status, _ = await heard.aside(lambda: _without_header(heard, ""))
    assert status == 401
    status, answer = await heard.aside(lambda: _without_header(heard, f"?key={KEY}"))
    assert (status, answer["taken"]) == (200, True)
    status, answer = await heard.ask("POST", f"/hooks/jellyfin?key={KEY}", [1, 2])
    assert (status, "object" in answer["detail"]) == (400, True)
    for body in (b"no JSON", b"", b"[" * 100_000, b'{"x": NaN', b'{"a": "' + b"y" * 10**7 + b'"}'):
        status, answer = await heard.aside(lambda sent=body: _raw(heard, sent))  # type: ignore[misc]
        assert (status in (400, 413), list(answer)) == (True, ["detail"]), body[:20]
    long = {"NotificationType": "ItemAdded", "ItemId": "x", "Overview": "y" * 70_000}
    status, answer = await heard.ask("POST", f"/hooks/jellyfin?key={KEY}", long)
    assert (status, answer["detail"]) == (413, "the request body is larger than 65536 bytes")
    log = await heard.aside(lambda: heard.daemon.log.read_text(encoding="utf-8"))
    assert log
    for secret in (KEY, wrong, heard.fake.api_key):
        assert secret not in log
    await heard.aside(heard.daemon.stop)


def _raw(heard: Heard, body: bytes) -> tuple[int, Any]:
    request = urllib.request.Request(f"{heard.daemon.url}/hooks/jellyfin?key={KEY}", body)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def _without_header(heard: Heard, query: str) -> tuple[int, Any]:
    key = heard.daemon.environment.pop("HARMONIE_API_KEY")
    try:
        notice = {"NotificationType": "ItemAdded", "ItemId": heard.items[0]}
        return heard.daemon.request("POST", f"/hooks/jellyfin{query}", notice)
    finally:
        heard.daemon.environment["HARMONIE_API_KEY"] = key
