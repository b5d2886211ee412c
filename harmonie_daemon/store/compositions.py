"""The repository of compositions, their versions and files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harmonie_daemon.domain.composition import (
    AudioFormat,
    Composition,
    CompositionFile,
    CompositionId,
    CompositionVersion,
    Origin,
    SectionTake,
    VersionState,
    default_seed,
)
from harmonie_daemon.domain.task import TaskId
from harmonie_daemon.store import composition_sql as sql
from harmonie_daemon.store.composition_rows import (
    brief_text,
    composition_columns,
    composition_of,
    file_columns,
    takes_text,
    version_of,
)
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.keys import clean_text
from harmonie_daemon.store.rows import fetch


@dataclass(frozen=True, slots=True)
class CompositionEntry:
    """A composition as it stands in a list."""

    composition: Composition
    state: VersionState | None
    """Of its newest version; ``None`` if there is none."""
    size_bytes: int
    """Of all files of all its versions."""


@dataclass(frozen=True, slots=True)
class CompositionPage:
    """Some of them, the newest first, and how many there are."""

    items: tuple[CompositionEntry, ...]
    total: int


@dataclass(frozen=True, slots=True)
class EndedVersion:
    """A version that nothing works on, as whoever prunes sees it."""

    composition_id: CompositionId
    number: int
    ended_at: float
    size_bytes: int


class Compositions:
    """Compositions by id. Methods may raise ``StoreError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, composition: Composition) -> None:
        """Insert one that is new."""
        columns = composition_columns(composition)
        await self._db.write(lambda connection: fetch(connection, sql.ADD, columns))

    async def get(self, composition_id: CompositionId) -> Composition | None:
        """The composition with this id."""
        found = await self._db.read(
            lambda connection: fetch(connection, sql.GET, (composition_id,))
        )
        return composition_of(found[0]) if found else None

    async def page(self, origin: Origin | None, *, limit: int, offset: int) -> CompositionPage:
        """Those of an origin, or all; the newest first."""
        wanted = (origin is None, None if origin is None else origin.value)

        def read(connection: Connection) -> CompositionPage:
            (total,) = fetch(connection, sql.COUNT, wanted)[0]
            rows = fetch(connection, sql.PAGE, (*wanted, int(limit), int(offset)))
            return CompositionPage(tuple(_entry(row) for row in rows), total)

        return await self._db.read(read)

    async def begin_version(
        self, composition: Composition, *, seed: int | None, format: AudioFormat, at: float
    ) -> CompositionVersion | None:
        """A new version that waits; title, brief and prompt of the composition are kept with it.

        ``None`` when there is no such composition any more.
        """
        return await self._db.write(
            lambda connection: _begin(connection, composition, seed, format, at)
        )

    async def version(
        self, composition_id: CompositionId, number: int | None = None
    ) -> CompositionVersion | None:
        """This version; without a number the newest that is composed, else the newest."""
        where = sql.BEST if number is None else sql.NUMBERED
        values = (composition_id,) if number is None else (composition_id, int(number))
        found = await self._db.read(lambda connection: _load(connection, where, *values))
        return found[0] if found else None

    async def versions(
        self, composition_id: CompositionId, *, limit: int = 100
    ) -> list[CompositionVersion]:
        """Its versions, the newest first."""
        return await self._db.read(
            lambda connection: _load(connection, sql.ALL_OF, composition_id, int(limit))
        )

    async def of_task(self, task_id: TaskId) -> CompositionVersion | None:
        """The version that this task makes or made, or whose stems it does."""
        found = await self._db.read(
            lambda connection: _load(connection, sql.OF_TASK, task_id, task_id)
        )
        return found[0] if found else None

    async def set_task(self, version: CompositionVersion, task_id: TaskId) -> None:
        """Note the task that makes it."""
        columns = (task_id, version.composition_id, version.number)
        await self._db.write(lambda connection: fetch(connection, sql.TASK, columns))

    async def set_stems_task(self, version: CompositionVersion, task_id: TaskId) -> None:
        """Note the task that makes its stems."""
        columns = (task_id, version.composition_id, version.number)
        await self._db.write(lambda connection: fetch(connection, sql.STEMS_TASK, columns))

    async def set_state(
        self,
        composition_id: CompositionId,
        number: int,
        state: VersionState,
        *,
        error: str | None = None,
        at: float | None = None,
    ) -> None:
        """Go on to ``state``; one that has ended stays as it is."""
        columns = (state.value, clean_text(error), at, composition_id, int(number))
        await self._db.write(lambda connection: fetch(connection, sql.SET_STATE, columns))

    async def complete(
        self,
        version: CompositionVersion,
        *,
        takes: Sequence[SectionTake],
        files: Sequence[CompositionFile],
        loudness_lufs: float | None,
        at: float,
    ) -> bool:
        """It is composed, and these are its files; ``False`` if it is gone or has ended."""
        place = (version.composition_id, version.number)

        def write(connection: Connection) -> bool:
            columns = (loudness_lufs, takes_text(takes), *place)
            found = fetch(connection, sql.COMPLETE, columns)
            for (version_id,) in found:
                _add_files(connection, version_id, files, at)
            return bool(found)

        return await self._db.write(write)

    async def add_files(
        self,
        composition_id: CompositionId,
        number: int,
        files: Sequence[CompositionFile],
        *,
        at: float,
    ) -> bool:
        """It has these files, too, and ended now; ``False`` if it is gone."""

        def write(connection: Connection) -> bool:
            found = fetch(connection, sql.VERSION_ID, (composition_id, int(number)))
            for (version_id,) in found:
                _add_files(connection, version_id, files, at)
            return bool(found)

        return await self._db.write(write)

    async def set_library_path(self, version: CompositionVersion, path: str) -> None:
        """Note where it stands in the music library."""
        columns = (os.fsencode(path), version.composition_id, version.number)
        await self._db.write(lambda connection: fetch(connection, sql.LIBRARY_PATH, columns))

    async def interrupt(self, reason: str, at: float) -> list[tuple[CompositionId, int]]:
        """At start: what was being made has failed; returns which that was."""
        found = await self._db.write(
            lambda connection: fetch(connection, sql.INTERRUPT, (reason, float(at)))
        )
        return [(CompositionId(id_), number) for id_, number in found]

    async def delete(self, composition_id: CompositionId) -> bool:
        """Forget one with all its versions; whether there was one."""
        return bool(
            await self._db.write(
                lambda connection: fetch(connection, sql.DELETE, (composition_id,))
            )
        )

    async def delete_version(self, composition_id: CompositionId, number: int) -> None:
        """Forget one version, and with the last one the texts of the composition."""

        def write(connection: Connection) -> None:
            connection.execute(sql.DELETE_VERSION, (composition_id, int(number)))
            connection.execute(sql.FORGET_TEXTS, (composition_id,))

        await self._db.write(write)

    async def ended(self, *, empty_before: float, limit: int) -> list[EndedVersion]:
        """Versions that nobody is making, by when they ended; the oldest first.

        Those without files only if that was before ``empty_before``.
        """
        wanted = (float(empty_before), int(limit))
        found = await self._db.read(lambda connection: fetch(connection, sql.ENDED, wanted))
        return [EndedVersion(*row) for row in found]

    async def total_bytes(self) -> int:
        """Of all files and texts of all versions."""
        found = await self._db.read(lambda connection: fetch(connection, sql.TOTAL_BYTES))
        return int(found[0][0])

    async def delete_empty(self, *, before: float, most: int) -> int:
        """Forget those without any version that were made before, and all but the newest so many.

        Returns how many went.
        """
        wanted = (float(before), int(most))
        return len(await self._db.write(lambda connection: fetch(connection, sql.EMPTY, wanted)))


