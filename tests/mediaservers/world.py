"""Factories: a clock that is set by hand, a store, tracks in it, playlists of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import Analysis, AudioFile, Descriptors, Tags, TrackId
from harmonie_daemon.mediaservers.push import PushItem
from harmonie_daemon.store.catalogue import Catalogues
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.tracks import Tracks


@dataclass(slots=True)
class Clock:
    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Store:
    database: Database
    clock: Clock
    tracks: Tracks = field(init=False)
    catalogues: Catalogues = field(init=False)
    playlists: Playlists = field(init=False)
    meta: Meta = field(init=False)

    def __post_init__(self) -> None:
        self.tracks = Tracks(self.database, self.clock)
        self.catalogues = Catalogues(self.database)
        self.playlists = Playlists(self.database)
        self.meta = Meta(self.database)

    async def add(
        self,
        relative_path: str,
        *,
        root: str = "/srv/music",
        duration_s: float = 180.0,
        **tags: Any,
    ) -> TrackId:
        """An analysed track; ``tags`` are fields of ``Tags``."""
        return await self.tracks.save(
            AudioFile(root, relative_path, 1000, 1),
            None,
            Tags(**tags),
            Analysis(duration_s, Descriptors(bpm=120.0), 1),
            (),
        )

    async def add_albums(
        self, count: int, *, per_album: int = 5, root: str = "/srv/music"
    ) -> list[TrackId]:
        """Tracks at ``Artist n/Album n/0i Title n-i.mp3`` with matching tags."""
        return [
            await self.add(
                f"Artist {n}/Album {n}/{i:02} Title {n}-{i}.mp3",
                root=root,
                artist=f"Artist {n}",
                album=f"Album {n}",
                title=f"Title {n}-{i}",
                track_number=i,
            )
            for n in range(count)
            for i in range(1, per_album + 1)
        ]


def item(
    key: str, track_ids: Sequence[TrackId], *, name: str | None = None, users: Sequence[str] = ()
) -> PushItem:
    """A playlist that is wanted."""
    saved = SavedPlaylist(key, "recipe", name or key.title(), tuple(track_ids), 0.0)
    return PushItem(saved, tuple(users))
