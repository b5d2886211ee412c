"""Exit codes that mean something."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the shell is told."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    UNUSABLE = 4
    INTERRUPTED = 130


class CommandError(Exception):
    """A command cannot do what it was asked; the message is for the person at the terminal."""

    def __init__(self, message: str, exit: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.exit = exit
