"""Jellyfin's socket, one for each user whose token we hold: what changes is told at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import aiohttp

from harmonie_daemon.domain.backoff import backoff_s
from harmonie_daemon.domain.errors import MediaServerError, StoreError
from harmonie_daemon.mediaservers.errors import BadTokenError, UnavailableError
from harmonie_daemon.mediaservers.jellyfin.credentials import Credential
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.messages import (
    KEEP_ALIVE,
    SESSIONS_START,
    SocketMessage,
    keep_alive_s,
    parse_message,
)

MOST_SOCKETS = 20
CHECK_S = 60.0
"""So often we look whether somebody has logged in or out."""
USUAL_KEEP_ALIVE_S = 60.0
FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 600.0

Hear = Callable[[SocketMessage], Awaitable[None]]

_log = logging.getLogger(__name__)


class JellyfinSockets:
    """One server. ``run`` listens for ever; whatever happens there, it goes on."""

    def __init__(self, keyring: Keyring, hear: Hear) -> None:
        """``hear`` gets every message but those that keep the socket open."""
        self._keyring = keyring
        self._hear = hear
        self._open: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._follow_logins()
                await asyncio.sleep(CHECK_S)
        finally:
            for task in self._open.values():
                task.cancel()
            await asyncio.gather(*self._open.values(), return_exceptions=True)

    async def listen_once(self, credential: Credential) -> None:
        """One socket, until it breaks. Raises ``MediaServerError`` and ``StoreError``."""
        client = self._keyring.client(credential)
        async with client.socket(credential.device_id) as socket:
            if credential.is_admin:
                await socket.send_str(SESSIONS_START)
            await self._listen(socket)

    async def _follow_logins(self) -> None:
        try:
            visit = await self._keyring.visit(max_age_s=CHECK_S, tell=False)
        except (MediaServerError, StoreError) as error:
            _log.debug("jellyfin: no socket is opened: %s", error)
            return
        users = [one for one in visit.credentials.held if one.user is not None][:MOST_SOCKETS]
        wanted = {one.token: one for one in users}
        for token in self._open.keys() - wanted.keys():
            self._open.pop(token).cancel()
        for token in wanted.keys() - self._open.keys():
            self._open[token] = asyncio.create_task(self._keep_listening(wanted[token]))

    async def _keep_listening(self, credential: Credential) -> None:
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self.listen_once(credential)
            except BadTokenError:
                with contextlib.suppress(MediaServerError, StoreError):
                    await self._keyring.doubt()
            except (MediaServerError, StoreError) as error:
                _log.debug("jellyfin: a socket broke off: %s", error)
            except Exception:  # noqa: BLE001 - a fault of ours: the other messages are heard
                _log.exception("jellyfin: a message of its socket broke something")
            lasted_s = asyncio.get_running_loop().time() - began
            failures = 1 if lasted_s > LONGEST_RETRY_S else failures + 1
            await asyncio.sleep(
                backoff_s(failures, first_s=FIRST_RETRY_S, longest_s=LONGEST_RETRY_S)
            )

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Half the time that the server waits for us, then say that we are there."""
        patience_s, silences = USUAL_KEEP_ALIVE_S, 0
        while True:
            try:
                received = await socket.receive(timeout=patience_s / 2)
            except TimeoutError:
                silences += 1
                if silences > 4:
                    raise UnavailableError("Jellyfin's socket has fallen silent") from None
                await socket.send_str(KEEP_ALIVE)
                continue
            silences = 0
            if received.type is not aiohttp.WSMsgType.TEXT:
                raise UnavailableError("Jellyfin has closed its socket")
            message = parse_message(received.data)
            if message is None:
                continue
            if message.kind == "ForceKeepAlive":
                patience_s = keep_alive_s(message.data) or patience_s
                await socket.send_str(KEEP_ALIVE)
            elif message.kind != "KeepAlive":
                await self._hear(message)
