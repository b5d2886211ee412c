"""What the daemon does by itself: watching, scanning, refreshing, tidying, saying it lives."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from functools import partial

from harmonie_daemon.api.audiomuse.schemas import AnalysisBody
from harmonie_daemon.api.audiomuse.wishes import analysis_request
from harmonie_daemon.app.core import Core
from harmonie_daemon.domain.errors import BusyError, MediaServerError, StoreError
from harmonie_daemon.library.watcher import Watcher
from harmonie_daemon.mediaservers.jellyfin.listing import TARGET as JELLYFIN
from harmonie_daemon.scanning import Models
from harmonie_daemon.tasks.backup import ScheduledBackup
from harmonie_daemon.tasks.schedule import Schedule
from harmonie_daemon.tasks.systemd import keep_alive, watchdog_interval_s

CATALOGUES_AT = "41 * * * *"
"""Two questions to each server, if nothing has changed there."""
TAKE_IN_AT = "*/10 * * * *"
"""What servers count is asked for with their catalogues; this looks whether it was."""
PRUNE_AT = "23 * * * *"
"""Every hour, when little else begins."""

log = logging.getLogger(__name__)


async def begin_background(core: Core, stack: AsyncExitStack) -> None:
    """Begin all of it; ``stack`` ends it."""
    settings = core.settings
    await _begin_schedule(core, stack)
    taking_over = asyncio.create_task(_take_over(core.services.models), name="succession")
    stack.callback(taking_over.cancel)
    collecting = asyncio.create_task(_collect_words(core), name="words")
    stack.callback(collecting.cancel)
    telling = asyncio.create_task(core.words.code_studio.tell_layers(), name="jail")
    stack.callback(telling.cancel)
    if core.words.gemini is not None:
        looking = asyncio.create_task(core.words.gemini.look(), name="look at Gemini")
        stack.callback(looking.cancel)
    if core.outside.qloo is not None:
        looking = asyncio.create_task(core.outside.qloo.look(), name="look at Qloo")
        stack.callback(looking.cancel)
    if not settings.roots:
        log.warning("no libraries are configured; set HARMONIE_LIBRARIES to the music folders")
    elif settings.scan.watch:
        roots = [str(root) for root in settings.roots]
        watcher = Watcher(roots, core.scan.scan_paths, exclude=settings.scan.exclude)
        core.environs.watcher = watcher
        await watcher.start()
        stack.push_async_callback(watcher.stop)
    if core.signing_in is not None:
        core.signing_in.on_login = partial(core.refresher.push_again, JELLYFIN)
    core.listening.begin(stack)
    await core.asked.begin()
    stack.push_async_callback(core.asked.close)
    core.refresher.on_forced = core.asked.wake
    core.studio.tell_of_music(core.scan.scan_paths)
    stack.callback(core.studio.tell_of_music, None)
    if settings.scan.on_startup and settings.roots:
        await core.scan.start()
    interval_s = watchdog_interval_s()
    if interval_s is not None:
        alive = asyncio.create_task(keep_alive(interval_s, core.store.tracks.counts))
        stack.callback(alive.cancel)


async def _begin_schedule(core: Core, stack: AsyncExitStack) -> None:
    settings = core.settings
    schedule = Schedule(
        scan=core.scan,
        scan_interval_hours=settings.scan.interval_hours,
        refresher=core.refresher,
        playlists=core.store.playlists,
        clock=time.time,
        meta=core.store.meta,
        scan_follows=bool(settings.scan.on_startup and settings.roots),
    )
    if settings.backup.schedule is not None:
        backup = ScheduledBackup(
            settings.database, settings.backup_folder, keep=settings.backup.keep, clock=time.time
        )
        stack.push_async_callback(backup.close)
        schedule.add("backup", settings.backup.schedule, backup.run)
    if settings.analysis.schedule is not None:
        schedule.add("analysis", settings.analysis.schedule, lambda: analyse_newest(core))
    schedule.add("catalogues", CATALOGUES_AT, core.services.catalogues.sync)
    schedule.add("prune compositions", PRUNE_AT, core.studio.prune)
    schedule.add("counters of servers", TAKE_IN_AT, core.listening.take_in)
    schedule.add("prune plays", PRUNE_AT, core.listening.prune)
    await schedule.start()
    stack.push_async_callback(schedule.close)


async def analyse_newest(core: Core) -> None:
    """What a client would ask for without words."""
    user = core.settings.jellyfin.user
    try:
        own = None if core.keyring is None else await core.keyring.usual(user)
        core.analyses.submit(analysis_request(AnalysisBody(), core.settings, own))
    except (BusyError, MediaServerError) as error:
        log.warning("no analysis was begun: %s", error)


async def _collect_words(core: Core) -> None:
    """Of a library of before there was anything to find them by; searches wait for it."""
    try:
        count = await core.store.tracks.collect_words()
    except StoreError as error:
        log.warning("words are not collected; the next start goes on: %s", error)
        return
    if count:
        log.info("the words of %d tracks were collected: they can be searched now", count)


async def _take_over(models: Models) -> None:
    """A scan would do it, too, but there need not be one."""
    try:
        await models.take_over()
    except StoreError as error:
        log.warning("the vectors are not turned yet; the next scan tries again: %s", error)
