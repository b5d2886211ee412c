"""What can be wrong with the stand-in, and what it has been asked."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request that arrived."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: str
    authorization: str
    status: int | None
    """``None`` when the connection was dropped instead."""


@dataclass(slots=True)
class Fault:
    """What happens instead, ``times`` times, to requests that match."""

    method: str
    path: str
    """Regular expression for the whole path; the method is one too."""
    status: int | None = None
    """Answer this; ``None`` drops the connection."""
    after: bool = False
    """Let the request take effect first."""
    times: int = 1
    skip: int = 0
    """Let so many through first."""
    retry_after: str | None = None
    query: str = ""
    """Regular expression found in the query string."""
    text: str = "Error processing request."
    """The body of the answer."""
    hold: bool = False
    """Give no answer and keep the connection, as when a process dies meanwhile."""
    truncate: bool = False
    """Let it take effect, and break off in the middle of the answer."""
    kill: int | None = None
    """End the process of this id instead of answering it."""
    hit: bool = False
    """Whether it has befallen any request."""


@dataclass(slots=True)
class Faults:
    """What is wrong with the server at the moment."""

    down: bool = False
    """Every connection is closed without an answer."""
    starting: bool = False
    """Everything is answered 503 with Retry-After, as while migrating."""
    latency_s: float = 0.0
    armed: list[Fault] = field(default_factory=list)

    def matching(self, request: web.Request) -> Fault | None:
        """The armed fault that hits this request, counted down."""
        for fault in self.armed:
            if not (
                fault.times
                and re.fullmatch(fault.method, request.method)
                and re.fullmatch(fault.path, request.path)
                and re.search(fault.query, request.query_string)
            ):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            fault.hit = True
            return fault
        return None


def starting() -> web.Response:
    """The answer of a server that migrates its database."""
    return web.Response(
        status=503, headers={"Retry-After": "30"}, text="starting", content_type="text/html"
    )


def truncated(request: web.Request, answer: web.Response) -> None:
    """Send half of an answer that promises to be longer; the connection is closed after it."""
    assert request.transport is not None
    body = answer.body if isinstance(answer.body, bytes) else b""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body) + 100}\r\n"
    typed = "Content-Type: application/json\r\n\r\n"
    request.transport.write((head + typed).encode() + body[: len(body) // 2])


async def faulty(fault: Fault) -> web.Response | None:
    """The answer of a fault; ``None`` drops the connection."""
    if fault.kill is not None:
        os.kill(fault.kill, signal.SIGKILL)
        return None
    if fault.hold:
        await asyncio.Event().wait()
    if fault.status is None:
        return None
    headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
    return web.Response(
        status=fault.status, headers=headers, text=fault.text, content_type="application/json"
    )
