"""From recipe to playlist to media server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.domain.playlist import RECIPES, Recipe, RecipeMode, SavedPlaylist
from harmonie_daemon.domain.task import Lane, TaskId, TaskState
from harmonie_daemon.mediaservers.push import Pusher, PushItem, PushOutcome
from harmonie_daemon.playlists.recipes import RecipeKitchen
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.tasks.context import TaskContext
from harmonie_daemon.tasks.kind import TaskKind
from harmonie_daemon.tasks.recipe_making import RecipeMaking
from harmonie_daemon.tasks.rehearsal import Rehearsal
from harmonie_daemon.tasks.runner import Runner

log = logging.getLogger(__name__)

KIND = "refresh"
FORCED_WITHIN_S = 50.0
"""From the wish to the answer when a person waits; the command has a minute."""
KEPT_REPORTS = 8


@dataclass(frozen=True, slots=True)
class Refresh:
    """Which recipes to make anew; the targets are brought to the outcome in any case."""

    recipes: frozenset[str] | None = None
    """Names; ``None`` for all."""
    forced: bool = False
    """Somebody waits: every target is tried, whatever its back-off."""
    newcomers: bool = False
    """Of the other recipes, listeners who have no playlist yet get theirs."""

    def merged(self, other: Refresh) -> Refresh:
        """One that covers both."""
        every = self.recipes is None or other.recipes is None
        recipes = None if every else (self.recipes or frozenset()) | (other.recipes or frozenset())
        return Refresh(recipes, self.forced or other.forced, self.newcomers or other.newcomers)


@dataclass(frozen=True, slots=True)
class RefreshProgress:
    """What is being done."""

    step: str
    """``making`` or ``pushing``."""
    recipe: str | None = None


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


Context = TaskContext[Refresh, RefreshProgress]


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
        public: Collection[str] = (),
    ) -> None:
        """``public``: targets that whoever likes may read; what is for some users alone goes there
        only where its recipe names them."""
        self._making = RecipeMaking(recipes, kitchen, playlists, clock)
        self._playlists = playlists
        self._pusher = pusher
        self.targets = tuple(targets)
        self._public = frozenset(public)
        self._runner = runner
        self._kind: TaskKind[Refresh, RefreshProgress] = runner.register(
            TaskKind(KIND, Lane.PUSH, self._work, merge=Refresh.merged)
        )
        self._reports: dict[TaskId, RefreshReport] = {}
        """Of the latest refreshes, as far as they have come."""
        self.forced_within_s = FORCED_WITHIN_S
        self.on_pushed: Callable[[], None] | None = None
        """Called after every push; a retry may be due."""
        self.on_forced: Callable[[], None] | None = None
        """Called when somebody wants everything brought up to date now."""

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """What is configured."""
        return self._making.recipes

    async def refresh(
        self, recipes: Sequence[Recipe] | None = None, *, force: bool = False
    ) -> RefreshReport:
        """Make these recipes (all, by default), push, and say what came of it.

        ``force``, for somebody who waits: always all recipes, whatever the targets' back-off, in
        the place of what is under way unforced; who asks while another waits gets the same answer.
        After ``FORCED_WITHIN_S`` the answer says what is still going on, and it goes on. A recipe
        or a target that fails is in the report and never disturbs the others. Raises ``StoreError``
        when the database does.
        """
        if force:
            if self.on_forced is not None:
                self.on_forced()
            return await self._report(self._forced(), within_s=self.forced_within_s)
        names = None if recipes is None else frozenset(recipe.name for recipe in recipes)
        return await self._report(self._runner.submit(self._kind, Refresh(names)).id)

    def leave(self, mode: RecipeMode, begin: Callable[[Recipe], object]) -> None:
        """Recipes of a mode are made by tasks of their own, which ``begin`` asks for.

        A refresh does not wait for them: they end with a push, which is a refresh.
        """
        self._making.leave(mode, begin)

    @property
    def push_results(self) -> Mapping[tuple[str, str], int]:
        """How pushes went since the start, by target and result."""
        return self._pusher.results

    async def push(self) -> RefreshReport:
        """Bring the playlists as they are to the targets."""
        return await self.refresh(())

    def begin_push(self) -> TaskId:
        """Begin to do so, for somebody who does not wait."""
        return self._runner.submit(self._kind, Refresh(frozenset())).id

    def push_again(self, target: str) -> TaskId:
        """Begin a push because something was put right for a target: its back-off is over."""
        self._pusher.try_at_once(target)
        return self.begin_push()

    async def welcome(self) -> None:
        """Let those have their first playlists of whom enough is known by now; others' stay.

        Raises ``StoreError``.
        """
        if self._making.for_newcomers:
            wish = Refresh(frozenset(), newcomers=True)
            await self._report(self._runner.submit(self._kind, wish).id)

    async def rehearse(self) -> Rehearsal:
        """What a forced refresh would come to. Nothing is kept here or changed at a target.

        Recipes that are left to tasks count as what they made before. Raises ``StoreError``.
        """
        saved, problems = await self._making.imagine()
        plans = await self._pusher.plan_all(self._wanted(saved), within_s=self.forced_within_s)
        return Rehearsal(problems, plans)

    def _forced(self) -> TaskId:
        """The forced refresh that is on, or a new one that nothing keeps waiting."""
        on = self._runner.begun_or_due(KIND)
        for context in on:
            if context.arguments.forced:
                return context.record.id
        for context in on:
            self._runner.cancel(context.record.id)
        return self._runner.submit(self._kind, Refresh(forced=True)).id

    async def _report(self, task_id: TaskId, *, within_s: float | None = None) -> RefreshReport:
        try:
            async with asyncio.timeout(within_s):
                record = await self._runner.wait(task_id)
        except TimeoutError:
            return await self._unfinished(task_id)
        if record is not None and record.state is TaskState.FAILURE:
            raise StoreError(record.error or "the refresh was interrupted")
        if record is None or record.state is TaskState.REVOKED:
            return self._given_up()
        return self._reports.get(task_id) or self._given_up()

    async def _unfinished(self, task_id: TaskId) -> RefreshReport:
        """What there is so far, with what is missing as problems."""
        so_far = self._reports.get(task_id) or RefreshReport()
        late = dict.fromkeys(self.targets, "is still being brought up to date")
        targets = {name: PushOutcome(name, error=why) for name, why in late.items()}
        return replace(
            so_far,
            playlists=tuple(await self._playlists.all()),
            targets={**targets, **so_far.targets},
        )

    def _given_up(self) -> RefreshReport:
        """Of one that made way for a forced refresh, which does it all."""
        return RefreshReport(targets={target: PushOutcome(target) for target in self.targets})

    async def _work(self, context: Context) -> Mapping[str, Any]:
        wanted = context.arguments
        problems = await self._make(wanted, context)
        saved = tuple(await self._playlists.all())
        self._note(context, RefreshReport(saved, problems))
        await context.progress(0.5, RefreshProgress("pushing"))
        outcomes = await self._pusher.push_all(self._wanted(saved), force=wanted.forced)
        report = RefreshReport(saved, problems, outcomes)
        self._note(context, report)
        if self.on_pushed is not None:
            self.on_pushed()
        return _summary(report)

    async def _make(self, wanted: Refresh, context: Context) -> Mapping[str, str]:
        """Make what is wanted, step by step on record; the reasons of what could not be made."""
        chosen = [
            recipe
            for recipe in self.recipes
            if wanted.recipes is None or recipe.name in wanted.recipes
        ]
        newcomers = [r for r in self._making.for_newcomers if r not in chosen]

        async def begun(recipe: Recipe, share: float, problems: Mapping[str, str]) -> None:
            self._note(context, RefreshReport(problems=problems))
            await context.progress(share / 2, RefreshProgress("making", recipe.name))

        problems = await self._making.make(chosen, begun)
        if wanted.newcomers:
            problems |= await self._making.make(newcomers, begun, first=True)
        await self._making.forget_retired()
        return problems

    def _note(self, context: Context, report: RefreshReport) -> None:
        self._reports[context.record.id] = report
        while len(self._reports) > KEPT_REPORTS:
            del self._reports[next(iter(self._reports))]

    def _wanted(self, saved: Sequence[SavedPlaylist]) -> dict[str, list[PushItem]]:
        """What each target is to have of every maker's playlists."""
        wanted: dict[str, list[PushItem]] = {target: [] for target in self.targets}
        for playlist in saved:
            users, servers = self._addressees(playlist)
            for target in self.targets:
                is_told = not (users and target in self._public) or bool(servers)
                if playlist.track_ids and is_told and is_named(target, servers):
                    item = PushItem(playlist, users, is_offer=playlist.user is not None)
                    wanted[target].append(item)
        return wanted

    def _addressees(self, playlist: SavedPlaylist) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The users whom it is for and the targets it goes to; none are the usual ones."""
        own = () if playlist.user is None else (playlist.user,)
        if playlist.maker != RECIPES:
            return own, ()
        recipe = next(one for one in self.recipes if one.name == playlist.recipe)
        return own or recipe.users, recipe.servers


def is_named(target: str, servers: Sequence[str]) -> bool:
    """Whether a playlist for these servers goes to the target: ``m3u`` names ``m3u:kodi``, too."""
    return not servers or target in servers or target.partition(":")[0] in servers


def _summary(report: RefreshReport) -> Mapping[str, Any]:
    return {
        "playlists": len(report.playlists),
        "problems": dict(report.problems),
        "targets": {name: target_word(outcome) for name, outcome in report.targets.items()},
    }


def target_word(outcome: PushOutcome) -> str:
    """How a push went: ``ok``, ``failed``, or that it will be."""
    if outcome.skipped:
        return "waits to be tried again"
    return "failed" if outcome.failed else "ok"
