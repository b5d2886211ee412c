"""Who listens, and what has to be kept of those who are forgotten.

Each function runs inside one transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from harmonie_daemon.domain.errors import TooManyListenersError
from harmonie_daemon.domain.listening import listener_key
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.rows import fetch

MOST_LISTENERS = 1_000
"""Several times the users of any server at home; who makes up names is stopped here."""

_GET = "SELECT id, forgotten_at FROM listeners WHERE key = ?"
_COUNT = "SELECT count(*) FROM listeners"
_ADD = "INSERT INTO listeners (key, name) VALUES (?, ?) RETURNING id"
_RESPELL = "UPDATE listeners SET name = ? WHERE id = ? AND name <> ?"
_NAMES = """
SELECT name FROM listeners
WHERE EXISTS (SELECT 1 FROM plays WHERE listener_id = listeners.id)
  OR EXISTS (SELECT 1 FROM favourites WHERE listener_id = listeners.id AND NOT is_muted)
  OR EXISTS (SELECT 1 FROM play_totals WHERE listener_id = listeners.id AND imported > 0)
  OR EXISTS (
    SELECT 1 FROM listener_lists
    JOIN listener_list_items ON list_id = listener_lists.id AND NOT listener_list_items.is_muted
    WHERE listener_id = listeners.id
  )
ORDER BY key
"""
_FORGET_PLAYS = "DELETE FROM plays WHERE listener_id = ? RETURNING id"
_FORGET_REST = (
    "DELETE FROM favourites WHERE listener_id = ?",
    "DELETE FROM play_totals WHERE listener_id = ?",
    "DELETE FROM listener_lists WHERE listener_id = ?",
    "DELETE FROM listener_looks WHERE listener_id = ?",
)
_MARK = "UPDATE listeners SET forgotten_at = ? WHERE id = ?"
_NEXT = "UPDATE listening_generation SET current = current + 1"
_GENERATION = "SELECT current FROM listening_generation"


@dataclass(frozen=True, slots=True)
class KnownListener:
    """A row, as far as taking things in needs."""

    id: int
    forgotten_at: float | None


def find(connection: Connection, name: str) -> KnownListener | None:
    """The listener of this name, if there is one."""
    found = fetch(connection, _GET, (listener_key(name),))
    return KnownListener(*found[0]) if found else None


def know(connection: Connection, name: str) -> KnownListener:
    """The listener of this name, a new one if need be. Raises ``TooManyListenersError``."""
    known = find(connection, name)
    spelled = name.strip()
    if known is not None:
        connection.execute(_RESPELL, (spelled, known.id, spelled))
        return known
    ((count,),) = fetch(connection, _COUNT)
    if count >= MOST_LISTENERS:
        raise TooManyListenersError(
            f"there are {count} listeners already, which is the most; {spelled!r} is not added"
        )
    ((id_,),) = fetch(connection, _ADD, (listener_key(name), spelled))
    return KnownListener(id_, None)


def admit(connection: Connection, wanted: Collection[str]) -> set[str]:
    """Take in listeners of these names; returns those that are too many."""
    refused = set()
    for name in wanted:
        try:
            know(connection, name)
        except TooManyListenersError:
            refused.add(name)
    return refused


def names(connection: Connection) -> list[str]:
    """Those of whom anything is kept, by name."""
    return [name for (name,) in fetch(connection, _NAMES)]


def forget(connection: Connection, name: str, at: float) -> int:
    """Empty all that is kept of a listener; how many plays that were."""
    known = find(connection, name)
    if known is None:
        return 0
    gone = fetch(connection, _FORGET_PLAYS, (known.id,))
    _empty(connection, known, at)
    return len(gone)


def take_in_again(connection: Connection, name: str) -> bool:
    """Let totals and favourites of before be read again; whether the listener is known."""
    known = find(connection, name)
    if known is None:
        return False
    _empty(connection, known, None)
    return True


def changed(connection: Connection) -> None:
    """Note that something changed."""
    connection.execute(_NEXT)


def generation(connection: Connection) -> int:
    """The number of changes so far."""
    ((current,),) = fetch(connection, _GENERATION)
    return int(current)


def _empty(connection: Connection, known: KnownListener, forgotten_at: float | None) -> None:
    for statement in _FORGET_REST:
        connection.execute(statement, (known.id,))
    connection.execute(_MARK, (forgotten_at, known.id))
    changed(connection)
