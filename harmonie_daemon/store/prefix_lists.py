"""The repository of people's own playlists that we fill because of their names."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from harmonie_daemon.store.database import Database
from harmonie_daemon.store.keys import clean_text
from harmonie_daemon.store.rows import fetch

_SAVE = """
INSERT INTO prefix_lists
  (target, remote_id, owner, state, snapshot, seeds, added, refreshed_at, due_at, failures,
   seen_at, looked_at, problem)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (target, remote_id) DO UPDATE SET
  owner = excluded.owner, state = excluded.state, snapshot = excluded.snapshot,
  seeds = excluded.seeds, added = excluded.added, refreshed_at = excluded.refreshed_at,
  due_at = excluded.due_at, failures = excluded.failures, seen_at = excluded.seen_at,
  looked_at = excluded.looked_at, problem = excluded.problem
"""
_OF_TARGET = """
SELECT
  target, remote_id, owner, state, snapshot, seeds, added, refreshed_at, due_at, failures,
  seen_at, looked_at, problem
FROM prefix_lists WHERE target = ? ORDER BY remote_id
"""
_FORGET_UNSEEN = "DELETE FROM prefix_lists WHERE target = ? AND seen_at < ?"
_SEE = "UPDATE prefix_lists SET seen_at = ? WHERE (target, remote_id) = (?, ?)"
_LOOK = "UPDATE prefix_lists SET looked_at = ? WHERE (target, remote_id) = (?, ?)"


class PrefixState(StrEnum):
    """How far the last change of a list of somebody's got."""

    SETTLED = "settled"
    WRITING = "writing"
    """Begun, and not known to have ended: what is in the list may be anything in between."""


@dataclass(frozen=True, slots=True)
class PrefixList:
    """What we remember of one list."""

    target: str
    remote_id: str
    owner: str
    """Its user, by the server's id."""
    state: PrefixState = PrefixState.SETTLED
    snapshot: str = ""
    """Digest of its name and its contents as we left them; empty when we never did."""
    seeds: tuple[str, ...] = ()
    """The server's ids of the person's own tracks, which must stay in it."""
    added: tuple[str, ...] = ()
    """Those that we put in, or were about to, and that may be taken out again."""
    refreshed_at: float = 0.0
    """Unix time at which it was last made anew."""
    due_at: float = 0.0
    """Before this time nothing is tried again after a failure."""
    failures: int = 0
    seen_at: float = 0.0
    """Unix time at which the server last named it."""
    looked_at: float = 0.0
    """Unix time at which its contents were last read."""
    problem: str = ""
    """Why it stays as it is, in words; empty where it does not."""


class PrefixLists:
    """Such lists by server and id. Methods may raise ``StoreError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, target: str) -> dict[str, PrefixList]:
        """All of a server, by their ids there."""
        found = await self._db.read(lambda connection: fetch(connection, _OF_TARGET, (target,)))
        return {row[1]: _list(row) for row in found}

    async def save(self, one: PrefixList) -> None:
        """Insert or replace."""
        columns = (
            one.target,
            one.remote_id,
            one.owner,
            str(one.state),
            one.snapshot,
            json.dumps(one.seeds),
            json.dumps(one.added),
            float(one.refreshed_at),
            float(one.due_at),
            one.failures,
            float(one.seen_at),
            float(one.looked_at),
            clean_text(one.problem) or "",
        )
        await self._db.write(lambda connection: fetch(connection, _SAVE, columns))

    async def seen(self, target: str, remote_ids: Collection[str], now: float) -> None:
        """Remember that the server names these."""
        await self._touch(_SEE, target, remote_ids, now)

    async def looked_at(self, target: str, remote_ids: Collection[str], now: float) -> None:
        """Remember that the contents of these were read."""
        await self._touch(_LOOK, target, remote_ids, now)

    async def forget_unseen(self, target: str, before: float) -> None:
        """Forget those that the server has not named since that Unix time."""
        await self._db.write(lambda connection: fetch(connection, _FORGET_UNSEEN, (target, before)))

    async def _touch(self, sql: str, target: str, remote_ids: Collection[str], now: float) -> None:
        values = [(now, target, one) for one in remote_ids]
        if values:
            await self._db.write(lambda connection: connection.executemany(sql, values))


def _list(row: tuple[Any, ...]) -> PrefixList:
    target, remote_id, owner, state, snapshot, seeds, added, *others = row
    return PrefixList(
        target,
        remote_id,
        owner,
        PrefixState(state),
        snapshot,
        tuple(json.loads(seeds)),
        tuple(json.loads(added)),
        *others,
    )
