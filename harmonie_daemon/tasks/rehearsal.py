"""What a refresh would come to, without keeping or changing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harmonie_daemon.mediaservers.planning import PlanOutcome


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a refresh would come to."""

    problems: Mapping[str, str]
    """Recipe name to the reason why it cannot be made; its playlists would stay as they are."""
    targets: Mapping[str, PlanOutcome]

    @property
    def ok(self) -> bool:
        """Whether every recipe can be made and every target would take its playlists."""
        return not self.problems and not any(one.failed for one in self.targets.values())
