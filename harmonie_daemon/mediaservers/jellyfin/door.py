"""The requests by which a user logs in at a Jellyfin server, and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.errors import (
    BadTokenError,
    GarbledError,
    MissingError,
    RefusedError,
)
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.mediaservers.jellyfin.connection import JellyfinConnection

LONGEST_TOKEN = 200
"""Characters; those of Jellyfin have 32."""
LONGEST_CODE = 20
LONGEST_NAME = 200
"""Of a user; Jellyfin's form takes no more than 255 bytes."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server says to a successful login."""

    user: wire.User
    token: str = field(repr=False)
    server_id: str | None


@dataclass(frozen=True, slots=True)
class QuickConnect:
    """A login that waits for its code to be typed in."""

    code: str
    """What the user types into Jellyfin."""
    secret: str = field(repr=False)
    """What asks whether that has been done."""


class JellyfinDoor:
    """One server, asked without a token by one device. Methods raise ``MediaServerError``."""

    def __init__(self, url: str, *, device_id: str, version: str) -> None:
        self._url, self._version = url, version
        self.device_id = device_id
        self._server = self._connection("")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._server.close()

    async def server_info(self) -> wire.ServerInfo:
        """Whose door it is."""
        return wire.parse_server_info(await self._server.get("/System/Info/Public"))

    async def begin(self) -> QuickConnect | None:
        """Ask for a code; ``None`` where Quick Connect is switched off."""
        if await self._server.get("/QuickConnect/Enabled") is not True:
            return None
        try:
            answer = _object(await self._server.post("/QuickConnect/Initiate", None))
        except (BadTokenError, RefusedError):  # switched off meanwhile
            return None
        code, secret = _text(answer, "Code", LONGEST_CODE), _text(answer, "Secret", LONGEST_TOKEN)
        return QuickConnect(code, secret)

    async def is_approved(self, begun: QuickConnect) -> bool | None:
        """Whether the code was typed in; ``None``: it is good no more."""
        try:
            query = [("secret", begun.secret)]
            answer = _object(await self._server.get("/QuickConnect/Connect", query))
        except (MissingError, BadTokenError, RefusedError):
            return None
        return answer.get("Authenticated") is True

    async def redeem(self, begun: QuickConnect) -> Answered | None:
        """Log in with a code that was typed in; ``None``: it is good no more."""
        body = {"Secret": begun.secret}
        try:
            answer = await self._server.post("/Users/AuthenticateWithQuickConnect", body)
        except (MissingError, BadTokenError, RefusedError):
            return None
        return _answered(answer)

    async def enter(self, name: str, password: str) -> Answered | None:
        """Log in by name and password; ``None``: the server knows no such pair."""
        body = {"Username": name, "Pw": password}
        try:
            return _answered(await self._server.post("/Users/AuthenticateByName", body))
        except BadTokenError:
            return None
        except RefusedError as error:
            raise MediaServerError(f"Jellyfin does not let {name!r} in: {error}") from error

    async def leave(self, token: str) -> None:
        """Log this token out; one that is accepted no more is out already."""
        server = self._connection(token)
        try:
            await server.change("POST", "/Sessions/Logout")
        except BadTokenError:
            return
        finally:
            await server.close()

    def _connection(self, token: str) -> JellyfinConnection:
        return JellyfinConnection(self._url, token, device_id=self.device_id, version=self._version)


def _answered(answer: object) -> Answered:
    fields = _object(answer)
    _text(_object(fields.get("User")), "Name", LONGEST_NAME)
    return Answered(
        wire.parse_user(fields.get("User")),
        _text(fields, "AccessToken", LONGEST_TOKEN),
        _text(fields, "ServerId", LONGEST_TOKEN) if fields.get("ServerId") else None,
    )


def _object(answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, Mapping):
        raise GarbledError("Jellyfin sent something else than a login")
    return answer


def _text(fields: Mapping[str, Any], name: str, longest: int) -> str:
    """A printable text: it becomes part of a header, or is shown at a terminal."""
    value = fields.get(name)
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= longest:
        raise GarbledError("Jellyfin sent a login that cannot be read")
    return value
