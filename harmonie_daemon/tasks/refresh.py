"""From recipe to playlist to media server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harmonie_daemon.domain.errors import HarmonieError, StoreError
from harmonie_daemon.domain.playlist import Recipe, SavedPlaylist
from harmonie_daemon.domain.task import Lane, TaskRecord
from harmonie_daemon.mediaservers.push import Pusher, PushItem, PushOutcome
from harmonie_daemon.playlists.recipes import RecipeKitchen
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.tasks.runner import Runner, TaskContext

log = logging.getLogger(__name__)


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
        self.on_pushed: Callable[[], None] | None = None
        """Called after every push; a retry may be due."""

    async def refresh(
        self, recipes: Sequence[Recipe] | None = None, *, force: bool = False
    ) -> RefreshReport:
        """Make these recipes (all, by default) and push; ``force`` ignores the targets' backoff.

        A recipe or a target that fails is in the report and never disturbs the others. Raises
        ``StoreError`` when the database does.
        """
        chosen = self.recipes if recipes is None else tuple(recipes)
        return await self._as_task("refresh", chosen, force=force)

    async def push(self, *, force: bool = False) -> RefreshReport:
        """Bring the playlists as they are to the targets."""
        return await self._as_task("push", (), force=force)

    async def never_made(self) -> tuple[Recipe, ...]:
        """The recipes that have no playlist yet."""
        made = {saved.recipe for saved in await self._playlists.all()}
        return tuple(recipe for recipe in self.recipes if recipe.name not in made)

    async def _as_task(self, kind: str, recipes: Sequence[Recipe], *, force: bool) -> RefreshReport:
        reports: list[RefreshReport] = []

        async def work(context: TaskContext) -> Mapping[str, Any]:
            reports.append(await self._make_and_push(recipes, force=force))
            return _summary(reports[0])

        _, task = self._runner.submit(kind, Lane.PUSH, work)
        record: TaskRecord = await asyncio.shield(task)
        if not reports:
            raise StoreError(record.error or "the refresh was interrupted")
        return reports[0]

    async def _make_and_push(self, recipes: Sequence[Recipe], *, force: bool) -> RefreshReport:
        problems: dict[str, str] = {}
        for recipe in recipes:
            try:
                await self._make(recipe)
            except StoreError:
                raise
            except HarmonieError as error:
                log.warning("playlist %r was not refreshed: %s", recipe.name, error)
                problems[recipe.name] = str(error)
        await self._forget_retired()
        saved = await self._playlists.all()
        outcomes = await self._pusher.push_all(self._wanted(saved), force=force)
        if self.on_pushed is not None:
            self.on_pushed()
        return RefreshReport(tuple(saved), problems, outcomes)

    async def _make(self, recipe: Recipe) -> None:
        previous = await self._playlists.by_recipe(recipe.name)
        made = await self._kitchen.make(recipe, now=self._clock(), previous=previous)
        for playlist in made:
            await self._playlists.save(playlist)
        kept = {playlist.key for playlist in made}
        for playlist in previous:
            if playlist.key not in kept:
                await self._playlists.delete(playlist.key)
        log.info("recipe %r made %d playlists", recipe.name, len(made))

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
