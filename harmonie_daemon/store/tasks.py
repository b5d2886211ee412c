"""The repository of tasks: what ran, runs and waits, across restarts."""

from __future__ import annotations

import json
from typing import Any

from harmonie_daemon.domain.task import TaskId, TaskRecord, TaskState
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.keys import clean_text
from harmonie_daemon.store.rows import fetch

INTERRUPTED = "interrupted by restart"

_SAVE = """
INSERT INTO tasks (id, kind, state, created_at, updated_at, progress, details, error)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  kind = excluded.kind, state = excluded.state, updated_at = excluded.updated_at,
  progress = excluded.progress, details = excluded.details, error = excluded.error
WHERE tasks.state NOT IN ('SUCCESS', 'FAILURE', 'REVOKED')
"""
_GET = """
SELECT id, kind, state, created_at, updated_at, progress, details, error FROM tasks WHERE id = ?
"""
_LATEST = """
SELECT id, kind, state, created_at, updated_at, progress, details, error FROM tasks
WHERE kind = ? ORDER BY created_at DESC, updated_at DESC, id DESC LIMIT 1
"""
_RUNNING = """
SELECT id, kind, state, created_at, updated_at, progress, details, error FROM tasks
WHERE state NOT IN ('SUCCESS', 'FAILURE', 'REVOKED') ORDER BY created_at, id
"""
_INTERRUPT = """
UPDATE tasks SET state = 'FAILURE', updated_at = ?, error = ?
WHERE state NOT IN ('SUCCESS', 'FAILURE', 'REVOKED') RETURNING id
"""
_TRIM = """
DELETE FROM tasks
WHERE state IN ('SUCCESS', 'FAILURE', 'REVOKED') AND id NOT IN (
  SELECT id FROM tasks ORDER BY created_at DESC, id DESC LIMIT ?
)
RETURNING id
"""


class Tasks:
    """Tasks by id. Methods may raise ``StoreError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def save(self, task: TaskRecord) -> None:
        """Insert or update by id; a task that has ended never changes again."""
        columns = (
            task.id,
            task.kind,
            task.state.value,
            float(task.created_at),
            float(task.updated_at),
            float(task.progress),
            json.dumps(dict(task.details)),
            clean_text(task.error),
        )
        await self._db.write(lambda connection: fetch(connection, _SAVE, columns))

    async def get(self, task_id: TaskId) -> TaskRecord | None:
        """The task with this id."""
        return await self._db.read(lambda connection: _first(connection, _GET, task_id))

    async def latest(self, kind: str) -> TaskRecord | None:
        """The task of this kind that was made last."""
        return await self._db.read(lambda connection: _first(connection, _LATEST, kind))

    async def running(self) -> list[TaskRecord]:
        """The tasks that have not ended, oldest first."""
        found = await self._db.read(lambda connection: fetch(connection, _RUNNING))
        return [_record(row) for row in found]

    async def interrupt_orphans(self, now: float) -> int:
        """At start: what still runs according to the store has failed; returns how many."""
        found = await self._db.write(
            lambda connection: fetch(connection, _INTERRUPT, (float(now), INTERRUPTED))
        )
        return len(found)

    async def trim(self, keep: int) -> int:
        """Forget ended tasks that are not among the ``keep`` newest; returns how many."""
        found = await self._db.write(lambda connection: fetch(connection, _TRIM, (int(keep),)))
        return len(found)


def _first(connection: Connection, sql: str, value: str) -> TaskRecord | None:
    found = fetch(connection, sql, (value,))
    return _record(found[0]) if found else None


def _record(row: tuple[Any, ...]) -> TaskRecord:
    id_, kind, state, created_at, updated_at, progress, details, error = row
    return TaskRecord(
        TaskId(id_),
        kind,
        TaskState(state),
        created_at,
        updated_at,
        progress,
        json.loads(details),
        error,
    )
