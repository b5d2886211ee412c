"""A clustering in the real daemon that is killed: what is left of it, and what comes after it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import is_alive
from tests.e2e.harness import Daemon, children_of, wait_until
from tests.playlists.made_library import open_library

LONG = {"clustering_method": "gmm", "clustering_runs": 10_000, "gmm_n_components_max": 60}


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon with a library of numbers; its folder is not mounted, so that nothing is scanned."""
    daemon = Daemon(tmp_path, [Path("/music")], default_playlists="false")
    daemon.data_dir.mkdir()

    async def fill() -> None:
        async with open_library(daemon.data_dir) as library:
            await library.fill(600)

    asyncio.run(fill())
    daemon.start()
    yield daemon
    daemon.stop()


def test_a_kill_leaves_one_folder_at_most_and_the_next_start_removes_it(large: Daemon) -> None:
    task = begun(large, LONG)
    wait_until(lambda: details(large, task).get("runs_completed", 0) > 0, what="the first draws")
    workers = children_of(large.pid)
    assert workers
    large.signal(signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, workers)), what="the end of the workers")
    left = [path.name for path in large.data_dir.iterdir() if path.is_dir()]
    assert left.count("clustering") == 1

    large.start()
    assert not (large.data_dir / "clustering").exists()
    assert large.request("GET", f"/api/status/{task}")[1]["state"] == "FAILURE"
    again = begun(large, {})
    wait_until(lambda: state(large, again) == "SUCCESS", what="the next clustering")
    playlists = large.get("/api/playlists")
    assert len(playlists) >= 3
    assert all(name.endswith("_automatic") for name in playlists)
    assert not (large.data_dir / "clustering").exists()


def begun(daemon: Daemon, body: dict[str, object]) -> str:
    status, answer = daemon.request("POST", "/api/clustering/start", body)
    assert status == 202, answer
    task: str = answer["task_id"]
    return task


def state(daemon: Daemon, task: str) -> str:
    found: str = daemon.request("GET", f"/api/status/{task}")[1]["state"]
    assert found != "FAILURE", daemon.request("GET", f"/api/status/{task}")[1]
    return found


def details(daemon: Daemon, task: str) -> dict[str, int]:
    found: dict[str, int] = daemon.request("GET", f"/api/status/{task}")[1]["details"]
    return found
