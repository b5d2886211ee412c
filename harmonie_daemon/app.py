"""The composition root: the only place that wires everything together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed_version

from aiohttp import web

from harmonie_daemon.analysis.weights import WeightStore
from harmonie_daemon.api.harmonie import HarmonieDeps, harmonie_family
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import ConfigurationError, StoreError
from harmonie_daemon.domain.playlist import Recipe
from harmonie_daemon.library.watcher import Watcher
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.mediaservers.m3u import M3uTarget
from harmonie_daemon.mediaservers.m3u_format import M3uStyle
from harmonie_daemon.mediaservers.push import Pusher, Target
from harmonie_daemon.playlists.builder import PlaylistBuilder
from harmonie_daemon.playlists.recipes import DEFAULT_RECIPES, RecipeKitchen
from harmonie_daemon.scanning import LibraryScan, Models, open_scanning
from harmonie_daemon.similarity.process import compute_calmly, keep_what_is_loaded
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.search import Search
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from harmonie_daemon.tasks.backup import ScheduledBackup
from harmonie_daemon.tasks.refresh import Refresher
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.tasks.schedule import Schedule
from harmonie_daemon.tasks.systemd import keep_alive, notify, watchdog_interval_s
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.keys import PROVIDED
from harmonie_daemon.workers import Budget

log = logging.getLogger(__name__)

Clock = Callable[[], float]
VERSION = installed_version("harmonie-daemon")
READERS = 3
"""A scan and a playlist may each keep one busy for a second; requests go on."""


@dataclass(slots=True)
class Startup:
    """What still goes on after the application listens."""

    task: asyncio.Task[None] | None = None

    async def ended(self) -> None:
        """Return once everything is loaded and running; raises what went wrong."""
        if self.task is not None:
            await asyncio.shield(self.task)


STARTUP: web.AppKey[Startup] = web.AppKey("startup", Startup)


@dataclass(frozen=True, slots=True)
class Core:
    """Everything that lives as long as the daemon."""

    services: HarmonieDeps
    scan: LibraryScan
    refresher: Refresher
    playlists: Playlists


def create_app(
    settings: Settings, *, background: bool = True, clock: Clock = time.time
) -> web.Application:
    """The whole daemon as one application.

    ``background`` adds what it does by itself (watching, scheduled scans and refreshes); without
    it the application only answers, as the command line needs it when no daemon is running.
    Raises, when it starts, ``StoreError`` if the database cannot be used.
    """
    app = make_application(
        [harmonie_family()],
        access_rules(settings),
        title="Harmonie",
        version=VERSION,
        description="Similarity, filters and playlists for one's own music.",
    )

    startup = app[STARTUP] = Startup()

    async def live(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            core = await stack.enter_async_context(open_core(settings, clock))
            begin = _begin(app, core, stack, background=background)
            startup.task = asyncio.create_task(begin, name="startup")
            try:
                yield
            finally:
                notify("STOPPING=1")
                startup.task.cancel()
                await asyncio.gather(startup.task, return_exceptions=True)
                app[PROVIDED].withdraw()

    app.cleanup_ctx.append(live)
    return app


def access_rules(settings: Settings) -> AccessRules:
    """Who may ask, as the operator configured it."""
    key = settings.http.api_key
    return AccessRules(
        api_key=None if key is None else key.get_secret_value(),
        host=settings.http.host,
        cors_origins=tuple(origin.rstrip("/").lower() for origin in settings.http.cors_origins),
    )


@asynccontextmanager
async def open_core(settings: Settings, clock: Clock = time.time) -> AsyncIterator[Core]:
    """Open the store and build what works on it; closed in reverse order.

    Raises ``StoreError`` when the database is in use, damaged or cannot be written.
    """
    async with AsyncExitStack() as stack:
        compute_calmly()
        _make_data_dir(settings)
        database = await Database.open(settings.database, readers=READERS)
        stack.push_async_callback(database.close)
        tracks, playlists = Tracks(database, clock), Playlists(database)
        runner = Runner(Tasks(database), clock)
        await runner.start()
        budget = Budget(settings.workers)
        vectors = Vectors(database)
        models = Models(vectors, WeightStore(settings.weights_folder))
        await models.look()
        scanning = open_scanning(
            settings, tracks=tracks, models=models, runner=runner, budget=budget, clock=clock
        )
        scan = await stack.enter_async_context(scanning)
        spaces = Spaces(tracks, vectors)
        stack.callback(spaces.close)
        resolver = Resolver(tracks)
        builder = PlaylistBuilder(tracks, spaces, resolver)
        targets = _open_targets(settings, database, tracks, playlists, stack, clock)
        refresher = Refresher(
            recipes=configured_recipes(settings),
            kitchen=RecipeKitchen(tracks, spaces, resolver, builder),
            playlists=playlists,
            pusher=Pusher(targets, playlists, clock),
            targets=[target.name for target in targets],
            runner=runner,
            clock=clock,
        )
        services = HarmonieDeps(
            version=VERSION,
            settings=settings,
            database=database,
            tracks=tracks,
            vectors=vectors,
            playlists=playlists,
            spaces=spaces,
            search=Search(tracks, spaces),
            resolver=resolver,
            builder=builder,
            scan=scan,
            models=models,
            refresher=refresher,
            started=clock(),
        )
        stack.push_async_callback(runner.close)  # before what its tasks work with
        yield Core(services, scan, refresher, playlists)


def configured_recipes(settings: Settings) -> tuple[Recipe, ...]:
    """The recipes of the configuration and, unless switched off, the default ones.

    A configured recipe replaces the default one of the same name.
    """
    own = settings.recipes
    if not settings.default_playlists:
        return own
    taken = {recipe.name for recipe in own}
    return (*own, *(recipe for recipe in DEFAULT_RECIPES if recipe.name not in taken))


def _make_data_dir(settings: Settings) -> None:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"data_dir={str(settings.data_dir)!r} cannot be made: {error.strerror}; "
            "set HARMONIE_DATA_DIR to a folder that can be written"
        ) from error


def _open_targets(
    settings: Settings,
    database: Database,
    tracks: Tracks,
    playlists: Playlists,
    stack: AsyncExitStack,
    clock: Clock,
) -> list[Target]:
    style = M3uStyle(
        settings.m3u.extension, settings.m3u.path_mapping_pairs, settings.m3u.file_mode
    )
    is_ours = settings.m3u.dir is None
    targets: list[Target] = [
        M3uTarget(settings.m3u_folder, tracks, playlists, style=style, is_ours=is_ours)
    ]
    if settings.jellyfin.url and settings.jellyfin.token:
        jellyfin = JellyfinTarget(
            url=settings.jellyfin.url,
            token=settings.jellyfin.token.get_secret_value(),
            user=settings.jellyfin.user,
            tracks=tracks,
            playlists=playlists,
            meta=Meta(database),
            clock=clock,
            path_mappings=settings.jellyfin.path_mapping_pairs,
            version=VERSION,
        )
        stack.push_async_callback(jellyfin.close)
        targets.append(jellyfin)
    return targets


async def _begin(
    app: web.Application, core: Core, stack: AsyncExitStack, *, background: bool
) -> None:
    """Load the index, open the doors, then begin what the daemon does by itself."""
    await core.services.spaces.load()
    if background:
        keep_what_is_loaded()
    app[PROVIDED].put(core.services)
    if background:
        await _begin_background(core, stack)
        notify("READY=1\nSTATUS=ready")


async def _begin_background(core: Core, stack: AsyncExitStack) -> None:
    settings = core.services.settings
    schedule = Schedule(
        scan=core.scan,
        scan_interval_hours=settings.scan.interval_hours,
        refresher=core.refresher,
        playlists=core.playlists,
        clock=time.time,
        meta=Meta(core.services.database),
        scan_follows=bool(settings.scan.on_startup and settings.libraries),
    )
    if settings.backup.schedule is not None:
        backup = ScheduledBackup(
            settings.database, settings.backup_folder, keep=settings.backup.keep, clock=time.time
        )
        stack.push_async_callback(backup.close)
        schedule.add("backup", settings.backup.schedule, backup.run)
    await schedule.start()
    stack.push_async_callback(schedule.close)
    taking_over = asyncio.create_task(_take_over(core.services.models), name="succession")
    stack.callback(taking_over.cancel)
    if not settings.libraries:
        log.warning("no libraries are configured; set HARMONIE_LIBRARIES to the music folders")
    if settings.scan.watch and settings.libraries:
        roots = [str(root) for root in settings.libraries]
        watcher = Watcher(roots, core.scan.scan_paths, exclude=settings.scan.exclude)
        await watcher.start()
        stack.push_async_callback(watcher.stop)
    if settings.scan.on_startup and settings.libraries:
        await core.scan.start()
    interval_s = watchdog_interval_s()
    if interval_s is not None:
        alive = asyncio.create_task(keep_alive(interval_s, core.services.tracks.counts))
        stack.callback(alive.cancel)


async def _take_over(models: Models) -> None:
    """A scan would do it, too, but there need not be one."""
    try:
        await models.take_over()
    except StoreError as error:
        log.warning("the vectors are not turned yet; the next scan tries again: %s", error)
