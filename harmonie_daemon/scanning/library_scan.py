"""Scans of the library: asked for, steered, and how they are going."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from harmonie_daemon.domain.backoff import backoff_s
from harmonie_daemon.domain.errors import in_words
from harmonie_daemon.domain.task import Lane, ScanPhase, ScanStatus, TaskId
from harmonie_daemon.scanning.report import ending_line, outcome_line, report
from harmonie_daemon.scanning.request import ScanRequest
from harmonie_daemon.scanning.run import RECENT_FAILURES, ScanContext, ScanRun, ScanTools
from harmonie_daemon.tasks.kind import NoProgress, TaskKind
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.tasks.systemd import notify

log = logging.getLogger(__name__)

KIND = "scan"
RETRY_GROWING_S = 15.0
"""A file that was still being written is looked at again after this long."""
RETRY_FAILED_S = 60.0
"""A scan that failed is tried again after this long, then after twice as long, and so on."""
LONGEST_RETRY_S = 3600.0


class LibraryScan:
    """Runs scans one after another, as tasks of one kind, and says how they are going.

    Those that wait become one. One that failed (a full disk) is tried again later, together with
    what is asked for until then; ``start`` does not wait for that.
    """

    def __init__(self, tools: ScanTools, runner: Runner) -> None:
        self._tools = tools
        self._runner = runner
        self._kind: TaskKind[ScanRequest, NoProgress] = runner.register(
            TaskKind(KIND, Lane.SCAN, self._work, merge=ScanRequest.merged, retry_after_s=_retry_s)
        )
        self._run: ScanRun | None = None
        self._made_way: ScanRun | None = None
        """The scan that the next one goes on with."""
        self._last = ScanStatus()
        self._ending: TaskId | None = None
        """The task whose scan is over, while what follows it goes on."""
        self.on_finished: Callable[[ScanStatus], Awaitable[None]] | None = None

    async def load(self) -> None:
        """Recall the failures of earlier scans, so that the status can name them, and show what
        was hidden and is below a library again."""
        await self._tools.tracks.show_below(self._tools.roots)
        failures = await self._tools.tracks.failures(RECENT_FAILURES)
        self._last = replace(self._last, recent_failures=tuple(reversed(failures)))

    def status(self) -> ScanStatus:
        """The scan that is running or about to, or the outcome of the last one."""
        if self._run is not None:
            status = self._run.status
        elif on := self._on():
            status = self._begun(on[0].record.created_at)
        else:
            status = self._last
        because = self._resting(status)
        return replace(
            status,
            paused=because is not None,
            paused_because=because,
            remaining_s=self._run.remaining_s() if self._run is not None else None,
        )

    def _resting(self, status: ScanStatus) -> str | None:
        """A request to rest holds for scans to come; load and hours count while one runs."""
        if status.state == "scanning" or self._tools.rest.asked:
            return self._tools.rest.because()
        return None

    async def start(self, force: bool = False) -> ScanStatus:
        """Scan everything; nothing happens, forced or not, while a scan of everything is on.

        After one of changed paths alone it comes next. What failed is tried again at once.
        """
        if all(scan.arguments.only is not None for scan in self._on()):
            self._runner.submit(self._kind, ScanRequest(force=force), at_once=True)
        return self.status()

    def request(self, request: ScanRequest, *, after_s: float = 0.0) -> None:
        """Run this scan, after the one that is running, merged with others that wait."""
        if self._runner.takes(KIND):
            self._runner.submit(self._kind, request, after_s=after_s)

    async def scan_paths(self, paths: frozenset[str]) -> None:
        """Look at some paths again: what the watcher calls."""
        self.request(ScanRequest(only=paths))

    async def cancel(self) -> ScanStatus:
        """Stop the running scan and forget the waiting ones. What was analysed stays."""
        self._made_way = None
        for record in (*self._runner.waiting(KIND), *self._runner.running()):
            if record.kind == KIND:
                self._runner.cancel(record.id)
        self.resume()
        return await self.wait()

    def pause(self) -> ScanStatus:
        """Begin no further file until ``resume``; those being analysed are finished."""
        self._tools.rest.pause()
        return self.status()

    def resume(self) -> ScanStatus:
        """Go on after ``pause``."""
        self._tools.rest.resume()
        return self.status()

    async def wait(self) -> ScanStatus:
        """The status once no scan is running or about to."""
        await self._runner.settled(KIND)
        return self.status()

    def _on(self) -> list[ScanContext]:
        """The scans that run or only wait for their turn."""
        found = self._runner.begun_or_due(KIND)
        return [one for one in found if one.record.id != self._ending]

    async def _work(self, context: ScanContext) -> Mapping[str, Any]:
        run = self._run = self._next_run(context)
        reporter = asyncio.create_task(report(self.status, self._say))
        try:
            outcome = await run(context)
        except asyncio.CancelledError:
            self._conclude(context, run, None)
            self._say(ending_line(self._last))
            raise
        except Exception as error:
            self._conclude(context, run, in_words(error))
            self._say(ending_line(self._last))
            self._look_again(run)
            raise
        finally:
            reporter.cancel()
        self._conclude(context, run, None)
        self._look_again(run)
        if run.is_unfinished and run.request.covers_as_much_as(context.make_way(run.request)):
            self._made_way = run
        else:
            await self._tell_end()
        return outcome

    def _next_run(self, context: ScanContext) -> ScanRun:
        """A new one, or the going on of one that made way."""
        before, self._made_way = self._made_way, None
        begun = self._begun(self._tools.clock())
        status = begun if before is None else replace(before.status, phase=ScanPhase.ENUMERATING)
        return ScanRun(self._tools, context.arguments, status, lambda: context.others_wait, before)

    def _begun(self, started_at: float) -> ScanStatus:
        return ScanStatus(
            state="scanning",
            phase=ScanPhase.ENUMERATING,
            started_at=started_at,
            recent_failures=self._last.recent_failures,
            unreadable=self._last.unreadable,
            unreadable_count=self._last.unreadable_count,
        )

    def _conclude(self, context: ScanContext, run: ScanRun, error: str | None) -> None:
        now = self._tools.clock()
        self._run, self._ending = None, context.record.id
        self._last = replace(
            run.status,
            state="error" if error else "idle",
            phase=None,
            finished_at=now,
            last_duration_s=now - (run.status.started_at or now),
            last_error=error,
        )

    def _look_again(self, run: ScanRun) -> None:
        """Scan files that were still being written a little later."""
        if run.growing:
            self.request(ScanRequest(only=frozenset(run.growing)), after_s=RETRY_GROWING_S)

    async def _tell_end(self) -> None:
        """Say how a scan ended; what comes of it is a matter of the others."""
        self._say(outcome_line(self._last))
        if self.on_finished is not None:
            try:
                await self.on_finished(self._last)
            except Exception:  # a border: the scans that wait must not suffer from it
                log.exception("what follows a scan failed")

    def _say(self, line: str) -> None:
        log.info("%s", line)
        notify(f"STATUS={line}")


def _retry_s(failures: int) -> float:
    return backoff_s(failures, first_s=RETRY_FAILED_S, longest_s=LONGEST_RETRY_S)
