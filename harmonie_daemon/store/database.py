"""The SQLite database: one file, one writer thread, a few reader threads."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.store import health, keys, migrations, texts
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import (
    CHECKPOINT_TRUNCATE,
    READER_CACHE_KIB,
    WRITER_CACHE_KIB,
    DriverConnection,
    connect,
    connect_reader,
    readable_errors,
)
from harmonie_daemon.store.location import (
    OwnershipLock,
    keep_from_others,
    require_local_file_system,
)
from harmonie_daemon.store.migrations import Migration
from harmonie_daemon.store.veil import Veil, is_known

logger = logging.getLogger(__name__)

P = TypeVar("P")
T = TypeVar("T")


class _VeilError(Exception):
    """A read would see what is hidden, or not see what is hidden no more."""


class Database:
    """Readers see one consistent state each; writes happen one after another, whole or not."""

    def __init__(
        self,
        path: Path,
        writer: DriverConnection,
        readers: Sequence[DriverConnection],
        lock: OwnershipLock | None,
    ) -> None:
        """Use ``Database.open``."""
        self.path = path
        self.schema_version = migrations.schema_version(writer)
        self._writer = writer
        self._readers = tuple(readers)
        self._lock = lock
        self._closed = False
        self._idle: queue.SimpleQueue[tuple[DriverConnection, Veil]] = queue.SimpleQueue()
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
            with readable_errors(self.path):
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
        self, connection: DriverConnection, begin: str, work: Callable[[Connection], T]
    ) -> T:
        with readable_errors(self.path):
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
            with readable_errors(self.path):
                for reader in self._readers:
                    reader.close()
                if self._lock is not None:
                    self._writer.execute("PRAGMA optimize").fetchall()
                    health.mark_stopped(self._writer)
                    self._writer.wal_checkpoint(mode=CHECKPOINT_TRUNCATE)
        finally:
            self._writer.close()
            if self._lock is not None:
                self._lock.release()


def _open(path: Path, readers: int, lock: bool, steps: Sequence[Migration]) -> Database:
    if not lock:
        return _open_beside_owner(path, readers, steps)
    ownership = _take(path)
    try:
        keep_from_others(path)
        with readable_errors(path), contextlib.ExitStack() as undo:
            writer = connect(path, WRITER_CACHE_KIB)
            undo.callback(writer.close)
            _prepare(writer, path, steps)
            pool = [connect_reader(path) for _ in range(readers)]
            undo.pop_all()
    except BaseException:
        ownership.release()
        raise
    return Database(path, writer, pool, ownership)


def _open_beside_owner(path: Path, readers: int, steps: Sequence[Migration]) -> Database:
    if not path.exists():
        raise StoreError(f"there is no database at {path}; start the daemon once to make it")
    with readable_errors(path):
        writer = connect(path, READER_CACHE_KIB)
        found, expected = migrations.schema_version(writer), steps[-1].version
        if found != expected:
            writer.close()
            raise StoreError(
                f"{path} has schema {found}, this harmonie speaks {expected}; "
                "start the daemon once with this release"
            )
        return Database(path, writer, [connect_reader(path) for _ in range(readers)], None)


def _take(path: Path) -> OwnershipLock:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the data folder {path.parent} cannot be made: {error}") from error
    require_local_file_system(path)
    return OwnershipLock(path)


def _prepare(writer: DriverConnection, path: Path, steps: Sequence[Migration]) -> None:
    """Check, migrate, renew the keys, look after the words, note that the database is in use."""
    health.check(writer, path)
    migrations.migrate(writer, path, steps)
    writer.execute("BEGIN IMMEDIATE")
    keys.renew(writer)
    texts.begin(writer)
    health.mark_running(writer)
    writer.execute("COMMIT")


def _log_unseen_failure(running: asyncio.Future[Any]) -> None:
    if not running.cancelled() and (error := running.exception()) is not None:
        logger.warning("a database operation failed after its caller had left: %s", error)


def _close_unwanted(opening: asyncio.Future[Database]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result()._close()
