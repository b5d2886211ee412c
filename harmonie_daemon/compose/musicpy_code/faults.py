"""What stops a program, and the fuel it burns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harmonie_daemon.compose.musicpy_code import limits

LONGEST_REASON = 200


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


@contextmanager
def faults_of_musicpy() -> Iterator[None]:
    """musicpy raises whatever comes; its ValueErrors are written for whoever calls it."""
    try:
        yield
    except FaultError:
        raise
    except MemoryError as error:
        raise FaultError("this needs too much memory") from error
    except RecursionError as error:
        raise FaultError("this is nested too deeply") from error
    except ValueError as error:
        words = " ".join(str(error).split()).encode("ascii", "replace").decode()
        raise FaultError(f"musicpy says: {words[:LONGEST_REASON]}") from error
    except Exception as error:  # - a foreign library at work on foreign values
        raise FaultError("musicpy cannot make sense of these values") from error
