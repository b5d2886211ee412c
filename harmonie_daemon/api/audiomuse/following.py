"""How tasks stand, and cancelling them. Only mains of this family and their parts are seen."""

from __future__ import annotations

import re

from harmonie_daemon.api.audiomuse.answers import (
    ActiveTask,
    CancelledTask,
    CancelledTasks,
    LastTask,
    NoActiveTask,
    NoLastTask,
    NoneToCancel,
    NotCancelled,
    TaskStatus,
)
from harmonie_daemon.api.audiomuse.deps import AudiomuseCall, AudiomuseDeps
from harmonie_daemon.api.audiomuse.progress import (
    MAINS,
    PARTS,
    details,
    message,
    percent,
    timestamp,
)
from harmonie_daemon.api.audiomuse.schemas import PrefixPath, TaskPath
from harmonie_daemon.domain.task import TaskId, TaskRecord
from harmonie_daemon.web.answers import Answer
from harmonie_daemon.web.endpoint import Nothing

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_OVER = "Task could not be cancelled (e.g., already completed or not found in active state)."


async def get_status(
    call: AudiomuseCall[TaskPath, Nothing, Nothing],
) -> TaskStatus | Answer[TaskStatus]:
    """One task as it stands."""
    task_id = call.path.task_id
    record = await _find(call.deps, task_id)
    if record is None:
        return Answer(404, _unknown(task_id))
    return TaskStatus(
        task_id=record.id,
        state=record.state.value,
        status_message=message(record),
        progress=percent(record),
        details=details(record),
        task_type_from_db=record.kind,
    )


async def cancel(
    call: AudiomuseCall[TaskPath, Nothing, Nothing],
) -> CancelledTask | Answer[NotCancelled]:
    """End a task and its parts."""
    task_id, runner = call.path.task_id, call.deps.runner
    record = await _find(call.deps, task_id)
    if record is None:
        gone = NotCancelled(message=f"Task {task_id} not found in database.", task_id=task_id)
        return Answer(404, gone)
    count = _jobs(call.deps, record.id)
    if not runner.cancel(record.id):
        return Answer(400, NotCancelled(message=_OVER, task_id=task_id))
    return CancelledTask(
        message=f"Task {task_id} and its children cancellation initiated. "
        f"{count} total jobs affected.",
        task_id=task_id,
        cancelled_jobs_count=count,
    )


async def cancel_all(
    call: AudiomuseCall[PrefixPath, Nothing, Nothing],
) -> CancelledTasks | Answer[NoneToCancel]:
    """End every main of the types that begin like this."""
    prefix, runner = call.path.task_type_prefix, call.deps.runner
    active = [one for one in _active(call.deps) if one.kind.startswith(prefix)]
    count = sum(_jobs(call.deps, one.id) for one in active)
    cancelled = [str(one.id) for one in active if runner.cancel(one.id)]
    if not cancelled:
        text = f"No active tasks of type '{prefix}' found to cancel."
        return Answer(404, NoneToCancel(message=text))
    return CancelledTasks(
        message=f"Cancellation initiated for {len(cancelled)} main tasks of type '{prefix}' and "
        f"their children. Total jobs affected: {count}.",
        cancelled_main_tasks=cancelled,
    )


async def last_task(call: AudiomuseCall[Nothing, Nothing, Nothing]) -> LastTask | NoLastTask:
    """The main that was started last, whatever became of it."""
    runner = call.deps.runner
    on = [record for record in runner.running() if record.kind in MAINS]
    kept = await runner.newest(kinds=MAINS, limit=1)
    record = max((*kept, *on), key=lambda one: one.created_at, default=None)
    if record is None:
        return NoLastTask()
    return LastTask(
        task_id=record.id,
        task_type=record.kind,
        status=record.state.value,
        progress=percent(record),
        details=details(record),
    )


async def active_tasks(
    call: AudiomuseCall[Nothing, Nothing, Nothing],
) -> ActiveTask | NoActiveTask:
    """The main that was started last of those that have not ended."""
    active = _active(call.deps)
    if not active:
        return NoActiveTask()
    record = active[-1]
    return ActiveTask(
        task_id=record.id,
        task_type=record.kind,
        status=record.state.value,
        progress=percent(record),
        details=details(record),
        timestamp=timestamp(record.updated_at),
    )


async def _find(deps: AudiomuseDeps, task_id: str) -> TaskRecord | None:
    """A task of this family."""
    if not _ID.fullmatch(task_id):
        return None
    record = await deps.runner.get(TaskId(task_id))
    return record if record is not None and record.kind in MAINS + PARTS else None


def _active(deps: AudiomuseDeps) -> list[TaskRecord]:
    """The mains that have not ended, the one that was started last at the end."""
    return [
        record
        for record in deps.runner.running()
        if record.kind in MAINS and not record.state.is_final
    ]


def _jobs(deps: AudiomuseDeps, task_id: TaskId) -> int:
    """How many tasks end with this one."""
    return sum(
        not record.state.is_final and task_id in (record.id, record.parent_id)
        for record in deps.runner.running()
    )


def _unknown(task_id: str) -> TaskStatus:
    return TaskStatus(
        task_id=task_id,
        state="UNKNOWN",
        status_message=f"There is no task {task_id}.",
        progress=0,
        details={},
        task_type_from_db=None,
    )
