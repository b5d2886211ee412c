"""Playlists turn up in a real Subsonic server: supysonic, in an environment of its own.

``HARMONIE_TEST_SUPYSONIC`` names that environment; ``.ci/run`` makes it:
``pip install supysonic==0.7.9 waitress``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import Daemon, wait_until

PLACE = os.environ.get("HARMONIE_TEST_SUPYSONIC")
PASSWORD = "open sesame"

pytestmark = pytest.mark.skipif(PLACE is None, reason="needs supysonic; see the top of this file")


class Supysonic:
    """A server over a folder, with one user."""

    def __init__(self, folder: Path, library: Path) -> None:
        assert PLACE is not None
        self._bin = Path(PLACE) / "bin"
        self._folder = folder
        config = f"[base]\ndatabase_uri = sqlite:///{folder}/supysonic.db\n"
        (folder / "supysonic.conf").write_text(
            f"{config}[webapp]\ncache_dir = {folder}/cache\nlog_level = WARNING\n"
        )
        self._cli("user", "add", "alice", "-p", PASSWORD)
        self._cli("folder", "add", "music", str(library))
        self._cli("folder", "scan", "--foreground", "music")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def _cli(self, *arguments: str) -> None:
        subprocess.run(
            [self._bin / "supysonic-cli", *arguments],
            cwd=self._folder, check=True, capture_output=True, timeout=120,
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                self._bin / "supysonic-server", "-S", "waitress",
                "-h", "127.0.0.1", "-p", str(self.port),
            ],
            cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self._answers, what="the start of supysonic")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def _answers(self) -> bool:
        try:
            return bool(self.ask("ping"))
        except OSError:
            return False

    def ask(self, method: str, **parameters: str) -> Any:
        """As a player asks."""
        who = {"u": "alice", "p": PASSWORD, "v": "1.12.0", "c": "player", "f": "json"}
        query = urllib.parse.urlencode({**who, **parameters})
        with urllib.request.urlopen(f"{self.url}/rest/{method}.view?{query}", timeout=30) as answer:
            inner = json.load(answer)["subsonic-response"]
        assert inner["status"] == "ok", inner
        return inner

    def playlists(self) -> dict[str, tuple[str, list[str]]]:
        """Name and paths of each, by id."""
        found = {}
        for row in self.ask("getPlaylists")["playlists"].get("playlist", []):
            entries = self.ask("getPlaylist", id=row["id"])["playlist"].get("entry", [])
            found[row["id"]] = (row["name"], [entry["path"] for entry in entries])
        return found


@pytest.fixture
def supysonic(
    daemon: Daemon, library: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Supysonic]:
    """A server that has the same music; the daemon is pointed at it."""
    server = Supysonic(tmp_path_factory.mktemp("supysonic"), library)
    server.start()
    daemon.stop()
    start = {"subsonic_url": server.url, "subsonic_user": "alice", "subsonic_password": PASSWORD}
    daemon.start(**start)
    yield server
    daemon.stop()
    for name in start:
        del daemon.environment[f"HARMONIE_{name.upper()}"]
    daemon.start()
    server.stop()


def wanted_paths(daemon: Daemon, library: Path) -> dict[str, list[str]]:
    """What each saved playlist holds, as paths below the library."""
    by_id = {
        track["id"]: str(Path(path).relative_to(library)) for path, track in daemon.tracks().items()
    }
    saved = daemon.get("/api/v1/playlists")["items"]
    return {one["name"]: [by_id[id_] for id_ in one["track_ids"]] for one in saved}


def push(daemon: Daemon) -> None:
    done = daemon.command("push")
    assert done.returncode == 0, done.stdout + done.stderr


async def test_playlists_arrive_and_are_refreshed_in_place(
    daemon: Daemon, library: Path, supysonic: Supysonic
) -> None:
    await asyncio.to_thread(push, daemon)
    arrived = supysonic.playlists()
    wanted = wanted_paths(daemon, library)
    assert dict(arrived.values()) == wanted
    assert len(arrived) >= 3

    victim = next(iter(arrived))
    supysonic.ask("updatePlaylist", playlistId=victim, name="renamed by hand")
    supysonic.ask("createPlaylist", name="my own")
    await asyncio.to_thread(push, daemon)
    again = supysonic.playlists()
    assert {id_ for id_ in again if again[id_][0] != "my own"} == arrived.keys()

    before = supysonic.playlists()
    examined = await asyncio.to_thread(daemon.command, "doctor", "--try")
    assert examined.returncode == 0, examined.stdout + examined.stderr
    assert "a playlist was made, changed and deleted" in examined.stdout
    assert supysonic.playlists() == before

    supysonic.stop()
    done = await asyncio.to_thread(daemon.command, "push")
    assert done.returncode == 1
    examined = await asyncio.to_thread(daemon.command, "doctor")
    assert examined.returncode == 1
    assert "PROBLEM" in examined.stdout
    supysonic.start()
    await asyncio.to_thread(push, daemon)
    assert supysonic.playlists().keys() == again.keys()

    supysonic.ask("deletePlaylist", id=victim)
    await asyncio.to_thread(push, daemon)
    back = supysonic.playlists()
    assert sorted(name for name, _ in back.values()) == sorted([*wanted, "my own"])
    log = daemon.log.read_text(encoding="utf-8")
    assert PASSWORD not in log
    assert PASSWORD.encode().hex() not in log
    assert hashlib.md5(PASSWORD.encode()).hexdigest() not in log
