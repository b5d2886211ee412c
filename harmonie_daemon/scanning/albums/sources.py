"""Where the newest albums come from: a Jellyfin server, or the folders themselves."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from harmonie_daemon.domain.errors import ConfigurationError, MediaServerError
from harmonie_daemon.domain.remote_files import is_server_root
from harmonie_daemon.domain.track import AudioFile, Track, display_path
from harmonie_daemon.library.scanner import Walk, walk
from harmonie_daemon.mediaservers.jellyfin.access import find_user, require_supported
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.known_user import KnownUser
from harmonie_daemon.mediaservers.jellyfin.music import ServerAlbum, ServerTrack, albums_of
from harmonie_daemon.mediaservers.jellyfin.wire import ServerInfo
from harmonie_daemon.mediaservers.matching import locate_files, match_tracks
from harmonie_daemon.mediaservers.path_mapping import FolderMapping
from harmonie_daemon.scanning.albums.elsewhere import ServerOnlyTracks, is_server_id
from harmonie_daemon.scanning.albums.request import ServerLogin
from harmonie_daemon.scanning.albums.session import logged_in
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
    only_there: ServerTrack | None = None
    """What the server says of a track that nobody but it has."""

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


@dataclass(frozen=True, slots=True)
class Newest:
    """What an analysis is to hear."""

    albums: tuple[Album, ...]
    server_id: str | None = None
    """Of the server that lists them."""


class AlbumSources:
    """Looks for albums; raises ``MediaServerError`` and ``ConfigurationError`` if it cannot."""

    def __init__(
        self,
        *,
        tools: ScanTools,
        remote: ServerOnlyTracks,
        meta: Meta,
        user: str | None,
        mappings: Sequence[FolderMapping],
        version: str,
    ) -> None:
        """``user`` is the configured one; ``mappings`` name folders as we and its server do."""
        self._tools = tools
        self._remote = remote
        self._meta = meta
        self._user = user
        self._mappings = tuple(mappings)
        self._version = version

    async def newest(self, limit: int, login: ServerLogin | None) -> Newest:
        """The newest albums first, ``limit`` of them, or all for 0."""
        most = limit or None
        return await (self._of_folders(most) if login is None else self._of_server(most, login))

    async def _of_folders(self, most: int | None) -> Newest:
        """One for each folder with music, by the time of its newest file."""
        if not self._tools.roots:
            raise ConfigurationError(
                "there is nothing to analyse: neither Jellyfin nor a music folder is configured"
            )
        found = await self._walk()
        if len(found.missing_roots) == len(self._tools.roots):
            away = ", ".join(display_path(root) for root in found.missing_roots)
            raise ConfigurationError(f"the music folders cannot be read: {away}")
        folders = (await asyncio.to_thread(_by_folder, found.files))[:most]
        return Newest(tuple([await self._folder_album(folder) for folder in folders]))

    async def _folder_album(self, files: Sequence[AudioFile]) -> Album:
        tracks = self._tools.tracks
        paths = [file.path for file in files]
        ids = await tracks.look_up(lambda lookup: lookup.by_path(paths))
        known = await tracks.get_many(list(ids.values()))
        return _folder_album(files, {track.file.path: track for track in known})

    async def _of_server(self, most: int | None, login: ServerLogin) -> Newest:
        server, theirs = await self._music(login)
        found = await self._walk()
        ours = [
            one for one in await self._tools.tracks.paths_and_ids() if not is_server_root(one.root)
        ]
        mappings = self._mappings if login.is_ours else ()
        located = await asyncio.to_thread(_located, theirs, found, ours, mappings)
        server_id = server.id if is_server_id(server.id) else None
        if server_id is not None:
            await self._forget(login, server_id, theirs, located)
        may_fetch = server_id is not None and not found.missing_roots
        albums = (await asyncio.to_thread(albums_of, theirs))[:most]
        found_there = await asyncio.to_thread(
            lambda: tuple(_album(one, located, may_fetch) for one in albums)
        )
        return Newest(found_there, server_id)

    async def _forget(
        self, login: ServerLogin, server_id: str, theirs: Sequence[ServerTrack], located: _Located
    ) -> None:
        """Let go of what only the server had and has no more, as the usual user sees it.

        A server that lists nothing at all is starting, or its disks are away.
        """
        if theirs and (login.user == self._user or not login.is_ours):
            listed = {track.item.id for track in theirs}
            await self._remote.forget(server_id, listed=listed, here=located.known)

    async def _music(self, login: ServerLogin) -> tuple[ServerInfo, list[ServerTrack]]:
        async with logged_in(login, self._meta, version=self._version) as client:
            server = await client.server_info()
            require_supported(server)
            return server, await client.music(await self._user_id(client, login))

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


def _by_folder(files: Sequence[AudioFile]) -> list[list[AudioFile]]:
    """``files``, newest first, by the folder they are in: the one with the newest first."""
    folders: dict[str, list[AudioFile]] = defaultdict(list)
    for file in files:
        folders[_folder_of(file)].append(file)
    return [sorted(members, key=lambda file: file.path) for members in folders.values()]


def _folder_of(file: AudioFile) -> str:
    return file.path.rpartition("/")[0]


def _folder_album(files: Sequence[AudioFile], known: Mapping[str, Track]) -> Album:
    folder = _folder_of(files[0])
    tags = [known[file.path].tags for file in files if file.path in known]
    named = next((one.album for one in tags if one.album), None)
    return Album(
        display_path(folder),
        named or display_path(PurePath(folder).name) or display_path(folder),
        tuple(_folder_track(file, known.get(file.path)) for file in files),
    )


def _folder_track(file: AudioFile, known: Track | None) -> AlbumTrack:
    """By its tags where it is known, else by its name."""
    stem = display_path(PurePath(file.relative_path).stem)
    if known is None:
        return AlbumTrack(stem, None, file)
    tags = known.tags
    return AlbumTrack(tags.title or stem, tags.album_artist or tags.artist, file)


@dataclass(frozen=True, slots=True)
class _Located:
    """The items of a server that are files of ours."""

    files: Mapping[str, AudioFile]
    """By item, as they are on disk now."""
    known: frozenset[str]
    """Items that we know as tracks, on disk now or not."""


def _located(
    theirs: Sequence[ServerTrack],
    found: Walk,
    ours: Sequence[MatchKeys],
    mappings: Sequence[FolderMapping],
) -> _Located:
    """By their paths; else by the tags of what is known already."""
    items = [track.item for track in theirs]
    files = dict(locate_files(found.files, items, mappings))
    by_path = {file.path: file for file in found.files}
    matched = match_tracks(ours, items, mappings).ids
    for one in ours:
        if one.id in matched and one.path in by_path:
            files.setdefault(matched[one.id], by_path[one.path])
    return _Located(files, frozenset(matched.values()))


def _album(album: ServerAlbum, located: _Located, may_fetch: bool) -> Album:
    """``may_fetch``: what is neither on disk nor known is the server's alone."""

    def track(one: ServerTrack) -> AlbumTrack:
        file = located.files.get(one.item.id)
        is_alone = may_fetch and file is None and one.item.id not in located.known
        return AlbumTrack(one.title, one.artist, file, one if is_alone else None)

    return Album(album.id, album.name, tuple(track(one) for one in album.tracks))
