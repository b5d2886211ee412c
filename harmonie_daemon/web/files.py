"""Files as answers: whole, or in the part that a player asks for (RFC 9110, section 14).

aiohttp's own would refuse in no family's words, and its ``sendfile`` waits for ever for a client
that fetches nothing. Here every piece waits for the last to be fetched.
"""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import hdrs, web

from harmonie_daemon.domain.errors import NotFoundError
from harmonie_daemon.web.answers import Download
from harmonie_daemon.web.errors import OutOfRangeError

log = logging.getLogger(__name__)

PIECE_BYTES = 256 * 1024
IF_RANGE = hdrs.IF_RANGE


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    length: int


async def send_file(request: web.Request, download: Download) -> web.StreamResponse:
    """Send ``download``; the answer is on its way to the end when this returns.

    Raises ``NotFoundError`` if it is not there, ``OutOfRangeError`` for a part beyond its end.
    """
    file = await asyncio.to_thread(_opened, download.path)
    try:
        facts = os.fstat(file.fileno())
        part = _asked_part(request, facts)
        response = web.StreamResponse(
            status=200 if part is None else 206, headers=_headers(download, facts, part)
        )
        start, length = (0, facts.st_size) if part is None else (part.start, part.length)
        response.content_length = length
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            await _send(request, response, file, _Part(start, length))
        return response
    finally:
        await asyncio.to_thread(file.close)


def _opened(path: Path) -> BinaryIO:
    try:
        # a pipe would keep the thread until somebody writes to it
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise NotFoundError("the file is not there any more") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotFoundError("the file is not there any more")
    return os.fdopen(descriptor, "rb")


async def _send(
    request: web.Request, response: web.StreamResponse, file: BinaryIO, part: _Part
) -> None:
    """Send a part piece by piece. A client that leaves ends it; so does a file that shrinks."""
    remaining = part.length
    try:
        await asyncio.to_thread(file.seek, part.start)
        while remaining:
            piece = await asyncio.to_thread(file.read, min(PIECE_BYTES, remaining))
            if not piece:
                log.warning("a file became shorter while it was sent; the client is let go")
                _hang_up(request)
                return
            await response.write(piece)
            remaining -= len(piece)
        await response.write_eof()
    except ConnectionError:
        return
    except OSError as error:
        log.warning("a file could not be read to its end: %s", error.strerror)
        _hang_up(request)


def _hang_up(request: web.Request) -> None:
    """What was announced cannot be sent any more."""
    if request.transport is not None:
        request.transport.abort()


def _asked_part(request: web.Request, facts: os.stat_result) -> _Part | None:
    """The part that is asked for; ``None``: all of it, as for anything but one range of bytes."""
    condition = request.headers.get(IF_RANGE)
    if condition is not None and condition not in (_etag(facts), _modified(facts)):
        return None
    try:
        asked = request.http_range
    except ValueError:
        return None
    if asked.start is None:
        return None
    size = facts.st_size
    start = max(0, size + asked.start) if asked.start < 0 else asked.start
    end = size if asked.stop is None else min(size, asked.stop)
    if start >= end:
        raise OutOfRangeError(f"the file ends at byte {size}", size)
    return _Part(start, end - start)


def _headers(download: Download, facts: os.stat_result, part: _Part | None) -> Mapping[str, str]:
    headers: dict[str, str] = {
        hdrs.CONTENT_TYPE: download.media_type,
        hdrs.CONTENT_DISPOSITION: _disposition(download),
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.ETAG: _etag(facts),
        hdrs.LAST_MODIFIED: _modified(facts),
    }
    if part is not None:
        last = part.start + part.length - 1
        headers[hdrs.CONTENT_RANGE] = f"bytes {part.start}-{last}/{facts.st_size}"
    return headers


def _disposition(download: Download) -> str:
    """Both spellings of the name: for programs that know ASCII alone, and for the others."""
    kind = "inline" if download.is_inline else "attachment"
    name = "".join(char for char in download.name if char.isprintable())
    plain = "".join(char if char.isascii() and char not in '"\\%' else "_" for char in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _etag(facts: os.stat_result) -> str:
    return f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'


def _modified(facts: os.stat_result) -> str:
    return formatdate(facts.st_mtime, usegmt=True)
