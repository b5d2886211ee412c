"""A server that answers everything in one way, and a client of it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(
    handler: Handler, *, path: str = "", certificate: Path | None = None
) -> AsyncIterator[JellyfinClient]:
    """A client of a server that answers everything with ``handler``; of what is below ``path``."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    scheme = "http" if context is None else "https"
    url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}{path}"
    client = JellyfinClient(url, "t0k3n", device_id="d", version="1")
    yield client
    await client.close()
    await runner.cleanup()
