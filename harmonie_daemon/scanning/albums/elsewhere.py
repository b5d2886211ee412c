"""Tracks that only a media server has: fetched, heard, and kept under a root of their own."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.remote_files import server_root
from harmonie_daemon.domain.track import AudioFile, Tags
from harmonie_daemon.mediaservers.jellyfin.music import ServerTrack
from harmonie_daemon.scanning.albums.hearing import Heard, TrackHearing, trouble
from harmonie_daemon.scanning.albums.request import ServerLogin
from harmonie_daemon.scanning.albums.session import logged_in
from harmonie_daemon.scanning.run import ScanTools
from harmonie_daemon.store.meta import Meta

MOST_BYTES = 2**30
"""Of a track: an hour of uncompressed music, and more, fits."""
RESERVE_BYTES = 2**29
"""What a download leaves free on the disk of the data folder."""
AT_A_TIME = 2
"""Downloads, and copies that wait to be heard."""
_SERVER_ID = re.compile(r"[0-9a-zA-Z-]{1,64}", re.ASCII)
_SUFFIX = re.compile(r"\.[0-9a-zA-Z]{1,8}", re.ASCII)


class ServerOnlyTracks:
    """What is known of tracks that are on no disk of ours, by server.

    A scan sees nothing of them: no folder lies below their roots. A track is fetched into
    ``folder``, heard there and deleted; it is another one when the server says that it took it in
    at another time.
    """

    def __init__(
        self, *, tools: ScanTools, hearing: TrackHearing, meta: Meta, folder: Path, version: str
    ) -> None:
        self._tools = tools
        self._hearing = hearing
        self._meta = meta
        self._folder = folder
        self._version = version
        self._turn = asyncio.Semaphore(AT_A_TIME)
        self.most_bytes = MOST_BYTES
        self.reserve_bytes = RESERVE_BYTES

    async def clear(self) -> None:
        """Remove what an earlier process did not get round to removing."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def hear(
        self, login: ServerLogin, server_id: str, track: ServerTrack, top_n_moods: int
    ) -> Heard:
        """Fetch and hear the track, unless that has been done. Raises ``StoreError``."""
        original = AudioFile(server_root(server_id), track.item.id, 0, _taken_in_ns(track))
        known = await self._hearing.known(original)
        if known is not None:
            original = replace(original, size=known.file.size)
        if not await self._hearing.works(original):
            failed = None if known is None else known.failure
            return Heard("known") if failed is None else Heard("failed", failed)
        try:
            async with self._turn:
                return await self._fetched(login, original, track, top_n_moods)
        except MediaServerError as error:
            return Heard("failed", str(error))

    async def forget(
        self, server_id: str, *, listed: Collection[str], here: Collection[str]
    ) -> int:
        """Forget the server's own tracks that it lists no more or that are ``here`` as files.

        Returns how many those were.
        """
        root = server_root(server_id)
        known = await self._tools.tracks.known_files([root])
        gone = [
            one.id
            for one in known
            if one.file.root == root
            and (one.file.relative_path not in listed or one.file.relative_path in here)
        ]
        return await self._tools.tracks.remove(gone) if gone else 0

    async def _fetched(
        self, login: ServerLogin, original: AudioFile, track: ServerTrack, top_n_moods: int
    ) -> Heard:
        path = self._folder / f"{uuid.uuid4().hex}{_suffix(track)}"
        try:
            await self._download(login, track.item.id, path)
            stat = await asyncio.to_thread(os.stat, path)
            copy = AudioFile(str(self._folder), path.name, stat.st_size, stat.st_mtime_ns)
            original = replace(original, size=stat.st_size)
            outcome = await self._tools.ear.hear_copy(copy, original, _tags(track))
        finally:
            await asyncio.shield(asyncio.to_thread(path.unlink, missing_ok=True))
        if why := trouble(outcome):
            return Heard("failed", why)
        return Heard("analyzed", summary=await self._hearing.summary(original, top_n_moods))

    async def _download(self, login: ServerLogin, item_id: str, into: Path) -> None:
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        async with logged_in(login, self._meta, version=self._version) as client:
            await client.download(
                item_id, into, most_bytes=self.most_bytes, reserve_bytes=self.reserve_bytes
            )


def is_server_id(text: str) -> bool:
    """Whether a server that calls itself so can be told from others."""
    return _SERVER_ID.fullmatch(text) is not None


def _suffix(track: ServerTrack) -> str:
    """What decoders know the kind of file by, if the server tells."""
    path = (track.item.path or "").replace("\\", "/")
    suffix = PurePosixPath(path).suffix
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def _tags(track: ServerTrack) -> Tags:
    return Tags(
        artist=next(iter(track.item.artists), None),
        album_artist=track.artist,
        album=track.item.album,
        title=track.item.title,
        track_number=track.item.track_number,
    )


def _taken_in_ns(track: ServerTrack) -> int:
    """When the server took the track in, to the second; 0 where it does not say."""
    try:
        taken_in = datetime.fromisoformat(f"{track.created_at[:19]}+00:00")
    except ValueError:
        return 0
    return max(0, int(taken_in.timestamp())) * 10**9
