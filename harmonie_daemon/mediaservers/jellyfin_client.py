"""The dozen calls that Harmonie makes to a Jellyfin server, and what their refusals mean.

Facts about the wire: repeated query parameters, except for id lists, which are joined by commas;
ids in batches, for a request line longer than 8,192 bytes is refused; the ``Authorization``
header only, since Jellyfin 12 answers 401 to every older form.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import aiohttp

from harmonie_daemon.domain.errors import in_words
from harmonie_daemon.mediaservers import jellyfin_wire as wire
from harmonie_daemon.mediaservers.errors import (
    JellyfinError,
    MissingError,
    RefusedError,
    TooLongError,
    UnauthorizedError,
    UnavailableError,
)

ID_BATCH = 100
"""Ids per query string: 33 bytes each, well under the 8,192 bytes of a request line."""
PAGE_SIZE = 500
REQUEST_TIMEOUT_S = 120.0
"""Jellyfin 10.11 may take minutes for a page of a large library."""
CONNECT_TIMEOUT_S = 10.0

NO_CONTENT = 204

Query = Sequence[tuple[str, str]]


class JellyfinClient:
    """One server, one token. Every method raises ``JellyfinError``."""

    def __init__(self, url: str, token: str, *, device_id: str, version: str) -> None:
        self._url = url.rstrip("/")
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

    async def server_info(self) -> wire.ServerInfo:
        """Name and version of the server; needs no token."""
        return wire.parse_server_info(await self._get("/System/Info/Public"))

    async def me(self) -> wire.User | None:
        """The user whose token this is; ``None`` for an API key, which belongs to no user."""
        try:
            return wire.parse_user(await self._get("/Users/Me"))
        except (RefusedError, MissingError):
            return None

    async def users(self) -> tuple[wire.User, ...]:
        """Every user of the server."""
        return wire.parse_users(await self._get("/Users"))

    async def audio_items(self, user_id: str | None) -> list[wire.RemoteTrack]:
        """Every track: those ``user_id`` may see, or all of them for an API key without a user."""
        query = [
            ("includeItemTypes", "Audio"),
            ("recursive", "true"),
            ("fields", "Path"),
            ("fields", "ProviderIds"),
            ("enableImages", "false"),
            ("enableUserData", "false"),
            ("sortBy", "DateCreated"),
            ("sortBy", "SortName"),
            ("sortOrder", "Ascending"),
            *_as_user(user_id),
        ]
        return [wire.parse_remote_track(row) async for row in self._rows("/Items", query)]

    async def items(self, ids: Sequence[str], user_id: str) -> dict[str, wire.RemoteItem]:
        """Those of ``ids`` that exist and that ``user_id`` may see, by id."""
        found: dict[str, wire.RemoteItem] = {}

        async def ask(batch: Sequence[str]) -> None:
            query = [("ids", ",".join(batch)), *_as_user(user_id), ("enableUserData", "false")]
            page = wire.parse_page(await self._get("/Items", query))
            found.update((item.id, item) for item in map(wire.parse_remote_item, page.rows))

        await in_batches(ids, ask)
        return found

    async def playlists(self, user_id: str) -> list[wire.RemoteItem]:
        """Every playlist that ``user_id`` may see."""
        query = [("includeItemTypes", "Playlist"), ("recursive", "true"), *_as_user(user_id)]
        return [wire.parse_remote_item(row) async for row in self._rows("/Items", query)]

    async def entries(self, playlist_id: str, user_id: str) -> list[str]:
        """The entry ids (the tracks' own ids) of a playlist, in order."""
        query = [*_as_user(user_id), ("enableImages", "false"), ("enableUserData", "false")]
        rows = self._rows(f"/Playlists/{playlist_id}/Items", query)
        return [wire.parse_entry_id(row) async for row in rows]

    async def create_playlist(
        self, name: str, ids: Sequence[str], *, owner: str, shares: Sequence[str] = ()
    ) -> str:
        """A private playlist of ``owner``, readable by ``shares``; returns its id."""
        body = {
            "Name": name,
            "Ids": list(ids),
            "UserId": owner,
            "MediaType": "Audio",
            "IsPublic": False,
            "Users": _permissions(shares),
        }
        return wire.parse_created_id(await self._send("POST", "/Playlists", body=body))

    async def update_playlist(
        self,
        playlist_id: str,
        *,
        ids: Sequence[str],
        name: str | None = None,
        shares: Sequence[str] | None = None,
    ) -> None:
        """Replace the contents under the same id; ``None`` keeps the name or the shares."""
        body: dict[str, object] = {"Ids": list(ids)}
        if name is not None:
            body["Name"] = name
        if shares is not None:
            body["Users"] = _permissions(shares)
        await self._send("POST", f"/Playlists/{playlist_id}", body=body)

    async def add_entries(self, playlist_id: str, ids: Sequence[str], user_id: str) -> None:
        """Append tracks, acting as the owner."""

        async def add(batch: Sequence[str]) -> None:
            query = [("ids", ",".join(batch)), *_as_user(user_id)]
            await self._send("POST", f"/Playlists/{playlist_id}/Items", query)

        await in_batches(ids, add)

    async def remove_entries(self, playlist_id: str, ids: Sequence[str]) -> None:
        """Remove entries by their ids (canonical form: the server compares text)."""

        async def remove(batch: Sequence[str]) -> None:
            query = [("entryIds", ",".join(batch))]
            await self._send("DELETE", f"/Playlists/{playlist_id}/Items", query)

        await in_batches(ids, remove)

    async def rename_item(self, item_id: str, name: str, user_id: str) -> None:
        """Rename by sending the whole item back, for the server blanks what is left out."""
        item = await self._get(f"/Items/{item_id}", _as_user(user_id))
        if not isinstance(item, Mapping):
            raise JellyfinError("Jellyfin sent something else than an item")
        await self._send("POST", f"/Items/{item_id}", body={**item, "Name": name})

    async def delete_item(self, item_id: str) -> None:
        """Delete an item. The same call deletes music: the caller has looked at its type."""
        await self._send("DELETE", f"/Items/{item_id}")

    async def _rows(self, path: str, query: Query) -> AsyncIterator[Mapping[str, Any]]:
        """The rows of a paged listing, one request in flight; counted on the first page only."""
        start, total = 0, None
        while total is None or start < total:
            window = [("startIndex", str(start)), ("limit", str(PAGE_SIZE))]
            if path == "/Items":
                window.append(("enableTotalRecordCount", "true" if start == 0 else "false"))
            page = wire.parse_page(await self._get(path, [*query, *window]))
            for row in page.rows:
                yield row
            if not page.rows:
                return
            start += len(page.rows)
            if total is None:
                total = page.total if page.total is not None else start

    async def _get(self, path: str, query: Query = ()) -> object:
        return await self._send("GET", path, query)

    async def _send(
        self, method: str, path: str, query: Query = (), body: object | None = None
    ) -> object:
        """One request; the parsed JSON answer, ``None`` where there is none."""
        session = self._open_session()
        try:
            async with session.request(
                method,
                self._url + path,
                params=list(query),
                json=body,
                headers=self._headers,
                allow_redirects=False,
            ) as response:
                _raise_for(response, f"{method} {path}")
                text = await response.text("utf-8", errors="replace")
        except TimeoutError as error:
            raise UnavailableError(f"Jellyfin did not answer {method} {path} in time") from error
        except (aiohttp.InvalidURL, ValueError) as error:
            raise JellyfinError(
                "HARMONIE_JELLYFIN_URL is not an address like http://host:8096"
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise UnavailableError(f"cannot reach Jellyfin: {in_words(error)}") from error
        return _json(text) if text and response.status != NO_CONTENT else None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(
                total=REQUEST_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S, connect=CONNECT_TIMEOUT_S
            )
            self._session = aiohttp.ClientSession(
                timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


def authorization(token: str, *, device_id: str, version: str) -> str:
    """The value of the ``Authorization`` header; each part is percent-encoded."""
    parts = {
        "Client": "Harmonie",
        "Device": "Harmonie daemon",
        "DeviceId": device_id,
        "Version": version,
        "Token": token,
    }
    return "MediaBrowser " + ", ".join(f'{k}="{quote(v, safe="")}"' for k, v in parts.items())


async def in_batches(
    ids: Sequence[str], call: Callable[[Sequence[str]], Awaitable[None]], size: int = ID_BATCH
) -> None:
    """Call with at most ``size`` ids at a time, in order; halve what a server finds too long."""
    for start in range(0, len(ids), size):
        batch = ids[start : start + size]
        try:
            await call(batch)
        except TooLongError:
            if len(batch) == 1:
                raise
            await in_batches(batch, call, (len(batch) + 1) // 2)


def _as_user(user_id: str | None) -> list[tuple[str, str]]:
    return [] if user_id is None else [("userId", user_id)]


def _permissions(users: Sequence[str]) -> list[dict[str, object]]:
    return [{"UserId": user, "CanEdit": False} for user in users]


def _raise_for(response: aiohttp.ClientResponse, request: str) -> None:
    """Turn a refusal into the error that says what to do about it."""
    status = response.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise JellyfinError(
            f"Jellyfin redirects to {response.headers.get('Location', 'another address')}; "
            "put that address into HARMONIE_JELLYFIN_URL"
        )
    if status == 401:
        raise UnauthorizedError(f"Jellyfin does not accept the token (401 to {request})")
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
    raise JellyfinError(f"Jellyfin answered {status} to {request}")


def _seconds(text: str | None) -> float | None:
    """A ``Retry-After`` in seconds; its date form is ignored."""
    return float(text) if text is not None and text.strip().isdigit() else None


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise JellyfinError(
            "the server did not answer with JSON; is HARMONIE_JELLYFIN_URL the address of Jellyfin?"
        ) from error
