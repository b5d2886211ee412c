"""An attacker asks for music, clusterings and files, while a bystander asks ``/health``."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from harmonie_daemon.tasks.composing.studio import MOST_WAITING
from tests.e2e.bystander import Bystander, ask, say_and_check, stocked_daemon
from tests.e2e.harness import Daemon, wait_until

pytestmark = pytest.mark.thorough
AT_ONCE = 60
LONGEST_WAIT_S = 3.0
"""Of ``/health``; prompts that are read on the event loop hold it for longer."""
TWENTY_SECTIONS = {
    "genre": "cinematic",
    "sections": [{"emotion": "calm", "start": n * 30_000, "length": 30_000} for n in range(20)],
}
COMPOSE, START = "/api/v2/tracks", "/api/clustering/start"

Asked = tuple[str, Any]
"""A path and what is posted there."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    daemon = stocked_daemon(tmp_path_factory.mktemp("music"))
    yield daemon
    daemon.stop()


def at_once(daemon: Daemon, wishes: Sequence[Asked]) -> list[tuple[int, Any]]:
    """The answers, in the order of the wishes."""

    def post(asked: Asked) -> tuple[int, Any]:
        path, body = asked
        return ask(daemon, "POST", path, body if isinstance(body, bytes) else as_json(body))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(post, wishes))


def as_json(body: Any) -> bytes:
    return json.dumps(body).encode()


def counted(answers: Sequence[tuple[int, Any]]) -> Counter[int]:
    return Counter(status for status, _ in answers)


def test_however_many_compositions_come_at_once_only_so_many_wait(hostile: Daemon) -> None:
    with Bystander(hostile) as bystander:
        tracks = [
            ask(hostile, "POST", COMPOSE, as_json(TWENTY_SECTIONS))[1]["uuid"] for _ in range(150)
        ]
        begun = at_once(hostile, [(f"{COMPOSE}/{track}/compose", {}) for track in tracks])
        assert counted(begun) == {200: MOST_WAITING, 503: 150 - MOST_WAITING}
        for track in tracks:
            assert fetched(hostile, f"/api/v1/compositions/{track}", "DELETE")[0] == 204
    say_and_check(bystander)
    assert not list((hostile.data_dir / "compositions").glob("*/v*"))


@pytest.mark.parametrize(
    ("path", "member"),
    [("/api/clustering/start", "clustering_runs"), ("/api/analysis/start", "num_recent_albums")],
)
def test_however_many_tasks_come_at_once_only_so_many_wait(
    hostile: Daemon, path: str, member: str
) -> None:
    wishes = [(path, {member: 9_000 + number}) for number in range(400)]
    with Bystander(hostile) as bystander:
        begun = at_once(hostile, wishes)
        assert set(counted(begun)) == {202, 503}
        assert counted(begun)[503] > 200
        tasks = [answer["task_id"] for status, answer in begun if status == 202]
        cancelled = at_once(hostile, [(f"/api/cancel/{task}", b"") for task in tasks * 3])
        assert set(counted(cancelled)) <= {200, 400}
        for number in range(300):
            unknown = f"/api/status/00000000-0000-0000-0000-{number:012d}"
            assert ask(hostile, "GET", unknown)[0] == 404
    say_and_check(bystander)


def test_prompts_are_read_off_the_loop(hostile: Daemon) -> None:
    pieces = ("a ", "1:", "3 minutes ", "sad ", "c minor ", "1.5/", "a'", "bpm 120 ")
    prompts = [(piece * 2_000)[:2_000] for piece in pieces] * 20
    wishes: list[Asked] = [(COMPOSE, {"prompt": text}) for text in prompts]
    wishes += [("/api/v1/tracks", {"prompt": {"text": text}}) for text in prompts]
    with Bystander(hostile) as bystander:
        assert counted(at_once(hostile, wishes)) == {200: len(wishes)}
    say_and_check(bystander)
    assert bystander.longest_wait_s < LONGEST_WAIT_S


PROGRAM = "result = note('C')\n#" + "x" * 500_000
DEEP, MANY = b"[" * 1_900_000, b'{"sections":[' + b"{}," * 600_000 + b"{}]}"
BAD: tuple[tuple[str, bytes], ...] = (
    *((path, DEEP) for path in (COMPOSE, START, "/generate", "/render-code", "/api/v1/tracks")),
    *((COMPOSE, b'{"duration_ms":%s}' % n) for n in (b"NaN", b"1e400", b"1e308", b"1" * 5_000)),
    *((START, b'{"dbscan_eps_min":%s}' % n) for n in (b"NaN", b"1e400", b"1e308", b"1" * 5_000)),
    (COMPOSE, b'{"title":"\\u0000"}'),
    (COMPOSE, b'{"title":"\\ud800"}'),
    (COMPOSE, b'{"prompt":"\\u202e"}'),
    ("/generate", b'{"prompt":"\\u0000"}'),
    (COMPOSE, MANY),
)


def test_no_wish_for_music_hurts_the_others(hostile: Daemon) -> None:
    with Bystander(hostile) as bystander:
        for path, body in BAD:
            assert ask(hostile, "POST", path, body)[0] == 400, (path, body[:60])
        programs = at_once(hostile, [("/render-code", {"code": PROGRAM})] * AT_ONCE)
        words = at_once(hostile, [("/generate", {"prompt": "sad jazz, 3:20, " * 600})] * AT_ONCE)
        for answers in (programs, words):
            assert set(counted(answers)) <= {200, 503}
            assert counted(answers)[200]
    say_and_check(bystander)


def test_files_go_to_whom_they_were_signed_for(hostile: Daemon) -> None:
    made = hostile.post(COMPOSE, {"duration_ms": 5_000, "title": '../..\u202e\n"; x="/etc/passwd'})
    hostile.post(f"{COMPOSE}/{made['uuid']}/compose", {})
    address = wait_until(
        lambda: hostile.get(f"{COMPOSE}/{made['uuid']}")["download_url"],
        timeout_s=120,
        what="a composition",
    )
    assert address.startswith(hostile.url)
    path = address.removeprefix(hostile.url)
    for host in ("evil.example", "evil.example/x?", "a@b", "127.0.0.1\\evil"):
        assert fetched(hostile, f"{COMPOSE}/{made['uuid']}", Host=host)[0] == 403
    for changed in (f"{path}&a=b", path.replace("mix", "..%2fmix"), path.replace("=", "=9", 1)):
        assert fetched(hostile, changed)[0] == 403
    status, headers, _ = fetched(hostile, path)
    assert status == 200
    assert "/" not in headers["Content-Disposition"]
    ranges = ",".join(f"{n}-{n}" for n in range(1_000))
    assert fetched(hostile, path, Range=f"bytes={ranges}")[0] == 200
    with Bystander(hostile) as bystander:
        leave_in_the_middle(hostile, path)
    say_and_check(bystander)


def fetched(
    daemon: Daemon, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    address = urlsplit(daemon.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()


def leave_in_the_middle(daemon: Daemon, path: str) -> None:
    """Clients that ask for a file and fetch nothing, or little; no file stays open for them."""
    address = urlsplit(daemon.url)
    open_files = Path(f"/proc/{daemon.pid}/fd")
    before = len(list(open_files.iterdir()))
    with contextlib.ExitStack() as stack:
        for number in range(200):
            peer = socket.create_connection((str(address.hostname), int(address.port or 0)))
            stack.enter_context(peer)
            peer.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            if number % 2:
                with contextlib.suppress(ConnectionError):
                    peer.recv(10)
                peer.close()
    wait_until(lambda: len(list(open_files.iterdir())) <= before + 10, what="closed files")
