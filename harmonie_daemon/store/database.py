"""The SQLite database: one file, one writer thread, a few reader threads.

The only module that imports the driver (apsw): it bundles a current SQLite, and a second SQLite
library in the process (the interpreter's ``sqlite3``) would break the file's locks.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import apsw
import numpy as np
import sqlite_vec

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.store import health, keys, migrations
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.location import OwnershipLock, require_local_file_system
from harmonie_daemon.store.migrations import Migration
from harmonie_daemon.store.veil import Veil, is_known

logger = logging.getLogger(__name__)

P = TypeVar("P")
T = TypeVar("T")

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


class _VeilError(Exception):
    """A read would see what is hidden, or not see what is hidden no more."""


class Database:
    """Readers see one consistent state each; writes happen one after another, whole or not."""

    def __init__(
        self,
        path: Path,
        writer: apsw.Connection,
        readers: Sequence[apsw.Connection],
        lock: OwnershipLock | None,
    ) -> None:
        """Use ``Database.open``."""
        self.path = path
        self.schema_version = migrations.schema_version(writer)
        self._writer = writer
        self._readers = tuple(readers)
        self._lock = lock
        self._closed = False
        self._idle: queue.SimpleQueue[tuple[apsw.Connection, Veil]] = queue.SimpleQueue()
        for reader in readers:
            self._idle.put((reader, Veil()))
        self._may_hide = is_known(writer)
        self._write_thread = ThreadPoolExecutor(1, "store-writer")
        self._read_threads = ThreadPoolExecutor(len(self._readers), "store-reader")

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        readers: int = 2,
        lock: bool = True,
        steps: Sequence[Migration] | None = None,
    ) -> Database:
        """Open the database at ``path``, made or migrated as needed.

        ``lock=False`` is for looking into a database that a daemon may have open: the file must
        exist with the current schema. ``steps`` are the migrations (default: the shipped ones).
        Raises ``StoreError``: in use, damaged, written by a newer release, on a network share.
        """
        known = migrations.shipped() if steps is None else tuple(steps)
        opening = asyncio.get_running_loop().run_in_executor(
            None, _open, path, readers, lock, known
        )
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unwanted)
            raise

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on a reader thread; all its statements see the same state.

        What is hidden (``store.veil``) is not in it, except in tables called ``main.…``.
        ``work`` must fetch what it returns. Raises ``StoreError`` when the database cannot be
        read, and whatever ``work`` raises.
        """
        return await self._run(self._read_threads, lambda: self._read(work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction on the writer thread; rolled back when it raises.

        A write that has been asked for is carried out even if the awaiting task is cancelled.
        Raises ``StoreError`` when nothing could be written, and whatever ``work`` raises.
        """
        return await self._run(self._write_thread, lambda: self._write(work))

    async def write_prepared(
        self, prepare: Callable[[Connection], P], work: Callable[[Connection, P], T]
    ) -> T:
        """As ``write``, with what ``prepare`` makes of the state before.

        ``prepare`` only reads, and may take its time: it runs before the transaction. Nothing is
        written in between, as nobody else writes.
        """

        def both() -> T:
            with _readable_errors(self.path):
                prepared = prepare(self._writer)
            return self._write(lambda connection: work(connection, prepared))

        return await self._run(self._write_thread, both)

    async def close(self) -> None:
        """Finish what is under way, fold the write-ahead log into the file and let go of it."""
        if self._closed:
            return
        self._closed = True
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self._close))

    async def _run(self, threads: Executor, work: Callable[[], T]) -> T:
        if self._closed:
            raise StoreError(f"{self.path} is closed")
        running = asyncio.get_running_loop().run_in_executor(threads, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            running.add_done_callback(_log_unseen_failure)
            raise

    def _read(self, work: Callable[[Connection], T]) -> T:
        connection, veil = self._idle.get()

        def veiled(connection: Connection) -> T:
            if self._may_hide and not veil.fits(connection):
                raise _VeilError
            return work(connection)

        try:
            while True:
                with contextlib.suppress(_VeilError):
                    return self._transact(connection, "BEGIN DEFERRED", veiled)
                self._transact(connection, "BEGIN DEFERRED", veil.draw)
        finally:
            self._idle.put((connection, veil))

    def _write(self, work: Callable[[Connection], T]) -> T:
        return self._transact(self._writer, "BEGIN IMMEDIATE", work)

    def _transact(
        self, connection: apsw.Connection, begin: str, work: Callable[[Connection], T]
    ) -> T:
        with _readable_errors(self.path):
            connection.execute(begin)
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result

    def _close(self) -> None:
        self._read_threads.shutdown()
        self._write_thread.shutdown()
        try:
            with _readable_errors(self.path):
                for reader in self._readers:
                    reader.close()
                if self._lock is not None:
                    self._writer.execute("PRAGMA optimize").fetchall()
                    health.mark_stopped(self._writer)
                    self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        finally:
            self._writer.close()
            if self._lock is not None:
                self._lock.release()


def copy_database(source: Path, copy: Path, *, stopped: Callable[[], bool]) -> bool:
    """Copy what is committed at this moment into the empty file ``copy``, step by step.

    The source is held at one state for reading, so that writers neither wait nor make the copy
    begin anew; ``stopped`` is asked between the steps. Returns whether the copy is whole: it is
    checked, and needs no files beside it. Raises ``StoreError``.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(_readable_errors(source))
        reader = _connect_reader(source)
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


def _open(path: Path, readers: int, lock: bool, steps: Sequence[Migration]) -> Database:
    if not lock:
        return _open_beside_owner(path, readers, steps)
    ownership = _take(path)
    try:
        with _readable_errors(path), contextlib.ExitStack() as undo:
            writer = _connect(path, WRITER_CACHE_KIB)
            undo.callback(writer.close)
            _prepare(writer, path, steps)
            pool = [_connect_reader(path) for _ in range(readers)]
            undo.pop_all()
    except BaseException:
        ownership.release()
        raise
    return Database(path, writer, pool, ownership)


def _open_beside_owner(path: Path, readers: int, steps: Sequence[Migration]) -> Database:
    if not path.exists():
        raise StoreError(f"there is no database at {path}; start the daemon once to make it")
    with _readable_errors(path):
        writer = _connect(path, READER_CACHE_KIB)
        found, expected = migrations.schema_version(writer), steps[-1].version
        if found != expected:
            writer.close()
            raise StoreError(
                f"{path} has schema {found}, this harmonie speaks {expected}; "
                "start the daemon once with this release"
            )
        return Database(path, writer, [_connect_reader(path) for _ in range(readers)], None)


def _take(path: Path) -> OwnershipLock:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the data folder {path.parent} cannot be made: {error}") from error
    require_local_file_system(path)
    return OwnershipLock(path)


def _prepare(writer: apsw.Connection, path: Path, steps: Sequence[Migration]) -> None:
    """Check, migrate, renew the keys, and note that the database is in use."""
    health.check(writer, path)
    migrations.migrate(writer, path, steps)
    writer.execute("BEGIN IMMEDIATE")
    keys.renew(writer)
    health.mark_running(writer)
    writer.execute("COMMIT")


def _connect(path: Path, cache_kib: int) -> apsw.Connection:
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


def _connect_reader(path: Path) -> apsw.Connection:
    connection = _connect(path, READER_CACHE_KIB)
    connection.pragma("query_only", True)
    return connection


@contextlib.contextmanager
def _readable_errors(path: Path) -> Iterator[None]:
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


def _log_unseen_failure(running: asyncio.Future[Any]) -> None:
    if not running.cancelled() and (error := running.exception()) is not None:
        logger.warning("a database operation failed after its caller had left: %s", error)


def _close_unwanted(opening: asyncio.Future[Database]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result()._close()
