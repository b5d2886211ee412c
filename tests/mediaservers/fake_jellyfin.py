"""A stateful stand-in for a Jellyfin server, over HTTP, in three versions.

In a test: ``fake = FakeJellyfin("12.0.0"); await fake.start()``. As a process:
``python -m tests.mediaservers.fake_jellyfin --port 8096 --library DIR --version 12.0.0``
prints one JSON line with address and tokens; ``/_control/…`` then does what a person or a
fault would do: see ``fake_control``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.mediaservers.fake_control import FAKE, control_routes
from tests.mediaservers.fake_faults import Faults, Recorded, faulty, starting, truncated
from tests.mediaservers.fake_files import file_routes
from tests.mediaservers.fake_images import image_routes
from tests.mediaservers.fake_items import item_routes
from tests.mediaservers.fake_library import AUDIO_SUFFIXES, read_facts
from tests.mediaservers.fake_query import RefusalError
from tests.mediaservers.fake_routes import CALLER, STATE, routes
from tests.mediaservers.fake_sessions import session_routes
from tests.mediaservers.fake_signing_in import (
    DESK,
    OPEN_PATHS,
    TOLD,
    SigningInDesk,
    signing_in_routes,
)
from tests.mediaservers.fake_socket import SOCKET, socket_routes
from tests.mediaservers.fake_state import (
    BrokenOffError,
    FakeItem,
    FakePlaylist,
    FakeUser,
    State,
    new_id,
)
from tests.mediaservers.fake_tokens import told_by
from tests.mediaservers.openapi_check import checker, is_available

VERSIONS = ("10.10.7", "10.11.11", "12.0.0")
LONGEST_REQUEST_LINE = 8192
"""Kestrel's default, bytes."""

FAULTY: web.RequestKey[bool] = web.RequestKey("faulty", bool)
"""Of a request that was not answered as Jellyfin would."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeJellyfin:
    """One server. ``violations`` names every exchange that breaks the OpenAPI document."""

    def __init__(self, version: str = "12.0.0", *, validate: bool | None = None) -> None:
        self.state = State(version)
        self.desk = SigningInDesk()
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
        app[FAKE] = self
        app[DESK] = self.desk
        app.on_response_prepare.append(self._say_time)
        app.add_routes([*routes(), *item_routes(), *image_routes(), *file_routes()])
        app.add_routes(
            [*session_routes(), *socket_routes(self), *signing_in_routes(), *control_routes()]
        )
        self._runner = web.AppRunner(
            app, access_log=None, max_line_size=2**16, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await self._listen(port)

    async def _say_time(self, _request: web.Request, response: web.StreamResponse) -> None:
        if self.state.clock is not None:
            response.headers["Date"] = formatdate(self.state.clock(), usegmt=True)

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

    def add_user(self, name: str, *, admin: bool = False, password: str = "") -> FakeUser:
        """A user who has logged in once."""
        user = FakeUser(new_id(), name, admin, new_id(), password)
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
                facts = read_facts(path)
                self.add_item(f"{seen_as or folder}/{relative}", source=str(path), **facts)
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
        if request.path.startswith("/_control") or request.path == SOCKET:
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
        is_file = request.path.endswith(("/Download", "/File"))  # in no reduced document
        if self._check is not None and not (response.status == 414 or FAULTY in request or is_file):
            self.violations += self._check.violations(request, body, response)
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.Response | None:
        """The answer; ``None`` drops the connection."""
        if len(f"{request.method} {request.raw_path} HTTP/1.1\r\n") > LONGEST_REQUEST_LINE:
            return web.Response(status=414)
        if self.faults.down:
            return None
        if self.faults.starting:
            return starting()
        fault = self.faults.matching(request)
        if fault is None:
            return await self._regular_answer(request, handler)
        request[FAULTY] = True
        if fault.truncate:
            truncated(request, await self._regular_answer(request, handler))
            return None
        if fault.after:
            await self._regular_answer(request, handler)
        return await faulty(fault)

    async def _regular_answer(self, request: web.Request, handler: Handler) -> web.Response:
        state = self.state
        request[TOLD] = told_by(
            request,
            allows_older=state.allows_older_headers,
            prefers_older=state.release < (10, 11),
        )
        if request.path not in OPEN_PATHS:
            caller = state.caller(request[TOLD].get("Token", ""))
            if caller is None:
                return web.Response(status=401)
            request[CALLER] = caller
        try:
            response = await handler(request)
        except RefusalError as refusal:
            return _refused(refusal.status)
        except BrokenOffError:
            request[FAULTY] = True
            return _refused(500)
        except web.HTTPException as error:
            return _refused(error.status)
        assert isinstance(response, web.Response)
        return response

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


def _refused(status: int) -> web.Response:
    if status in (403, 404):
        return web.json_response({"status": status}, status=status)
    return web.Response(status=status, text="Error processing request.")


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
