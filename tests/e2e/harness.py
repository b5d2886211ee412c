"""The real daemon as a process, and the commands beside it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]


def wait_until(
    condition: Callable[[], Any], *, timeout_s: float = 30.0, what: str = "the condition"
) -> Any:
    """Poll until ``condition()`` is truthy and return that; fail when the time is up."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come about within {timeout_s:.0f} s")


class Daemon:
    """``harmonie serve`` on a free port, with its own data folder."""

    def __init__(self, folder: Path, libraries: list[Path], **settings: str) -> None:
        self.data_dir = folder / "data"
        self.log = folder / "daemon.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if "HARMONIE_" not in name},
            "HARMONIE_LIBRARIES": ",".join(map(str, libraries)),
            "HARMONIE_DATA_DIR": str(self.data_dir),
            "HARMONIE_PORT": "0",
            "HARMONIE_WORKERS": "2",
            "PYTHONWARNINGS": "default",
            **{f"HARMONIE_{name.upper()}": value for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self, **settings: str) -> Daemon:
        """Start (again, with changed settings if given) and wait until it answers."""
        self.environment |= {f"HARMONIE_{name.upper()}": v for name, v in settings.items()}
        (self.data_dir / "daemon.json").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "harmonie_daemon", "serve"],
                env=self.environment,
                cwd=self.log.parent,
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, timeout_s=60, what="the start of the daemon")
        return self

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(encoding="utf-8")
        try:
            self.url = json.loads((self.data_dir / "daemon.json").read_text())["url"]
            return self.request("GET", "/api/v1/status")[0] == 200
        except (OSError, ValueError):
            return False

    @property
    def pid(self) -> int:
        """Process id of the daemon."""
        assert self._process is not None
        return self._process.pid

    def signal(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(timeout=30)

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            assert self.signal(signal.SIGTERM) == 0

    def request(self, method: str, path: str, body: Json | None = None) -> tuple[int, Any]:
        """Status and JSON of one request."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        if "HARMONIE_API_KEY" in self.environment:
            request.add_header("X-API-Key", self.environment["HARMONIE_API_KEY"])
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, json.load(response) if response.status != 204 else None
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def get(self, path: str, **parameters: object) -> Any:
        """The JSON of a GET that must succeed."""
        query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        status, answer = self.request("GET", path + query)
        assert status == 200, (path, status, answer)
        return answer

    def post(self, path: str, body: Json | None = None) -> Any:
        """The JSON of a POST that must succeed."""
        status, answer = self.request("POST", path, body)
        assert status == 200, (path, status, answer)
        return answer

    def let_go(self, key: str) -> None:
        """A playlist that was kept on request is one no longer, here and at the targets.

        The daemon is shared: what comes after would find it among its playlists.
        """
        status, answer = self.request("DELETE", f"/api/v1/playlists/{key}")
        assert status == 204, answer
        self.post("/api/v1/playlists/refresh")

    def tracks(self) -> dict[str, Json]:
        """Every listed track by its path; no path twice."""
        items: list[Json] = []
        while page := self.get("/api/v1/tracks", limit=1000, offset=len(items))["items"]:
            items += page
        by_path = {item["path"]: item for item in items}
        assert len(by_path) == len(items), "a track is listed twice"
        return by_path

    def wait_idle(self, timeout_s: float = 600.0) -> Json:
        """The scan status once a scan has ended since the start and none is running."""
        state: Json = wait_until(
            lambda: (
                (now := self.get("/api/v1/scan"))["finished_at"]
                and now["state"] != "scanning"
                and now
            ),
            timeout_s=timeout_s,
            what="the end of the scan",
        )
        assert state["state"] == "idle", state
        return state

    def command(
        self, *arguments: str, environment: Mapping[str, str] | None = None, timeout_s: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a ``harmonie`` command with the daemon's settings."""
        return subprocess.run(
            [sys.executable, "-m", "harmonie_daemon", *arguments],
            env={**self.environment, **(environment or {})},
            cwd=self.log.parent,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )


def usual_port(port: int) -> int:
    """The port where a family's clients ask; another one if somebody has it."""
    for one in (port, 0):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", one)) as listener:
            return int(listener.getsockname()[1])
    raise AssertionError("this machine has no port left")


def children_of(pid: int) -> set[int]:
    """Process ids of all descendants, as /proc tells them."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(text.rpartition(")")[2].split()[1])
    found, new = set[int](), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return found
