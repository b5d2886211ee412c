from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("daemon.py")
STARTS = {
    "as a module": [sys.executable, "-m", "tests.workers.daemon"],
    "as a script": [sys.executable, str(SCRIPT)],
}


@contextmanager
def daemon(
    folder: Path, mark: str, *, start: str = "as a module", ending: str = "waits"
) -> Iterator[subprocess.Popen[str]]:
    """The daemon in a process group of its own; every process it makes inherits the mark."""
    environment = {**os.environ, "HARMONIE_TEST_MARK": mark, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*STARTS[start], str(folder), ending],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            wait_until(lambda: (folder / "ready").exists() or process.poll() is not None, 60)
            yield process
        finally:
            for pid in marked(mark):
                os.kill(pid, signal.SIGKILL)


def marked(mark: str) -> list[int]:
    """Every living process that carries the mark in its environment."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if carries(entry, mark)]


def carries(process: Path, mark: str) -> bool:
    try:
        return f"HARMONIE_TEST_MARK={mark}".encode() in (process / "environ").read_bytes()
    except OSError:
        return False


def wait_until(condition: object, within_s: float) -> None:
    assert callable(condition)
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


def test_nothing_is_left_when_the_daemon_is_killed(tmp_path: Path, mark: str) -> None:
    with daemon(tmp_path, mark) as process:
        assert len(marked(mark)) >= 5, "daemon, forkserver, three workers"
        process.kill()
        process.wait()
        wait_until(lambda: not marked(mark), 10)


def test_nothing_is_left_when_the_daemon_returns_without_closing(tmp_path: Path, mark: str) -> None:
    with daemon(tmp_path, mark, ending="returns") as process:
        assert process.wait(timeout=30) == 0
        wait_until(lambda: not marked(mark), 10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_terminals_process_group_prints_no_traceback(
    tmp_path: Path, mark: str, number: signal.Signals
) -> None:
    with daemon(tmp_path, mark) as process:
        os.killpg(process.pid, number)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == (130 if number == signal.SIGINT else -number)
        assert output == ""
        wait_until(lambda: not marked(mark), 10)


@pytest.mark.parametrize("start", list(STARTS))
def test_a_worker_never_imports_the_daemons_start_script(
    tmp_path: Path, mark: str, start: str
) -> None:
    with daemon(tmp_path, mark, start=start):
        assert (tmp_path / "imports").read_text().splitlines() == ["__main__"]
