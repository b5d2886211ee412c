"""What a worker answers over its pipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Returned:
    """The target's result."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """The target raised an ordinary exception; the worker lives on."""

    text: str
    """The reason, for a person."""
    origin: str = ""
    """The error and the line of code it came from, for the log."""


Reply = Returned | Raised
