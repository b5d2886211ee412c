"""BeatTeller's document at its own port: its Python and JavaScript clients and its curl commands.

They are read out of the document while the test runs (``HARMONIE_TEST_SPECS`` names its folder) and
are as printed there, but for the indentation of Python, which the text of it has lost.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import Daemon, usual_port, wait_until

_BESIDE = Path(__file__).parents[3] / "shared" / "specs"
DOCUMENT = Path(os.environ.get("HARMONIE_TEST_SPECS", _BESIDE)) / "beatteller-api.txt"
DOCUMENTED = "localhost:5001"
OPENING, CLOSING = "([{", ")]}"
KNOWN_STATUS = {"recommendations": 404, "cross-domain": 503}
"""Radiohead is not in the library, and without a key nobody knows what goes with Pink Floyd."""

needs_document = pytest.mark.skipif(
    not DOCUMENT.exists(), reason="HARMONIE_TEST_SPECS names no folder with BeatTeller's document"
)


@pytest.fixture(scope="module")
def address(daemon: Daemon) -> Iterator[str]:
    """The daemon at the document's port, if nobody else has it."""
    port = usual_port(int(DOCUMENTED.rpartition(":")[2])) or 0
    daemon.stop()
    settings = {
        "also_listen": f"127.0.0.1:{port}",
        "rate_limit_per_hour": "0",
        "rate_limit_per_minute": "0",
    }
    daemon.start(**settings)
    yield f"localhost:{port}"
    daemon.stop()
    for name in settings:
        del daemon.environment[f"HARMONIE_{name.upper()}"]
    daemon.start()


def between(start: str, end: str) -> str:
    """A part of the document, both ends included."""
    text = DOCUMENT.read_text(encoding="utf-8")
    begin = text.index(start)
    return text[begin : text.index(end, begin) + len(end)]


def indented(code: str) -> str:
    """Python that has lost its indentation: each ``if`` and ``else`` has one line, or a bracket."""
    lines: list[str] = []
    depth, level, is_body = 0, 0, False
    for line in code.splitlines():
        if not depth:
            if line.startswith(("class ", "# ")):
                level, is_body = 0, False
            elif line.startswith("def "):
                level, is_body = 1, False
        lines.append("    " * (level + is_body) + line)
        depth += sum(line.count(one) for one in OPENING) - sum(line.count(one) for one in CLOSING)
        if depth:
            continue
        is_body = False
        if line.startswith(("class ", "def ")):
            level += 1
        elif line.endswith(":"):
            is_body = True
    return "\n".join(lines)


def run(by: str, script: Path, text: str, address: str) -> str:
    """What a program prints; it must succeed."""
    if shutil.which(by) is None:
        pytest.skip(f"{by} is not installed")
    script.write_text(text.replace(DOCUMENTED, address), encoding="utf-8")
    done = subprocess.run(
        [by, str(script)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_document
def test_the_python_client(address: str, tmp_path: Path) -> None:
    pytest.importorskip("requests")
    code = indented(between("import requests", 'story_type="reflection"\n)'))
    code += "\nprint(json.dumps([results, story]))\n"
    results, story = json_of(run(sys.executable, tmp_path / "client.py", code, address))
    assert results["success"] is True
    assert len(results["results"]) <= 5
    assert results["query_metadata"]["processed_input"] == "chill lo-fi beats for studying"
    assert story["metadata"]["story_type"] == "reflection"
    assert story["music_featured"][0]["name"] == "Lofi Hip Hop"
    assert "Alice" in story["story"]


@needs_document
def test_the_javascript_client(address: str, tmp_path: Path) -> None:
    code = between("// Music Discovery", "console.log('Discovered music:', results);\n});")
    said = run("node", tmp_path / "client.mjs", code, address)
    assert said.startswith("Discovered music: [")
    assert "relevance_score" in said


def commands() -> list[str]:
    """Every curl command of the document that asks the API for something."""
    text = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    found = [command_at(text, match.start()) for match in re.finditer("curl ", text)]
    return [one for one in found if DOCUMENTED in one and ("-d" in one or "?" in one)]


def command_at(text: str, start: int) -> str:
    """A command of the shell; what comes after its last quotation mark is the next paragraph."""
    quote = ""
    for at in range(start, len(text)):
        char, after = text[at], text[at + 1 : at + 2]
        if quote and char == quote:
            quote = ""
            if not after.isspace():
                return text[start : at + 1]
        elif not quote and char in "'\"":
            quote = char
        elif not quote and char == "\n" and text[at - 1] != "\\":
            return text[start:at]
    return text[start:]


@needs_document
@pytest.mark.parametrize("command", commands(), ids=lambda one: one.partition("/api/")[2][:20])
def test_the_curl_commands(address: str, command: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    path = re.search(r"/api/([a-z-]+)", command)
    assert path is not None
    lines = command.replace("curl ", "curl -sS --compressed -w '\\n%{http_code}' ", 1)
    said = run("sh", tmp_path / "command.sh", lines, address)
    body, _, status = said.rstrip().rpartition("\n")
    expected = KNOWN_STATUS.get(path[1], 200)
    assert int(status) == expected, said
    assert json_of(body)["success"] is (expected == 200)


@needs_document
def test_there_are_as_many_commands_as_examples() -> None:
    assert len(commands()) == 10


def test_a_playlist_is_made_kept_and_brought_to_the_targets(daemon: Daemon, address: str) -> None:
    assert address
    asked = {"theme": "Anything at all", "duration_minutes": 5, "save": True}
    made = daemon.post("/api/playlist-generator", asked)
    playlist = made["playlist"]
    lengths = [one["duration_seconds"] for one in playlist["tracks"]]
    assert lengths
    assert abs(sum(lengths) - 300) <= max(lengths) / 2 or made["generation_metadata"]["notes"]
    assert playlist["key"] == "discovery:anything-at-all"

    def files() -> list[Path]:
        return list((daemon.data_dir / "playlists").rglob("*Anything At All*.m3u*"))

    wait_until(lambda: bool(files()), what="the playlist as a file")
    daemon.let_go(playlist["key"])
    wait_until(lambda: not files(), what="the end of the file")
    health = daemon.get("/api/health")
    assert (health["status"], health["services"]["database"]) == ("healthy", "connected")


def json_of(text: str) -> Any:
    """What a program printed."""
    return json.loads(text)
