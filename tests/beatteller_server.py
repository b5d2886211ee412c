"""The BeatTeller family beside harmonie's over a real store of ten tracks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harmonie_daemon.api.audiomuse import audiomuse_family
from harmonie_daemon.api.beatteller import BeattellerDeps, beatteller_family
from harmonie_daemon.api.harmonie import harmonie_family
from harmonie_daemon.app import Core, access_rules, open_core
from harmonie_daemon.app.access import rate_limiter
from harmonie_daemon.app.discovering import beatteller_deps
from harmonie_daemon.config import Settings
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.keys import PROVIDED
from tests.contract.conftest import fill
from tests.servers import NOW, Answer, Client, serving


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Beatteller:
    """What runs, and the clock behind it."""

    client: Client
    core: Core
    deps: BeattellerDeps
    clock: Clock

    async def post(self, path: str, **body: Any) -> Answer:
        """One POST below ``/api``."""
        return await self.client.post(f"/api/{path}", json=body)

    async def get(self, path: str) -> Answer:
        """One GET below ``/api``."""
        return await self.client.get(f"/api/{path}")


@asynccontextmanager
async def beatteller(data_dir: Path, **settings: Any) -> AsyncIterator[Beatteller]:
    """A daemon that lets everybody ask as often as they like, unless it is told otherwise."""
    configured = Settings(
        **{
            "libraries": (Path("/music"),),
            "data_dir": data_dir,
            "workers": 1,
            "default_playlists": False,
            "rate_limit": {"per_hour": 0, "per_minute": 0},
            **settings,
        }
    )
    clock = Clock()
    app = make_application(
        [harmonie_family(), audiomuse_family(), beatteller_family(clock)],
        access_rules(configured),
        title="Three",
        version="1",
        limiter=rate_limiter(configured, clock),
    )
    async with open_core(configured, clock) as core:
        await fill(core.store.tracks)
        await core.services.spaces.load()
        deps = beatteller_deps(core, clock)
        async with serving(app) as client:
            app[PROVIDED].put(core.services, deps)
            yield Beatteller(client, core, deps, clock)
