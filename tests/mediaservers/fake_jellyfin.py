"""A stateful stand-in for a Jellyfin server, over HTTP, in three versions.

In a test: ``fake = FakeJellyfin("12.0.0"); await fake.start()``. As a process:
``python -m tests.mediaservers.fake_jellyfin --port 8096 --library DIR --version 12.0.0``
prints one JSON line with address and tokens; ``/_control/…`` then does what a person or a
fault would do: see ``_control_routes``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import mutagen
from aiohttp import web

from tests.mediaservers.fake_routes import CALLER, STATE, RefusalError, routes
from tests.mediaservers.fake_state import FakeItem, FakePlaylist, FakeUser, State, new_id
from tests.mediaservers.openapi_check import checker, is_available

VERSIONS = ("10.10.7", "10.11.11", "12.0.0")
LONGEST_REQUEST_LINE = 8192
"""Kestrel's default, bytes."""
AUDIO_SUFFIXES = {".mp3", ".ogg", ".flac", ".m4a", ".opus", ".wav", ".oga"}
_PART = re.compile(r'(\w+)="?([^",]*)"?')

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request that arrived."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: str
    authorization: str
    status: int | None
    """``None`` when the connection was dropped instead."""


@dataclass(slots=True)
class Fault:
    """What happens instead, ``times`` times, to requests that match."""

    method: str
    path: str
    """Regular expression for the whole path; the method is one too."""
    status: int | None = None
    """Answer this; ``None`` drops the connection."""
    after: bool = False
    """Let the request take effect first."""
    times: int = 1
    skip: int = 0
    """Let so many through first."""
    retry_after: str | None = None


@dataclass(slots=True)
class Faults:
    """What is wrong with the server at the moment."""

    down: bool = False
    """Every connection is closed without an answer."""
    starting: bool = False
    """Everything is answered 503 with Retry-After, as while migrating."""
    latency_s: float = 0.0
    armed: list[Fault] = field(default_factory=list)


