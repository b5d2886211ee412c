"""What is asked of whoever makes music, and what comes back: the border to ``compose``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harmonie_daemon.domain.brief import MusicalKey
from harmonie_daemon.domain.composition import (
    AudioFormat,
    CompositionFile,
    CompositionId,
    CompositionVersion,
    SectionTake,
    VersionState,
)
from harmonie_daemon.domain.task import TaskId, TaskRecord, TaskState


@dataclass(frozen=True, slots=True)
class Compose:
    """Arguments of a task: make this version."""

    composition_id: CompositionId
    version: int
    with_stems: bool = False
    """Whether its stems are made, too, before the task ends."""


@dataclass(frozen=True, slots=True)
class MakeStems:
    """Arguments of a task: make the stems of this version."""

    composition_id: CompositionId
    version: int


@dataclass(frozen=True, slots=True)
class MakeAudio:
    """Arguments of a task: let the MIDI file of this version sound."""

    composition_id: CompositionId
    version: int
    format: AudioFormat


@dataclass(frozen=True, slots=True)
class Making:
    """Progress of all three."""

    stage: str
    """What is being done at the moment, in a word or two."""


@dataclass(frozen=True, slots=True)
class Started:
    """A task that makes something of a version."""

    task_id: TaskId
    version: int


@dataclass(frozen=True, slots=True)
class Made:
    """Files that were made in a folder. Their paths are relative to it, their sizes are not known
    yet."""

    files: tuple[CompositionFile, ...]
    takes: tuple[SectionTake, ...] = ()
    loudness_lufs: float | None = None
    bpm: float | None = None
    key: MusicalKey | None = None


Tell = Callable[[str, float], Awaitable[None]]
"""Takes the stage and how much of the whole is done, 0 to 1."""


class Ensemble(Protocol):
    """Whoever makes music of a brief. Cancelling ends the worker; errors are ``HarmonieError``."""

    async def compose(self, version: CompositionVersion, folder: Path, tell: Tell) -> Made:
        """Mix, sections in every take, previews and MIDI, in this empty folder."""

    async def stems(self, version: CompositionVersion, folder: Path, tell: Tell) -> Made:
        """Every instrument by itself, of the whole and of each section, with previews."""

    async def audio(self, midi: Path, format: AudioFormat, folder: Path, tell: Tell) -> Made:
        """The sound of a MIDI file, as a mix in this format."""


def remembered(task_id: TaskId, version: CompositionVersion) -> TaskRecord:
    """The record of a task that has been forgotten."""
    match version.state:
        case VersionState.COMPOSED:
            state = TaskState.SUCCESS
        case VersionState.CANCELLED:
            state = TaskState.REVOKED
        case _:
            state = TaskState.FAILURE
    return TaskRecord(
        task_id,
        "compose" if task_id == version.task_id else "stems",
        state,
        version.created_at,
        version.ended_at or version.created_at,
        progress=float(state is TaskState.SUCCESS),
        error=version.error,
    )
