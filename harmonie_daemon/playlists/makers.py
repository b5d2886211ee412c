"""Who makes playlists: each maker changes and retires its own, and no other's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.store.playlists import Playlists


class Maker:
    """One maker of playlists and what it has made; all of that is brought to the targets.

    What another maker would have to know of it is only its name.
    """

    def __init__(self, name: str, playlists: Playlists) -> None:
        self.name = name
        self._playlists = playlists

    def key(self, *parts: str) -> str:
        """A key that no recipe and no other maker gives to a playlist."""
        return ":".join((self.name, *parts))

    async def playlists(self) -> list[SavedPlaylist]:
        """All that it has made and not retired, by key."""
        return await self._playlists.by_maker(self.name)

    async def put(
        self, made: Collection[SavedPlaylist], *, instead_of: Collection[SavedPlaylist] = ()
    ) -> None:
        """Keep what is made, as this maker's, and retire what it was made instead of."""
        for playlist in made:
            await self._playlists.save(replace(playlist, maker=self.name))
        kept = {playlist.key for playlist in made}
        await self.retire(playlist.key for playlist in instead_of if playlist.key not in kept)

    async def retire(self, keys: Iterable[str]) -> None:
        """Let playlists go, here now and at the targets with the next push."""
        for key in keys:
            await self._playlists.delete(key, self.name)
