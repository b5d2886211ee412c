"""The application: every API family over the opened core, as one server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

from aiohttp import web

from harmonie_daemon.api.audiomuse import AudiomuseDeps
from harmonie_daemon.api.beatoven import BeatovenDeps
from harmonie_daemon.api.harmonie.jellyfin import JellyfinDeps
from harmonie_daemon.api.jellyfin import JellyfinHookDeps
from harmonie_daemon.api.stalgia import StalgiaDeps
from harmonie_daemon.api.stalgia.sounding import Sounding
from harmonie_daemon.api.stalgia.tag_folder import TagFolder
from harmonie_daemon.app.access import access_rules, provide_access, rate_limiter
from harmonie_daemon.app.background import begin_background
from harmonie_daemon.app.core import VERSION, Clock, Core, open_core
from harmonie_daemon.app.discovering import beatteller_deps
from harmonie_daemon.app.families import every_family
from harmonie_daemon.app.measures import measures
from harmonie_daemon.compose.formats import can_write_aac
from harmonie_daemon.config import Settings
from harmonie_daemon.mediaservers.jellyfin.known_user import KnownUser
from harmonie_daemon.similarity.process import keep_what_is_loaded
from harmonie_daemon.tasks.systemd import notify
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.keys import PROVIDED
from harmonie_daemon.web.metrics import RequestCounts
from harmonie_daemon.web.own_address import OwnAddress
from harmonie_daemon.web.signing import Signer


@dataclass(slots=True)
class Startup:
    """What still goes on after the application listens."""

    task: asyncio.Task[None] | None = None
    core: Core | None = None

    async def ended(self) -> None:
        """Return once everything is loaded and running; raises what went wrong."""
        if self.task is not None:
            await asyncio.shield(self.task)

    async def ask_no_more(self, _: web.Application) -> None:
        """Whoever waits for a service elsewhere is told so at once; aiohttp would wait for them."""
        services = () if self.core is None else (self.core.words.gemini, self.core.outside.qloo)
        for service in services:
            if service is not None:
                await service.close()


STARTUP: web.AppKey[Startup] = web.AppKey("startup", Startup)


def create_app(
    settings: Settings, *, background: bool = True, clock: Clock = time.time
) -> web.Application:
    """The whole daemon as one application.

    ``background`` adds what it does by itself (watching, scheduled scans and refreshes); without
    it the application only answers, as the command line needs it when no daemon is running.
    Raises, when it starts, ``StoreError`` if the database cannot be used.
    """
    counts, limiter = RequestCounts(), rate_limiter(settings, clock)
    app = make_application(
        every_family(),
        access_rules(settings),
        title="Harmonie",
        version=VERSION,
        description="Similarity, filters and playlists for one's own music, and new music.",
        limiter=limiter,
        counts=counts,
    )

    startup = app[STARTUP] = Startup()

    async def live(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            core = await stack.enter_async_context(open_core(settings, clock))
            startup.core = core
            if background:
                await provide_access(app, settings, clock)
                app[PROVIDED].put(measures(core, counts, limiter))
            begin = _begin(app, core, stack, clock, background=background)
            startup.task = asyncio.create_task(begin, name="startup")
            try:
                yield
            finally:
                notify("STOPPING=1")
                startup.task.cancel()
                await asyncio.gather(startup.task, return_exceptions=True)
                app[PROVIDED].withdraw()

    app.on_shutdown.append(startup.ask_no_more)
    app.cleanup_ctx.append(live)
    return app


async def _begin(
    app: web.Application, core: Core, stack: AsyncExitStack, clock: Clock, *, background: bool
) -> None:
    """Load the index, open the doors, then begin what the daemon does by itself."""
    await core.services.spaces.load()
    if background:
        keep_what_is_loaded()
    else:  # whoever asks for words will not come again
        await core.store.tracks.collect_words()
    app[PROVIDED].put(core.services, _audiomuse(core), _stalgia(core), beatteller_deps(core, clock))
    app[PROVIDED].put(JellyfinDeps(core.signing_in), JellyfinHookDeps(core.listening.hook))
    if background:
        app[PROVIDED].put(_beatoven(app, core))
        await begin_background(core, stack)
        notify("READY=1\nSTATUS=ready")


def _audiomuse(core: Core) -> AudiomuseDeps:
    return AudiomuseDeps(
        settings=core.settings,
        runner=core.runner,
        analyses=core.analyses,
        clusterings=core.clusterings,
        playlists=core.playlists,
        tracks=core.store.tracks,
        known_user=KnownUser(core.store.meta),
        keyring=core.keyring,
        item_ids=core.item_ids,
    )


def _beatoven(app: web.Application, core: Core) -> BeatovenDeps:
    """What hands out signed addresses, which a command without a daemon cannot."""
    return BeatovenDeps(
        studio=core.studio,
        signer=app[PROVIDED].get(Signer),
        own_address=OwnAddress(core.settings.http.public_url),
        can_write_aac=can_write_aac,
    )


def _stalgia(core: Core) -> StalgiaDeps:
    return StalgiaDeps(
        composer=core.words.composer,
        studio=core.studio,
        tags=TagFolder(core.settings.data_dir / "tags"),
        sounding=Sounding(core.studio),
    )
