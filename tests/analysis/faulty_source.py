"""A server of files that can misbehave in the ways that servers and networks do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web


@dataclass
class Source:
    """What it serves and how badly; every request's Range header is kept."""

    files: Mapping[str, bytes]
    drops: int = 0
    """Answers that break off half-way through what they promised."""
    refusals: int = 0
    """Connections that are cut before an answer."""
    knows_ranges: bool = True
    tag: str | None = '"one"'
    status: int | None = None
    says_length: bool = True
    ranges: list[str | None] = field(default_factory=list)
    url: str = ""

    @classmethod
    @asynccontextmanager
    async def serving(cls, files: Mapping[str, bytes]) -> AsyncIterator[Self]:
        """Listen on a free port of this machine; ``files`` maps paths to contents."""
        source = cls(files)
        app = web.Application()
        app.router.add_get("/{path:.*}", source._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        source.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield source
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        if self.refusals:
            self.refusals -= 1
            self._cut(request)
        content = self.files.get(request.match_info["path"])
        if self.status is not None or content is None:
            return web.Response(status=self.status or 404)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        same = self.tag is not None and request.headers.get("If-Range") == self.tag
        if not (self.knows_ranges and asked and same):
            start = 0
        elif start >= len(content):
            return web.Response(status=416)
        return await self._send(request, content, start)

    async def _send(self, request: web.Request, content: bytes, start: int) -> web.StreamResponse:
        response = web.StreamResponse(status=206 if start else 200)
        if start:
            last = len(content) - 1
            response.headers["Content-Range"] = f"bytes {start}-{last}/{len(content)}"
        if self.tag is not None:
            response.headers["ETag"] = self.tag
        rest = content[start:]
        if self.says_length:
            response.content_length = len(rest)
        await response.prepare(request)
        if self.drops:
            self.drops -= 1
            await response.write(rest[: len(rest) // 2])
            self._cut(request)
        await response.write(rest)
        await response.write_eof()
        return response

    @staticmethod
    def _cut(request: web.Request) -> None:
        """End the connection; what was written before still arrives."""
        assert request.transport is not None
        request.transport.close()
        raise ConnectionResetError
