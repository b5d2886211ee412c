"""Requests to a Subsonic server: logged in, bounded, and refused in words.

Nothing that is said of a request names its parameters: they hold the password.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.answers import read_json, trouble
from harmonie_daemon.mediaservers.errors import (
    BadTokenError,
    GarbledError,
    MissingError,
    RefusedError,
    TooLongError,
    UnavailableError,
)
from harmonie_daemon.mediaservers.subsonic import wire
from harmonie_daemon.mediaservers.subsonic.credentials import Credentials, Fields, Login

PROTOCOL = "1.16.1"
CLIENT = "harmonie"
"""The name under which servers keep our player; always the same."""
REQUEST_TIMEOUT_S = 120.0
CONNECT_TIMEOUT_S = 10.0
SONG_IDS = ("songId", "songIdToAdd")
_NO_ADDRESS = "HARMONIE_SUBSONIC_URL is not an address like http://host:4533"
OTHER_WAY = frozenset({wire.MISSING_PARAMETER, wire.NO_TOKENS, wire.NO_SUCH_LOGIN})
"""Errors by which a server says that it wants another way of logging in."""


class SubsonicConnection:
    """One server, one account. Methods raise ``MediaServerError``."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        self._url = url.rstrip("/").removesuffix("/rest")
        self._credentials = credentials
        self._login: Login | None = None
        """The way that has worked; found out at the first request."""
        self._finding = asyncio.Lock()
        self.takes_forms = False
        """Whether parameters may come as a form, of whatever length."""
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections; the next request opens new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(
        self, method: str, parameters: Sequence[tuple[str, str]] = ()
    ) -> Mapping[str, Any]:
        """The inside of the answer to ``method`` (``getPlaylists``)."""
        if self._login is None:
            async with self._finding:
                await self._find_login()
        return await self._asked(method, parameters, self._known_login)

    async def extensions(self) -> frozenset[str]:
        """What the server has of OpenSubsonic; nothing where it does not know the question."""
        try:
            return wire.parse_extensions(await self.ask("getOpenSubsonicExtensions"))
        except (MissingError, RefusedError, GarbledError):
            return frozenset()

    @property
    def _known_login(self) -> Login:
        return self._credentials.ways[0] if self._login is None else self._login

    async def _find_login(self) -> None:
        """The first way of logging in that the server understands."""
        if self._login is not None:
            return
        *others, last = self._credentials.ways
        for way in others:
            try:
                await self._asked("ping", (), way)
            except _OtherWayError:
                continue
            self._login = way
            return
        try:
            await self._asked("ping", (), last)
        except _OtherWayError as error:
            raise BadTokenError(f"the server takes none of our ways to log in ({error})") from error
        self._login = last

    async def _asked(
        self, method: str, parameters: Sequence[tuple[str, str]], way: Login
    ) -> Mapping[str, Any]:
        fields = [
            *self._credentials.fields(way),
            ("v", PROTOCOL), ("c", CLIENT), ("f", "json"),
        ]  # fmt: skip
        inner = await self._send(method, fields, list(parameters))
        failed = wire.failure(inner)
        if failed is not None:
            words = self._credentials.without_secrets(failed.message) or "no reason given"
            said = f"{words} (error {failed.code} to {method})"
            raise _refusal(failed.code, said, is_login=self._login is None)
        return inner

    async def _send(self, method: str, who: Fields, parameters: Fields) -> Mapping[str, Any]:
        address = f"{self._url}/rest/{method}.view"
        session = self._open_session()
        ids = [pair for pair in parameters if pair[0] in SONG_IDS]
        others = [pair for pair in parameters if pair[0] not in SONG_IDS]
        if self.takes_forms:  # some servers read names and comments from the address alone
            request = session.post(
                address, params=others, data=aiohttp.FormData([*who, *ids]), allow_redirects=False
            )
        else:
            request = session.get(address, params=[*who, *others, *ids], allow_redirects=False)
        try:
            async with request as response:
                return await _inside(response, method)
        except TimeoutError as error:
            raise UnavailableError(
                f"the Subsonic server did not answer {method} in time"
            ) from error
        except aiohttp.InvalidURL:
            raise MediaServerError(_NO_ADDRESS) from None
        except (aiohttp.ClientError, OSError) as error:  # one of certificates is a ValueError, too
            words = self._credentials.without_secrets(trouble(error))
            raise UnavailableError(f"cannot reach the Subsonic server: {words}") from None
        except ValueError:
            raise MediaServerError(_NO_ADDRESS) from None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(
                total=REQUEST_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S, connect=CONNECT_TIMEOUT_S
            )
            self._session = aiohttp.ClientSession(
                timeout=timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(_once,),
            )
        return self._session


async def _once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """aiohttp repeats a GET whose answer is lost; what this protocol changes by GET would be
    changed twice."""
    try:
        return await send(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise UnavailableError(f"cannot reach the Subsonic server: {trouble(error)}") from None


async def _inside(response: aiohttp.ClientResponse, method: str) -> Mapping[str, Any]:
    """The envelope, which some servers send with an error's status as well."""
    status = response.status
    if 300 <= status < 400:
        raise MediaServerError(
            f"the Subsonic server redirects {method} elsewhere; put that address into "
            "HARMONIE_SUBSONIC_URL"
        )
    if status == 414:
        raise TooLongError(f"the request is too long for the server (414 to {method})")
    if status >= 500 or status in (408, 429):
        raise UnavailableError(f"the Subsonic server is not ready or has failed ({status})")
    try:
        return wire.envelope(await read_json(response, "the Subsonic server"))
    except GarbledError:
        if status in (401, 403):
            raise BadTokenError(f"the Subsonic server refuses our login ({status})") from None
        if status == 404:
            raise MissingError(f"the Subsonic server knows no {method} (404)") from None
        raise


class _OtherWayError(MediaServerError):
    """The server wants another way of logging in."""


def _refusal(code: int, said: str, *, is_login: bool) -> MediaServerError:
    if is_login and code in OTHER_WAY:
        return _OtherWayError(said)
    if code in wire.LOGIN_ERRORS:
        return BadTokenError(f"the Subsonic server does not accept the login: {said}")
    if code == wire.NOT_FOUND:
        return MissingError(f"the Subsonic server knows no such thing: {said}")
    if code in (wire.NOT_ALLOWED, wire.MISSING_PARAMETER):
        return RefusedError(f"the Subsonic server refuses it: {said}")
    return UnavailableError(f"the Subsonic server failed: {said}")
