"""Real servers on loopback, through the runner that production uses."""

from __future__ import annotations

import json as jsonlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from harmonie_daemon.api.harmonie import HarmonieDeps, harmonie_family
from harmonie_daemon.api.harmonie.jellyfin import JellyfinDeps
from harmonie_daemon.app import access_rules, open_core
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.task import ScanPhase, ScanStatus
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.tasks.composing.commission import Ensemble
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.bodies import runner_of
from harmonie_daemon.web.keys import PROVIDED

NOW = 1_750_000_000.0


@dataclass(frozen=True)
class Answer:
    """A response, read."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return jsonlib.loads(self.text)

    @property
    def detail(self) -> str:
        """What the harmonie family says when it says no; that member and no other."""
        assert list(self.json) == ["detail"]
        assert isinstance(self.json["detail"], str)
        return str(self.json["detail"])


@dataclass(frozen=True)
class Client:
    """Asks a server; paths are sent as they are written."""

    base: str
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        """One request."""
        url = URL(self.base + path, encoded=True)
        async with self.session.request(method, url, allow_redirects=False, **options) as response:
            return Answer(response.status, response.headers, await response.text())

    async def get(self, path: str, **options: Any) -> Answer:
        """One GET."""
        return await self.ask("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> Answer:
        """One POST."""
        if json is not None:
            options["json"] = json
        return await self.ask("POST", path, **options)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[Client]:
    """The application on a free port of loopback."""
    runner = runner_of(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        async with aiohttp.ClientSession() as session:
            yield Client(f"http://127.0.0.1:{port}", session)
    finally:
        await runner.cleanup()


@dataclass
class ScriptedScan:
    """A scan that does as it is told and never ends by itself."""

    state: ScanStatus = field(default_factory=ScanStatus)
    forced: list[bool] = field(default_factory=list)

    def status(self) -> ScanStatus:
        """The state."""
        return self.state

    async def start(self, force: bool = False) -> ScanStatus:
        """Scanning, from now on."""
        if self.state.state != "scanning":
            self.forced.append(force)
            self.state = ScanStatus("scanning", ScanPhase.ENUMERATING, started_at=NOW)
        return self.state

    async def cancel(self) -> ScanStatus:
        """Idle again."""
        self.state = replace(self.state, state="idle", phase=None, finished_at=NOW + 1)
        return self.state

    def pause(self) -> ScanStatus:
        """Resting."""
        self.state = replace(self.state, paused=True)
        return self.state

    def resume(self) -> ScanStatus:
        """Going on."""
        self.state = replace(self.state, paused=False)
        return self.state


@dataclass(frozen=True)
class Daemon:
    """The harmonie API over a real store."""

    client: Client
    app: web.Application
    services: HarmonieDeps
    scan: ScriptedScan

    @property
    def tracks(self) -> Tracks:
        """The store of tracks, to be filled."""
        return self.services.tracks


def make_app(settings: Settings) -> web.Application:
    """The application as the daemon composes it, with this family alone."""
    rules = access_rules(settings)
    return make_application([harmonie_family()], rules, title="Harmonie", version="0.1.0")


@asynccontextmanager
async def daemon(
    data_dir: Path, *, ensemble: Ensemble | None = None, **settings: Any
) -> AsyncIterator[Daemon]:
    """A daemon with an empty library; fill ``tracks`` and ask ``client``."""
    configured = Settings(
        **{"libraries": (Path("/music"),), "data_dir": data_dir, "workers": 1, **settings}
    )
    scan = ScriptedScan()
    app = make_app(configured)
    async with open_core(configured, lambda: NOW, ensemble=ensemble) as core:
        services = replace(core.services, scan=scan)
        await services.spaces.load()
        async with serving(app) as client:
            app[PROVIDED].put(services, JellyfinDeps(core.signing_in))
            yield Daemon(client, app, services, scan)
