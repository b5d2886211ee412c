from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harmonie_daemon.workers.nursery import NURSERY

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("daemon.py")
STARTS = {
    "as a module": [sys.executable, "-m", "tests.workers.daemon"],
    "as a script": [sys.executable, str(SCRIPT)],
}


@contextmanager
def daemon(
    folder: Path, *, start: str = "as a module", ending: str = "waits"
) -> Iterator[subprocess.Popen[str]]:
    """The daemon in a session of its own, which every process it makes belongs to."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
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
            for pid in living(process.pid):
                os.kill(pid, signal.SIGKILL)


def living(session: int) -> list[int]:
    """Every process of the session that has not ended."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if lives(entry, session)]


def lives(process: Path, session: int) -> bool:
    try:
        state, _, _, its_session = (process / "stat").read_text().rpartition(") ")[2].split()[:4]
    except (OSError, ValueError):
        return False
    return int(its_session) == session and state != "Z"


def wait_until(condition: object, within_s: float) -> None:
    assert callable(condition)
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_nothing_is_left_when_the_daemon_is_killed(tmp_path: Path) -> None:
    with daemon(tmp_path) as process:
        assert len(living(process.pid)) >= 6, "daemon, two nurseries, three workers"
        process.kill()
        process.wait()
        wait_until(lambda: not living(process.pid), 10)


def test_nothing_is_left_when_the_daemon_returns_without_closing(tmp_path: Path) -> None:
    with daemon(tmp_path, ending="returns") as process:
        assert process.wait(timeout=30) == 0
        wait_until(lambda: not living(process.pid), 10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_terminals_process_group_prints_no_traceback(
    tmp_path: Path, number: signal.Signals
) -> None:
    with daemon(tmp_path) as process:
        os.killpg(process.pid, number)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == (130 if number == signal.SIGINT else -number)
        assert output == ""
        wait_until(lambda: not living(process.pid), 10)


def test_ctrl_c_while_a_nursery_starts_prints_no_traceback(tmp_path: Path) -> None:
    package = tmp_path / "harmonie_daemon/workers"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "nursery_process.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
        "def serve(order): print('it goes on')\n"
    )
    order = json.dumps({"sys_path": [str(tmp_path), *sys.path]})
    done = subprocess.run(
        [sys.executable, "-I", "-c", NURSERY, order],
        check=False, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("it goes on\n", "")


@pytest.mark.parametrize("start", list(STARTS))
def test_a_worker_never_imports_the_daemons_start_script(tmp_path: Path, start: str) -> None:
    with daemon(tmp_path, start=start):
        assert (tmp_path / "imports").read_text().splitlines() == ["__main__"]
