"""From recipe to playlist to media server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from harmonie_daemon.domain.errors import HarmonieError, StoreError
from harmonie_daemon.domain.playlist import Recipe, SavedPlaylist
from harmonie_daemon.domain.task import Lane, TaskRecord
from harmonie_daemon.mediaservers.push import Pusher, PushItem, PushOutcome
from harmonie_daemon.playlists.recipes import RecipeKitchen
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.tasks.runner import Runner, TaskContext

log = logging.getLogger(__name__)

T = TypeVar("T")
FORCED_WITHIN_S = 50.0
"""From the wish to the answer when a person waits; the command has a minute."""
RECIPES_SHARE = 0.6
"""Of that time, what making recipes may take; the rest is for the targets."""
GRACE_SHARE = 0.06
"""What may be added for writing down how it went."""


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh came to."""

    playlists: tuple[SavedPlaylist, ...] = ()
    """Every playlist there is now, the ones that were not refreshed included."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """Recipe name to the reason why it could not be made; its playlists stay as they were."""
    targets: Mapping[str, PushOutcome] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every recipe was made and every target took its playlists."""
        return not self.problems and not any(outcome.failed for outcome in self.targets.values())


class Refresher:
    """Makes recipes anew and brings their playlists to the targets, one refresh at a time."""

    def __init__(
        self,
        *,
        recipes: Sequence[Recipe],
        kitchen: RecipeKitchen,
        playlists: Playlists,
        pusher: Pusher,
        targets: Sequence[str],
        runner: Runner,
        clock: Callable[[], float],
    ) -> None:
        self.recipes = tuple(recipes)
        self._kitchen = kitchen
        self._playlists = playlists
        self._pusher = pusher
        self.targets = tuple(targets)
        self._runner = runner
        self._clock = clock
        self.forced_within_s = FORCED_WITHIN_S
        self._forced: asyncio.Task[RefreshReport] | None = None
        self._forced_waits = False
        """For what is under way unforced to make way."""
        self._patience: asyncio.Timeout | None = None
        """Of the step that is under way; at its end the step is given up."""
        self.on_pushed: Callable[[], None] | None = None
        """Called after every push; a retry may be due."""

    async def refresh(
        self, recipes: Sequence[Recipe] | None = None, *, force: bool = False
    ) -> RefreshReport:
        """Make these recipes (all, by default) and push.

        ``force``, for somebody who waits: always all recipes, whatever the targets' backoff, and
        ended within ``FORCED_WITHIN_S``. What is under way unforced gives way; who asks while
        another waits gets the same answer. A recipe or a target that fails or is late is in the
        report and never disturbs the others. Raises ``StoreError`` when the database does.
        """
        if not force:
            chosen = self.recipes if recipes is None else tuple(recipes)
            return await self._as_task("refresh", chosen)
        if self._forced is None:
            until = asyncio.get_running_loop().time() + self.forced_within_s
            work = self._as_task("refresh", self.recipes, until)
            self._forced = asyncio.create_task(work, name="forced refresh")
            self._forced.add_done_callback(self._end_forced)
            self._forced_waits = True
            if self._patience is not None:
                self._patience.reschedule(asyncio.get_running_loop().time())
        return await asyncio.shield(self._forced)

    async def push(self) -> RefreshReport:
        """Bring the playlists as they are to the targets."""
        return await self._as_task("push", ())

    def _end_forced(self, task: asyncio.Task[RefreshReport]) -> None:
        self._forced, self._forced_waits = None, False
        if not task.cancelled() and task.exception() is not None:
            log.debug("the forced refresh failed: %s", task.exception())

    async def _as_task(
        self, kind: str, recipes: Sequence[Recipe], until: float | None = None
    ) -> RefreshReport:
        """``until`` (time of the loop) somebody waits, who forced it; ``None``: nobody does."""
        reports: list[RefreshReport] = []

        async def work(context: TaskContext) -> Mapping[str, Any]:
            reports.append(await self._make_and_push(recipes, until))
            return _summary(reports[0])

        task_id, task = self._runner.submit(kind, Lane.PUSH, work)
        grace_s = self.forced_within_s * (1 + GRACE_SHARE)
        ended, _ = await asyncio.wait([task], timeout=None if until is None else grace_s)
        if not ended:
            self._runner.cancel(task_id)
            raise StoreError(f"the refresh did not finish within {grace_s:.0f} s")
        record: TaskRecord = task.result()
        if not reports:
            raise StoreError(record.error or "the refresh was interrupted")
        return reports[0]

    async def _make_and_push(self, recipes: Sequence[Recipe], until: float | None) -> RefreshReport:
        if until is not None:
            self._forced_waits = False
        problems = await self._make_all(recipes, until)
        await self._forget_retired()
        saved = await self._playlists.all()
        outcomes = await self._push_all(self._wanted(saved), until)
        return RefreshReport(tuple(saved), problems, outcomes)

    async def _make_all(self, recipes: Sequence[Recipe], until: float | None) -> dict[str, str]:
        """Make one after another; the reasons of those that could not be made."""
        problems: dict[str, str] = {}
        share_s = self.forced_within_s * RECIPES_SHARE
        recipes_until = None if until is None else until - self.forced_within_s + share_s
        for recipe in recipes:
            if self._gives_way(until):
                break
            try:
                await self._make(recipe, recipes_until)
            except TimeoutError:
                if until is not None:
                    problems[recipe.name] = f"did not finish within {share_s:.0f} s"
            except StoreError:
                raise
            except HarmonieError as error:
                problems[recipe.name] = str(error)
        for name, reason in problems.items():
            log.warning("playlist %r was not refreshed: %s", name, reason)
        return problems

    async def _push_all(
        self, wanted: Mapping[str, Sequence[PushItem]], until: float | None
    ) -> Mapping[str, PushOutcome]:
        if not self._gives_way(until):
            left_s = None if until is None else until - asyncio.get_running_loop().time()
            pushing = self._pusher.push_all(wanted, force=until is not None, within_s=left_s)
            with suppress(TimeoutError):
                outcomes = await self._patiently(pushing, None)
                if self.on_pushed is not None:
                    self.on_pushed()
                return outcomes
        log.info("the push gives way to the one that was asked for")
        return {target: PushOutcome(target) for target in wanted}

    def _gives_way(self, until: float | None) -> bool:
        """Whether a forced refresh waits, which will make everything and push everything."""
        return until is None and self._forced_waits

    async def _patiently(self, step: Awaitable[T], until: float | None) -> T:
        """Do a step that may be broken off; raises ``TimeoutError`` if it was."""
        try:
            async with asyncio.timeout_at(until) as self._patience:
                return await step
        finally:
            self._patience = None

    async def _make(self, recipe: Recipe, until: float | None) -> None:
        """Make a recipe's playlists; once that is done, all of them are kept, however late."""
        previous = await self._playlists.by_recipe(recipe.name)
        making = self._kitchen.make(recipe, now=self._clock(), previous=previous)
        made = await self._patiently(making, until)
        for playlist in made:
            await self._playlists.save(playlist)
        kept = {playlist.key for playlist in made}
        for playlist in previous:
            if playlist.key not in kept:
                await self._playlists.delete(playlist.key)
        level = logging.INFO if made or previous else logging.DEBUG
        log.log(level, "recipe %r made %d playlists", recipe.name, len(made))

    async def _forget_retired(self) -> None:
        """Playlists whose recipe is no longer configured go."""
        current = {recipe.name for recipe in self.recipes}
        for playlist in await self._playlists.all():
            if playlist.recipe not in current:
                await self._playlists.delete(playlist.key)

    def _wanted(self, saved: Sequence[SavedPlaylist]) -> dict[str, list[PushItem]]:
        by_name = {recipe.name: recipe for recipe in self.recipes}
        return {
            target: [
                PushItem(playlist, by_name[playlist.recipe].users)
                for playlist in saved
                if playlist.track_ids and target in (by_name[playlist.recipe].servers or (target,))
            ]
            for target in self.targets
        }


def _summary(report: RefreshReport) -> Mapping[str, Any]:
    return {
        "playlists": len(report.playlists),
        "problems": dict(report.problems),
        "targets": {name: _word(outcome) for name, outcome in report.targets.items()},
    }


def _word(outcome: PushOutcome) -> str:
    if outcome.skipped:
        return "waits to be tried again"
    return "failed" if outcome.failed else "ok"
