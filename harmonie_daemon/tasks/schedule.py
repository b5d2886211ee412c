"""The clock of the daemon: scans at intervals, recipes by cron, targets tried again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from harmonie_daemon.domain.cron import name_weekdays
from harmonie_daemon.domain.errors import HarmonieError, StoreError
from harmonie_daemon.domain.playlist import RECIPES, Recipe, RecipeMode
from harmonie_daemon.domain.task import ScanStatus
from harmonie_daemon.playlists.clusters.clustering import MAKER
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.tasks.listener_clusters import LISTENER_MAKER
from harmonie_daemon.tasks.refresh import Refresher

log = logging.getLogger(__name__)

_RETRY_JOB = "push again"
_SCAN_JOB = "scan"
_NEWCOMERS_JOB = "newcomers"
NEWCOMERS_AT = "50 5 * * *"
"""When whoever began to listen gets first playlists, instead of waiting for a recipe's day."""
_RECIPE_JOB = "recipe "
"""Before the name of the recipe, which may be any."""
OTHER_LIBRARY = 0.2
"""Share of the files that a scan heard or lost from which on all recipes are made anew."""
MOST_CHANGES = 100
"""In a library smaller than this, a new album is no other library."""
FIRST_SCAN_ENDED_AT = "first_scan_ended_at"
"""Key of the Unix time at which the library was heard for the first time; written once."""


class Scans(Protocol):
    """Whoever scans the library."""

    on_finished: Callable[[ScanStatus], Awaitable[None]] | None

    async def start(self) -> object:
        """Scan everything."""


