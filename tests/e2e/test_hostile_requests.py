"""Requests of an attacker against the real daemon, while a bystander asks ``/health``."""

from __future__ import annotations

import contextlib
import gzip
import json
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.bystander import Bystander, ask, say_and_check, stocked_daemon
from tests.e2e.harness import Daemon, wait_until

BODY_BYTES = (2 << 20) - 1_000
SIMILAR = b'{"mode": "similar", "seeds": [1], '


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that knows some tracks and scans nothing."""
    daemon = stocked_daemon(tmp_path_factory.mktemp("hostile"))
    yield daemon
    daemon.stop()


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
