"""A folder as a place for playlists: file names are the ids, and users are not told apart.

Which files are ours is written into each, so that one of somebody else's that bears the name of
ours is neither overwritten nor removed.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple, cast

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.track import display_path
from harmonie_daemon.mediaservers.errors import RefusedError
from harmonie_daemon.mediaservers.m3u_files import (
    is_file_of,
    make_folders,
    read_file,
    remove_file,
    set_mode,
    write_file,
)
from harmonie_daemon.mediaservers.m3u_format import (
    M3uStyle,
    entries_of,
    free_name,
    name_key,
    safe_stem,
)
from harmonie_daemon.mediaservers.place import Seen
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist

TARGET = "m3u"
_ABOUT_THE_NAME = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})
Args = TypeVarTuple("Args")
Result = TypeVar("Result")


class FileChange(StrEnum):
    """What became of a file, in the words of Jellyfin."""

    CREATED = "Created"
    MODIFIED = "Modified"
    DELETED = "Deleted"


@dataclass(frozen=True, slots=True)
class M3uFile:
    """A playlist as a file; see ``place.RemoteList``."""

    key: str
    name: str
    content: bytes
    user: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The paths in it, each once."""
        return entries_of(self.content)

    @property
    def content_hash(self) -> str:
        """Digest of the whole file."""
        return _digest(self.content)


class M3uFolder:
    """One folder; see ``place.Place``. Methods raise ``OSError`` when it cannot be used at all.

    ``is_ours``: nobody else put anything there, and its permissions are ours to set.
    """

    def __init__(
        self,
        directory: Path,
        style: M3uStyle,
        playlists: Playlists,
        *,
        is_ours: bool,
        target: str = TARGET,
    ) -> None:
        self.target = target
        self._directory = directory
        self._style = style
        self._playlists = playlists
        self._is_ours = is_ours
        self._under_way: asyncio.Future[Any] | None = None
        self._changes: dict[str, FileChange] = {}

    def take_changes(self) -> dict[str, FileChange]:
        """What became of which file, by its path, since this was last asked."""
        taken, self._changes = self._changes, {}
        return taken

    async def in_thread(self, work: Callable[[*Args], Result], *args: *Args) -> Result:
        """Do what blocks. It goes on if we are cancelled, and whoever comes next waits for it: no
        two write at once, and a folder on a dead share keeps one thread from all else, no more."""
        while self._under_way is not None and not self._under_way.done():
            await asyncio.wait([self._under_way])
        self._under_way = asyncio.get_running_loop().run_in_executor(None, work, *args)
        return cast(Result, await asyncio.shield(self._under_way))

    async def make(self) -> None:
        """Make the folder if it is missing."""
        await self.in_thread(self._make)

    async def real_path(self) -> str:
        """Where it is, or will be."""
        return await self.in_thread(os.path.realpath, str(self._directory))

    async def look(self, rows: Collection[RemotePlaylist]) -> Seen:
        """Which files are there; one that is edited or has another ending is altered.

        Those that are there get the permissions that are configured.
        """
        return await self.in_thread(self._look, rows)

    async def find(
        self,
        row: RemotePlaylist,
        wanted: M3uFile | None = None,
    ) -> RemotePlaylist | None:
        """The row, if its file is there and ours."""
        path = self._directory / row.remote_id
        return row if await self.in_thread(is_file_of, path, row.key) else None

    async def new_id(self, wanted: M3uFile) -> str:
        """The name that its file has already, else the first that overwrites nothing."""
        rows = [row for row in await self._playlists.remotes(self.target) if row.in_place]
        return await self.in_thread(self._choose_name, wanted, rows)

    async def create(self, wanted: M3uFile, remote_id: str) -> str:
        """Write the file."""
        await self._write(remote_id, wanted.content)
        return remote_id

    async def change(self, wanted: M3uFile, row: RemotePlaylist) -> bool:
        """Write the file anew, unless it is to have another name now."""
        if await self.new_id(wanted) != row.remote_id:
            return False
        await self._write(row.remote_id, wanted.content)
        return True

    async def read(self, row: RemotePlaylist) -> Sequence[str]:
        """The paths in its file."""
        content = await self.in_thread(read_file, self._directory / row.remote_id)
        return entries_of(content or b"")

    async def put_back(self, row: RemotePlaylist, contents: Sequence[str]) -> None:
        """Nothing: a file is written whole or not at all."""

    async def delete(self, row: RemotePlaylist) -> None:
        """Remove the file, if it is ours and not the one that has taken its place."""
        rows = await self._playlists.remotes(self.target)
        in_use = [
            self._directory / other.remote_id
            for other in rows
            if other.in_place and other.key == row.key and other != row
        ]
        path = self._directory / row.remote_id
        if await self.in_thread(remove_file, path, row.key, in_use):
            self._changes[str(path)] = FileChange.DELETED

    async def require_usable(self) -> None:
        """Raise when the folder is not there."""
        if not await self.in_thread(self._directory.is_dir):
            raise MediaServerError(f"{display_path(str(self._directory))} is not a folder")

    def _make(self) -> None:
        made = make_folders(self._directory)
        for folder in [*made, self._directory] if self._is_ours else made:
            set_mode(folder, self._style.folder_mode)

    def _look(self, rows: Collection[RemotePlaylist]) -> Seen:
        standing: set[str] = set()
        altered: set[str] = set()
        for row in rows:
            path = self._directory / row.remote_id
            if not is_file_of(path, row.key):
                continue
            set_mode(path, self._style.file_mode)
            standing.add(row.remote_id)
            is_same = _digest(read_file(path) or b"") == row.content_hash
            if not is_same or not self._has_ending(row.remote_id):
                altered.add(row.remote_id)
        return Seen(frozenset(standing), frozenset(altered))

    def _choose_name(self, wanted: M3uFile, rows: Sequence[RemotePlaylist]) -> str:
        others = {name_key(row.remote_id) for row in rows if row.key != wanted.key}
        on_disk: dict[str, list[Path]] = defaultdict(list)
        for path in self._directory.iterdir():
            on_disk[name_key(path.name)].append(path)

        def is_taken(name: str) -> bool:
            files = on_disk[name_key(name)]
            return name_key(name) in others or not all(
                is_file_of(file, wanted.key) for file in files
            )

        stem = safe_stem(wanted.name)
        for row in rows:
            is_same = row.key == wanted.key and safe_stem(row.name) == stem
            if is_same and self._has_ending(row.remote_id) and not is_taken(row.remote_id):
                return row.remote_id
        return free_name(stem, self._style.extension, is_taken)

    def _has_ending(self, name: str) -> bool:
        return name.endswith(f".{self._style.extension}")

    async def _write(self, file_name: str, content: bytes) -> None:
        path, mode = self._directory / file_name, self._style.file_mode
        try:
            is_there = await self.in_thread(path.exists)
            await self.in_thread(write_file, path, content, mode)
        except OSError as error:
            if error.errno in _ABOUT_THE_NAME:
                raise RefusedError(
                    f"the file system takes no file of this name ({error.strerror}): rename it"
                ) from error
            raise
        self._changes[str(path)] = FileChange.MODIFIED if is_there else FileChange.CREATED


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
