"""Requests of an attacker against the real daemon, while a bystander asks ``/health``."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http.client
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from harmonie_daemon.domain.track import Tags
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from tests.e2e.harness import Daemon, wait_until
from tests.factories import make_track, make_vector

TRACKS = 300
LARGEST_GROWTH_MB = 300
LONGEST_WAIT_S = 10.0
"""Generous: the machine may be busy. A fault holds the daemon for minutes."""
ASK_EVERY_S = 0.02
BODY_BYTES = (2 << 20) - 1_000
SIMILAR = b'{"mode": "similar", "seeds": [1], '


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


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that knows some tracks and scans nothing."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "data").mkdir()
    asyncio.run(fill(folder / "data" / "harmonie.db"))
    daemon = Daemon(folder, [], scan_on_startup="false", default_playlists="false")
    daemon.start()
    yield daemon
    daemon.stop()


async def fill(path: Path) -> None:
    database = await Database.open(path)
    tracks = Tracks(database, time.time)
    for number in range(TRACKS):
        tags = Tags(artist=f"Artist {number}", album="Album", title=f"Song {number}")
        vector = make_vector(1.0, number / TRACKS)
        await make_track(tracks, f"{number}.flac", vector=vector, tags=tags)
    await database.close()


def filled(before: bytes, entry: bytes, after: bytes) -> bytes:
    """As many entries as a body holds."""
    count = (BODY_BYTES - len(before) - len(after)) // (len(entry) + 1)
    return before + b",".join([entry] * count) + after


def references(**ref: str) -> bytes:
    """20,000 of them, each with its number in place of ``N``."""
    refs = (
        {name: value.replace("N", str(n)) for name, value in ref.items()} for n in range(20_000)
    )
    return json.dumps({"mode": "similar", "seeds": [1], "seed_refs": list(refs)}).encode()


def path_of(folders: int, separator: bytes = b"/") -> bytes:
    return SIMILAR + b'"seed_refs": [{"path": "' + (b"a" + separator) * folders + b'x"}]}'


BODIES: dict[str, tuple[bytes, int]] = {
    "a path of 30,000 folders": (path_of(30_000), 200),
    "a path of 900,000 folders": (path_of(900_000), 200),
    "backslashes": (path_of(300_000, b"\\\\"), 200),
    "500 paths of 2,000 folders": (
        filled(SIMILAR + b'"seed_refs": [', b'{"path": "' + b"a/" * 2000 + b'"}', b"]}"), 200
    ),
    "20,000 names": (references(artist="A N", album="B N", title="C N"), 200),
    "20,000 foreign paths": (references(path=r"M:\media\A N\B N\C N.flac"), 200),
    "a million bad seeds": (filled(b'{"mode": "similar", "seeds": [', b'""', b"]}"), 422),
    "a million bad references": (filled(SIMILAR + b'"seed_refs": [', b"1", b"]}"), 422),
    "a million empty references": (filled(SIMILAR + b'"seed_refs": [', b"{}", b"]}"), 422),
    "a million genres": (filled(SIMILAR + b'"filter": {"genre": [', b"1", b"]}}"), 422),
    "unknown filters": (
        SIMILAR + b'"filter": {' + b",".join(b'"%06d":1' % n for n in range(180_000)) + b"}}", 422
    ),
    "deep JSON": (b"[" * BODY_BYTES, 422),
    "a long number": (SIMILAR + b'"n": ' + b"9" * BODY_BYTES + b"}", 422),
    "a name that grows": (
        SIMILAR + b'"seed_refs": [{"title": "' + "\ufdfa".encode() * 600_000 + b'"}]}', 200
    ),
    "a long mode": (b'{"mode": "' + b"x" * BODY_BYTES + b'"}', 422),
}  # fmt: skip


def test_no_body_hurts_the_others(stocked: Daemon) -> None:
    with Bystander(stocked) as bystander:
        for name, (body, expected) in BODIES.items():
            start_s = time.monotonic()
            status, answer = ask(stocked, "POST", "/api/v1/playlists", body)
            print(f"{name}: {time.monotonic() - start_s:.2f} s, {bystander.growth_mb} MB")
            assert status == expected, (name, str(answer)[:300])
    say_and_check(bystander)


@pytest.mark.parametrize("blanks", [350, 2_500])
def test_no_parameter_hurts_the_others(stocked: Daemon, blanks: int) -> None:
    with Bystander(stocked) as bystander:
        for name in ("bpm", "danceability", "loudness", "key", "genre"):
            for path in ("/api/v1/tracks", "/api/v1/tracks/1/similar"):
                assert ask(stocked, "GET", f"{path}?{name}={'%20' * blanks}")[0] == 400
        assert ask(stocked, "GET", f"/api/v1/tracks/resolve?path={'a/' * 4_000}")[0] == 404
    say_and_check(bystander)


def test_packed_bodies_are_measured_and_broken_ones_refused(stocked: Daemon) -> None:
    bomb = gzip.compress(b" " * (512 << 20), compresslevel=9)
    twice = gzip.compress(b"[" * (1 << 20))
    with Bystander(stocked) as bystander:
        for body, encoding, expected in (
            (bomb, "gzip", 413),
            (bomb[2:-4], "deflate", 400),
            (b"no gzip at all", "gzip", 400),
            (twice, "gzip", 422),
        ):
            answered = ask(stocked, "POST", "/api/v1/playlists", body, Content_Encoding=encoding)
            assert answered[0] == expected, answered
    say_and_check(bystander)


def test_half_sent_requests_do_not_keep_others_out(stocked: Daemon) -> None:
    head = b"POST /api/v1/playlists HTTP/1.1\r\nHost: localhost\r\n"
    parts = (b"", b"GET /hea", head, head + b"Content-Length: 900000\r\n\r\n{")
    with Bystander(stocked) as bystander, contextlib.ExitStack() as stack:
        for number in range(400):
            peer = stack.enter_context(connected(stocked))
            peer.sendall(parts[number % len(parts)])
        answers = bystander.answers
        wait_until(lambda: bystander.answers > answers + 20, what="more answers")
        assert open_sockets(stocked.pid) < 200
    say_and_check(bystander)


def test_without_a_file_descriptor_left_it_waits_and_says_so_once(stocked: Daemon) -> None:
    before = stocked.log.stat().st_size
    limits = resource.prlimit(stocked.pid, resource.RLIMIT_NOFILE)
    used = len(list(Path(f"/proc/{stocked.pid}/fd").iterdir()))
    resource.prlimit(stocked.pid, resource.RLIMIT_NOFILE, (used + 3, limits[1]))
    try:
        with contextlib.ExitStack() as stack:
            for _ in range(30):
                stack.enter_context(connected(stocked))
            time.sleep(3)
    finally:
        resource.prlimit(stocked.pid, resource.RLIMIT_NOFILE, limits)
    wait_until(lambda: ask(stocked, "GET", "/health")[0] == 200, what="an answer")
    said = stocked.log.read_bytes()[before:].decode().splitlines()
    assert len(said) <= 2, said[:10]


def connected(daemon: Daemon) -> socket.socket:
    address = urlsplit(daemon.url)
    return socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=30)


def open_sockets(pid: int) -> int:
    links = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            links.append(str(entry.readlink()))
    return sum(link.startswith("socket:") for link in links)


def say_and_check(bystander: Bystander) -> None:
    print(
        f"longest wait of /health {bystander.longest_wait_s:.3f} s of {bystander.answers} answers, "
        f"peak {bystander.growth_mb} MB above idle ({bystander.idle_mb} MB)"
    )
    assert bystander.failures == []
    assert bystander.longest_wait_s < LONGEST_WAIT_S
    assert bystander.growth_mb < LARGEST_GROWTH_MB
