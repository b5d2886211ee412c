"""A Jellyfin server asked about its tracks; see ``lister.Lister``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from harmonie_daemon.domain.catalogue import RemoteTrack, RemoteUser
from harmonie_daemon.mediaservers.errors import RefusedError, TooLargeError
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.mediaservers.jellyfin.calls import MOST_LEFT_OUT, PAGE_SIZE
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.track_calls import TRACK_FIELDS
from harmonie_daemon.mediaservers.jellyfin.visit import Visit
from harmonie_daemon.mediaservers.lister import LibraryMark, ListedPage

IDS_PAGE_SIZE = 1000
"""Where nothing but ids is asked for."""


class JellyfinLister:
    """One server, asked as ``viewer`` (``None``: an API key, which sees everything)."""

    lists_ids = True

    def __init__(self, client: JellyfinClient, server_id: str, viewer: str | None, whose: str):
        """``whose`` is the credential in words."""
        self._client = client
        self._viewer = viewer
        self.server = server_id
        self.viewer = viewer or ""
        self.no_music = f"Jellyfin shows no music to {whose}; has it scanned its music library?"

    async def page(self, position: str, *, ids_only: bool) -> ListedPage:
        """Some of all tracks, the oldest first."""
        limit = IDS_PAGE_SIZE if ids_only else PAGE_SIZE
        return await self._page(position, limit, () if ids_only else TRACK_FIELDS)

    async def changed(self, since: float, position: str) -> ListedPage | None:
        """Those that were saved since then, by the server's own clock."""
        saved = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
        return await self._page(position, PAGE_SIZE, TRACK_FIELDS, minDateLastSaved=saved)

    async def standing(self) -> LibraryMark:
        """How many tracks there are: a page of one, for not every version likes one of none."""
        page = await self._client.tracks_page(self._viewer, start=0, limit=1, fields=(), count=True)
        return LibraryMark(page.total)

    async def items_of(self, ids: Sequence[str]) -> Sequence[RemoteTrack]:
        """Those of these tracks that there are."""
        return await self._client.tracks(ids, self._viewer)

    async def users(self) -> Sequence[RemoteUser]:
        """Everybody whom our credential may see."""
        try:
            found = await self._client.users()
        except RefusedError:
            found = (await self._client.own_user(),)
        return [RemoteUser(user.id, user.name) for user in found]

    async def _page(
        self, position: str, limit: int, fields: Sequence[str], **more: str
    ) -> ListedPage:
        """``position`` is how many come before, and how many there are in all.

        A page that is too large is asked for in parts; a track that is, is left out.
        """
        (start, total), left_out = _read(position), 0
        while True:
            try:
                page = await self._client.tracks_page(
                    self._viewer,
                    start=start,
                    limit=limit,
                    fields=fields,
                    count=total is None,
                    more=list(more.items()),
                )
            except TooLargeError:
                if limit == 1:
                    start, left_out = start + 1, left_out + 1
                if left_out > MOST_LEFT_OUT:
                    raise
                limit = max(1, limit // 2)
                continue
            return _listed(
                page, start, page.total if total is None else total, with_items=bool(fields)
            )


def _listed(page: wire.ItemPage, start: int, total: int | None, *, with_items: bool) -> ListedPage:
    end = start + len(page.rows)
    is_last = not page.rows or (total is not None and end >= total)
    return ListedPage(
        ids=tuple(wire.parse_remote_item(row).id for row in page.rows),
        items=tuple(map(wire.parse_remote_track, page.rows)) if with_items else (),
        following=None if is_last else f"{end}/{'' if total is None else total}",
        total=total,
        at=page.at,
    )


def _read(position: str) -> tuple[int, int | None]:
    start, _, total = position.partition("/")
    return int(start or 0), int(total) if total else None


def lister_of(visit: Visit) -> JellyfinLister:
    """The server of a visit, asked as whoever may see most of it. Raises ``LoginNeededError``."""
    client, me = visit.lister
    whose = "this API key" if me is None else f"user {visit.names.get(me, me)!r}"
    return JellyfinLister(client, visit.server.id, me, whose)
