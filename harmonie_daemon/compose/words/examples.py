"""Pieces that are there already: a prompt that is known to the letter is answered at once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from harmonie_daemon.compose.midi import read_midi
from harmonie_daemon.compose.words.piece import WordedPiece

NAMES = (
    "lo-fi",
    "synthwave",
    "strings",
    "nocturne",
    "blues",
    "pop-punk",
    "bossa-nova",
    "chiptune",
)


def example(prompt: str) -> WordedPiece | None:
    """The piece of exactly this prompt, but for space around it; reads files, once for all."""
    folder = _folders().get(prompt.strip())
    return None if folder is None else _piece(folder)


def example_prompts() -> tuple[str, ...]:
    """What is answered so."""
    return tuple(_folders())


@cache
def _folders() -> dict[str, Traversable]:
    root = files("harmonie_daemon.compose.words") / "example_files"
    folders = [root / name for name in NAMES]
    return {_text(folder, "prompt.txt").strip(): folder for folder in folders}


def _piece(folder: Traversable) -> WordedPiece:
    midi = (folder / "piece.mid").read_bytes()
    brief, program = _text(folder, "brief.md"), _text(folder, "program.txt")
    return WordedPiece(brief, program, midi, read_midi(midi))


def _text(folder: Traversable, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")
