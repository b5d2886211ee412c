"""A server asked with the login of one analysis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.scanning.albums.request import ServerLogin
from harmonie_daemon.store.meta import Meta


@asynccontextmanager
async def logged_in(
    login: ServerLogin, meta: Meta, *, version: str
) -> AsyncIterator[JellyfinClient]:
    """A client of the server, closed afterwards; ``version`` is what it is told of us."""
    client = JellyfinClient(
        login.url,
        login.token.get_secret_value(),
        device_id=login.device_id or await meta.device_id(),
        version=version,
    )
    try:
        yield client
    finally:
        await client.close()
