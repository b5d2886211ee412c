"""What a push would change, found out by reading alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harmonie_daemon.mediaservers.place import RemoteList
from harmonie_daemon.mediaservers.shelf import Decision

Planned = Literal["created", "updated", "unchanged", "removed"]


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What would become of one playlist at one target."""

    key: str
    name: str
    user: str
    """Whose it is, by name where that is known, else by the target's own id; empty where users
    are not told apart."""
    change: Planned
    added: int = 0
    """Tracks that would come."""
    removed: int = 0
    """Tracks that would go."""
    reordered: bool = False
    """Whether those that stay would stand in another order."""
    former_name: str | None = None
    """What it is called now, if it would be renamed."""
    reshared: bool = False
    """Whether others would see it."""


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What a push to one target would do."""

    changes: tuple[PlannedChange, ...] = ()
    """One for each playlist, in the order of the push, those that would go last."""
    unmatched: int = 0
    """Tracks that the target does not have, each counted once."""
    problems: tuple[str, ...] = ()
    """What could not be done, one sentence each."""

    def with_users(self, names: Mapping[str, str]) -> TargetPlan:
        """The same with names for those of the users' ids that are known."""
        changes = (replace(one, user=names.get(one.user, one.user)) for one in self.changes)
        return replace(self, changes=tuple(changes))


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """What planning for one target came to: a plan, or why there is none."""

    target: str
    plan: TargetPlan | None = None
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Whether a push would leave anything undone."""
        return self.plan is None or bool(self.plan.problems)


def planned(wanted: RemoteList, decision: Decision, before: Sequence[str]) -> PlannedChange:
    """The difference between what is there and what is wanted."""
    row, now = decision.row, wanted.ids
    come, go = set(now).difference(before), set(before).difference(now)
    stay_before = [one for one in before if one not in go]
    stay_now = [one for one in now if one not in come]
    return PlannedChange(
        wanted.key,
        wanted.name,
        wanted.user,
        decision.change,
        added=len(come),
        removed=len(go),
        reordered=stay_before != stay_now,
        former_name=None if row is None or row.name == wanted.name else row.name,
        reshared=row is not None and _shares(row.content_hash) != _shares(wanted.content_hash),
    )


def _shares(content_hash: str) -> str:
    """The part of a ``place.content_hash`` that is not about tracks; files have none."""
    return content_hash.partition(".")[2]