class Schedule:
    """Starts scans and refreshes when their time has come.

    A job that was missed (the machine slept, the loop was busy) runs once when it can.
    """

    def __init__(
        self,
        *,
        scan: Scans,
        scan_interval_hours: float,
        refresher: Refresher,
        playlists: Playlists,
        clock: Callable[[], float],
        meta: Meta | None = None,
        scan_follows: bool = False,
    ) -> None:
        """``scan_follows``: the library is scanned right after ``start``, and recipes that were
        never made wait for that. ``meta`` remembers when the first scan ended: what was made
        before it, of a fraction of the library, is made again after it.
        """
        self._meta = meta
        self._scan_follows = scan_follows
        self._scan = scan
        self._interval_hours = scan_interval_hours
        self._refresher = refresher
        self._playlists = playlists
        self._clock = clock
        self._running: set[asyncio.Task[object]] = set()
        self._tried: dict[str, float] = {}
        self._scheduler = AsyncIOScheduler(
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )

    def add(self, name: str, schedule: str, work: Callable[[], Awaitable[None]]) -> None:
        """Something else that has its time, as a cron expression; to be added before ``start``."""
        self._scheduler.add_job(work, cron_trigger(schedule), id=name)

    async def start(self) -> None:
        """Begin; what fell due while the daemon was down is made up for, and every target is
        brought to the present state: it may have been configured just now."""
        if self._interval_hours > 0:
            interval = IntervalTrigger(seconds=self._interval_hours * 3600)
            self._scheduler.add_job(self._scan.start, interval, id=_SCAN_JOB)
        for recipe in self._refresher.recipes:
            trigger = cron_trigger(recipe.schedule)
            job_id = _RECIPE_JOB + recipe.name
            self._scheduler.add_job(self._refresh, trigger, args=[(recipe,)], id=job_id)
        self._scheduler.add_job(self._welcome, cron_trigger(NEWCOMERS_AT), id=_NEWCOMERS_JOB)
        self._scan.on_finished = self._after_scan
        self._refresher.on_pushed = self._plan_retry
        self._scheduler.start()
        self._spawn_refresh(await self._due(never_made=not self._scan_follows))

    async def close(self) -> None:
        """Stop starting things, and wait for the refresh that runs."""
        self._scan.on_finished = self._refresher.on_pushed = None
        self._scheduler.shutdown(wait=False)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _after_scan(self, status: ScanStatus) -> None:
        """Recipes that never were made or were missed; else what a changed library calls for."""
        await self._note_first_scan(status)
        due = self._refresher.recipes if _is_another_library(status) else await self._due()
        if due:
            self._spawn_refresh(due)
        elif status.removed or status.moved:
            self._spawn_refresh(())

    async def _due(self, *, never_made: bool = True) -> tuple[Recipe, ...]:
        """Recipes that were missed or made too early and, if wanted, those that never were."""
        made_at: dict[tuple[str, str], float] = {}
        for saved in await self._playlists.all():
            made = saved.maker, saved.recipe
            made_at[made] = max(saved.refreshed_at, made_at.get(made, 0.0))
        heard_at = await self._first_scan_ended_at() or 0.0
        return tuple(
            recipe
            for recipe in self._refresher.recipes
            if (
                never_made and not self._was_tried(recipe)
                if (at := made_at.get(_maker(recipe))) is None
                else at < heard_at or self._missed(recipe, at)
            )
        )

    def _was_tried(self, recipe: Recipe) -> bool:
        """Whether nobody listens enough for its playlists, as of its last time."""
        at = self._tried.get(recipe.name)
        return recipe.mode.needs_listening and at is not None and not self._missed(recipe, at)

    async def _note_first_scan(self, status: ScanStatus) -> None:
        """Remember when everything had been heard; a root that is missing was not."""
        if self._meta is None or status.missing_roots:
            return
        if await self._first_scan_ended_at() is None:
            await self._meta.set(FIRST_SCAN_ENDED_AT, repr(self._clock()))

    async def _first_scan_ended_at(self) -> float | None:
        text = await self._meta.get(FIRST_SCAN_ENDED_AT) if self._meta is not None else None
        return float(text) if text is not None else None

    def _missed(self, recipe: Recipe, refreshed_at: float) -> bool:
        """Whether the schedule would have fired between the last refresh and now."""
        return has_come(recipe.schedule, refreshed_at, self._clock())

    def _spawn_refresh(self, recipes: tuple[Recipe, ...]) -> None:
        task: asyncio.Task[object] = asyncio.create_task(self._refresh(recipes))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _refresh(self, recipes: tuple[Recipe, ...]) -> None:
        self._tried |= {recipe.name: self._clock() for recipe in recipes}
        try:
            await self._refresher.refresh(recipes)
        except HarmonieError as error:
            log.error("the refresh failed: %s", error)

    async def _welcome(self) -> None:
        try:
            await self._refresher.welcome()
        except HarmonieError as error:
            log.error("the refresh failed: %s", error)

    @property
    def retry_at(self) -> float | None:
        """Unix time at which a target that failed is tried again; ``None`` if none waits."""
        job = self._scheduler.get_job(_RETRY_JOB)
        return job.next_run_time.timestamp() if job is not None else None

    def _plan_retry(self) -> None:
        task: asyncio.Task[object] = asyncio.create_task(self._set_retry())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _set_retry(self) -> None:
        """Wake up again when the first failing target may be tried again, and only then."""
        try:
            states = [await self._playlists.backoff(name) for name in self._refresher.targets]
        except StoreError as error:
            log.error("when to push again cannot be looked up: %s", error)
            return
        times = [state.next_attempt_at for state in states if state.failures > 0]
        if not times:
            return
        soonest = max(min(times), self._clock() + 1)
        when = datetime.fromtimestamp(soonest, UTC) + timedelta(seconds=1)
        self._scheduler.add_job(
            self._refresh, DateTrigger(when), args=[()], id=_RETRY_JOB, replace_existing=True
        )


def _maker(recipe: Recipe) -> tuple[str, str]:
    """Maker and recipe of its playlists; those of clusterings belong to no recipe."""
    if recipe.mode is RecipeMode.CLUSTERING:
        return MAKER, ""
    if recipe.mode is RecipeMode.LISTENER_CLUSTERS:
        return LISTENER_MAKER, ""
    return RECIPES, recipe.name


def _is_another_library(status: ScanStatus) -> bool:
    """Whether playlists made before this scan speak of a library that is no more."""
    if status.hidden or status.returned:
        return True
    changed = status.full + status.removed
    return status.whole and changed >= OTHER_LIBRARY * max(status.discovered, MOST_CHANGES)


def has_come(expression: str, since: float, now: float) -> bool:
    """Whether a cron expression (local time) has fired from one Unix time to another."""
    begin = datetime.fromtimestamp(since, UTC).astimezone()
    fire = cron_trigger(expression).get_next_fire_time(begin, begin)
    return fire is not None and fire <= datetime.fromtimestamp(now, UTC)


def cron_trigger(expression: str) -> CronTrigger:
    """The trigger for a cron expression in local time. Raises ``ValueError``."""
    return CronTrigger.from_crontab(name_weekdays(expression))
