"""Targets that can say how they are, for the doctor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from harmonie_daemon.domain.checkup import Finding

TRIAL_NAME = "Harmonie trial"
"""The name of the playlist that a trial makes and deletes."""


def unanswered(setting: str) -> str:
    """What to do about a server that gives no answer, or a strange one."""
    return (
        f"see whether the server runs, and whether {setting} is its address as seen from this "
        "machine, with the path below which it answers, if there is one"
    )


@runtime_checkable
class Examinable(Protocol):
    """A target that can be looked at, and tried out."""

    @property
    def name(self) -> str:
        """As in ``push.Target``."""

    async def examine(self) -> Sequence[Finding]:
        """Ask how it is, changing nothing. Raises ``MediaServerError`` when it does not answer."""

    async def try_out(self) -> Sequence[Finding]:
        """Make a playlist of its own, change it and delete it, touching nothing else.

        Raises ``MediaServerError`` when it does not answer.
        """
