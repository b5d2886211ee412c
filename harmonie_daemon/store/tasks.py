"""The repository of tasks: what ran, runs and waits, across restarts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from harmonie_daemon.domain.task import LogLine, TaskId, TaskRecord, TaskState
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.driver import text_array
from harmonie_daemon.store.keys import clean_text
from harmonie_daemon.store.rows import fetch

INTERRUPTED = "interrupted by restart"

_SAVE = """
INSERT INTO tasks (
  id, parent_id, kind, state, created_at, updated_at, progress, arguments, details, error, log
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  state = excluded.state, updated_at = excluded.updated_at, progress = excluded.progress,
  arguments = excluded.arguments, details = excluded.details, error = excluded.error,
  log = excluded.log
WHERE tasks.state NOT IN ('SUCCESS', 'FAILURE', 'REVOKED')
"""
_TASKS = """
SELECT id, parent_id, kind, state, created_at, updated_at, progress, arguments, details, error, log
FROM tasks
"""
_GET = f"{_TASKS} WHERE id = ?"
_NEWEST = f"""{_TASKS}
WHERE parent_id IS ? AND (? OR kind IN (SELECT value FROM carray(?)))
ORDER BY created_at DESC, updated_at DESC, id DESC LIMIT ?
"""  # noqa: S608 - both halves are ours
_RUNNING = f"""{_TASKS}
WHERE state NOT IN ('SUCCESS', 'FAILURE', 'REVOKED') ORDER BY created_at, id
"""
_INTERRUPT = """
UPDATE tasks SET state = 'FAILURE', updated_at = ?, error = ?
WHERE state NOT IN ('SUCCESS', 'FAILURE', 'REVOKED') RETURNING id
"""
_TRIM = """
DELETE FROM tasks
WHERE state IN ('SUCCESS', 'FAILURE', 'REVOKED') AND id IN (
  SELECT id FROM (
    SELECT id, row_number() OVER (PARTITION BY kind ORDER BY created_at DESC, id DESC) AS age
    FROM tasks WHERE parent_id IS NULL
  ) WHERE age > ?
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
            task.parent_id,
            task.kind,
            task.state.value,
            float(task.created_at),
            float(task.updated_at),
            float(task.progress),
            json.dumps(dict(task.arguments)),
            json.dumps(dict(task.details)),
            clean_text(task.error),
            json.dumps([[line.at, line.text] for line in task.log]),
        )
        await self._db.write(lambda connection: fetch(connection, _SAVE, columns))

    async def get(self, task_id: TaskId) -> TaskRecord | None:
        """The task with this id."""
        found = await self._db.read(lambda connection: fetch(connection, _GET, (task_id,)))
        return _record(found[0]) if found else None

    async def newest(
        self,
        *,
        kinds: Sequence[str] | None = None,
        parent_id: TaskId | None = None,
        limit: int = 100,
    ) -> list[TaskRecord]:
        """Mains, or the children of a task, of some kinds or of all; the newest first."""
        every = kinds is None
        wanted = (parent_id, every, text_array(kinds or ("",)), int(limit))
        found = await self._db.read(lambda connection: fetch(connection, _NEWEST, wanted))
        return [_record(row) for row in found]

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
        """Forget ended mains that are not among the ``keep`` newest of their kind.

        What was a part of them goes with them. Returns how many mains went.
        """
        found = await self._db.write(lambda connection: fetch(connection, _TRIM, (int(keep),)))
        return len(found)


def _record(row: tuple[Any, ...]) -> TaskRecord:
    (
        id_,
        parent_id,
        kind,
        state,
        created_at,
        updated_at,
        progress,
        arguments,
        details,
        error,
        log,
    ) = row
    return TaskRecord(
        TaskId(id_),
        kind,
        TaskState(state),
        created_at,
        updated_at,
        progress,
        json.loads(details),
        error,
        parent_id=None if parent_id is None else TaskId(parent_id),
        arguments=json.loads(arguments),
        log=tuple(LogLine(at, text) for at, text in json.loads(log)),
    )
