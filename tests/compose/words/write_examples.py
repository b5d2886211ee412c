"""Make the MIDI files of the examples anew: ``python -m tests.compose.words.write_examples``."""

from __future__ import annotations

import warnings
from pathlib import Path

from harmonie_daemon.compose import words
from harmonie_daemon.compose.musicpy_code.child import evaluated
from harmonie_daemon.compose.musicpy_code.verdict import Ending

EXAMPLES = Path(words.__file__).parent / "example_files"


def midi_of(program: str) -> bytes:
    """What a program of ours plays, evaluated in this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        verdict = evaluated(program)
    assert verdict.ending is Ending.MUSIC, (verdict.line, verdict.words)
    return verdict.body


if __name__ == "__main__":
    for folder in sorted(EXAMPLES.iterdir()):
        program = (folder / "program.txt").read_text(encoding="utf-8")
        (folder / "piece.mid").write_bytes(midi_of(program))
