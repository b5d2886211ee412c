"""From what a client knows about a track (a path, some tags) to the track."""

from __future__ import annotations

import os
import re
from typing import TypeGuard

from harmonie_daemon.domain.errors import TrackNotFoundError
from harmonie_daemon.domain.playlist import SeedRef
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.tracks import Tracks

_DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/])")
_DASH = " - "
MAX_ID = 2**63 - 1
"""The largest integer SQLite can hold."""


class Resolver:
    """The resolution ladder: the first rung that finds a track wins, the smallest id on ties."""

    def __init__(self, tracks: Tracks) -> None:
        self._tracks = tracks

    async def resolve(self, ref: SeedRef) -> TrackId | None:
        """Absolute path, relative path, (artist, album, title), (title, artist), (title, album).

        Only then the path as another machine sees it: under another mount, or with backslashes.
        Names are compared by ``text_key``.
        """
        return (
            await self._by_path(ref.path)
            or await self._by_tags(ref)
            or await self._by_foreign_path(ref.path)
        )

    async def query(self, text: str) -> TrackId:
        """A track by id, path or ``artist - title``. Raises ``TrackNotFoundError``."""
        wanted = text.strip()
        found = (
            await self._by_id(wanted)
            or await self._by_path(text)
            or await self._by_name(wanted)
            or await self._by_foreign_path(text)
        )
        if found is None:
            raise TrackNotFoundError(
                f"no track matches {text!r}; give an id, a path or 'artist - title'"
            )
        return found

    async def _by_id(self, text: str) -> TrackId | None:
        if not (text.isascii() and text.isdigit() and int(text) <= MAX_ID):
            return None
        found = await self._tracks.get_many([TrackId(int(text))])
        return found[0].id if found else None

    async def _by_path(self, path: str | None) -> TrackId | None:
        if not _is_path(path):
            return None
        return await self._tracks.find_by_path(path) or await self._tracks.find_by_relative_path(
            path
        )

    async def _by_tags(self, ref: SeedRef) -> TrackId | None:
        artist, album, title = text_key(ref.artist), text_key(ref.album), text_key(ref.title)
        if title is None:
            return None
        found = None
        if artist and album:
            found = await self._find(artist, album, title)
        if found is None and artist:
            found = await self._find(artist, None, title)
        if found is None and album:
            found = await self._find(None, album, title)
        return found

    async def _by_name(self, text: str) -> TrackId | None:
        """Try every dash as the one between artist and title, from the left."""
        parts = text.split(_DASH)
        for cut in range(1, len(parts)):
            artist, title = _DASH.join(parts[:cut]).strip(), _DASH.join(parts[cut:]).strip()
            if artist and title and (found := await self._find(artist, None, title)):
                return found
        return None

    async def _by_foreign_path(self, path: str | None) -> TrackId | None:
        if not _is_path(path):
            return None
        for spelling in dict.fromkeys((path, _DRIVE.sub("", path).replace("\\", "/"))):
            if spelling != path and (found := await self._by_path(spelling)):
                return found
            if found := await self._tracks.find_by_relative_suffix(spelling):
                return found
        return None

    async def _find(self, artist: str | None, album: str | None, title: str) -> TrackId | None:
        return await self._tracks.find_by_tags(artist=artist, album=album, title=title)


def _is_path(text: str | None) -> TypeGuard[str]:
    """Whether this could name a file: not blank, and made of bytes of some kind."""
    if not text:
        return False
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True
