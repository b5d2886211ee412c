"""Where the newest albums come from: a Jellyfin server, or the folders themselves."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from harmonie_daemon.domain.errors import ConfigurationError, MediaServerError
from harmonie_daemon.domain.track import AudioFile, Track, display_path
from harmonie_daemon.library.scanner import Walk, walk
from harmonie_daemon.mediaservers.jellyfin.access import find_user, require_supported
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.known_user import KnownUser
from harmonie_daemon.mediaservers.jellyfin.music import ServerAlbum, ServerTrack, albums_of
from harmonie_daemon.mediaservers.matching import locate_files, match_tracks
from harmonie_daemon.mediaservers.path_mapping import FolderMapping
from harmonie_daemon.scanning.albums.request import ServerLogin
from harmonie_daemon.scanning.run import ScanTools
from harmonie_daemon.scanning.stopping import stoppable
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.records import MatchKeys


@dataclass(frozen=True, slots=True)
class AlbumTrack:
    """A track that an analysis comes by."""

    title: str
    artist: str | None
    file: AudioFile | None
    """``None``: it is not on this machine."""

    @property
    def name(self) -> str:
        """``title by artist``."""
        return f"{self.title} by {self.artist}" if self.artist else self.title


@dataclass(frozen=True, slots=True)
class Album:
    """Some tracks in their order."""

    id: str
    name: str
    tracks: tuple[AlbumTrack, ...]


class AlbumSources:
    """Looks for albums; raises ``MediaServerError`` and ``ConfigurationError`` if it cannot."""

    def __init__(
        self,
        *,
        tools: ScanTools,
        meta: Meta,
        user: str | None,
        mappings: Sequence[FolderMapping],
        version: str,
    ) -> None:
        """``user`` is the configured one; ``mappings`` name folders as we and its server do."""
        self._tools = tools
        self._meta = meta
        self._user = user
        self._mappings = tuple(mappings)
        self._version = version

    async def newest(self, limit: int, login: ServerLogin | None) -> list[Album]:
        """The newest albums first, ``limit`` of them, or all for 0."""
        found = await (self._of_folders() if login is None else self._of_server(login))
        return found[:limit] if limit else found

    async def _of_folders(self) -> list[Album]:
        """One for each folder with music, by the time of its newest file."""
        if not self._tools.roots:
            raise ConfigurationError(
                "there is nothing to analyse: neither Jellyfin nor a music folder is configured"
            )
        found = await self._walk()
        if len(found.missing_roots) == len(self._tools.roots):
            folders = ", ".join(display_path(root) for root in found.missing_roots)
            raise ConfigurationError(f"the music folders cannot be read: {folders}")
        ids = {row.file.path: row.id for row in await self._tools.tracks.known_files()}
        known = await self._tools.tracks.get_many(list(ids.values()))
        by_path = {track.file.path: track for track in known}
        return await asyncio.to_thread(_folder_albums, found.files, by_path)

    async def _of_server(self, login: ServerLogin) -> list[Album]:
        theirs = await self._music(login)
        found = await self._walk()
        ours = await self._tools.tracks.paths_and_ids()
        mappings = self._mappings if login.is_ours else ()
        files = await asyncio.to_thread(_located, theirs, found, ours, mappings)
        return [_album(one, files) for one in await asyncio.to_thread(albums_of, theirs)]

    async def _music(self, login: ServerLogin) -> list[ServerTrack]:
        client = JellyfinClient(
            login.url,
            login.token.get_secret_value(),
            device_id=await self._meta.device_id(),
            version=self._version,
        )
        try:
            require_supported(await client.server_info())
            return await client.music(await self._user_id(client, login))
        finally:
            await client.close()

    async def _user_id(self, client: JellyfinClient, login: ServerLogin) -> str | None:
        """Whose view of the server it is; ``None`` for an API key that acts for nobody."""
        user = me = await client.me()
        if login.user is not None:
            user = find_user(() if me is None else (me,), login.user)
            user = user or find_user(await client.users(), login.user)
            if user is None:
                raise MediaServerError(f"Jellyfin has no user {login.user!r}")
        if user is None:
            return None
        if login.is_ours and login.user == self._user:
            await KnownUser(self._meta).note(login.url, login.user, user.id)
        return user.id

    async def _walk(self) -> Walk:
        tools = self._tools
        return await stoppable(
            lambda stopped: walk(tools.roots, exclude=tools.exclude, stopped=stopped)
        )


def _folder_albums(files: Sequence[AudioFile], known: Mapping[str, Track]) -> list[Album]:
    """``files``: newest first."""
    folders: dict[str, list[AudioFile]] = defaultdict(list)
    for file in files:
        folders[file.path.rpartition("/")[0]].append(file)
    return [_folder_album(folder, members, known) for folder, members in folders.items()]


def _folder_album(folder: str, files: Sequence[AudioFile], known: Mapping[str, Track]) -> Album:
    ordered = sorted(files, key=lambda file: file.path)
    tags = [known[file.path].tags for file in ordered if file.path in known]
    named = next((one.album for one in tags if one.album), None)
    return Album(
        display_path(folder),
        named or display_path(PurePath(folder).name) or display_path(folder),
        tuple(_folder_track(file, known.get(file.path)) for file in ordered),
    )


def _folder_track(file: AudioFile, known: Track | None) -> AlbumTrack:
    """By its tags where it is known, else by its name."""
    stem = display_path(PurePath(file.relative_path).stem)
    if known is None:
        return AlbumTrack(stem, None, file)
    tags = known.tags
    return AlbumTrack(tags.title or stem, tags.album_artist or tags.artist, file)


def _located(
    theirs: Sequence[ServerTrack],
    found: Walk,
    ours: Sequence[MatchKeys],
    mappings: Sequence[FolderMapping],
) -> dict[str, AudioFile]:
    """Which file of ours each item is: by its path; else by the tags of what is known already."""
    items = [track.item for track in theirs]
    files = dict(locate_files(found.files, items, mappings))
    by_path = {file.path: file for file in found.files}
    matched = match_tracks(ours, items, mappings).ids
    for one in ours:
        if one.id in matched and one.path in by_path:
            files.setdefault(matched[one.id], by_path[one.path])
    return files


def _album(album: ServerAlbum, files: Mapping[str, AudioFile]) -> Album:
    tracks = (
        AlbumTrack(track.title, track.artist, files.get(track.item.id)) for track in album.tracks
    )
    return Album(album.id, album.name, tuple(tracks))
