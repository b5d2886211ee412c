"""What kinds of worker differ in: what runs, how it starts, what it may take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MIB = 1024 * 1024


class Start(StrEnum):
    """Where a worker process comes from."""

    FORKED = "forked"
    """From a process that has imported what is needed: 0.03 s and 4 MB each, many jobs."""
    FRESH = "fresh"
    """An isolated interpreter of its own for every job: for work that nobody trusts."""


@dataclass(frozen=True, slots=True)
class WorkerKind:
    """One kind of work that is done outside of the daemon's process."""

    name: str
    """For people: ``hearing``."""
    target: str
    """``package.module:function``, called in the worker with the job. What a forked one is given
    and returns is pickled; a fresh one takes and gives ``bytes``."""
    start: Start = Start.FORKED
    preload: tuple[str, ...] = ()
    """Modules imported once, before the first fork; a fresh interpreter imports none."""
    memory_limit_bytes: int = 1_200 * MIB
    """Resident memory at which a worker is ended."""
    recycle_after: int = 500
    """Jobs after which a forked worker makes room for a new one."""
    niceness: int = 10
    tells: bool = False
    """Whether the target takes a second argument: a function that tells the daemon how far it is,
    with anything that can be pickled. Forked workers only."""

    @property
    def is_trusted(self) -> bool:
        """Whether what it says is believed, and a job that cost a worker is given to another."""
        return self.start is Start.FORKED
