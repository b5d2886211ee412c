"""Work that takes a while: its states, and what a scan reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NewType

TaskId = NewType("TaskId", str)


class TaskState(StrEnum):
    """The life of a task; the last three never change again."""

    QUEUED = "QUEUED"
    STARTED = "STARTED"
    PROGRESS = "PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    REVOKED = "REVOKED"

    @property
    def is_final(self) -> bool:
        """Whether the task has ended."""
        return self in (TaskState.SUCCESS, TaskState.FAILURE, TaskState.REVOKED)


class Lane(StrEnum):
    """Tasks of one lane run one at a time; lanes never wait for each other."""

    SCAN = "scan"
    PUSH = "push"
    MAIN = "main"
    """Analyses and clusterings that a client of AudioMuse-AI asks for."""
    COMPOSE = "compose"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something a task had to say."""

    at: float
    """Unix time."""
    text: str


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A task as it is remembered across restarts."""

    id: TaskId
    kind: str
    state: TaskState
    created_at: float
    updated_at: float
    progress: float = 0.0
    """0 to 1."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """The last progress and the result, as JSON can hold them; the API families word it."""
    error: str | None = None
    parent_id: TaskId | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """What was asked for, as JSON can hold it."""
    log: tuple[LogLine, ...] = ()
    """The latest lines, oldest first."""


class ScanPhase(StrEnum):
    """Where a running scan stands."""

    ENUMERATING = "enumerating"
    CLASSIFYING = "classifying"
    EXTRACTING = "extracting"
    PRUNING = "pruning"


@dataclass(frozen=True, slots=True)
class ScanStatus:
    """The state of the current scan, or the outcome of the last one."""

    state: Literal["idle", "scanning", "error"] = "idle"
    phase: ScanPhase | None = None
    started_at: float | None = None
    finished_at: float | None = None
    last_duration_s: float | None = None
    last_error: str | None = None
    discovered: int = 0
    """Audio files found."""
    to_do: int = 0
    """Files this scan has to analyse."""
    full: int = 0
    """Files of which everything was analysed."""
    descriptors_only: int = 0
    """Tracks whose descriptors alone were measured anew."""
    embeddings_only: int = 0
    """Tracks that were heard by another embedding model alone."""
    tags_read: int = 0
    """Tracks whose tags alone were read anew; not among ``to_do``, it takes no time to speak of."""
    to_embed: int = 0
    """How many of ``to_do`` are such tracks."""
    skipped: int = 0
    """Files unchanged since the last scan, or known to be undecodable."""
    failed: int = 0
    moved: int = 0
    removed: int = 0
    hidden: int = 0
    """Files of folders that are no library any more; kept for a while, but left out everywhere."""
    returned: int = 0
    """Files that were hidden, and whose folder is a library again."""
    whole: bool = False
    """Whether it is a scan of everything, not of changed paths alone."""
    missing_roots: tuple[str, ...] = ()
    """Roots that could not be read; their tracks are kept."""
    unreadable: tuple[tuple[str, str], ...] = ()
    """Printable paths of roots, folders and files that could not be looked into, and why; at most
    20, the missing roots first."""
    unreadable_count: int = 0
    """How many there are in all."""
    paused: bool = False
    paused_because: str | None = None
    """Why no file is begun: somebody asked, quiet hours, load."""
    remaining_s: float | None = None
    """Time the rest will take at the present pace; ``None`` while nothing is known."""
    recent_failures: tuple[tuple[str, str], ...] = ()
    """Printable path and reason, newest last, at most 20."""

    @property
    def done(self) -> int:
        """How many of ``to_do`` are behind us."""
        return self.full + self.descriptors_only + self.embeddings_only + self.failed
