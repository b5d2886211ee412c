"""One daemon for all end-to-end tests; its library is analysed once."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import Daemon, children_of, wait_until
from tests.e2e.music import audio_files, lay_out


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music") / "library"
    lay_out(folder)
    return folder


@pytest.fixture(scope="session")
def held_back(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One track that is not in the library yet."""
    track = max(audio_files(library))
    return Path(shutil.move(track, tmp_path_factory.mktemp("held") / track.name))


@pytest.fixture(scope="session")
def daemon(
    library: Path, held_back: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Daemon]:
    """A daemon that was ended by SIGTERM and by SIGKILL in the middle of its first scan."""
    folder = tmp_path_factory.mktemp("daemon")
    kodi = {"name": "kodi", "dir": str(folder / "kodi"), "extension": "m3u", "paths": "absolute"}
    daemon = Daemon(folder, [library], m3u_player=json.dumps([kodi]))
    daemon.start()
    wait_until(lambda: len(daemon.tracks()) >= 2, timeout_s=120, what="the first tracks")
    assert daemon.signal(signal.SIGTERM) == 0
    daemon.start()
    kept = daemon.tracks()
    assert len(kept) >= 2
    wait_until(lambda: len(daemon.tracks()) >= len(kept) + 2, timeout_s=120, what="some more")
    workers = children_of(daemon.pid)
    daemon.signal(signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, workers)), what="the end of the workers")
    daemon.start()
    daemon.wait_idle()
    now = daemon.tracks()
    assert {path: now[path]["id"] for path in kept} == {p: t["id"] for p, t in kept.items()}
    yield daemon
    daemon.stop()


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
