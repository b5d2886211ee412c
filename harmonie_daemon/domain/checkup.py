"""What an examination of the daemon and its environs finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FindingVerdict(StrEnum):
    """How it stands."""

    FINE = "fine"
    NOTE = "note"
    """Works, but somebody may want to know."""
    PROBLEM = "problem"
    """Needs a hand."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    area: str
    """``folders``, ``watching``, ``disk``, ``models``, or a target such as ``jellyfin``."""
    verdict: FindingVerdict
    said: str
    """What was found, in plain words."""
    advice: str | None = None
    """What to do about it; every problem has some."""


def fine(area: str, said: str) -> Finding:
    """All is well."""
    return Finding(area, FindingVerdict.FINE, said)


def note(area: str, said: str, advice: str | None = None) -> Finding:
    """Worth knowing."""
    return Finding(area, FindingVerdict.NOTE, said, advice)


def problem(area: str, said: str, advice: str) -> Finding:
    """Something needs a hand."""
    return Finding(area, FindingVerdict.PROBLEM, said, advice)
