"""The SQLite driver: connections, what is bound to statements, its errors in our words, copies.

The only module that imports it (apsw): it bundles a current SQLite, and a second SQLite library in
the process (the interpreter's ``sqlite3``) would break the file's locks.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import numpy as np
import sqlite_vec

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.store import health, migrations

CHECKPOINT_TRUNCATE = apsw.SQLITE_CHECKPOINT_TRUNCATE
DriverConnection = apsw.Connection
LARGEST_INTEGER = 2**63 - 1
BUSY_TIMEOUT_MS = 5_000
WRITER_CACHE_KIB = 65_536
READER_CACHE_KIB = 16_384
FULL = "database or disk is full"
JOURNAL_LIMIT_BYTES = 64 << 20
"""The write-ahead log is cut back to this length after a checkpoint."""
COPIED_PAGES = 256
"""Pages (1 MiB) copied at a stretch."""
COPYING_PAUSE_S = 0.01


def id_array(ids: Sequence[int] | np.ndarray[Any, Any]) -> Any:
    """Bind ids for ``IN (SELECT value FROM carray(?))``; any number of them, also none."""
    try:
        array = np.ascontiguousarray(ids, dtype=np.int64)
    except OverflowError:  # no row has an id beyond 64 bits either
        array = np.array([id_ for id_ in ids if 0 < id_ <= LARGEST_INTEGER], dtype=np.int64)
    # An array of length 0 cannot be bound; no row has the id 0.
    return apsw.carray(array if array.size else np.zeros(1, dtype=np.int64))


def text_array(texts: Sequence[str]) -> Any:
    """Bind texts, at least one, for ``IN (SELECT value FROM carray(?))``."""
    return apsw.carray(tuple(texts))


def blob_array(blobs: Sequence[bytes]) -> Any:
    """Bind byte strings, at least one, for ``IN (SELECT value FROM carray(?))``."""
    return apsw.carray(tuple(blobs))


def connect(path: Path, cache_kib: int) -> apsw.Connection:
    """A connection with the extensions and pragmas that all of ours have."""
    connection = apsw.Connection(str(path))
    try:
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        connection.pragma("journal_mode", "WAL")
        connection.pragma("synchronous", "NORMAL")
        connection.pragma("foreign_keys", True)
        connection.pragma("cache_size", -cache_kib)
        connection.pragma("journal_size_limit", JOURNAL_LIMIT_BYTES)
        connection.enable_load_extension(True)
        connection.load_extension(sqlite_vec.loadable_path())
        connection.enable_load_extension(False)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> apsw.Connection:
    """One that cannot write."""
    connection = connect(path, READER_CACHE_KIB)
    connection.pragma("query_only", True)
    return connection


@contextlib.contextmanager
def readable_errors(path: Path) -> Iterator[None]:
    """Say what the driver raises in words for a person, as ``StoreError``; ``path`` is the file."""
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise health.damaged(path, str(error)) from error
    except apsw.CantOpenError as error:
        raise StoreError(
            f"{path} cannot be opened ({error}); may this user write there?"
        ) from error
    except apsw.Error as error:
        if _says_full(error):
            raise StoreError(
                f"the disk that holds {path} is full: the last change was not saved, "
                "everything before it was; make room and try again"
            ) from error
        raise StoreError(f"{path}: {error}") from error


def _says_full(error: apsw.Error) -> bool:
    """A virtual table passes the reason on as text, under a code of its own."""
    return isinstance(error, apsw.FullError) or FULL in str(error)


def copy_database(source: Path, copy: Path, *, stopped: Callable[[], bool]) -> bool:
    """Copy what is committed at this moment into the empty file ``copy``, step by step.

    The source is held at one state for reading, so that writers neither wait nor make the copy
    begin anew; ``stopped`` is asked between the steps. Returns whether the copy is whole: it is
    checked, and needs no files beside it. Raises ``StoreError``.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(readable_errors(source))
        reader = connect_reader(source)
        stack.callback(reader.close)
        reader.execute("BEGIN DEFERRED")
        migrations.schema_version(reader)  # from here on it sees this state
        writer = apsw.Connection(str(copy))
        stack.callback(writer.close)
        writer.pragma("journal_mode", "MEMORY")  # a copy that was broken off is thrown away
        try:
            return _copy(reader, writer, stopped)
        except apsw.FullError as error:
            raise StoreError(f"the disk that holds {copy} is full; no copy was made") from error


def _copy(reader: apsw.Connection, writer: apsw.Connection, stopped: Callable[[], bool]) -> bool:
    with writer.backup("main", reader, "main") as backup:
        while not backup.done:
            if stopped():
                return False
            backup.step(COPIED_PAGES)
            time.sleep(COPYING_PAUSE_S)
    writer.pragma("journal_mode", "DELETE")
    if (found := writer.pragma("quick_check")) != "ok":
        raise StoreError(f"the copy is damaged ({found}), and so may be the original")
    return True
