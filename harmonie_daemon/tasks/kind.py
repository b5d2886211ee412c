"""What tasks of one kind have in common: their lane, their work, what happens when two wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from harmonie_daemon.domain.task import Lane

if TYPE_CHECKING:
    from harmonie_daemon.tasks.context import TaskContext

ArgsT = TypeVar("ArgsT")
ProgressT = TypeVar("ProgressT")


@dataclass(frozen=True, slots=True)
class NoProgress:
    """Of tasks that have nothing to tell on the way."""


@dataclass(frozen=True, slots=True)
class TaskKind(Generic[ArgsT, ProgressT]):
    """One kind of task, registered with the runner by the package that does the work."""

    name: str
    """As it is on record: ``scan``."""
    lane: Lane
    work: Callable[[TaskContext[ArgsT, ProgressT]], Awaitable[Mapping[str, Any] | None]]
    """What to do; the mapping it returns joins the details. To be cancelled as any coroutine."""
    merge: Callable[[ArgsT, ArgsT], ArgsT] | None = None
    """Makes two that wait into one that covers both. Without, only equal ones become one."""
    retry_after_s: Callable[[int], float] | None = None
    """How long a failed task waits to be tried again, by the number of failures in a row; until
    then others of its kind wait with it. Without, a failure is the end."""
    most_waiting: int | None = None
    """How many different ones may wait; whoever asks for more is told to come back later."""

    def merged(self, earlier: ArgsT, later: ArgsT) -> ArgsT | None:
        """The arguments of one task for both; ``None`` when they are two."""
        if earlier == later:
            return earlier
        return self.merge(earlier, later) if self.merge is not None else None
