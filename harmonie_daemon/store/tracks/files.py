"""Where files are, and which of them are left out."""

from __future__ import annotations

from collections.abc import Sequence

from harmonie_daemon.domain.track import AudioFile, TrackId
from harmonie_daemon.library.scanner import KnownFile
from harmonie_daemon.store import files, hidden_files, track_counts
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.tracks.repository import TrackRepository


class TrackFiles(TrackRepository):
    """Files, whether or not they could be decoded."""

    async def known_files(self, below: Sequence[str] | None = None) -> list[KnownFile]:
        """Every file the store remembers, undecodable and hidden ones included; ascending ids.

        ``below``: only files at or below these absolute paths.
        """
        return await self._db.read(lambda connection: files.known_files(connection, below))

    async def record_failure(self, file: AudioFile, fingerprint: bytes | None, reason: str) -> None:
        """Remember that the file cannot be decoded. Its track disappears, its id stays reserved."""
        now = self._clock()
        await self._db.write(
            lambda connection: files.record_failure(connection, now, file, fingerprint, reason)
        )

    async def failures(self, limit: int = 20) -> list[tuple[str, str]]:
        """Path and reason of the files that could not be decoded, the latest first."""
        return await self._db.read(lambda connection: track_counts.failures(connection, limit))

    async def move_many(self, moves: Sequence[tuple[TrackId, AudioFile]]) -> int:
        """Give known files (tracks or failures) new paths, roots, sizes and modification times.

        All at once, so that files may change places. Whatever else was known at a new path is
        removed; returns how much that was. ``TrackNotFoundError``, and nothing moved, for an
        unknown id.
        """
        return await self._db.write(lambda connection: files.move_many(connection, moves))

    async def hide(self, ids: Sequence[TrackId]) -> int:
        """Leave these files out of every answer from now on; returns how many were in them."""
        now = self._clock()
        return await self._db.write(lambda connection: hidden_files.hide(connection, now, ids))

    async def show_below(self, roots: Sequence[str]) -> int:
        """Show the hidden files at or below these absolute paths again; returns how many."""
        return await self._db.write(lambda connection: hidden_files.show_below(connection, roots))

    async def forget_hidden(self, before: float) -> int:
        """Forget files that have been hidden since then (Unix time) or longer; how many."""

        def forget(connection: Connection) -> int:
            expired = hidden_files.hidden_before(connection, before)
            return files.remove(connection, expired)

        return await self._db.write(forget)

    async def remove(self, ids: Sequence[TrackId]) -> int:
        """Forget these files and their tracks; returns how many were known."""
        return await self._db.write(lambda connection: files.remove(connection, ids))
