"""How a task stands, in the states of the document: in capitals, as its clients compare them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from harmonie_daemon.api.beatoven.answers import CompositionStatus, ProgressMeta
from harmonie_daemon.api.beatoven.deps import BeatovenCall
from harmonie_daemon.api.beatoven.files import link_of
from harmonie_daemon.api.beatoven.translate import Link, composed, stems
from harmonie_daemon.domain.composition import CompositionVersion
from harmonie_daemon.domain.errors import NotFoundError
from harmonie_daemon.domain.task import TaskId, TaskRecord, TaskState
from harmonie_daemon.web.endpoint import Nothing

ALMOST = 99
"""Percent of whatever has not ended."""
CANCELLED = "it was cancelled"


class StatusPath(BaseModel):
    """Which task."""

    task_id: str = Field(description="As composing or making stems answered it.")


async def get_composition_status(
    call: BeatovenCall[StatusPath, Nothing, Nothing],
) -> CompositionStatus:
    """How a task stands; what came of it when it is done."""
    found = await call.deps.studio.task(TaskId(call.path.task_id))
    if found is None:
        raise NotFoundError("no task has this id; compose the track again")
    record, version = found
    return status_of(record, version, link_of(call, version))


def status_of(record: TaskRecord, version: CompositionVersion, link: Link) -> CompositionStatus:
    """``version``: the one that the task makes, or makes the stems of."""
    match record.state:
        case TaskState.QUEUED:
            meta = _progress("Waiting for its turn", 0)
            return CompositionStatus(meta=meta, state="PENDING")
        case TaskState.STARTED | TaskState.PROGRESS:
            percentage = min(ALMOST, int(100 * record.progress))
            meta = _progress(_message(record), percentage)
            return CompositionStatus(meta=meta, state="PROGRESS", generationProgress=percentage)
        case TaskState.SUCCESS:
            is_whole = record.id == version.task_id
            made = composed(version, link) if is_whole else stems(version, link)
            return CompositionStatus(meta=made, state="SUCCESS")
        case TaskState.FAILURE | TaskState.REVOKED:
            reason = record.error or CANCELLED
            meta = _progress(reason, min(ALMOST, int(100 * record.progress)))
            return CompositionStatus(meta=meta, state="FAILURE", error=reason)


def _progress(message: str, percentage: int) -> ProgressMeta:
    return ProgressMeta(message=message, percentage=percentage, generationProgress=percentage)


def _message(record: TaskRecord) -> str:
    """What is being done, as the task tells it."""
    stage = str(record.details.get("stage") or "composing")
    return stage[:1].upper() + stage[1:]
