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

MOST_TAKES = 4


@dataclass(frozen=True, slots=True)
class Compose:
    """Arguments of a task: make this version."""

    composition_id: CompositionId
    version: int
    with_stems: bool = False
    """Whether its stems are made, too, before the task ends."""
    takes: int = MOST_TAKES
    """In how many ways each section is played."""


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


Commission = Compose | MakeStems | MakeAudio


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
    seed: int


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

    async def compose(
        self, version: CompositionVersion, folder: Path, tell: Tell, *, takes: int
    ) -> Made:
        """Mix, sections in so many takes, previews and MIDI, in this empty folder."""

    async def stems(self, version: CompositionVersion, folder: Path, tell: Tell) -> Made:
        """Every instrument by itself, of the whole and of each section, with previews."""

    async def audio(self, midi: Path, format: AudioFormat, folder: Path, tell: Tell) -> Made:
        """The sound of a MIDI file, as a mix in this format."""


def remembered(task_id: TaskId, version: CompositionVersion) -> TaskRecord:
    """The record of a task that has been forgotten, as far as its version tells."""
    is_of_stems = task_id != version.task_id
    match version.state:
        case VersionState.COMPOSED if version.has_stems or not is_of_stems:
            state, error = TaskState.SUCCESS, None
        case VersionState.CANCELLED:
            state, error = TaskState.REVOKED, None
        case _:
            state, error = TaskState.FAILURE, version.error or "it came to nothing"
    return TaskRecord(
        task_id,
        "stems" if is_of_stems else "compose",
        state,
        version.created_at,
        version.ended_at or version.created_at,
        progress=float(state is TaskState.SUCCESS),
        error=error,
    )
