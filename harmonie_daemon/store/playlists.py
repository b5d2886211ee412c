"""The repository of generated playlists, of their copies on media servers, and of the targets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.domain.playlist import RECIPES, SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.keys import clean_text
from harmonie_daemon.store.records import RemotePlaylist, RemoteState, TargetState
from harmonie_daemon.store.rows import fetch

__all__ = ["Playlists", "RemotePlaylist", "RemoteState", "TargetState"]

_SAVE = """
INSERT INTO playlists (key, recipe, name, refreshed_at, maker, user, description)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET
  recipe = excluded.recipe, name = excluded.name, refreshed_at = excluded.refreshed_at,
  user = excluded.user, description = excluded.description
WHERE maker = excluded.maker
RETURNING key
"""
_FORGET_ITEMS = "DELETE FROM playlist_items WHERE playlist_key = ?"
_SAVE_ITEM = """
INSERT INTO playlist_items (playlist_key, position, track_id)
SELECT ?, ?, id FROM files WHERE id = ?
"""
_PLAYLISTS = "SELECT key, recipe, name, refreshed_at, maker, user, description FROM playlists"
_WITH_KEY = "WHERE key = ?"
_OF_MAKER = "WHERE maker = ?"
_OF_RECIPE = "WHERE (maker, recipe) = (?, ?)"
_IN_ORDER = "ORDER BY key"
_ITEMS = "SELECT track_id FROM playlist_items WHERE playlist_key = ? ORDER BY position"
_DELETE = "DELETE FROM playlists WHERE (maker, key) = (?, ?)"

_REPLACE_REMOTE = """
DELETE FROM remote_playlists
WHERE (target, key, user) = (?, ?, ?) AND remote_id <> ? AND state <> 'superseded'
"""
_SAVE_REMOTE = """
INSERT INTO remote_playlists
  (target, key, user, remote_id, name, content_hash, pushed_at, state,
   contents, cover_hash, cover_seen)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (target, key, user, remote_id) DO UPDATE SET
  name = excluded.name, content_hash = excluded.content_hash, pushed_at = excluded.pushed_at,
  state = excluded.state, contents = excluded.contents,
  cover_hash = excluded.cover_hash, cover_seen = excluded.cover_seen
"""
_REMOTES = """
SELECT target, key, user, remote_id, name, content_hash, pushed_at, state,
  contents, cover_hash, cover_seen
FROM remote_playlists
WHERE target = ? ORDER BY key, user, remote_id
"""
_FORGET_REMOTE = """
DELETE FROM remote_playlists WHERE (target, key, user, remote_id) = (?, ?, ?, ?)
"""

_SAVE_STATE = """
INSERT INTO target_states (target, failures, next_attempt_at, last_error, last_success_at)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (target) DO UPDATE SET
  failures = excluded.failures, next_attempt_at = excluded.next_attempt_at,
  last_error = excluded.last_error, last_success_at = excluded.last_success_at
