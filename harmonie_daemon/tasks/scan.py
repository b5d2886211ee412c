"""The queue of scans: one runs, others merge and wait; cancel, pause, status."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from harmonie_daemon.domain.task import (
    Lane,
    ScanPhase,
    ScanStatus,
    TaskId,
    TaskRecord,
    TaskState,
)
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.tasks.scan_report import (
    duration_words,
    ending_line,
    outcome_line,
    report,
)
from harmonie_daemon.tasks.scan_request import ScanRequest
from harmonie_daemon.tasks.scan_run import RECENT_FAILURES, ScanRun, ScanTools
from harmonie_daemon.tasks.systemd import notify

log = logging.getLogger(__name__)

RETRY_GROWING_S = 15.0
"""A file that was still being written is looked at again after this long."""
RETRY_FAILED_S = 60.0
"""A scan that failed is tried again after this long, then after twice as long, and so on."""
LONGEST_RETRY_S = 3600.0


class LibraryScan:
    """Runs scans one after another and says how they are going.

    What a failed scan left undone (a full disk) is owed: it is tried again later, together with
    what is asked for until then; ``start`` does not wait for that.
    """

    def __init__(self, tools: ScanTools, runner: Runner) -> None:
        self._tools = tools
        self._runner = runner
        self._last = ScanStatus()
        self._run: ScanRun | None = None
        self._request: ScanRequest | None = None
        self._task_id: TaskId | None = None
        self._waiting: ScanRequest | None = None
        self._waiting_since = 0.0
        self._owed: ScanRequest | None = None
        self._failures = 0
        self._pay: asyncio.TimerHandle | None = None
        self._closed = False
        self._loop: asyncio.Task[None] | None = None
        self._growing: set[str] = set()
        self._retry: asyncio.TimerHandle | None = None
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
        elif self._waiting is not None:
            status = self._begun(self._waiting_since)
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
        if not self._is_on_everything():
            self._pay_owed()
            self.request(ScanRequest(force=force))
        return self.status()

    def _is_on_everything(self) -> bool:
        scans = (self._request, self._waiting)
        return any(scan is not None and scan.only is None for scan in scans)

    def request(self, request: ScanRequest) -> None:
        """Run this scan, after the one that is running, merged with others that wait."""
        if self._closed:
            return
        if self._owed is not None:
            self._owed = request.merged(self._owed)
            return
        if self._waiting is None:
            self._waiting_since = self._tools.clock()
        self._waiting = request.merged(self._waiting)
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._work_off(), name="scans")

    async def scan_paths(self, paths: frozenset[str]) -> None:
        """Look at some paths again: what the watcher calls."""
        self.request(ScanRequest(only=paths))

    async def cancel(self) -> ScanStatus:
        """Stop the running scan and forget the waiting ones. What was analysed stays."""
        self._waiting = self._owed = None
        self._look_no_more()
        self._failures = 0
        if self._pay is not None:
            self._pay.cancel()
        if self._task_id is not None:
            self._runner.cancel(self._task_id)
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
        """The status once no scan is running or waiting."""
        while self._loop is not None and not self._loop.done():
            await asyncio.wait([self._loop])
        return self.status()

    async def close(self) -> None:
        """Stop for good."""
        self._closed = True
        await self.cancel()

    async def _work_off(self) -> None:
        before: ScanRun | None = None
        while self._waiting is not None:
            request, self._waiting = self._waiting, None
            self._request = request
            run = self._run = self._next_run(request, before)
            self._task_id, task = self._runner.submit("scan", Lane.SCAN, run)
            reporter = asyncio.create_task(report(self.status, self._say))
            (ended,) = await asyncio.gather(task, return_exceptions=True)
            reporter.cancel()
            before = run if self._goes_on(run, ended) else None
            self._last = self._concluded(run.status, ended)
            self._run = self._request = self._task_id = None
            if not _cancelled(ended):
                self._look_again(run.growing)
            if before is None:
                await self._end(request, self._last, ended)

    def _next_run(self, request: ScanRequest, before: ScanRun | None) -> ScanRun:
        begun = self._begun(self._tools.clock())
        status = begun if before is None else replace(before.status, phase=ScanPhase.ENUMERATING)
        return ScanRun(self._tools, request, status, lambda: self._waiting is not None, before)

    def _goes_on(self, run: ScanRun, ended: TaskRecord | BaseException) -> bool:
        """Whether the next scan is this one, which made way for a change, gone on with.

        What it left is done in the next one, whichever that is.
        """
        if not (run.is_unfinished and _succeeded(ended) and self._waiting is not None):
            return False
        self._waiting = run.request.merged(self._waiting)
        return run.request.covers_as_much_as(self._waiting)

    def _say(self, line: str) -> None:
        log.info("%s", line)
        notify(f"STATUS={line}")

    def _begun(self, started_at: float) -> ScanStatus:
        return ScanStatus(
            state="scanning",
            phase=ScanPhase.ENUMERATING,
            started_at=started_at,
            recent_failures=self._last.recent_failures,
            unreadable=self._last.unreadable,
            unreadable_count=self._last.unreadable_count,
        )

    def _concluded(self, status: ScanStatus, ended: TaskRecord | BaseException) -> ScanStatus:
        now = self._tools.clock()
        error = ended.error if isinstance(ended, TaskRecord) else None
        return replace(
            status,
            state="error" if error else "idle",
            phase=None,
            finished_at=now,
            last_duration_s=now - (status.started_at or now),
            last_error=error,
        )

    def _look_again(self, growing: set[str]) -> None:
        """Scan files that were still being written a little later."""
        if growing:
            again = self._growing | growing
            self._look_no_more()
            self._growing = again
            loop = asyncio.get_running_loop()
            self._retry = loop.call_later(RETRY_GROWING_S, self._look_now)

    def _look_now(self) -> None:
        growing = frozenset(self._growing)
        self._look_no_more()
        self.request(ScanRequest(only=growing))

    def _look_no_more(self) -> None:
        self._growing.clear()
        if self._retry is not None:
            self._retry.cancel()

    async def _end(
        self, request: ScanRequest, status: ScanStatus, ended: TaskRecord | BaseException
    ) -> None:
        """Say how a scan ended; what comes of it is a matter of the others."""
        if not _succeeded(ended):
            self._say(ending_line(status))
            if not _cancelled(ended):
                self._owe(request)
            return
        self._failures = 0
        self._say(outcome_line(status))
        if self.on_finished is not None:
            try:
                await self.on_finished(status)
            except Exception:  # a border: the scans that wait must not suffer from it
                log.exception("what follows a scan failed")

    def _owe(self, request: ScanRequest) -> None:
        """Try a failed scan again later, with whatever has come to wait for its end."""
        if self._closed:
            return
        self._owed, self._waiting = request.merged(self._waiting), None
        delay_s = min(LONGEST_RETRY_S, RETRY_FAILED_S * 2.0 ** min(self._failures, 60))
        self._failures += 1
        log.info("the scan is tried again in %s", duration_words(delay_s))
        self._pay = asyncio.get_running_loop().call_later(delay_s, self._pay_owed)

    def _pay_owed(self) -> None:
        owed, self._owed = self._owed, None
        if self._pay is not None:
            self._pay.cancel()
        if owed is not None:
            self.request(owed)


def _succeeded(ended: TaskRecord | BaseException) -> bool:
    return isinstance(ended, TaskRecord) and ended.state is TaskState.SUCCESS


def _cancelled(ended: TaskRecord | BaseException) -> bool:
    """A task that was cancelled before its first turn leaves no record."""
    return not isinstance(ended, TaskRecord) or ended.state is TaskState.REVOKED
