"""Hostile files in the library of the real daemon: what they cost everyone else.

Figures are printed (``pytest -s``): the longest wait of a client, the daemon's peak of memory.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest

from tests.analysis.broken import whole
from tests.e2e.harness import Daemon, children_of, wait_until
from tests.library.hostile import HOSTILE

ASKED_EVERY_S = 0.02
MOST_ABOVE_IDLE_MIB = 300
PROMPTLY_S = 15.0
"""For an end that takes a second on an idle machine, and ten minutes of a reader that is not let
go."""
THE_WORST = (
    "a title that expands",
    "a picture that expands",
    "a million frames",
    "chapters in chapters",
    "two million comments",
    "a million atoms",
    "a million items",
)


class Visitor:
    """A client that asks for ``/health`` all the time, and remembers how long it waited."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.longest_wait_s = 0.0

    def _ask(self) -> None:
        while not self._left.wait(ASKED_EVERY_S):
            asked_at = time.monotonic()
            assert self._daemon.request("GET", "/health")[0] == 200
            self.longest_wait_s = max(self.longest_wait_s, time.monotonic() - asked_at)

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._left.set()
        self._thread.join()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon with one good file, which it has heard."""
    music = tmp_path / "music"
    music.mkdir()
    (music / "good.mp3").write_bytes(whole("mp3"))
    daemon = Daemon(tmp_path, [music], watch="false")
    daemon.start()
    daemon.wait_idle()
    yield daemon
    daemon.stop()


@pytest.mark.thorough
def test_hostile_files_cost_the_daemon_neither_memory_nor_time(
    daemon: Daemon, tmp_path: Path
) -> None:
    for name in THE_WORST:
        (tmp_path / "music" / f"{name}.{HOSTILE[name].suffix}").write_bytes(HOSTILE[name].make(1))
    idle_mib = memory_mib(daemon.pid, "VmRSS")
    with Visitor(daemon) as visitor:
        daemon.post("/api/v1/scan")
        wait_until(
            lambda: len(daemon.tracks()) == 1 + len(THE_WORST), timeout_s=300, what="hearing"
        )
        daemon.wait_idle()
    peak_mib = memory_mib(daemon.pid, "VmHWM")
    print(
        f"\nhostile files: /health waited {visitor.longest_wait_s:.3f} s at most; "
        f"{peak_mib - idle_mib:.0f} MiB above the {idle_mib:.0f} MiB of an idle daemon"
    )
    assert peak_mib - idle_mib < MOST_ABOVE_IDLE_MIB
    log = daemon.log.read_text(encoding="utf-8")
    for name in THE_WORST:
        told = f"{name}.{HOSTILE[name].suffix}: its tags were not read whole" in log
        assert told == (HOSTILE[name].left_out is not None), name


def test_sigterm_ends_the_daemon_while_it_reads_hostile_tags(
    daemon: Daemon, tmp_path: Path
) -> None:
    (tmp_path / "music" / "slow.mp3").write_bytes(HOSTILE["a million frames"].make(1))
    with Visitor(daemon):
        daemon.post("/api/v1/scan")
        wait_until(lambda: is_reading(daemon.pid, "slow.mp3"), what="the reading of tags")
    workers = children_of(daemon.pid)
    asked_at = time.monotonic()
    assert daemon.signal(signal.SIGTERM) == 0
    print(f"\nSIGTERM was obeyed within {time.monotonic() - asked_at:.1f} s")
    wait_until(lambda: not any(map(exists, workers)), timeout_s=PROMPTLY_S, what="the workers' end")


def memory_mib(pid: int, field: str) -> float:
    """``VmRSS`` or ``VmHWM`` of a process, without its children."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(field)


def is_reading(pid: int, name: str) -> bool:
    """Whether a worker has the file open, or the daemon itself."""
    for process in (pid, *children_of(pid)):
        try:
            links = [link.readlink().name for link in Path(f"/proc/{process}/fd").iterdir()]
        except OSError:
            continue
        if name in links:
            return True
    return False


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