"""
_STATE = """
SELECT target, failures, next_attempt_at, last_error, last_success_at FROM target_states
WHERE target = ?
"""


class Playlists:
    """Playlists by key, their copies on targets. Methods may raise ``StoreError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def save(self, playlist: SavedPlaylist) -> None:
        """Insert or replace by key; track ids that are no longer known are left out.

        Raises ``StoreError`` when the key is that of another maker's playlist.
        """
        await self._db.write(lambda connection: _save(connection, playlist))

    async def get(self, key: str) -> SavedPlaylist | None:
        """The playlist with this key."""
        found = await self._db.read(lambda connection: _load(connection, _WITH_KEY, key))
        return found[0] if found else None

    async def all(self) -> list[SavedPlaylist]:
        """Every playlist, by key."""
        return await self._db.read(_load)

    async def by_maker(self, maker: str) -> list[SavedPlaylist]:
        """The playlists of this maker, by key."""
        return await self._db.read(lambda connection: _load(connection, _OF_MAKER, maker))

    async def by_recipe(self, recipe: str) -> list[SavedPlaylist]:
        """The playlists that came from this recipe, by key."""
        return await self._db.read(
            lambda connection: _load(connection, _OF_RECIPE, RECIPES, recipe)
        )

    async def delete(self, key: str, maker: str = RECIPES) -> None:
        """Forget a playlist of this maker; its remote copies stay remembered."""
        await self._db.write(lambda connection: fetch(connection, _DELETE, (maker, key)))

    async def remotes(self, target: str) -> list[RemotePlaylist]:
        """All our copies on the target, superseded ones too, by key and user."""
        found = await self._db.read(lambda connection: fetch(connection, _REMOTES, (target,)))
        return [_remote(row) for row in found]

    async def save_remote(self, *remotes: RemotePlaylist) -> None:
        """Insert or replace, all or none: one in place replaces the one that was in its place."""
        await self._db.write(lambda connection: _save_remotes(connection, remotes))

    async def forget_remote(self, remote: RemotePlaylist) -> None:
        """Forget a copy that is gone over there."""
        columns = (remote.target, remote.key, remote.user, remote.remote_id)
        await self._db.write(lambda connection: fetch(connection, _FORGET_REMOTE, columns))

    async def backoff(self, target: str) -> TargetState:
        """How the target has been doing; a clean slate for one that is not known."""
        found = await self._db.read(lambda connection: fetch(connection, _STATE, (target,)))
        return TargetState(*found[0]) if found else TargetState(target)

    async def save_backoff(self, state: TargetState) -> None:
        """Insert or replace by target."""
        columns = (
            state.target,
            int(state.failures),
            float(state.next_attempt_at),
            clean_text(state.last_error),
            None if state.last_success_at is None else float(state.last_success_at),
        )
        await self._db.write(lambda connection: fetch(connection, _SAVE_STATE, columns))


def _save(connection: Connection, playlist: SavedPlaylist) -> None:
    columns = (
        playlist.key,
        playlist.recipe,
        clean_text(playlist.name) or playlist.key,
        float(playlist.refreshed_at),
        playlist.maker,
        playlist.user,
        clean_text(playlist.description) or "",
    )
    if not fetch(connection, _SAVE, columns):
        raise StoreError(
            f"the playlist {playlist.key!r} is another maker's, not {playlist.maker}'s"
        )
    connection.execute(_FORGET_ITEMS, (playlist.key,))
    items = [(playlist.key, at, int(id_)) for at, id_ in enumerate(playlist.track_ids)]
    connection.executemany(_SAVE_ITEM, items)


def _save_remotes(connection: Connection, remotes: Sequence[RemotePlaylist]) -> None:
    for remote in remotes:
        place = (remote.target, remote.key, remote.user, remote.remote_id)
        if remote.in_place:
            connection.execute(_REPLACE_REMOTE, place)
        columns = (
            remote.name,
            remote.content_hash,
            float(remote.pushed_at),
            str(remote.state),
            None if remote.contents is None else json.dumps(remote.contents),
            remote.cover_hash,
            remote.cover_seen,
        )
        connection.execute(_SAVE_REMOTE, (*place, *columns))


def _remote(row: tuple[Any, ...]) -> RemotePlaylist:
    target, key, user, remote_id, name, content_hash, pushed_at, state, contents, *cover = row
    return RemotePlaylist(
        target,
        key,
        user,
        remote_id,
        name,
        content_hash,
        pushed_at,
        RemoteState(state),
        None if contents is None else tuple(json.loads(contents)),
        *cover,
    )


def _load(connection: Connection, where: str = "", *values: Any) -> list[SavedPlaylist]:
    found = fetch(connection, f"{_PLAYLISTS} {where} {_IN_ORDER}", values)
    return [
        SavedPlaylist(key, recipe, name, _items(connection, key), refreshed_at, *about)
        for key, recipe, name, refreshed_at, *about in found
    ]


def _items(connection: Connection, key: str) -> tuple[TrackId, ...]:
    return tuple(TrackId(id_) for (id_,) in fetch(connection, _ITEMS, (key,)))