class FakeJellyfin:
    """One server. ``violations`` names every exchange that breaks the OpenAPI document."""

    def __init__(self, version: str = "12.0.0", *, validate: bool | None = None) -> None:
        self.state = State(version)
        self.faults = Faults()
        self.requests: list[Recorded] = []
        self.violations: list[str] = []
        self.is_validating = is_available(version) if validate is None else validate
        self._check = checker(version) if self.is_validating else None
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.port = 0
        self.api_key = self.add_api_key()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def playlists(self) -> dict[str, FakePlaylist]:
        return self.state.playlists

    async def start(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one, which is kept when the server comes back."""
        app = web.Application(middlewares=[self._middleware], client_max_size=30 * 2**20)
        app[STATE] = self.state
        app.add_routes([*routes(), *self._control_routes()])
        self._runner = web.AppRunner(
            app, access_log=None, max_line_size=2**16, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await self._listen(port)

    async def stop(self) -> None:
        """Refuse connections; ``come_back`` undoes it and nothing is forgotten."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def come_back(self) -> None:
        """Listen at the same address again."""
        await self.start(self.port)

    async def _listen(self, port: int) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", port)
        await self._site.start()
        server = self._site._server
        assert isinstance(server, asyncio.Server)
        self.port = server.sockets[0].getsockname()[1]

    def add_api_key(self) -> str:
        """An API key as the dashboard makes them."""
        key = new_id()
        self.state.api_keys.add(key)
        return key

    def add_user(self, name: str, *, admin: bool = False) -> FakeUser:
        """A user who has logged in once."""
        user = FakeUser(new_id(), name, admin, new_id())
        self.state.users[user.id] = user
        return user

    def add_item(self, path: str, name: str, **facts: Any) -> str:
        """A track; ``facts`` are fields of ``FakeItem``. Returns its id."""
        item = FakeItem(path, name, **facts)
        self.state.items[item.id] = item
        return item.id

    def add_library(self, folder: Path, *, seen_as: str | None = None) -> int:
        """Every audio file below ``folder``, as if it were mounted at ``seen_as``."""
        before = len(self.state.items)
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in AUDIO_SUFFIXES and path.is_file():
                relative = path.relative_to(folder).as_posix()
                self.add_item(f"{seen_as or folder}/{relative}", **_tags(path))
        return len(self.state.items) - before

    def add_playlist(self, owner: FakeUser, name: str, entries: list[str]) -> FakePlaylist:
        """A playlist made by hand."""
        playlist = self.state.new_playlist(name, owner.id, is_public=False)
        playlist.entries = list(entries)
        return playlist

    def seen(self, method: str, path: str) -> list[Recorded]:
        """The requests so far with this method and a path that matches."""
        return [r for r in self.requests if r.method == method and re.fullmatch(path, r.path)]

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/_control"):
            return await handler(request)
        body = await request.read()
        if self.faults.latency_s:
            await asyncio.sleep(self.faults.latency_s)
        response = await self._answer(request, handler)
        self._record(request, body, None if response is None else response.status)
        if response is None:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if self._check is not None and response.status != 414:
            self.violations += self._check.violations(request, body, response)
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.Response | None:
        """The answer; ``None`` drops the connection."""
        if len(f"{request.method} {request.raw_path} HTTP/1.1\r\n") > LONGEST_REQUEST_LINE:
            return web.Response(status=414)
        if self.faults.down:
            return None
        if self.faults.starting:
            return _starting()
        fault = self._fault(request)
        if fault is not None and not fault.after:
            return _faulty(fault)
        response = await self._regular_answer(request, handler)
        return response if fault is None else _faulty(fault)

    async def _regular_answer(self, request: web.Request, handler: Handler) -> web.Response:
        if request.path != "/System/Info/Public":
            caller = self.state.caller(self._token(request) or "")
            if caller is None:
                return web.Response(status=401)
            request[CALLER] = caller
        try:
            response = await handler(request)
        except RefusalError as refusal:
            return _refused(refusal.status)
        except web.HTTPException as error:
            return _refused(error.status)
        assert isinstance(response, web.Response)
        return response

    def _token(self, request: web.Request) -> str | None:
        """The token: by the Authorization header, or before 12 by an older form."""
        header = request.headers.get("Authorization", "")
        if header.startswith("MediaBrowser "):
            return {k: unquote(v) for k, v in _PART.findall(header)}.get("Token")
        if "ApiKey" in request.query:
            return request.query["ApiKey"]
        if self.state.release >= (12, 0):
            return None
        for name in ("X-Emby-Token", "X-MediaBrowser-Token"):
            if name in request.headers:
                return request.headers[name]
        return request.query.get("api_key")

    def _fault(self, request: web.Request) -> Fault | None:
        for fault in self.faults.armed:
            if not (
                fault.times
                and re.fullmatch(fault.method, request.method)
                and re.fullmatch(fault.path, request.path)
            ):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            return fault
        return None

    def _record(self, request: web.Request, body: bytes, status: int | None) -> None:
        self.requests.append(
            Recorded(
                request.method,
                request.path,
                tuple(request.query.items()),
                body.decode("utf-8", "replace"),
                request.headers.get("Authorization", ""),
                status,
            )
        )

    def _control_routes(self) -> list[web.RouteDef]:
        """What a test in another process may do.

        GET state; DELETE playlists/{id}; POST items {path, name, …}; POST playlists {owner,
        name, entries}; POST library {folder, seen_as?} (adds what is new and forgets what is
        gone); POST faults {down?, starting?, latency_s?, armed?: [{method, path, …}]}.
        """
        return [
            web.get("/_control/state", self._show_state),
            web.delete("/_control/playlists/{id}", self._delete_playlist),
            web.post("/_control/playlists", self._make_playlist),
            web.post("/_control/items", self._add_item),
            web.post("/_control/library", self._rescan),
            web.post("/_control/faults", self._set_faults),
        ]

    async def _show_state(self, _request: web.Request) -> web.Response:
        playlists = [
            {
                "id": playlist.id,
                "name": playlist.name,
                "owner": self.state.users[playlist.owner].name,
                "is_public": playlist.is_public,
                "shares": list(playlist.shares),
                "paths": [self.state.items[one].path for one in playlist.entries],
            }
            for playlist in self.playlists.values()
        ]
        return web.json_response(
            {
                "playlists": playlists,
                "items": len(self.state.items),
                "requests": [f"{r.method} {r.path} {r.status}" for r in self.requests],
                "is_validating": self.is_validating,
                "violations": self.violations,
                "deleted_music": self.state.deleted_music,
            }
        )

    async def _delete_playlist(self, request: web.Request) -> web.Response:
        self.playlists.pop(request.match_info["id"], None)
        return web.Response(status=204)

    async def _make_playlist(self, request: web.Request) -> web.Response:
        body = await request.json()
        owner = next(u for u in self.state.users.values() if u.name == body["owner"])
        made = self.add_playlist(owner, body["name"], body.get("entries", []))
        return web.json_response({"id": made.id})

    async def _add_item(self, request: web.Request) -> web.Response:
        return web.json_response({"id": self.add_item(**await request.json())})

    async def _rescan(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.state.items.clear()
        count = self.add_library(Path(body["folder"]), seen_as=body.get("seen_as"))
        for playlist in self.playlists.values():
            playlist.entries[:] = [e for e in playlist.entries if e in self.state.items]
        return web.json_response({"items": count})

    async def _set_faults(self, request: web.Request) -> web.Response:
        body = await request.json()
        armed = [Fault(**fault) for fault in body.pop("armed", [])]
        self.faults = Faults(**body, armed=armed)
        return web.Response(status=204)


def _starting() -> web.Response:
    return web.Response(
        status=503, headers={"Retry-After": "30"}, text="starting", content_type="text/html"
    )


def _faulty(fault: Fault) -> web.Response | None:
    if fault.status is None:
        return None
    headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
    return web.Response(status=fault.status, headers=headers, text="Error processing request.")


def _refused(status: int) -> web.Response:
    if status in (403, 404):
        return web.json_response({"status": status}, status=status)
    return web.Response(status=status, text="Error processing request.")


def _tags(path: Path) -> dict[str, Any]:
    """What Jellyfin would read from the file."""
    try:
        file = mutagen.File(path, easy=True)
    except mutagen.MutagenError:
        file = None
    tags = (file.tags or {}) if file is not None else {}

    def first(name: str) -> str | None:
        return next(iter(tags.get(name, [])), None)

    number = re.match(r"\d+", first("tracknumber") or "")
    artists = tuple(tags.get("artist", []))
    return {
        "name": first("title") or path.stem,
        "album": first("album"),
        "album_artist": first("albumartist") or next(iter(artists), None),
        "artists": artists,
        "track_number": int(number[0]) if number else None,
        "duration_s": file.info.length if file is not None else 0.0,
    }


async def _serve(arguments: argparse.Namespace) -> None:
    fake = FakeJellyfin(arguments.version)
    users = [fake.add_user(name, admin=False) for name in arguments.user]
    admin = fake.add_user(arguments.admin, admin=True)
    fake.add_library(Path(arguments.library), seen_as=arguments.seen_as)
    await fake.start(arguments.port)
    tokens = {user.name: {"id": user.id, "token": user.token} for user in [*users, admin]}
    ready = {"url": fake.url, "api_key": fake.api_key, "users": tokens}
    sys.stdout.write(json.dumps(ready | {"items": len(fake.state.items)}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    """Run the stand-in until it is killed."""
    parser = argparse.ArgumentParser(description="A stand-in for a Jellyfin server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--library", required=True, help="folder with music")
    parser.add_argument("--seen-as", help="the path under which the server sees that folder")
    parser.add_argument("--version", choices=VERSIONS, default=VERSIONS[-1])
    parser.add_argument("--user", action="append", default=None, help="a plain user's name")
    parser.add_argument("--admin", default="harmonie", help="an administrator's name")
    arguments = parser.parse_args()
    arguments.user = arguments.user or ["alice"]
    try:
        asyncio.run(_serve(arguments))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
