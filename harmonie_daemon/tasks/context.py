"""What a piece of work sees of its own task."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic

from pydantic_core import to_jsonable_python

from harmonie_daemon.domain.task import LogLine, TaskId, TaskRecord, TaskState
from harmonie_daemon.tasks.kind import ArgsT, ProgressT, TaskKind

SAVE_EVERY_S = 2.0
"""Progress reaches the database at most this often; the truth in between is in memory."""
LOG_LINES = 500
LOG_LINE_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class TaskHandle:
    """A task that was asked for."""

    id: TaskId
    wait: Callable[[], Awaitable[TaskRecord]]
    """Ends with the final record and never raises; who waits may be cancelled without harm."""
    recorded: Callable[[], Awaitable[object]]
    """Ends once a restart would know of the task; never raises."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the runner lends to a task."""

    clock: Callable[[], float]
    save: Callable[[TaskRecord], Awaitable[None]]
    spawn: Callable[[TaskKind[Any, Any], Any], TaskHandle]
    leave: Callable[[Any], Any]
    others_wait: Callable[[], bool]


class TaskContext(Generic[ArgsT, ProgressT]):
    """A task from inside: what was asked for, how to tell how far it is, how to divide it."""

    def __init__(self, record: TaskRecord, arguments: ArgsT, around: Surroundings) -> None:
        self.record = record
        self.arguments = arguments
        self._around = around
        self._saved_at = 0.0

    @property
    def others_wait(self) -> bool:
        """Whether another task could begin in this lane if this one made way."""
        return self._around.others_wait()

    async def progress(self, fraction: float, details: ProgressT | None = None) -> None:
        """Report progress (0 to 1) and where it stands; cheap enough to call often."""
        now = self._around.clock()
        self._change(
            state=TaskState.PROGRESS,
            progress=min(1.0, max(0.0, fraction)),
            updated_at=now,
            details={**self.record.details, **as_details(details)},
        )
        if now - self._saved_at >= SAVE_EVERY_S:
            self._saved_at = now
            await self._around.save(self.record)

    def log(self, text: str) -> None:
        """Keep a line for whoever looks at the task; it is saved with the next progress."""
        line = LogLine(self._around.clock(), text[:LOG_LINE_CHARACTERS])
        self._change(log=(*self.record.log, line)[-LOG_LINES:])

    def spawn(self, kind: TaskKind[Any, Any], arguments: Any) -> TaskHandle:
        """Begin a part of this task as a task of its own, at once; it ends with this one."""
        return self._around.spawn(kind, arguments)

    def make_way(self, left_over: ArgsT) -> ArgsT:
        """Say, before ending well, what is left to do: it waits behind the others of the lane.

        Returns what is done next of this kind: that, and what it was merged with.
        """
        next_one: ArgsT = self._around.leave(left_over)
        return next_one

    def finish(
        self, state: TaskState, error: str | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        """For the runner: put the task into a state, unless it has ended."""
        self._change(
            state=state,
            progress=1.0 if state is TaskState.SUCCESS else self.record.progress,
            updated_at=self._around.clock(),
            error=error,
            details={**self.record.details, **as_details(details)},
        )

    def renew(self, arguments: ArgsT) -> None:
        """For the runner: what was asked for has grown while the task waited."""
        self.arguments = arguments
        self._change(arguments=as_details(arguments))

    def _change(self, **members: Any) -> None:
        if not self.record.state.is_final:
            self.record = replace(self.record, **members)


def as_details(value: object) -> Mapping[str, Any]:
    """A dataclass or a mapping as JSON can hold it."""
    found = to_jsonable_python({} if value is None else value)
    return found if isinstance(found, dict) else {"value": found}
