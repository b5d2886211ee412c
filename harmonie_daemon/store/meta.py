"""The repository of single values."""

from __future__ import annotations

import uuid

from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.rows import fetch

_GET = "SELECT value FROM meta WHERE key = ?"
_SET = """
INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
_SET_ONCE = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
_DEVICE_ID = "device_id"


class Meta:
    """Text by key. The store keeps ``state``, ``key_version`` and ``device_id`` here itself.

    Methods may raise ``StoreError``.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, key: str) -> str | None:
        """The value, or ``None``."""
        return await self._db.read(lambda connection: _get(connection, key))

    async def set(self, key: str, value: str) -> None:
        """Insert or replace."""
        await self._db.write(lambda connection: fetch(connection, _SET, (key, value)))

    async def device_id(self) -> str:
        """A UUID by which media servers know this installation; made once."""
        return await self._db.write(_device_id)


def _get(connection: Connection, key: str) -> str | None:
    return next((value for (value,) in fetch(connection, _GET, (key,))), None)


def _device_id(connection: Connection) -> str:
    fetch(connection, _SET_ONCE, (_DEVICE_ID, str(uuid.uuid4())))
    ((device_id,),) = fetch(connection, _GET, (_DEVICE_ID,))
    return str(device_id)
