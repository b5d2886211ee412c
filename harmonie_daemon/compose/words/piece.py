"""What comes of a wish."""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.compose.score import Score
from harmonie_daemon.domain.errors import HarmonieError


@dataclass(frozen=True, slots=True)
class WordedPiece:
    """A piece that was asked for in words."""

    brief: str
    """Markdown."""
    code: str
    """The program in our dialect of musicpy that plays it."""
    midi: bytes
    score: Score


class GenerationError(HarmonieError):
    """Nothing that sounds has come of it; ``program`` is the last that was tried."""

    code = "generation"

    def __init__(self, message: str, program: str = "") -> None:
        super().__init__(message)
        self.program = program
