"""What the store asks SQLite, and how SQLite goes about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.rows import fetch
from harmonie_daemon.store.veil import HIDES, SCHEMA

Statement = tuple[str, tuple[Any, ...]]


@contextmanager
def noted(db: Database) -> Iterator[list[Statement]]:
    """The statements of all reads meanwhile, with their values."""
    with _noted(db._readers) as found:
        yield found


@contextmanager
def noted_writes(db: Database) -> Iterator[list[Statement]]:
    """The statements on the writer's connection meanwhile, with their values."""
    with _noted([db._writer]) as found:
        yield found


@contextmanager
def _noted(connections: Sequence[Any]) -> Iterator[list[Statement]]:
    found: list[Statement] = []

    def note(_: object, sql: str, values: tuple[Any, ...] | None) -> bool:
        if sql not in (HIDES, SCHEMA):  # asked before every read
            found.append((sql, values or ()))
        return True

    for connection in connections:
        connection.exec_trace = note
    try:
        yield found
    finally:
        for connection in connections:
            connection.exec_trace = None


async def plans(db: Database, work: Callable[[Connection], object]) -> list[str]:
    """The steps of the query plans of everything ``work`` asks."""
    with noted(db) as statements:
        await db.read(work)
    asked = [statement for statement in statements if statement[0].lstrip().startswith("SELECT")]
    return [
        detail
        for sql, values in asked
        for *_, detail in await db.read(
            lambda connection, sql=sql, values=values: fetch(  # type: ignore[misc]
                connection, f"EXPLAIN QUERY PLAN {sql}", values
            )
        )
    ]
