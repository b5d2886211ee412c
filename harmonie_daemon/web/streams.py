"""Streams of events (server-sent events, as the HTML standard has them)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import hdrs, web

from harmonie_daemon.domain.errors import BusyError
from harmonie_daemon.web.answers import AnswerKind, Event, Events

log = logging.getLogger(__name__)

MOST_STREAMS = 32
"""Of all clients together: a stream keeps its connection, and those are counted, too."""
KEEP_ALIVE_S = 15.0
"""A line that means nothing, so that proxies keep the connection and we notice who has left."""
KEEP_ALIVE = b":\n\n"

Source = AsyncGenerator[Event[Any], None]


@dataclass(slots=True)
class Streams:
    """The streams that are open."""

    closing: asyncio.Event = field(default_factory=asyncio.Event)
    open: int = 0


_STREAMS: web.AppKey[Streams] = web.AppKey("streams", Streams)


def add_streams(app: web.Application) -> None:
    """Let the application's streams end when it stops; aiohttp would wait for them."""
    app[_STREAMS] = Streams()
    app.on_shutdown.append(_close)


async def _close(app: web.Application) -> None:
    app[_STREAMS].closing.set()


async def send_events(
    request: web.Request, events: Events[Any], encode: Callable[[Any], bytes]
) -> web.StreamResponse:
    """Send ``events`` until one side or the daemon ends. Raises ``BusyError`` if there are many."""
    streams = request.app[_STREAMS]
    async with contextlib.aclosing(events.source) as source:
        if streams.open >= MOST_STREAMS:
            raise BusyError(f"{MOST_STREAMS} streams are open; close one, or come back later")
        streams.open += 1
        try:
            response = web.StreamResponse(headers=_HEADERS)
            await response.prepare(request)
            if request.method != hdrs.METH_HEAD:
                await _send(response, source, encode, streams.closing)
            return response
        finally:
            streams.open -= 1


_HEADERS = {
    hdrs.CONTENT_TYPE: AnswerKind.EVENTS.value,
    hdrs.CACHE_CONTROL: "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep events back until it has a page of them
}


async def _send(
    response: web.StreamResponse,
    source: Source,
    encode: Callable[[Any], bytes],
    closing: asyncio.Event,
) -> None:
    stop = asyncio.create_task(closing.wait())
    following = asyncio.create_task(_following(source))
    try:
        while True:
            await asyncio.wait(
                {stop, following}, timeout=KEEP_ALIVE_S, return_when=asyncio.FIRST_COMPLETED
            )
            if stop.done():
                break
            if not following.done():
                await response.write(KEEP_ALIVE)
                continue
            event = following.result()
            if event is None:
                break
            await response.write(_written(event, encode))
            following = asyncio.create_task(_following(source))
        await response.write_eof()
    except ConnectionError:
        return
    except Exception:
        log.exception("a stream of events broke off")
    finally:
        stop.cancel()
        following.cancel()
        await asyncio.gather(stop, following, return_exceptions=True)


async def _following(source: Source) -> Event[Any] | None:
    """The next event; ``None`` when there are no more."""
    return await anext(source, None)


def _written(event: Event[Any], encode: Callable[[Any], bytes]) -> bytes:
    """One event on the wire. JSON has no line breaks of its own."""
    name = b"" if event.name is None else b"event: " + event.name.encode() + b"\n"
    return name + b"data: " + encode(event.data) + b"\n\n"
