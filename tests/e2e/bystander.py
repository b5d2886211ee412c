"""A daemon that knows some tracks, and a bystander who asks ``/health`` while it is attacked."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from harmonie_daemon.domain.track import Tags
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from tests.e2e.harness import Daemon
from tests.factories import make_track, make_vector

TRACKS = 300
LARGEST_GROWTH_MB = 300
LONGEST_WAIT_S = 10.0
"""Generous: the machine may be busy. A fault holds the daemon for minutes."""
ASK_EVERY_S = 0.02


class Bystander(threading.Thread):
    """Asks for ``/health`` all the time, and looks at the daemon's memory."""

    def __init__(self, daemon: Daemon) -> None:
        super().__init__(daemon=True)
        self._daemon = daemon
        self._ended = threading.Event()
        self.idle_mb = memory_mb(daemon.pid, "VmRSS")
        self.longest_wait_s = 0.0
        self.answers = 0
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        Path(f"/proc/{self._daemon.pid}/clear_refs").write_text("5")  # begin a new peak
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join(timeout=60)

    @property
    def growth_mb(self) -> int:
        """What the daemon had at most, above what it had idle."""
        return memory_mb(self._daemon.pid, "VmHWM") - self.idle_mb

    def run(self) -> None:
        while True:
            start_s = time.monotonic()
            try:
                assert ask(self._daemon, "GET", "/health")[0] == 200
                self.answers += 1
            except Exception as error:  # noqa: BLE001 - reported by the test
                self.failures.append(repr(error))
            self.longest_wait_s = max(self.longest_wait_s, time.monotonic() - start_s)
            if self._ended.wait(ASK_EVERY_S):
                break


def memory_mb(pid: int, name: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition(f"{name}:")[2].split()[0]) >> 10


def ask(
    daemon: Daemon, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, Any]:
    address = urlsplit(daemon.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=120)
    with contextlib.closing(connection):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def stocked_daemon(folder: Path) -> Daemon:
    """A daemon that knows some tracks and scans nothing; it runs."""
    (folder / "data").mkdir()
    asyncio.run(fill(folder / "data" / "harmonie.db"))
    daemon = Daemon(folder, [], scan_on_startup="false", default_playlists="false")
    return daemon.start()


async def fill(path: Path) -> None:
    database = await Database.open(path)
    tracks = Tracks(database, time.time)
    for number in range(TRACKS):
        tags = Tags(artist=f"Artist {number}", album="Album", title=f"Song {number}")
        vector = make_vector(1.0, number / TRACKS)
        await make_track(tracks, f"{number}.flac", vector=vector, tags=tags)
    await database.close()


def say_and_check(bystander: Bystander) -> None:
    print(
        f"longest wait of /health {bystander.longest_wait_s:.3f} s of {bystander.answers} answers, "
        f"peak {bystander.growth_mb} MB above idle ({bystander.idle_mb} MB)"
    )
    assert bystander.failures == []
    assert bystander.longest_wait_s < LONGEST_WAIT_S
    assert bystander.growth_mb < LARGEST_GROWTH_MB
