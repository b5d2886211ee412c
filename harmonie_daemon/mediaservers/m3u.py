"""Playlists as .m3u8 or .m3u files in one folder, for MPD, Navidrome and players.

Which files are ours is remembered in the table of remote playlists (target ``m3u``, the file
name as remote id) and written into each file; no other file is overwritten or removed.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from harmonie_daemon.domain.checkup import Finding, fine, problem
from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.remote_files import is_server_root
from harmonie_daemon.domain.track import Track, display_path
from harmonie_daemon.mediaservers.delivery import Delivery, Order
from harmonie_daemon.mediaservers.examining import TRIAL_NAME
from harmonie_daemon.mediaservers.m3u_files import make_folders, remove_file, write_file
from harmonie_daemon.mediaservers.m3u_folder import TARGET, FileChange, M3uFile, M3uFolder
from harmonie_daemon.mediaservers.m3u_format import (
    PLAIN,
    M3uStyle,
    free_name,
    printable,
    render,
    writable,
)
from harmonie_daemon.mediaservers.planning import TargetPlan
from harmonie_daemon.mediaservers.push import PushItem, PushReport
from harmonie_daemon.mediaservers.shelf import Shelf
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.tracks import Tracks

OnChanged = Callable[[Mapping[str, FileChange]], Awaitable[None]]

_log = logging.getLogger(__name__)


class M3uTarget:
    """Writes each playlist to ``directory``, which is made when it is missing.

    ``is_ours``: nobody else put anything there, and its permissions are ours to set. ``player``:
    whose folder it is, where there are several.
    """

    def __init__(
        self,
        directory: Path,
        tracks: Tracks,
        playlists: Playlists,
        clock: Callable[[], float] = time.time,
        *,
        style: M3uStyle = PLAIN,
        is_ours: bool = False,
        player: str | None = None,
    ) -> None:
        self.name = TARGET if player is None else f"{TARGET}:{player}"
        self._directory = directory
        self._shown = display_path(str(directory))
        self._style = style
        self._tracks = tracks
        self._playlists = playlists
        self._folder = M3uFolder(directory, style, playlists, is_ours=is_ours, target=self.name)
        self._shelf = Shelf(self._folder, playlists, clock)
        self._lock = asyncio.Lock()
        self._complained: set[str] = set()
        self.on_changed: OnChanged | None = None
        """Awaited after a push with the files that it changed; it must not raise."""

    async def push(self, wanted: Sequence[PushItem], *, force: bool = False) -> PushReport:
        """Write what changed, remove what is no longer wanted; see ``push.Target``."""
        async with self._lock:
            try:
                report = await self._push([item.playlist for item in wanted])
            except OSError as error:
                raise MediaServerError(
                    f"cannot write playlists to {self._shown}: {error.strerror}"
                ) from error
        changes = self._folder.take_changes()
        if changes and self.on_changed is not None:
            await self.on_changed(changes)
        return report

    async def plan(self, wanted: Sequence[PushItem]) -> TargetPlan:
        """What a push would write and remove; see ``push.Target``."""
        async with self._lock:
            try:
                order = await self._order([item.playlist for item in wanted])
                stock = await self._shelf.stock(order.holdings)
                return await self._delivery().plan(order, stock)
            except OSError as error:
                raise MediaServerError(
                    f"cannot read the playlists in {self._shown}: {error.strerror}"
                ) from error

    async def examine(self) -> Sequence[Finding]:
        """How many playlists are in the folder; see ``examining.Examinable``."""
        rows = await self._playlists.remotes(self.name)
        return [fine(self.name, f"{len(rows)} playlists in {self._shown}")]

    async def try_out(self) -> Sequence[Finding]:
        """Write a file of its own, read it back and remove it."""
        try:
            await self._folder.in_thread(self._try_out)
        except OSError as error:
            why = f"no file can be written to {self._shown}: {error.strerror}"
            return [problem(self.name, why, "see what is said of the folders above")]
        return [fine(self.name, f"a playlist was written to {self._shown}, and removed")]

    def _try_out(self) -> None:
        playlist = SavedPlaylist(f"doctor:{uuid4()}", "", TRIAL_NAME, (), 0.0)
        make_folders(self._directory)
        name = free_name(
            TRIAL_NAME, self._style.extension, lambda name: (self._directory / name).exists()
        )
        path = self._directory / name
        write_file(path, render(playlist, [], str(self._directory)), self._style.file_mode)
        if not remove_file(path, playlist.key, ()):
            raise OSError(errno.EIO, "what was written cannot be read back")

    async def _push(self, wanted: Sequence[SavedPlaylist]) -> PushReport:
        if wanted:
            await self._folder.make()
        order = await self._order(wanted)
        stock = await self._shelf.stock(order.holdings)
        return await self._delivery().deliver(order, stock)

    def _delivery(self) -> Delivery[M3uFile]:
        return Delivery(self._folder, self._shelf, self._playlists)

    async def _order(self, wanted: Sequence[SavedPlaylist]) -> Order[M3uFile]:
        directory = await self._folder.real_path()
        files: list[M3uFile] = []
        left_out: set[str] = set()
        for playlist in wanted:
            tracks, missing = await self._playable(playlist)
            left_out |= missing
            files.append(self._file(playlist, tracks, directory))
        holdings = frozenset((file.key, file.user) for file in files)
        return Order(tuple(files), holdings, unmatched=len(left_out))

    def _file(self, playlist: SavedPlaylist, tracks: Sequence[Track], directory: str) -> M3uFile:
        content = render(playlist, tracks, directory, self._style)
        return M3uFile(playlist.key, playlist.name, content)

    async def _playable(self, playlist: SavedPlaylist) -> tuple[list[Track], set[str]]:
        """The tracks that are files and can be written down, and names for those that cannot."""
        tracks = await self._tracks.get_many(playlist.track_ids)
        gone = set(playlist.track_ids) - {track.id for track in tracks}
        left_out = {str(track_id) for track_id in gone}
        here = [track for track in tracks if not is_server_root(track.file.root)]
        for track in here:
            if not writable(track):
                self._complain(track, playlist)
        playable = [track for track in here if writable(track)]
        left_out |= {str(track.id) for track in tracks} - {str(track.id) for track in playable}
        return playable, left_out

    def _complain(self, track: Track, playlist: SavedPlaylist) -> None:
        """Name a file that cannot be written down; once is enough."""
        if track.file.path not in self._complained:
            self._complained.add(track.file.path)
            _log.warning(
                "%s is left out of %r: its name is not UTF-8 or has a line break",
                printable(track),
                playlist.name,
            )
