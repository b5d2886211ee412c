"""What the repositories use of a database connection; ``database`` alone knows the driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol


class Cursor(Protocol):
    """The rows of a statement."""

    def __iter__(self) -> Iterator[Any]:
        """Row by row."""

    def fetchall(self) -> list[Any]:
        """All that are left."""

    def fetchone(self) -> Any:
        """The next, or ``None``."""


class Connection(Protocol):
    """An open transaction, on the thread that runs it."""

    @property
    def in_transaction(self) -> bool:
        """Whether one was begun."""

    def execute(self, statements: str, bindings: Any = None) -> Cursor:
        """Run a statement."""

    def executemany(self, statements: str, sequenceofbindings: Any) -> Cursor:
        """Run it for each of the bindings."""

    def pragma(self, name: str, value: Any = None) -> Any:
        """Ask for a pragma or set it."""