def _begin(
    connection: Connection,
    composition: Composition,
    seed: int | None,
    format: AudioFormat,
    at: float,
) -> CompositionVersion | None:
    brief = brief_text(composition.brief)
    about = (clean_text(composition.title) or "", brief, clean_text(composition.prompt) or "")
    found = fetch(connection, sql.NEXT_NUMBER, (*about, composition.id))
    if not found:
        return None
    number = int(found[0][0])
    chosen = default_seed(composition.id, number) if seed is None else seed
    columns = (composition.id, number, brief, chosen, format.value, float(at))
    connection.execute(sql.BEGIN, columns)
    return _load(connection, sql.NUMBERED, composition.id, number)[0]


def _add_files(
    connection: Connection, version_id: int, files: Sequence[CompositionFile], at: float
) -> None:
    connection.executemany(sql.ADD_FILE, [(version_id, *file_columns(file)) for file in files])
    connection.execute(sql.COUNT_BYTES, (float(at), version_id))


def _load(connection: Connection, where: str, *values: Any) -> list[CompositionVersion]:
    found = fetch(connection, f"{sql.VERSIONS} {where}", values)
    return [version_of(row, fetch(connection, sql.FILES, (id_,))) for id_, *row in found]


def _entry(row: Sequence[Any]) -> CompositionEntry:
    *columns, state, size_bytes = row
    return CompositionEntry(
        composition_of(columns), None if state is None else VersionState(state), size_bytes
    )
