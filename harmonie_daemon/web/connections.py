"""Who is connected: how many at once, and how long each may keep us waiting.

aiohttp itself waits for ever for the rest of a request, and asyncio accepts connections until no
file descriptor is left. Whoever keeps us waiting is let go after a while, or at once when there
are too many; whoever is being answered is not.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import resource
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 128
BACKLOG = 1024
"""Connections the kernel keeps until we take them; beyond, a client tries again after a second."""
SHARE_OF_DESCRIPTORS = 4
"""At most one file descriptor in four is a connection."""
COMPLAINT_INTERVAL_S = 60.0
"""A flood of connections must not become a flood of log lines."""
ROOM_POLL_S = 0.05
ACCEPT_RETRY_S = 1.0

ProtocolFactory = Callable[[], asyncio.Protocol]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds a client may keep us waiting, by what for."""

    head: float = 15.0
    """From a connection, or the first byte of a further request, to the end of its headers."""
    body: float = 30.0
    """From one piece of a body to the next."""
    idle: float = 60.0
    """From an answer to the next request."""
    unread: float = 60.0
    """For an answer that the client does not fetch."""


def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of ``host``, all on one port (0: any). Raises ``OSError``."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    refused: OSError | None = None
    for family, _, _, _, address in dict.fromkeys(found):
        name, number, *scope = address
        place = (name, number or (sockets[0].getsockname()[1] if sockets else 0), *scope)
        try:
            sockets.append(socket.create_server(place, family=family, backlog=BACKLOG))
        except OSError as error:
            refused = error
    if not sockets:
        raise refused or OSError(errno.EADDRNOTAVAIL, f"{host} has no address")
    return sockets


def most_connections() -> int:
    """How many connections this process can afford."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(1, min(MOST_CONNECTIONS, descriptors // SHARE_OF_DESCRIPTORS))


class Connections:
    """Accepts connections for a server and lets go of those that keep it waiting."""

    def __init__(self, most: int, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self._most = most
        self._open: dict[asyncio.BaseTransport, _Connection] = {}
        self._quiet_until = 0.0

    def middleware(self) -> Middleware:
        """Tells when a request has come and when it has been answered. Stands first."""

        @web.middleware
        async def follow(request: web.Request, handler: Handler) -> web.StreamResponse:
            connection = self._open.get(request.transport) if request.transport else None
            if connection is None:
                return await handler(request)
            connection.began(request)
            try:
                return await handler(request)
            finally:
                connection.answered()

        return follow

    @contextlib.asynccontextmanager
    async def accepted(
        self, sockets: Sequence[socket.socket], runner: web.AppRunner
    ) -> AsyncIterator[None]:
        """Hand connections to the server of ``runner``, which is set up; closes the sockets."""
        server = cast(ProtocolFactory, runner.server)
        with contextlib.ExitStack() as stack:
            for listener in sockets:
                stack.enter_context(listener)
                listener.setblocking(False)
            stack.enter_context(self._client_errors_kept_short())
            tasks = [asyncio.create_task(self._accept(one, server)) for one in sockets]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, listener: socket.socket, server: ProtocolFactory) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(listener)
            except OSError as error:
                self.complain("cannot accept connections: %s", error.strerror)
                await asyncio.sleep(ACCEPT_RETRY_S)
                continue
            await self._make_room()
            try:
                await loop.connect_accepted_socket(lambda: _Connection(self, server()), accepted)
            except OSError:  # it has gone already
                accepted.close()

    async def _make_room(self) -> None:
        while len(self._open) >= self._most:
            self.complain("%d connections are open; the longest silent make room", len(self._open))
            waited_for = [one for one in self._open.values() if one.keeps_waiting]
            if waited_for:
                min(waited_for, key=_Connection.patience_due).let_go()
            else:
                await asyncio.sleep(ROOM_POLL_S)

    def opened(self, transport: asyncio.BaseTransport, connection: _Connection) -> None:
        """Count a connection."""
        self._open[transport] = connection

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """Count it no more."""
        self._open.pop(transport, None)

    def complain(self, message: str, *values: object) -> None:
        """Warn, once a minute."""
        now = asyncio.get_running_loop().time()
        if now >= self._quiet_until:
            self._quiet_until = now + COMPLAINT_INTERVAL_S
            log.warning(message, *values)

    @contextlib.contextmanager
    def _client_errors_kept_short(self) -> Iterator[None]:
        """What is no HTTP is answered with 400; aiohttp logs a traceback of each."""

        def is_ours(record: logging.LogRecord) -> bool:
            error = record.exc_info[1] if record.exc_info else None
            if not isinstance(error, HttpProcessingError):
                return True
            self.complain("a client does not speak HTTP: %s", type(error).__name__)
            return False

        logger = logging.getLogger("aiohttp.server")
        logger.addFilter(is_ours)
        try:
            yield
        finally:
            logger.removeFilter(is_ours)


class _Connection(asyncio.Protocol):
    """Stands between a transport and the server's protocol and keeps the time."""

    def __init__(self, connections: Connections, inner: asyncio.Protocol) -> None:
        self._connections = connections
        self._patience = connections.patience
        self._inner = inner
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle | None = None
        self._request: web.Request | None = None
        self._is_head_begun = False
        self.last_heard = self._loop.time()

    @property
    def keeps_waiting(self) -> bool:
        """Whether it is the client's turn."""
        return self._request is None or not self._request.content.is_eof()

    def patience_due(self) -> tuple[bool, float]:
        """The smaller, the less: an answer on its way deserves more than silence."""
        return self._transport.get_write_buffer_size() > 0, self.last_heard

    def began(self, request: web.Request) -> None:
        """The headers of a request are complete."""
        self._request = request
        self._is_head_begun = False
        self._expect(self._patience.body if self.keeps_waiting else None)

    def answered(self) -> None:
        """Its answer is on the way."""
        self._request = None
        self.last_heard = self._loop.time()
        self._expect(self._patience.idle)

    def let_go(self) -> None:
        """End the connection now."""
        self._expect(None)
        self._connections.closed(self._transport)
        if self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connections.opened(transport, self)
        self._expect(self._patience.head)
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(None)
        self._connections.closed(self._transport)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.last_heard = self._loop.time()
        self._inner.data_received(data)
        if self._request is not None:
            self._expect(self._patience.body if self.keeps_waiting else None)
        elif not self._is_head_begun:
            self._is_head_begun = True
            self._expect(self._patience.head)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._expect(self._patience.unread)
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self.last_heard = self._loop.time()
        self._expect(None if self._request is not None else self._patience.idle)
        self._inner.resume_writing()

    def _expect(self, within_s: float | None) -> None:
        """Set the time for whatever has to happen next; ``None``: it is our turn."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if within_s is None else self._loop.call_later(within_s, self.let_go)
