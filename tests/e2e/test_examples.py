"""The scripts of integrations/examples, as they are, against the daemon."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.harness import Daemon

PROJECT = Path(__file__).parents[2]
EXAMPLES = PROJECT / "integrations" / "examples"
CLIENT = PROJECT / "integrations" / "python-client" / "src"


def run(daemon: Daemon, script: str, *words: str, folder: Path | None = None) -> str:
    """What a script prints; it must succeed."""
    by = {".sh": "sh", ".mjs": "node", ".py": sys.executable}[Path(script).suffix]
    needed = [by, *(["jq"] if script == "story.sh" else []), *(["curl"] if by == "sh" else [])]
    for program in needed:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    environment = {**os.environ, "HARMONIE_URL": daemon.url, "PYTHONPATH": str(CLIENT)}
    done = subprocess.run(
        [by, str(EXAMPLES / script), *words],
        env=environment, capture_output=True, text=True, timeout=120, check=False, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_discover_with_curl(daemon: Daemon) -> None:
    assert '"success":true' in run(daemon, "discover.sh", 'calm "evening" \\ music', "calm")


def test_discover_with_node(daemon: Daemon) -> None:
    assert " - " in run(daemon, "discover.mjs", "calm")


def test_trends(daemon: Daemon) -> None:
    assert '"trending"' in run(daemon, "trending.sh", "5", "artist")


def test_a_story(daemon: Daemon) -> None:
    title = next(iter(daemon.tracks().values()))["title"] or "Something"
    assert "Alex" in run(daemon, "story.sh", "Alex", title, "A title that nobody has")


def test_a_piece(daemon: Daemon, tmp_path: Path) -> None:
    assert "bytes in composed.mp3" in run(
        daemon, "compose.py", "ten seconds of calm ambient", folder=tmp_path
    )
    assert (tmp_path / "composed.mp3").stat().st_size > 10_000


def test_an_evening(daemon: Daemon) -> None:
    lines = run(daemon, "evening.py", "a calm dinner").splitlines()
    assert lines[0].startswith("calm: ")
    assert len(lines) > 1
    (kept,) = [
        one
        for one in daemon.get("/api/v1/playlists")["items"]
        if one["key"] == "discovery:a-calm-dinner"
    ]
    daemon.let_go(kept["key"])
    assert kept["name"] not in {path.stem for path in daemon.data_dir.glob("playlists/*")}
