"""Answers that stay true until the library changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from harmonie_daemon.store import generations
from harmonie_daemon.store.connection import Connection

T = TypeVar("T")

MOST = 32
"""Answers kept; clients ask the same few questions again and again."""


class Remembered:
    """The answers of one generation, the oldest forgotten first; for any number of threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._generation = -1
        self._answers: dict[Hashable, Any] = {}

    def answer(
        self, connection: Connection, question: Hashable, work: Callable[[Connection], T]
    ) -> T:
        """What ``work`` answers, worked out once a generation; inside one read."""
        generation = generations.current(connection)
        with self._lock:
            if generation == self._generation and question in self._answers:
                known: T = self._answers[question]
                return known
        answer = work(connection)
        self._keep(generation, question, answer)
        return answer

    def _keep(self, generation: int, question: Hashable, answer: object) -> None:
        """A read that began before the last change must not speak for what came after it."""
        with self._lock:
            if generation < self._generation:
                return
            if generation > self._generation:
                self._answers.clear()
                self._generation = generation
            while len(self._answers) >= self._most:
                del self._answers[next(iter(self._answers))]
            self._answers[question] = answer
