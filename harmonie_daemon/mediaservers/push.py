"""Bringing playlists to where they are played: targets, their reports, their back-off."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from harmonie_daemon.domain.backoff import backoff_s
from harmonie_daemon.domain.errors import HarmonieError, in_words
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.mediaservers.errors import UnavailableError
from harmonie_daemon.mediaservers.planning import PlanOutcome, TargetPlan
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import TargetState

FORCED_TIMEOUT_S = 45.0
"""Per target when a person waits for the outcome."""
SCHEDULED_TIMEOUT_S = 1800.0
MOST_TRACKS = 200
"""Of a playlist on a server, where nothing else is configured: longer ones make servers slow."""
FIRST_DELAY_S = 60.0
LONGEST_DELAY_S = 3600.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PushItem:
    """One playlist wanted at a target."""

    playlist: SavedPlaylist
    users: tuple[str, ...] = ()
    """Media server users by name or id; empty means the configured one."""
    is_offer: bool = False
    """Whether it is made for whoever listens somewhere: that a target does not know them is no
    problem there."""


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push changed at its target. Counts are playlists, except ``unmatched``."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    unmatched: int = 0
    """Tracks that the target does not have, each counted once."""
    problems: tuple[str, ...] = ()
    """What could not be done, one sentence each; everything else was."""
    retry: bool = False
    """Whether a problem may pass by itself, so that trying again soon makes sense."""


class Target(Protocol):
    """A place where playlists are kept."""

    @property
    def name(self) -> str:
        """``m3u``, ``jellyfin``; of several of a kind ``m3u:kodi``."""

    async def push(self, wanted: Sequence[PushItem], *, force: bool = False) -> PushReport:
        """Bring the target to exactly this state among the playlists we own there.

        ``force``: somebody waits, to whom it matters whether the target can be used at all.
        Raises ``MediaServerError`` when the target as a whole cannot be used; then what it
        had stays, and the same push may be tried again.
        """

    async def plan(self, wanted: Sequence[PushItem]) -> TargetPlan:
        """What ``push`` would do; asks reading requests alone. Raises as that does."""


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """How pushing to one target went; neither report nor error: it was waiting to be retried."""

    target: str
    report: PushReport | None = None
    error: str | None = None

    @property
    def skipped(self) -> bool:
        """Whether the target was left alone because its back-off has not run out."""
        return self.report is None and self.error is None

    @property
    def result(self) -> str:
        """In one word."""
        if self.skipped:
            return "skipped"
        if self.error is not None:
            return "failed"
        return "incomplete" if self.failed else "complete"

    @property
    def failed(self) -> bool:
        """Whether anything that was wanted could not be done."""
        return self.error is not None or bool(self.report and self.report.problems)


class Pusher:
    """Pushes to every target; one target's failure never touches another."""

    def __init__(
        self, targets: Sequence[Target], playlists: Playlists, clock: Callable[[], float]
    ) -> None:
        self._targets = tuple(targets)
        self._playlists = playlists
        self._clock = clock
        self._at_once = {target.name for target in self._targets}
        self.results: Counter[tuple[str, str]] = Counter()
        """How pushes to each target went since the start, by ``PushOutcome.result``."""

    def try_at_once(self, target: str) -> None:
        """The next push tries the target whatever its back-off, as the first one after the start
        does: what stood in its way may have been put right."""
        self._at_once.add(target)

    async def push_all(
        self,
        wanted_by_target: Mapping[str, Sequence[PushItem]],
        *,
        force: bool,
        within_s: float | None = None,
    ) -> Mapping[str, PushOutcome]:
        """Push to the targets named, all at once; a target not named is left alone.

        ``force`` tries each target once whatever its back-off, within ``FORCED_TIMEOUT_S`` or
        the shorter ``within_s``; otherwise a target that is backing off is skipped. An empty
        sequence removes every playlist we own at that target.
        """
        named = [target for target in self._targets if target.name in wanted_by_target]
        timeout_s = FORCED_TIMEOUT_S if force else SCHEDULED_TIMEOUT_S
        timeout_s = timeout_s if within_s is None else min(timeout_s, within_s)
        pushes = (
            self._push_one(target, wanted_by_target[target.name], force, timeout_s)
            for target in named
        )
        outcomes = await asyncio.gather(*pushes)
        self.results.update((outcome.target, outcome.result) for outcome in outcomes)
        return {outcome.target: outcome for outcome in outcomes}

    async def plan_all(
        self, wanted_by_target: Mapping[str, Sequence[PushItem]], *, within_s: float
    ) -> Mapping[str, PlanOutcome]:
        """What a push would do at the targets named, whatever their back-off; it stays as it is."""
        plans = (
            self._plan_one(target, wanted_by_target[target.name], within_s)
            for target in self._targets
            if target.name in wanted_by_target
        )
        return {outcome.target: outcome for outcome in await asyncio.gather(*plans)}

    async def _plan_one(
        self, target: Target, wanted: Sequence[PushItem], within_s: float
    ) -> PlanOutcome:
        try:
            async with asyncio.timeout(within_s):
                return PlanOutcome(target.name, await target.plan(wanted))
        except TimeoutError:
            return PlanOutcome(target.name, error=f"did not answer within {within_s:.0f} s")
        except HarmonieError as error:
            return PlanOutcome(target.name, error=str(error))
        except Exception as error:  # noqa: BLE001 - the border between one target and the others
            _log.exception("planning for %s broke", target.name)
            return PlanOutcome(target.name, error=in_words(error))

    async def _push_one(
        self, target: Target, wanted: Sequence[PushItem], force: bool, timeout_s: float
    ) -> PushOutcome:
        state = await self._playlists.backoff(target.name)
        at_once = force or target.name in self._at_once
        waits_s = state.next_attempt_at - self._clock()
        if not at_once and 0 < waits_s <= LONGEST_DELAY_S:  # longer only where our clock was wrong
            return PushOutcome(target.name)
        self._at_once.discard(target.name)
        retry_after_s = None
        try:
            async with asyncio.timeout(timeout_s):
                report = await target.push(wanted, force=force)
        except TimeoutError:
            outcome = PushOutcome(target.name, error=f"did not finish within {timeout_s:.0f} s")
        except UnavailableError as error:
            outcome = PushOutcome(target.name, error=str(error))
            retry_after_s = error.retry_after_s
        except HarmonieError as error:  # of the target, or of the store
            outcome = PushOutcome(target.name, error=str(error))
        except Exception as error:  # noqa: BLE001 - the border between one target and the others
            _log.exception("pushing to %s broke", target.name)
            outcome = PushOutcome(target.name, error=in_words(error))
        else:
            outcome = PushOutcome(target.name, report=report)
        await self._remember(state, outcome, retry_after_s)
        _log_outcome(outcome)
        return outcome

    async def _remember(
        self, before: TargetState, outcome: PushOutcome, retry_after_s: float | None
    ) -> None:
        """Keep when the target may be tried again."""
        now = self._clock()
        first_problem = next(iter(outcome.report.problems), None) if outcome.report else None
        if outcome.error is None and not (outcome.report and outcome.report.retry):
            state = TargetState(outcome.target, 0, 0.0, first_problem, now)
        else:
            failures = before.failures + 1
            growing_s = backoff_s(failures, first_s=FIRST_DELAY_S, longest_s=LONGEST_DELAY_S)
            delay_s = max(growing_s, min(retry_after_s or 0.0, LONGEST_DELAY_S))
            state = TargetState(
                outcome.target,
                failures,
                now + delay_s,
                outcome.error or first_problem,
                before.last_success_at,
            )
        await self._playlists.save_backoff(state)


def _log_outcome(outcome: PushOutcome) -> None:
    """One line for what was done, one for each thing that was not."""
    report = outcome.report
    if report is None:
        _log.warning("%s: %s", outcome.target, outcome.error)
        return
    counts = report.created, report.updated, report.unchanged, report.removed, report.unmatched
    _log.log(
        logging.INFO if any(counts) else logging.DEBUG,
        "%s: %d playlists created, %d updated, %d unchanged, %d removed, %d tracks not found there",
        outcome.target,
        *counts,
    )
    for problem in report.problems:
        _log.warning("%s: %s", outcome.target, problem)
