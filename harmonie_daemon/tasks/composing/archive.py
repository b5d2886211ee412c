"""What there is of compositions."""

from __future__ import annotations

import asyncio
from pathlib import Path

from harmonie_daemon.domain.composition import (
    Composition,
    CompositionFile,
    CompositionId,
    CompositionVersion,
    Origin,
    VersionState,
)
from harmonie_daemon.domain.errors import BadRequestError, CompositionNotFoundError
from harmonie_daemon.store.compositions import CompositionPage, Compositions
from harmonie_daemon.tasks.composing.folders import CompositionFolders


class Archive:
    """Compositions, their versions and files. Methods may raise ``StoreError``."""

    def __init__(self, compositions: Compositions, folders: CompositionFolders) -> None:
        self._compositions = compositions
        self._folders = folders

    async def get(self, composition_id: CompositionId) -> Composition:
        """The composition. Raises ``CompositionNotFoundError``."""
        found = await self._compositions.get(composition_id)
        if found is None:
            raise CompositionNotFoundError(f"there is no composition {composition_id}")
        return found

    async def version(
        self, composition_id: CompositionId, number: int | None = None
    ) -> CompositionVersion | None:
        """A version; without a number the newest that is composed, else the newest, if any.

        Raises ``CompositionNotFoundError``, also for a number that there is not.
        """
        found = await self._compositions.version(composition_id, number)
        if found is None:
            await self.get(composition_id)
            if number is not None:
                raise CompositionNotFoundError(
                    f"the composition {composition_id} has no version {number} (any more)"
                )
        return found

    async def versions(self, composition_id: CompositionId) -> list[CompositionVersion]:
        """The newest hundred, the newest first."""
        return await self._compositions.versions(composition_id)

    async def page(
        self, *, origin: Origin | None = None, limit: int = 50, offset: int = 0
    ) -> CompositionPage:
        """Compositions of an origin, or all; the newest first."""
        return await self._compositions.page(origin, limit=limit, offset=offset)

    async def file(self, file: CompositionFile) -> Path:
        """Where a file is. Raises ``CompositionNotFoundError`` if it has vanished."""
        path = self._folders.path(file)
        if not await asyncio.to_thread(path.is_file):
            raise CompositionNotFoundError(
                f"{file.path} is not in the data folder any more; compose it again"
            )
        return path

    async def composed(
        self, composition_id: CompositionId, number: int | None
    ) -> CompositionVersion:
        """A version that is composed. Raises as ``version``; ``BadRequestError`` before it is."""
        version = await self.version(composition_id, number)
        if version is None or version.state is not VersionState.COMPOSED:
            raise BadRequestError(
                f"the composition {composition_id} is not composed yet; compose it first"
            )
        return version
