"""The beatoven family beside harmonie's over a real store, with an ensemble that is quick."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from harmonie_daemon.api.beatoven import BeatovenDeps, beatoven_family
from harmonie_daemon.api.harmonie import harmonie_family
from harmonie_daemon.app import access_rules, open_core
from harmonie_daemon.config import Settings
from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.keys import PROVIDED
from harmonie_daemon.web.own_address import OwnAddress
from harmonie_daemon.web.signing import Signer
from tests.contract.beatoven_clients import Asker
from tests.quick_ensemble import QuickEnsemble
from tests.servers import NOW, Client, serving

SECRET = b"s" * 32


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Beatoven:
    """What runs, and the clock behind it."""

    client: Client
    asker: Asker
    studio: Studio
    ensemble: QuickEnsemble
    clock: Clock
    has_ffmpeg: bool = True


@asynccontextmanager
async def beatoven(data_dir: Path, **settings: Any) -> AsyncIterator[Beatoven]:
    """A daemon that composes in no time, or when it may."""
    configured = Settings(
        **{"data_dir": data_dir, "workers": 1, "default_playlists": False, **settings}
    )
    key = configured.http.api_key
    authorization = "" if key is None else f"api_key {key.get_secret_value()}"
    families = [harmonie_family(), beatoven_family()]
    app = make_application(families, access_rules(configured), title="Two", version="1")
    ensemble, clock = QuickEnsemble(), Clock()
    async with (
        open_core(configured, clock, ensemble=ensemble) as core,
        serving(app) as client,
        aiohttp.ClientSession() as session,
    ):
        asker = Asker(client.base, session, authorization)
        running = Beatoven(client, asker, core.studio, ensemble, clock)
        signer = Signer(SECRET, clock)
        own_address = OwnAddress(configured.http.public_url)
        deps = BeatovenDeps(core.studio, signer, own_address, lambda: running.has_ffmpeg)
        app[PROVIDED].put(core.services, deps, signer)
        yield running
