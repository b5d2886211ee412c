"""Requests to a Jellyfin server: authorised, bounded, and refused in words.

The ``Authorization`` header only, since Jellyfin 12 answers 401 to every older form.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urljoin, urlsplit

import aiohttp

from harmonie_daemon.domain.errors import MediaServerError, in_words
from harmonie_daemon.mediaservers.answers import read_json, trouble
from harmonie_daemon.mediaservers.errors import (
    BadTokenError,
    MissingError,
    RefusedError,
    TooLongError,
    UnavailableError,
)

REQUEST_TIMEOUT_S = 120.0
"""Jellyfin 10.11 may take minutes for a page of a large library."""
CONNECT_TIMEOUT_S = 10.0

DOWNLOAD_TIMEOUT_S = 1800.0
STALL_TIMEOUT_S = 60.0
"""A download that brings nothing for so long has ended."""
CHUNK_BYTES = 2**20

NO_CONTENT = 204
LARGEST_MESSAGE_BYTES = 4 * 2**20
"""Of the socket; the sessions of a busy server take a tenth of it."""
_DOWNLOAD = aiohttp.ClientTimeout(
    total=DOWNLOAD_TIMEOUT_S,
    connect=CONNECT_TIMEOUT_S,
    sock_connect=CONNECT_TIMEOUT_S,
    sock_read=STALL_TIMEOUT_S,
)

LONGEST_ADDRESS = 300
_NO_ADDRESS = "HARMONIE_JELLYFIN_URL is not an address like http://host:8096"

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Payload:
    """A body that is no JSON."""

    content: bytes
    media_type: str


class JellyfinConnection:
    """One server, one token. Methods raise ``MediaServerError``."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        device_id: str,
        version: str,
        whose: str = "the token",
        hint: str = "",
    ) -> None:
        """``whose`` token it is, and what to do when it is not accepted, for the error."""
        self._url = url.rstrip("/")
        self._whose, self._hint = whose, hint
        self._headers = {
            "Authorization": authorization(token, device_id=device_id, version=version),
            "Accept": "application/json",
        }
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections; the next request opens new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, path: str, query: Query = ()) -> object:
        """The parsed answer; ``None`` when it is empty."""
        return (await self._send("GET", path, query)).body

    async def get_dated(self, path: str, query: Query = ()) -> tuple[object, float | None]:
        """As ``get``, with the server's own clock (Unix time), where it says."""
        answer = await self._send("GET", path, query)
        return answer.body, answer.at

    async def post(self, path: str, body: object) -> object:
        """The parsed answer to a request that makes something."""
        return (await self._send("POST", path, body=body)).body

    async def save(self, path: str, into: Path, *, most_bytes: int, reserve_bytes: int) -> int:
        """Write an answer to a file and return its size.

        Raises ``MediaServerError`` when it is larger than ``most_bytes``, or would leave less than
        ``reserve_bytes`` free on the disk; what was written by then is the caller's to remove.
        """
        session, written = self._open_session(), 0
        try:
            async with session.get(
                self._url + path,
                headers={**self._headers, "Accept": "*/*"},
                allow_redirects=False,
                timeout=_DOWNLOAD,
            ) as response:
                self._raise_for(response, f"GET {path}")
                with await asyncio.to_thread(into.open, "wb") as file:
                    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                        written += len(chunk)
                        await asyncio.to_thread(
                            _append, file, chunk, written, most_bytes, reserve_bytes
                        )
        except TimeoutError as error:
            raise UnavailableError(f"Jellyfin did not send {path} in time") from error
        except aiohttp.ClientError as error:
            raise UnavailableError(f"Jellyfin broke off GET {path}: {trouble(error)}") from error
        except OSError as error:
            raise MediaServerError(f"{path} cannot be kept: {in_words(error)}") from error
        return written

    @contextlib.asynccontextmanager
    async def socket(self, device_id: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """The server's socket, opened; messages of more than ``LARGEST_MESSAGE_BYTES`` end it."""
        session = self._open_session()
        try:
            async with session.ws_connect(
                f"{self._url}/socket",
                params={"deviceId": device_id},
                headers=self._headers,
                max_msg_size=LARGEST_MESSAGE_BYTES,
            ) as opened:
                yield opened
        except aiohttp.WSServerHandshakeError as error:
            if error.status == 401:
                raise BadTokenError("Jellyfin does not accept the token (401 to /socket)") from None
            raise UnavailableError(f"Jellyfin opens no socket ({error.status})") from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise UnavailableError(f"cannot reach Jellyfin: {trouble(error)}") from error

    async def change(
        self, method: str, path: str, query: Query = (), body: object | None = None
    ) -> bool:
        """Whether the server confirmed a change the way Jellyfin does, by 204.

        Another success may be a proxy's own, and calls for a look at what was changed.
        """
        answer = await self._send(method, path, query, body, answers=False)
        return answer.status == NO_CONTENT

    async def upload(self, path: str, body: bytes, media_type: str) -> bool:
        """Send bytes as they are; whether that was confirmed, as for ``change``."""
        answer = await self._send("POST", path, body=Payload(body, media_type), answers=False)
        return answer.status == NO_CONTENT

    async def _send(
        self,
        method: str,
        path: str,
        query: Query = (),
        body: object | None = None,
        *,
        answers: bool = True,
    ) -> _Answer:
        """One request; its body is ``None`` where there is or may be none."""
        session = self._open_session()
        payload = body if isinstance(body, Payload) else None
        typed = {} if payload is None else {"Content-Type": payload.media_type}
        try:
            async with session.request(
                method,
                self._url + path,
                params=list(query),
                json=None if payload is not None else body,
                data=None if payload is None else payload.content,
                headers={**self._headers, **typed},
                allow_redirects=False,
            ) as response:
                self._raise_for(response, f"{method} {path}")
                read = await read_json(response, "Jellyfin") if answers else None
                return _Answer(response.status, read, _date(response.headers.get("Date")))
        except TimeoutError as error:
            raise UnavailableError(f"Jellyfin did not answer {method} {path} in time") from error
        except aiohttp.InvalidURL as error:
            raise MediaServerError(_NO_ADDRESS) from error
        except (aiohttp.ClientError, OSError) as error:  # one of certificates is a ValueError, too
            raise UnavailableError(f"cannot reach Jellyfin: {trouble(error)}") from error
        except ValueError as error:
            raise MediaServerError(_NO_ADDRESS) from error

    def _raise_for(self, response: aiohttp.ClientResponse, request: str) -> None:
        if response.status == 401:
            raise BadTokenError(
                f"Jellyfin does not accept {self._whose} (401 to {request}){self._hint}"
            )
        _raise_for(response, request)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(
                total=REQUEST_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S, connect=CONNECT_TIMEOUT_S
            )
            self._session = aiohttp.ClientSession(
                timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: object
    at: float | None


def _date(text: str | None) -> float | None:
    """A ``Date`` as Unix time."""
    try:
        return None if text is None else parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def authorization(token: str, *, device_id: str, version: str) -> str:
    """The value of the ``Authorization`` header; each part is percent-encoded.

    Without a token it says only what is asking, as somebody does who is yet to log in.
    """
    parts = {
        "Client": "Harmonie",
        "Device": "Harmonie daemon",
        "DeviceId": device_id,
        "Version": version,
        **({"Token": token} if token else {}),
    }
    return "MediaBrowser " + ", ".join(f'{k}="{quote(v, safe="")}"' for k, v in parts.items())


def _append(
    file: BinaryIO, chunk: bytes, written: int, most_bytes: int, reserve_bytes: int
) -> None:
    if written > most_bytes:
        raise MediaServerError(f"it is larger than {most_bytes // 2**20} MB")
    if shutil.disk_usage(file.name).free < reserve_bytes + len(chunk):
        raise MediaServerError("there is too little room on the disk")
    file.write(chunk)


def _raise_for(response: aiohttp.ClientResponse, request: str) -> None:
    """Turn a refusal into the error that says what to do about it."""
    status = response.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise MediaServerError(
            f"Jellyfin redirects to {_elsewhere(response)}; "
            "put that address into HARMONIE_JELLYFIN_URL"
        )
    if status in (400, 403):
        raise RefusedError(f"Jellyfin refuses {request} with this credential ({status})")
    if status == 404:
        raise MissingError(f"Jellyfin knows no such thing (404 to {request})")
    if status == 414:
        raise TooLongError(f"the request line is too long for Jellyfin (414 to {request})")
    if status >= 500 or status in (408, 429):
        raise UnavailableError(
            f"Jellyfin is not ready or has failed ({status} to {request})",
            retry_after_s=_seconds(response.headers.get("Retry-After")),
        )
    raise MediaServerError(f"Jellyfin answered {status} to {request}")


def _elsewhere(response: aiohttp.ClientResponse) -> str:
    """The address of the server to which an answer leads, without what was asked for."""
    try:
        whole = urlsplit(urljoin(str(response.url), response.headers["Location"]))
    except (KeyError, ValueError):
        return "another address"
    address = f"{whole.scheme}://{whole.netloc}{whole.path}"
    for tail in (response.url.path, "/web/index.html", "/web/", "/web"):
        address = address.removesuffix(tail)
    return address[:LONGEST_ADDRESS]


def _seconds(text: str | None) -> float | None:
    """A ``Retry-After`` in seconds; its date form is ignored."""
    return float(text) if text is not None and text.strip().isdigit() else None
