"""The commands of the README, run as they stand there, on a handful of real tracks."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import wait_until
from tests.e2e.music import NEEDS_REAL, REAL_LIBRARY, audio_files

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
TRACKS = 8

pytestmark = [
    pytest.mark.skipif(not REAL_LIBRARY, reason=NEEDS_REAL),
    pytest.mark.skipif(
        not all(map(shutil.which, ("make", "curl", "jq"))), reason="needs make, curl and jq"
    ),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def run(home: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``make run`` with nothing configured: where it will answer, and the process."""
    port = free_port()
    environment = {name: v for name, v in os.environ.items() if "HARMONIE_" not in name}
    environment |= {"HOME": str(home), "HARMONIE_PORT": str(port)}
    for name in ("XDG_DATA_HOME", "LIBRARY"):
        environment.pop(name, None)
    process = subprocess.Popen(
        ["make", "run", *words],
        cwd=PROJECT,
        env=environment,
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where ``make run LIBRARY=…`` serves a few tracks that have artist and title."""
    home = tmp_path_factory.mktemp("home")
    music = home / "my music"
    music.mkdir()
    tagged = [p for p in audio_files(Path(str(REAL_LIBRARY))) if "muldjord" in str(p)]
    for number, path in enumerate(tagged[:TRACKS]):
        shutil.copy(path, music / f"{number}{path.suffix}")
    with run(home, f"LIBRARY={music}") as (address, process):
        wait_until(lambda: idle(address), timeout_s=180, what="the end of the first scan")
        yield address
    _, said = process.communicate(timeout=30)
    assert "8 analysed, 0 failed" in said


def ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as response:
        return json.load(response)


def idle(address: str) -> bool:
    try:
        scan = ask(f"{address}/api/v1/scan")
    except OSError:
        return False
    return bool(scan["state"] == "idle" and scan["finished_at"])


def curl_blocks() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [block for block in blocks if "curl" in block]


def test_the_curl_commands_of_the_readme_answer(url: str, tmp_path: Path) -> None:
    track = ask(f"{url}/api/v1/tracks?limit=1")["items"][0]
    assert len(curl_blocks()) == 5
    for block in curl_blocks():
        commands = (
            block.replace("http://127.0.0.1:8842", url)
            .replace("Nina Simone", track["artist"])
            .replace("Sinnerman", track["title"])
            .replace("/42/", f"/{track['id']}/")
            .replace("[42]", f"[{track['id']}]")
        )
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
        assert done.stdout.strip(), block
        assert "null" not in done.stdout


def test_the_daily_mix_is_where_the_readme_says(url: str, tmp_path_factory: Any) -> None:
    home = next(tmp_path_factory.getbasetemp().glob("home*"))
    playlists = home / ".local/share/harmonie/playlists"
    wait_until(lambda: list(playlists.glob("*.m3u8")), what="the first playlists")


def test_without_music_of_ones_own_there_is_some_to_look_at(tmp_path: Path) -> None:
    demo = tmp_path / ".local/share/harmonie/demo-library"
    with run(tmp_path) as (address, process):
        wait_until(lambda: len(list(demo.glob("[!.]*/*.mp3"))) >= 3, timeout_s=120, what="music")
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
    there = {path: path.stat().st_mtime_ns for path in demo.glob("[!.]*/*.mp3")}
    assert 3 <= len(there) < 24
    with run(tmp_path) as (address, process):
        wait_until(lambda: idle(address), timeout_s=600, what="the end of the first scan")
        tracks = ask(f"{address}/api/v1/tracks?limit=100")
        assert tracks["total"] == 24
        found = ask(f"{address}/api/v1/tracks/{tracks['items'][0]['id']}/similar?limit=5")
        assert len(found["matches"]) == 5
        wait_until(lambda: ask(f"{address}/api/v1/playlists")["items"], what="playlists")
    _, said = process.communicate(timeout=30)
    assert f"composing {24 - len(there)} pieces" in said, said
    assert {path: path.stat().st_mtime_ns for path in there} == there
    assert not list(demo.glob(".making*"))
    with run(tmp_path) as (address, process):
        wait_until(lambda: idle(address), timeout_s=120, what="the next start")
    _, said = process.communicate(timeout=30)
    assert "composing" not in said
