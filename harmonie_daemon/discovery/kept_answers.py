"""Answers about one state of the library that are worked out once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

MOST_KEPT = 32
"""Answers, four or eight bytes a track each: people ask for the same few moods and styles."""


class KeptAnswers:
    """The latest answers, the oldest forgotten first; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[Hashable, Any] = {}

    def answer(self, question: Hashable, work: Callable[[], T]) -> T:
        """What ``work`` answers; by two threads at once it may be worked out twice."""
        with self._lock:
            if question in self._answers:
                known: T = self._answers[question]
                return known
        answer = work()
        with self._lock:
            while len(self._answers) >= MOST_KEPT:
                del self._answers[next(iter(self._answers))]
            self._answers[question] = answer
        return answer
