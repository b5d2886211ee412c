"""A server in memory, as the catalogue asks one; with what may go wrong there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from harmonie_daemon.domain.catalogue import RemoteTrack, RemoteUser
from harmonie_daemon.mediaservers.errors import UnavailableError
from harmonie_daemon.mediaservers.lister import LibraryMark, ListedPage


class MadeUpLister:
    """Its clock is set by hand."""

    server = "made-up"
    no_music = "it shows no music"
    lists_ids = True

    def __init__(self, page_size: int = 100) -> None:
        self.viewer = "alice"
        self.items: list[RemoteTrack] = []
        self.saved: dict[str, float] = {}
        self.now = 1_000_000.0
        self.page_size = page_size
        self.asked: list[str] = []
        self.positions: list[str] = []
        self.breaks_at: int | None = None
        """The page, counted from 0, at which it breaks off once."""
        self.hides_after: int | None = None
        """So many are listed, however many there are."""
        self.repeats = False
        """Every page is the first."""
        self.told: int | None = None
        self.is_asked = asyncio.Event()
        self.goes_on: asyncio.Event | None = None
        """What it waits for before it says what has changed."""

    @classmethod
    def of(cls, count: int, *, page_size: int = 100) -> MadeUpLister:
        """The first tracks of ``Store.add_albums``."""
        made = cls(page_size)
        for n in range(count):
            album, at = divmod(n, 5)
            made.add(
                f"/srv/music/Artist {album}/Album {album}/{at + 1:02} Title {album}-{at + 1}.mp3"
            )
        return made

    def add(self, path: str | None, *, saved_at: float | None = None, **facts: Any) -> str:
        known = {"title": None, "album": None, "artists": (), "track_number": None} | facts
        known = {"duration_s": None, "musicbrainz_ids": frozenset()} | known
        item = RemoteTrack(id=f"{len(self.saved):032x}", path=path, **known)
        self.items.append(item)
        self.saved[item.id] = self.now if saved_at is None else saved_at
        return item.id

    def id_of(self, path: str) -> str:
        return next(item.id for item in self.items if item.path == path)

    def remove(self, path: str) -> str:
        gone = self.id_of(path)
        self.items = [item for item in self.items if item.id != gone]
        return gone

    def clear(self) -> None:
        self.items = []

    async def page(self, position: str, *, ids_only: bool) -> ListedPage:
        self.asked.append("ids" if ids_only else "page")
        start = int(position or 0)
        if self.breaks_at is not None and start == self.breaks_at * self.page_size:
            self.breaks_at = None
            raise UnavailableError("broken off")
        self.positions.append(position)
        shown = self.items[: self.hides_after]
        return self._page(shown, 0 if self.repeats else start, start, ids_only=ids_only)

    async def changed(self, since: float, position: str) -> ListedPage | None:
        self.asked.append("changed")
        self.is_asked.set()
        if self.goes_on is not None:
            await self.goes_on.wait()
        news = [item for item in self.items if self.saved.get(item.id, 0.0) >= since]
        return self._page(news, int(position or 0), int(position or 0), ids_only=False)

    async def standing(self) -> LibraryMark:
        self.asked.append("standing")
        return LibraryMark(self._count)

    async def items_of(self, ids: Sequence[str]) -> Sequence[RemoteTrack]:
        return [item for item in self.items if item.id in set(ids)]

    async def users(self) -> Sequence[RemoteUser]:
        return [RemoteUser(self.viewer, self.viewer.title())]

    @property
    def _count(self) -> int:
        return len(self.items) if self.told is None else self.told

    def _page(
        self, shown: Sequence[RemoteTrack], start: int, position: int, *, ids_only: bool
    ) -> ListedPage:
        page = shown[start : start + self.page_size]
        end = position + self.page_size
        return ListedPage(
            ids=tuple(item.id for item in page),
            items=() if ids_only else tuple(page),
            following=str(end) if self.repeats or end < len(shown) else None,
            total=self._count,
            at=self.now,
        )
