"""Bringing the schema up to date: numbered SQL files, each applied once, in one transaction."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from harmonie_daemon.domain.errors import StoreError, UnusableDatabaseError
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.health import UNFINISHED
from harmonie_daemon.store.rows import fetch

logger = logging.getLogger(__name__)

_FILE_NAME = re.compile(r"(?P<version>\d{4})_(?P<name>\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: the schema's version after it, and the SQL that leads there."""

    version: int
    name: str
    sql: str


def shipped() -> tuple[Migration, ...]:
    """The steps that come with this release (``schema/NNNN_name.sql``), in order."""
    folder = resources.files("harmonie_daemon.store") / "schema"
    steps = []
    for file in folder.iterdir():
        if match := _FILE_NAME.fullmatch(file.name):
            sql = file.read_text(encoding="utf-8")
            steps.append(Migration(int(match["version"]), match["name"], sql))
    return tuple(sorted(steps, key=lambda step: step.version))


def backup_path(database: Path, version: int) -> Path:
    """Where the copy of a database of schema ``version`` is put before it is migrated."""
    return database.with_name(f"{database.name}.backup-v{version}")


def schema_version(connection: Connection) -> int:
    """The schema's version as the file records it; 0 for an empty file."""
    return int(connection.pragma("user_version"))


def migrate(connection: Connection, database: Path, steps: Sequence[Migration]) -> int:
    """Apply the pending steps; returns the version reached.

    A non-empty database is copied to ``backup_path`` first. A failing step leaves the
    database as the step before it left it. Raises ``StoreError`` for a schema that is newer than
    the newest step.
    """
    version = schema_version(connection)
    newest = steps[-1].version
    if version > newest:
        raise UnusableDatabaseError(
            f"{database} was written by a newer harmonie (schema {version}; this one knows "
            f"{newest}); install that release again, or restore a backup made by this one"
        )
    pending = [step for step in steps if step.version > version]
    if pending and version > 0:
        _back_up(connection, backup_path(database, version))
    for step in pending:
        _apply(connection, step)
        level = logging.INFO if version > 0 else logging.DEBUG  # of a new one there is less to say
        logger.log(level, "database schema is now version %d (%s)", step.version, step.name)
    return newest


def _back_up(connection: Connection, copy: Path) -> None:
    """Copy beside the final name, then rename, so that a backup is always whole."""
    unfinished = copy.with_name(copy.name + UNFINISHED)
    unfinished.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(unfinished),))
    unfinished.replace(copy)
    logger.info("database copied to %s before its schema is changed", copy)


def _apply(connection: Connection, step: Migration) -> None:
    """Foreign keys are off while tables are rebuilt, and checked before the commit."""
    connection.pragma("foreign_keys", False)
    connection.execute("BEGIN IMMEDIATE")
    try:
        fetch(connection, step.sql)
        _require_whole_references(connection, step)
        connection.pragma("user_version", step.version)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.pragma("foreign_keys", True)


def _require_whole_references(connection: Connection, step: Migration) -> None:
    if broken := fetch(connection, "PRAGMA foreign_key_check"):
        raise StoreError(f"schema step {step.version} breaks references: {broken[:3]}")
