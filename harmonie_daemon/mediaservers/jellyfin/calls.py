"""What all requests to a Jellyfin server have in common: pages of rows, ids in batches, users.

Facts about the wire: repeated query parameters, except for id lists, which are joined by commas;
ids in batches, for a request line longer than 8,192 bytes is refused.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from harmonie_daemon.mediaservers.errors import GarbledError, TooLargeError, TooLongError
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.mediaservers.jellyfin.connection import JellyfinConnection, Query

ID_BATCH = 100
"""Ids per query string: 33 bytes each, well under the 8,192 bytes of a request line."""
PAGE_SIZE = 500
MOST_LEFT_OUT = 20
"""Rows of a listing that are megabytes each; with more of them the server is none."""
MOST_ROWS = 1_000_000
"""Of a listing: several times the largest library; a server that goes on for ever is none."""


class JellyfinCalls:
    """Requests over one connection. Every method raises ``MediaServerError``.

    Methods that change something return whether the server confirmed it the way Jellyfin does
    (204); another success may be a proxy's own, and calls for a look.
    """

    def __init__(self, server: JellyfinConnection) -> None:
        self._server = server

    async def _rows(self, path: str, query: Query) -> AsyncIterator[Mapping[str, Any]]:
        """The rows of a paged listing, one request in flight; counted on the first page only.

        A page that is too large is asked for in halves; a row that is, is left out.
        """
        start, total, size, left_out = 0, None, PAGE_SIZE, 0
        while total is None or start < total:
            window = [("startIndex", str(start)), ("limit", str(size))]
            if path == "/Items":
                window.append(("enableTotalRecordCount", "true" if total is None else "false"))
            try:
                page = wire.parse_page(await self._server.get(path, [*query, *window]))
            except TooLargeError:
                if size == 1:
                    start, left_out = start + 1, left_out + 1
                if left_out > MOST_LEFT_OUT:
                    raise
                size = max(1, size // 2)
                continue
            size = min(PAGE_SIZE, 2 * size)
            for row in page.rows:
                yield row
            if not page.rows:
                return
            start += len(page.rows)
            if start > MOST_ROWS:
                raise GarbledError(f"Jellyfin lists more than {MOST_ROWS} items; is it one?")
            if total is None:
                total = page.total if page.total is not None else start


async def in_batches(
    ids: Sequence[str], call: Callable[[Sequence[str]], Awaitable[None]], size: int = ID_BATCH
) -> None:
    """Call with at most ``size`` ids at a time, in order; halve what a server finds too long."""
    for start in range(0, len(ids), size):
        batch = ids[start : start + size]
        try:
            await call(batch)
        except TooLongError:
            if len(batch) == 1:
                raise
            await in_batches(batch, call, (len(batch) + 1) // 2)


def as_user(user_id: str | None) -> list[tuple[str, str]]:
    """The parameter that says for whom; without a user none."""
    return [] if user_id is None else [("userId", user_id)]
