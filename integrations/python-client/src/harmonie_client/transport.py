"""How requests go to the daemon, and what comes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx2 as httpx

from harmonie_client.errors import HarmonieApiError, HarmonieUnreachableError

DEFAULT_TIMEOUT_S = 60.0
MOST_ANSWER_BYTES = 64 * 1024 * 1024
"""Of an answer that is no file; the daemon has none as large."""
NOT_OURS = "the answer cannot be read; is it Harmonie's?"
Query = Mapping[str, Any]


def path_of(template: str, **values: object) -> str:
    """The path with its parameters, each of them one segment."""
    return template.format(**{name: quote(str(one), safe="") for name, one in values.items()})


class Transport:
    """Blocking requests to one daemon."""

    def __init__(self, base_url: str, api_key: str | None, timeout_s: float) -> None:
        self._client = httpx.Client(
            base_url=base_url, headers=_headers(api_key), timeout=timeout_s, follow_redirects=False
        )

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        is_text: bool = False,
    ) -> Any:
        """The JSON of the answer, or its text; ``None`` where there is none."""
        try:
            with self._client.stream(method, path, **_arguments(query, body)) as response:
                return _read(response, _content(response), is_text=is_text)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error

    def download(
        self, method: str, path: str, *, into: BinaryIO, query: Query | None = None
    ) -> int:
        """Write a file there, piece by piece; returns its size."""
        try:
            with self._client.stream(method, path, **_arguments(query, None)) as response:
                if response.status_code >= 300:
                    _read(response, _content(response))
                return sum(into.write(piece) for piece in response.iter_bytes())
        except httpx.HTTPError as error:
            raise _unreachable(error) from error

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


class AsyncTransport:
    """As ``Transport``, awaited."""

    def __init__(self, base_url: str, api_key: str | None, timeout_s: float) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url, headers=_headers(api_key), timeout=timeout_s, follow_redirects=False
        )

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        is_text: bool = False,
    ) -> Any:
        """The JSON of the answer, or its text; ``None`` where there is none."""
        try:
            async with self._client.stream(method, path, **_arguments(query, body)) as response:
                content = await _awaited_content(response)
                return _read(response, content, is_text=is_text)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error

    async def download(
        self, method: str, path: str, *, into: BinaryIO, query: Query | None = None
    ) -> int:
        """Write a file there, piece by piece; returns its size."""
        try:
            async with self._client.stream(method, path, **_arguments(query, None)) as response:
                if response.status_code >= 300:
                    _read(response, await _awaited_content(response))
                return sum([into.write(piece) async for piece in response.aiter_bytes()])
        except httpx.HTTPError as error:
            raise _unreachable(error) from error

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()


def _headers(api_key: str | None) -> dict[bytes, bytes]:
    """A key may be of any letters; the daemon reads it as UTF-8."""
    named = {b"User-Agent": b"harmonie-client"}
    return named if api_key is None else {**named, b"X-API-Key": api_key.encode()}


def _arguments(query: Query | None, body: object) -> dict[str, Any]:
    """As httpx takes them; parameters that are ``None`` are not sent."""
    arguments: dict[str, Any] = {}
    if query:
        arguments["params"] = {
            name: _text(value) for name, value in query.items() if value is not None
        }
    if body is not None:
        arguments["json"] = body
    return arguments


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return [_text(one) for one in value] if isinstance(value, list | tuple) else value


def _content(response: httpx.Response) -> bytearray:
    content = bytearray()
    for piece in response.iter_bytes():
        _take(piece, content)
    return content


async def _awaited_content(response: httpx.Response) -> bytearray:
    content = bytearray()
    async for piece in response.aiter_bytes():
        _take(piece, content)
    return content


def _take(piece: bytes, into: bytearray) -> None:
    into += piece
    if len(into) > MOST_ANSWER_BYTES:
        raise HarmonieUnreachableError("the answer is too long to be one of Harmonie's")


def _read(response: httpx.Response, content: bytearray, *, is_text: bool = False) -> Any:
    if 300 <= response.status_code < 400:
        place = response.headers.get("Location", "elsewhere")
        raise HarmonieUnreachableError(f"the address leads to {place[:300]}; give that one")
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    try:
        body = json.loads(content) if is_json and content else None
    except ValueError as error:
        raise HarmonieUnreachableError(NOT_OURS) from error
    if body is None and content:
        body = content.decode("utf-8", "replace")
    if response.status_code >= 400:
        raise HarmonieApiError(response.status_code, body, _seconds(response))
    if content and not (is_json or is_text):
        raise HarmonieUnreachableError(NOT_OURS)
    return body


def _seconds(response: httpx.Response) -> float | None:
    try:
        return float(response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None


def _unreachable(error: httpx.HTTPError) -> HarmonieUnreachableError:
    return HarmonieUnreachableError(f"no answer: {str(error) or type(error).__name__}")
