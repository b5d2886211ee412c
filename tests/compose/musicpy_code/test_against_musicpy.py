"""The evaluator against musicpy itself, which runs the same programs in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from harmonie_daemon.compose.midi import read_midi
from harmonie_daemon.compose.musicpy_code.child import evaluated
from harmonie_daemon.compose.musicpy_code.verdict import Ending
from tests.data.musicpy_programs import PROGRAMS


@pytest.fixture(scope="module")
def plain() -> dict[str, bytes]:
    """What musicpy makes of each."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.compose.musicpy_code.plain_musicpy"],
        input=json.dumps(PROGRAMS),
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: bytes.fromhex(midi) for name, midi in json.loads(done.stdout).items()}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_evaluator_plays_what_musicpy_plays(name: str, plain: dict[str, bytes]) -> None:
    verdict = evaluated(PROGRAMS[name])
    assert verdict.ending is Ending.MUSIC, f"line {verdict.line}: {verdict.words}"
    assert verdict.body == plain[name]
    assert read_midi(verdict.body).parts
