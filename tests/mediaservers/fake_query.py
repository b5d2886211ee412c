"""Query strings as ASP.NET reads them, and refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from aiohttp import web

from tests.mediaservers.fake_state import guid

T = TypeVar("T")


class RefusalError(Exception):
    """An answer other than success; ``ArgumentException`` and its kin become these."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def refuse(status: int) -> NoReturn:
    """Give this answer instead."""
    raise RefusalError(status)


class Query:
    """Query parameters with names in any case, lists comma-joined or repeated."""

    def __init__(self, request: web.Request) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in request.query.items():
            self._values.setdefault(name.lower(), []).append(value)

    def has(self, name: str) -> bool:
        return name.lower() in self._values

    def one(self, name: str) -> str | None:
        return self._values.get(name.lower(), [None])[0]

    def number(self, name: str) -> int | None:
        text = self.one(name)
        if text is not None and not text.isdigit():
            refuse(400)
        return None if text is None else int(text)

    def list(self, name: str) -> Sequence[str]:
        values = self._values.get(name.lower(), [])
        return [part for value in values for part in value.split(",") if part]

    def ids(self, name: str) -> Sequence[str]:
        """GUIDs in N form; what is none is dropped silently."""
        return [found for found in map(guid, self.list(name)) if found]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(field.lower() for field in self.list("fields"))


def page(
    query: Query, rows: Sequence[T], make: Callable[[T], dict[str, Any]] | None = None
) -> web.Response:
    """The page that the query asks for; ``make`` turns its rows into objects."""
    start = query.number("startIndex") or 0
    limit = query.number("limit")
    stop = len(rows) if limit is None else start + limit
    counted = (query.one("enableTotalRecordCount") or "true") == "true"
    return web.json_response(
        {
            "Items": [row if make is None else make(row) for row in rows[start:stop]],
            "TotalRecordCount": len(rows) if counted else 0,
            "StartIndex": start,
        }
    )
