"""Answers, packed for clients that can unpack them."""

from __future__ import annotations

import gzip

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from harmonie_daemon.web.aside import aside

SMALLEST_BYTES = 1024
"""Below that a packet is a packet."""
LONG_BYTES = 16 * 1024
"""From here on the event loop does not wait for it."""
LEVEL = 3
"""Half the time of the usual 6, for lists of tracks that come out a fifteenth larger."""
PACKABLE = frozenset({"application/json", "text/javascript", "text/css", "text/html", "text/plain"})


def packing_middleware() -> Middleware:
    """Packs what is text and of some length. Files and streams go as they are."""

    @web.middleware
    async def pack(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if isinstance(response, web.Response):
            await _pack(request, response)
        return response

    return pack


async def _pack(request: web.Request, response: web.Response) -> None:
    body = response.body
    if not isinstance(body, bytes) or len(body) <= SMALLEST_BYTES:
        return
    if response.content_type not in PACKABLE:
        return
    response.headers.add(hdrs.VARY, hdrs.ACCEPT_ENCODING)
    if not accepts_gzip(request.headers.getall(hdrs.ACCEPT_ENCODING, [])):
        return
    if len(body) < LONG_BYTES:
        packed = _packed(body)
    else:
        packed = await aside(request.app, lambda: _packed(body))
    response.body = packed
    response.headers[hdrs.CONTENT_ENCODING] = "gzip"


def accepts_gzip(headers: list[str]) -> bool:
    """Whether gzip is among the encodings that a client takes (RFC 9110, section 12.5.3)."""
    weights: dict[str, float] = {}
    for entry in ",".join(headers).split(","):
        name, _, parameter = entry.partition(";")
        weights[name.strip().lower()] = _weight(parameter)
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _packed(body: bytes) -> bytes:
    return gzip.compress(body, LEVEL, mtime=0)
