"""What stand-ins for services elsewhere have in common: being served, and ways to answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(answer: Reply, *, method: str = "*") -> AsyncIterator[str]:
    """Where a service that answers like this is, on a free port of loopback."""
    app = web.Application()
    app.router.add_route(method, "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def gives(body: object) -> Reply:
    """200 with any JSON."""

    async def reply(_: web.Request) -> web.Response:
        return web.json_response(body)

    return reply


def is_silent() -> Reply:
    """No answer before the client has left."""

    async def reply(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    return reply
