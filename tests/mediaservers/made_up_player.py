"""A player that does as it is told, second by second: what it shows when, and what was heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Doing = tuple[Literal["play", "pause", "seek"], float]
"""Play or pause for so many seconds, or jump to a position."""


@dataclass(frozen=True, slots=True)
class Listen:
    """One track, put on at ``at`` (seconds since the week began) and left after ``doing``."""

    listener: str
    device: str
    track: str
    """Path below the root of the library."""
    at: float
    doing: tuple[Doing, ...]
    duration_s: float = 180.0

    @property
    def ends_at(self) -> float:
        """When the last of what is done is over."""
        return self.at + sum(value for what, value in self.doing if what != "seek")

    @property
    def heard_s(self) -> float:
        """Seconds of sound."""
        return sum(value for what, value in self.doing if what == "play")

    @property
    def ended_position_s(self) -> float:
        """Where it was left."""
        return self.shown(self.ends_at)[0]

    def shown(self, at: float) -> tuple[float, bool]:
        """Position and whether it is paused at that moment, while it is on."""
        position_s, time, paused = 0.0, self.at, False
        for what, value in self.doing:
            if what == "seek":
                position_s = value if at >= time else position_s
                continue
            within = max(0.0, min(value, at - time))
            paused = what == "pause" if at >= time else paused
            position_s += 0.0 if what == "pause" else within
            time += value
        return position_s, paused

    def is_on(self, at: float) -> bool:
        """Whether the player shows it then."""
        return self.at <= at < self.ends_at


def on_at(listens: Sequence[Listen], at: float) -> Iterator[Listen]:
    """What is on at that moment, one a device."""
    return (listen for listen in listens if listen.is_on(at))
