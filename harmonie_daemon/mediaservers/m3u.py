"""Playlists as .m3u8 or .m3u files in one folder, for MPD, Navidrome and players.

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
from dataclasses import replace
from pathlib import Path
from typing import Literal

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import Track
from harmonie_daemon.mediaservers.m3u_files import (
    is_file_of,
    make_folders,
    read_file,
    remove_file,
    set_mode,
    write_file,
)
from harmonie_daemon.mediaservers.m3u_format import (
    PLAIN,
    M3uStyle,
    free_name,
    name_key,
    printable,
    render,
    safe_stem,
    writable,
)
from harmonie_daemon.mediaservers.push import PushItem, PushReport
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState
from harmonie_daemon.store.tracks import Tracks

TARGET = "m3u"
_Change = Literal["created", "updated", "unchanged"]

_log = logging.getLogger(__name__)


class M3uTarget:
    """Writes each playlist to ``directory``, which is made when it is missing.

    ``is_ours``: nobody else put anything there, and its permissions are ours to set.
    """

    name = TARGET

    def __init__(
        self,
        directory: Path,
        tracks: Tracks,
        playlists: Playlists,
        clock: Callable[[], float] = time.time,
        *,
        style: M3uStyle = PLAIN,
        is_ours: bool = False,
    ) -> None:
        self._directory = directory
        self._style = style
        self._is_ours = is_ours
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
        rows = {row.key: row for row in await self._playlists.remotes(TARGET) if row.in_place}
        changes: Counter[_Change] = Counter()
        left_out: set[str] = set()
        if wanted:
            await asyncio.to_thread(self._make_directory)
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

    def _make_directory(self) -> None:
        made = make_folders(self._directory)
        for folder in [*made, self._directory] if self._is_ours else made:
            set_mode(folder, self._style.folder_mode)

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
        content = render(playlist, tracks, directory, self._style.mappings)
        row = rows.get(playlist.key)
        others = {name_key(r.remote_id) for key, r in rows.items() if key != playlist.key}
        file_name = await asyncio.to_thread(self._choose_name, playlist, row, others)
        renamed = row is not None and row.remote_id != file_name
        if row is not None and renamed:
            await self._playlists.save_remote(replace(row, state=RemoteState.SUPERSEDED))
        before = await asyncio.to_thread(read_file, self._directory / file_name)
        if before != content:
            await self._write(file_name, content)
        else:
            await asyncio.to_thread(set_mode, self._directory / file_name, self._style.file_mode)
        if before != content or row is None or renamed:
            rows[playlist.key] = self._row(playlist, file_name, content)
            await self._playlists.save_remote(rows[playlist.key])
        if before is None and not renamed:
            return "created"
        return "unchanged" if before == content else "updated"

    async def _write(self, file_name: str, content: bytes) -> None:
        """Write in a thread, which goes on if we are cancelled: the next push waits for it."""
        loop = asyncio.get_running_loop()
        path, mode = self._directory / file_name, self._style.file_mode
        self._writing = loop.run_in_executor(None, write_file, path, content, mode)
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
                is_file_of(file, playlist.key) for file in files
            )

        stem, extension = safe_stem(playlist.name), self._style.extension
        present = row.remote_id if row is not None and safe_stem(row.name) == stem else ""
        if present.endswith(f".{extension}") and not is_taken(present):
            return present
        return free_name(stem, extension, is_taken)

    async def _remove_unwanted(self, keys: set[str]) -> int:
        """Remove the files of playlists that are gone or renamed; how many were gone."""
        rows = await self._playlists.remotes(TARGET)
        in_use = [self._directory / r.remote_id for r in rows if r.in_place and r.key in keys]
        removed = 0
        for row in rows:
            if not (row.in_place and row.key in keys):
                path = self._directory / row.remote_id
                done = await asyncio.to_thread(remove_file, path, row.key, in_use)
                removed += done and row.in_place
                await self._playlists.forget_remote(row)
        return removed
