"""How far one server's catalogue is; each function runs inside one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.keys import VERSION, clean_text
from harmonie_daemon.store.rows import fetch

MOST_SERVERS = 4
"""Catalogues of one target that are kept: a new server's pushes the longest unused out."""

_STATE = """
SELECT
  id, target, server, address, viewer, listed_at, swept_at, due_at, since, told, mark,
  sweep, position, ids_only, sweep_since, is_dirty, generation, basis, learned, misses
FROM catalogues
"""
_OF_SERVER = "WHERE (target, server, key_version) = (?, ?, ?)"
_LATEST = "WHERE (target, address, key_version) = (?, ?, ?) ORDER BY used_at DESC, id DESC LIMIT 1"
_ADD = """
INSERT OR REPLACE INTO catalogues (target, server, key_version, address, viewer, used_at)
VALUES (?, ?, ?, ?, ?, ?)
"""
_USE = "UPDATE catalogues SET address = ?, used_at = ? WHERE id = ?"
_SAVE_LISTING = """
UPDATE catalogues SET
  viewer = ?, listed_at = ?, swept_at = ?, due_at = ?, since = ?, told = ?, mark = ?, sweep = ?,
  position = ?, ids_only = ?, sweep_since = ?
WHERE id = ?
"""
_SAVE_MATCHING = """
UPDATE catalogues SET is_dirty = 0, generation = ?, basis = ?, learned = ?, misses = ? WHERE id = ?
"""
_SOIL = "UPDATE catalogues SET is_dirty = 1 WHERE id = ?"
_FORGET_OTHERS = """
DELETE FROM catalogues WHERE target = ? AND id NOT IN (
  SELECT id FROM catalogues WHERE target = ? ORDER BY used_at DESC, id DESC LIMIT ?
)
"""


@dataclass(frozen=True, slots=True)
class CatalogueState:
    """One server and what was last asked of it."""

    id: int
    target: str
    server: str
    address: str
    viewer: str
    """As whom it was listed; empty for an API key."""
    listed_at: float | None = None
    """Our clock when changes were last asked for; ``None`` until it was listed to its end."""
    swept_at: float | None = None
    """Our clock when a sweep last showed everything there is."""
    due_at: float | None = None
    """Our clock when the next one is due."""
    since: float | None = None
    """The server's clock, before which all changes are known."""
    told: int | None = None
    """How many items the server counted then."""
    mark: str = ""
    """The server's own word for the state of its library."""
    sweep: int = 0
    """Number of the sweep under way, or of the last."""
    position: str | None = None
    """Where the sweep under way goes on."""
    ids_only: bool = False
    """Whether the sweep under way asks for nothing but ids."""
    sweep_since: float | None = None
    """The server's clock when the sweep under way began."""
    is_dirty: bool = False
    """Whether items have changed since the last matching."""
    generation: int | None = None
    """Of our library at the last matching."""
    basis: str = ""
    """Of the rules by which it was matched."""
    learned: tuple[tuple[str, str], ...] = ()
    """Folder mappings that were learnt: ours, theirs."""
    misses: int = 0
    """Tracks that no path led to when they were learnt."""


def open_state(
    connection: Connection, target: str, server: str, address: str, viewer: str, now: float
) -> CatalogueState:
    """The state of this server's catalogue, which is begun if need be, or if its keys are old."""
    whose = target, clean_text(server) or address, VERSION
    if not fetch(connection, _STATE + _OF_SERVER, whose):
        connection.execute(_ADD, (*whose, address, viewer, now))
        connection.execute(_FORGET_OTHERS, (target, target, MOST_SERVERS))
    state = _state(fetch(connection, _STATE + _OF_SERVER, whose)[0])
    connection.execute(_USE, (address, now, state.id))
    return replace(state, address=address)


def latest_state(connection: Connection, target: str, address: str) -> CatalogueState | None:
    """Of the server that was last seen at this address."""
    found = fetch(connection, _STATE + _LATEST, (target, address, VERSION))
    return _state(found[0]) if found else None


def save_listing(connection: Connection, state: CatalogueState) -> None:
    """Keep how far it is listed."""
    connection.execute(
        _SAVE_LISTING,
        (
            state.viewer, state.listed_at, state.swept_at, state.due_at, state.since, state.told,
            clean_text(state.mark) or "", state.sweep, state.position, int(state.ids_only),
            state.sweep_since, state.id,
        ),
    )  # fmt: skip


def save_matching(connection: Connection, state: CatalogueState) -> None:
    """Keep by what it was matched; it is clean again."""
    learned = json.dumps(state.learned)
    values = (state.generation, state.basis, learned, state.misses, state.id)
    connection.execute(_SAVE_MATCHING, values)


def soil(connection: Connection, catalogue: int) -> None:
    """Note that items have changed."""
    connection.execute(_SOIL, (catalogue,))


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Folder mappings out of their column."""
    found: Sequence[Sequence[str]] = json.loads(text)
    return tuple((ours, theirs) for ours, theirs in found)


def _state(row: tuple[Any, ...]) -> CatalogueState:
    state = CatalogueState(*row)
    return replace(
        state,
        ids_only=bool(state.ids_only),
        is_dirty=bool(state.is_dirty),
        learned=pairs(str(state.learned)),
    )
