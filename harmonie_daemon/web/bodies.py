"""Request bodies, read with a limit that counts what they unpack to."""

from __future__ import annotations

import zlib

from aiohttp import hdrs, web

from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.web.errors import BodyTooLargeError

GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
"""zlib tells the two headers apart."""
ENCODINGS = ("gzip", "deflate")
NO_ENCODING = ("", "identity")


def runner_of(app: web.Application, *, shutdown_timeout_s: float = 60.0) -> web.AppRunner:
    """What serves ``app``. Bodies arrive packed as they were sent.

    aiohttp would unpack all of a body that nobody wants, on the event loop, before it closes the
    connection.
    """
    return web.AppRunner(
        app, access_log=None, shutdown_timeout=shutdown_timeout_s, auto_decompress=False
    )


async def read_body(request: web.Request, most_bytes: int | None = None) -> bytes:
    """The whole body, unpacked; at most what the application lets in, or so many bytes.

    Raises ``BodyTooLargeError`` and ``BadRequestError``.
    """
    largest = request.client_max_size if most_bytes is None else most_bytes
    if request.content_length is not None and request.content_length > largest:
        raise BodyTooLargeError(f"the request body is larger than {largest} bytes")
    try:
        raw = await request.read()
    except web.RequestPayloadError as error:
        raise BadRequestError(f"the request body cannot be read: {error}") from error
    except ConnectionError as error:
        raise BadRequestError("the request body broke off") from error
    encoding = request.headers.get(hdrs.CONTENT_ENCODING, "").strip().lower()
    if len(raw) > largest:
        raise BodyTooLargeError(f"the request body is larger than {largest} bytes")
    if encoding in NO_ENCODING:
        return raw
    if encoding not in ENCODINGS:
        raise BadRequestError("the request body is packed; send it plain, as gzip or as deflate")
    return _unpacked(raw, encoding, largest)


def _unpacked(raw: bytes, encoding: str, largest: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=GZIP_OR_ZLIB)
    try:
        body = unpacker.decompress(raw, largest + 1)
    except zlib.error as error:
        raise BadRequestError(f"the request body is no {encoding}: {error}") from error
    if len(body) > largest:
        raise BodyTooLargeError(f"the request body unpacks to more than {largest} bytes")
    if not unpacker.eof:
        raise BadRequestError(f"the request body is no {encoding}: its end is missing")
    return body
