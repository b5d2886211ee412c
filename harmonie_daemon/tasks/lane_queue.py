"""Who is next: the tasks that wait in one lane, and for what."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from harmonie_daemon.tasks.kind import TaskKind


class Waiting(Protocol):
    """A task that has not begun."""

    not_before: float
    """On the loop's clock."""

    @property
    def kind(self) -> TaskKind[object, object]:
        """What it is one of."""


WaitingT = TypeVar("WaitingT", bound=Waiting)


class LaneQueue(Generic[WaitingT]):
    """First come, first served, but for those whose time has not come.

    A kind whose last task failed is kept waiting as a whole, so that a full disk is not written
    to anew at every change in a folder. Times are of the loop's clock.
    """

    def __init__(self) -> None:
        self._waiting: list[WaitingT] = []
        self._failures: dict[str, int] = {}
        self._held_until: dict[str, float] = {}

    def add(self, task: WaitingT) -> None:
        """To the end."""
        self._waiting.append(task)

    def remove(self, task: WaitingT) -> bool:
        """Whether it was waiting."""
        if task not in self._waiting:
            return False
        self._waiting.remove(task)
        return True

    def of_kind(self, name: str) -> Iterator[WaitingT]:
        """Those that wait, first to last."""
        return (task for task in self._waiting if task.kind.name == name)

    def take(self, now: float) -> WaitingT | None:
        """The first whose time has come; it waits no more."""
        for task in self._waiting:
            if self._time_of(task) <= now:
                self._waiting.remove(task)
                return task
        return None

    def has_one(self, now: float) -> bool:
        """Whether ``take`` would find one."""
        return any(self._time_of(task) <= now for task in self._waiting)

    def is_due(self, task: WaitingT, now: float) -> bool:
        """Whether it waits for nothing but its turn."""
        return task in self._waiting and self._time_of(task) <= now

    def next_time(self) -> float:
        """When the next one's time comes; infinite when none waits."""
        return min((self._time_of(task) for task in self._waiting), default=math.inf)

    def hold(self, kind: TaskKind[object, object], now: float) -> float | None:
        """After a failure: for how many seconds its kind waits; ``None`` if it is not retried."""
        if kind.retry_after_s is None:
            return None
        failures = self._failures[kind.name] = self._failures.get(kind.name, 0) + 1
        wait_s = kind.retry_after_s(failures)
        self._held_until[kind.name] = now + wait_s
        return wait_s

    def release(self, name: str, *, forgive: bool = True) -> None:
        """Let the kind begin at once; ``forgive`` also forgets its failures."""
        self._held_until.pop(name, None)
        if forgive:
            self._failures.pop(name, None)

    def drain(self) -> list[WaitingT]:
        """All that wait; none does after."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def _time_of(self, task: WaitingT) -> float:
        return max(task.not_before, self._held_until.get(task.kind.name, 0.0))
