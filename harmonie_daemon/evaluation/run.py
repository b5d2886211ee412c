"""What the steps of one evaluation share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harmonie_daemon.evaluation.ground_truth import Truth
from harmonie_daemon.evaluation.listening import Progress, hear_all

ShowProgress = Callable[[str], AbstractContextManager[Progress]]
"""Shows a person how far the step of this name is, as long as the context lasts."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be measured."""

    library: Path | None
    """A folder that is heard now, of which nothing is kept; ``None`` is what the store knows."""
    truth: Truth | None
    """What belongs together; ``None`` is all that the tags allow."""
    baselines: tuple[str, ...]
    sample: int
    """Tracks that are compared, about: whole folders."""
    transcoded: int
    """Tracks that are encoded anew."""
    seed: int


@dataclass(frozen=True, slots=True)
class Means:
    """What an evaluation works with."""

    database: Path
    weights_folder: Path
    """Where the weights of downloaded models are."""
    workers: int
    show_progress: ShowProgress


class Run:
    """The chances, the workers and the remarks of one evaluation."""

    def __init__(self, means: Means, seed: int) -> None:
        self.means = means
        self.sampling, self.ranking, self.encoding = np.random.default_rng(seed).spawn(3)
        """One each, so that no step changes what another draws."""
        self.notes: list[str] = []
        """What a reader of the figures should know."""

    async def hear(self, what: str, target: str, jobs: Sequence[tuple[object, float]]) -> list[Any]:
        """Let the workers hear something, showing how far they are."""
        with self.means.show_progress(what) as show:
            return await hear_all(target, jobs, workers=self.means.workers, on_progress=show)
