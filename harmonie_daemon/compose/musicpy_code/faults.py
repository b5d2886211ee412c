"""What stops a program, and the fuel it burns."""

from __future__ import annotations

from harmonie_daemon.compose.musicpy_code import limits


class FaultError(Exception):
    """A program does what it may not, or what makes no sense; the message is for its author."""


class Fuel:
    """What is left of the work a program may do."""

    def __init__(self, amount: int = limits.FUEL) -> None:
        self.left = amount

    def burn(self, amount: int) -> None:
        """Take note of work that is about to be done. Raises ``FaultError`` when it is too much."""
        self.left -= amount
        if self.left < 0:
            raise FaultError(
                "the program does too much work; write fewer or shorter loops and copies"
            )
