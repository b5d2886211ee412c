"""Fetching rows: the driver types every column as anything SQLite can hold; the SQL knows more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harmonie_daemon.store.connection import Connection


def fetch(connection: Connection, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement to its end and return its rows."""
    return connection.execute(sql, values).fetchall()


def stream(
    connection: Connection, sql: str, values: Sequence[Any] = ()
) -> Iterator[tuple[Any, ...]]:
    """Run one statement, row by row, for answers that should not be in memory twice."""
    yield from connection.execute(sql, values)
