"""Playlists as .m3u8 files in one folder, for MPD, Navidrome and players.

Which files are ours is remembered in the table of remote playlists (target ``m3u``, the file
name as remote id) and written into each file; no other file is overwritten or removed.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import Track
from harmonie_daemon.mediaservers.m3u_format import (
    free_name,
    is_marked,
    name_key,
    printable,
    render,
    safe_stem,
    writable,
)
from harmonie_daemon.mediaservers.push import PushItem, PushReport
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist
from harmonie_daemon.store.tracks import Tracks

TARGET = "m3u"
_TEMPORARY = ".harmonie-playlist.tmp"
_RENAMED = "renamed"
"""Stands for the user in the row of a file whose playlist has another file now."""

_Change = Literal["created", "updated", "unchanged"]

_log = logging.getLogger(__name__)


class M3uTarget:
    """Writes each playlist to ``directory``, which is made when it is missing."""

    name = TARGET

    def __init__(
        self,
        directory: Path,
        tracks: Tracks,
        playlists: Playlists,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._directory = directory
        self._tracks = tracks
        self._playlists = playlists
        self._clock = clock
        self._lock = asyncio.Lock()
        self._complained: set[str] = set()
        self._writing: asyncio.Future[None] | None = None

    async def push(self, wanted: Sequence[PushItem], *, force: bool = False) -> PushReport:
        """Write what changed, remove what is no longer wanted; see ``push.Target``."""
        async with self._lock:
            if self._writing is not None:  # by a push that was broken off
                await asyncio.wait([self._writing])
            try:
                return await self._push(wanted)
            except OSError as error:
                raise MediaServerError(
                    f"cannot write playlists to {self._directory}: {error.strerror}"
                ) from error

    async def _push(self, wanted: Sequence[PushItem]) -> PushReport:
        rows = {row.key: row for row in await self._playlists.remotes(TARGET)}
        changes: Counter[_Change] = Counter()
        left_out: set[str] = set()
        if wanted:
            await asyncio.to_thread(self._directory.mkdir, parents=True, exist_ok=True)
        for item in wanted:
            tracks, missing = await self._playable(item.playlist)
            left_out |= missing
            changes[await self._put(item.playlist, tracks, rows)] += 1
        removed = await self._remove_unwanted({item.playlist.key for item in wanted})
        return PushReport(
            created=changes["created"],
            updated=changes["updated"],
            unchanged=changes["unchanged"],
            removed=removed,
            unmatched=len(left_out),
        )

    async def _playable(self, playlist: SavedPlaylist) -> tuple[list[Track], set[str]]:
        """The tracks that can be written down, and names for those that cannot."""
        tracks = await self._tracks.get_many(playlist.track_ids)
        gone = set(playlist.track_ids) - {track.id for track in tracks}
        left_out = {str(track_id) for track_id in gone}
        for track in tracks:
            if not writable(track):
                left_out.add(str(track.id))
                self._complain(track, playlist)
        return [track for track in tracks if writable(track)], left_out

    def _complain(self, track: Track, playlist: SavedPlaylist) -> None:
        """Name a file that cannot be written down; once is enough."""
        if track.file.path not in self._complained:
            self._complained.add(track.file.path)
            _log.warning(
                "%s is left out of %r: its name is not UTF-8 or has a line break",
                printable(track),
                playlist.name,
            )

    async def _put(
        self, playlist: SavedPlaylist, tracks: Sequence[Track], rows: dict[str, RemotePlaylist]
    ) -> _Change:
        """Make one file say what it should; ``rows`` is kept up to date."""
        directory = await asyncio.to_thread(os.path.realpath, self._directory)
        content = render(playlist, tracks, directory)
        row = rows.get(playlist.key)
        others = {name_key(r.remote_id) for key, r in rows.items() if key != playlist.key}
        file_name = await asyncio.to_thread(self._choose_name, playlist, row, others)
        renamed = row is not None and row.remote_id != file_name
        if row is not None and renamed:
            await self._playlists.save_remote(_superseded(row))
        before = await asyncio.to_thread(_read, self._directory / file_name)
        if before != content:
            await self._write(file_name, content)
        if before != content or row is None or renamed:
            rows[playlist.key] = self._row(playlist, file_name, content)
            await self._playlists.save_remote(rows[playlist.key])
        if before is None and not renamed:
            return "created"
        return "unchanged" if before == content else "updated"

    async def _write(self, file_name: str, content: bytes) -> None:
        """Write in a thread, which goes on if we are cancelled: the next push waits for it."""
        loop = asyncio.get_running_loop()
        self._writing = loop.run_in_executor(None, _write, self._directory, file_name, content)
        await asyncio.shield(self._writing)

    def _row(self, playlist: SavedPlaylist, file_name: str, content: bytes) -> RemotePlaylist:
        digest = hashlib.sha256(content).hexdigest()
        return RemotePlaylist(
            TARGET, playlist.key, "", file_name, playlist.name, digest, self._clock()
        )

    def _choose_name(
        self, playlist: SavedPlaylist, row: RemotePlaylist | None, others: set[str]
    ) -> str:
        """The name it has already, else the first that would overwrite nothing of anyone's."""
        on_disk: dict[str, list[Path]] = defaultdict(list)
        for path in self._directory.iterdir():
            on_disk[name_key(path.name)].append(path)

        def is_taken(name: str) -> bool:
            files = on_disk[name_key(name)]
            return name_key(name) in others or not all(
                _is_ours(file, playlist.key) for file in files
            )

        stem = safe_stem(playlist.name)
        if row is not None and safe_stem(row.name) == stem and not is_taken(row.remote_id):
            return row.remote_id
        return free_name(stem, is_taken)

    async def _remove_unwanted(self, keys: set[str]) -> int:
        """Remove the files of playlists that are gone or renamed; how many were gone."""
        rows = await self._playlists.remotes(TARGET)
        in_use = [self._directory / row.remote_id for row in rows if row.key in keys]
        removed = 0
        for row in rows:
            if row.key not in keys:
                path = self._directory / row.remote_id
                done = await asyncio.to_thread(_remove, path, _original_key(row), in_use)
                removed += done and row.user != _RENAMED
                await self._playlists.delete_remote(TARGET, row.key, row.user)
        return removed


def _superseded(row: RemotePlaylist) -> RemotePlaylist:
    """The row of a file whose playlist got another name: wanted by nobody, so it is removed."""
    return replace(row, key=f"{row.key}\n{row.remote_id}", user=_RENAMED)


def _original_key(row: RemotePlaylist) -> str:
    return row.key.split("\n")[0]


def _is_ours(path: Path, key: str) -> bool:
    """Whether we wrote this file for this playlist."""
    content = _read(path) if path.is_file() else None
    return content is not None and is_marked(content, key)


def _remove(path: Path, key: str, in_use: Sequence[Path]) -> bool:
    """Remove a file of ours, unless a file system that ignores case takes it for one in use."""
    if not _is_ours(path, key) or any(other.exists() and path.samefile(other) for other in in_use):
        return False
    path.unlink(missing_ok=True)
    return True


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(directory: Path, file_name: str, content: bytes) -> None:
    """Write under a temporary name, flush to disk, then rename: nobody sees half a file."""
    temporary = directory / _TEMPORARY
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(directory / file_name)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    """Make the rename itself durable; some network file systems cannot, and need not."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
