"""One Jellyfin server as a target: who we are there, what it has of our tracks, one push."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.track import TrackId, display_path
from harmonie_daemon.mediaservers.delivery import Delivery
from harmonie_daemon.mediaservers.errors import BadTokenError
from harmonie_daemon.mediaservers.jellyfin.access import (
    Access,
    assign,
    check_owner,
    find_user,
    named_users,
    require_supported,
)
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.known_user import KnownUser
from harmonie_daemon.mediaservers.jellyfin.listing import TARGET, JellyfinListing
from harmonie_daemon.mediaservers.jellyfin.place import JellyfinPlace, translated
from harmonie_daemon.mediaservers.jellyfin.wire import User
from harmonie_daemon.mediaservers.matching import Matching, match_tracks
from harmonie_daemon.mediaservers.path_mapping import FolderMapping
from harmonie_daemon.mediaservers.push import PushItem, PushReport
from harmonie_daemon.mediaservers.shelf import Shelf
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.tracks import Tracks

CATALOGUE_LASTS_S = 600.0
"""For so long a listing of the server's tracks serves further pushes, if all are found in it."""
LISTING_PATIENCE_S = 12.0
"""For so long a person waits for a new listing, if there is an older one."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The server's tracks matched with ours."""

    matching: Matching
    fetched_at: float
    is_changing: bool
    """Whether the server had other tracks when we asked before: it may be scanning still."""


class JellyfinTarget:
    """One Jellyfin server, reached with an API key (``user`` required) or a user's token."""

    name = TARGET

    def __init__(
        self,
        url: str,
        token: str,
        user: str | None,
        tracks: Tracks,
        playlists: Playlists,
        meta: Meta,
        clock: Callable[[], float],
        path_mappings: tuple[tuple[str, str], ...] = (),
        version: str = "0",
    ) -> None:
        self._url = url
        self._token = token
        self._user = user
        self._tracks = tracks
        self._playlists = playlists
        self._meta = meta
        self._clock = clock
        self._mappings = tuple(FolderMapping(ours, theirs) for ours, theirs in path_mappings)
        self._version = version
        self._lock = asyncio.Lock()
        self._open_client: JellyfinClient | None = None
        self._catalogue: _Catalogue | None = None
        self.listing_patience_s = LISTING_PATIENCE_S

    async def close(self) -> None:
        """Close the connections."""
        if self._open_client is not None:
            await self._open_client.close()
            self._open_client = None

    async def push(self, wanted: Sequence[PushItem], *, force: bool = False) -> PushReport:
        """Bring our playlists there to this state; see ``push.Target``."""
        async with self._lock:
            if not (wanted or force or await self._playlists.remotes(TARGET)):
                return PushReport()
            try:
                return await self._push(wanted, force)
            except BadTokenError as error:
                raise BadTokenError(f"{error}; check HARMONIE_JELLYFIN_TOKEN") from error

    async def _push(self, wanted: Sequence[PushItem], force: bool) -> PushReport:
        client = await self._client()
        access, users = await self._connect(client, wanted, force)
        plan = assign(wanted, access, users, self._user)
        listing = JellyfinListing(client, access.me.id if access.me else None)
        place = JellyfinPlace(client, listing, access.capabilities, self._playlists)
        shelf = Shelf(place, self._playlists, self._clock)
        stock = await shelf.stock(plan.holdings)
        is_moved = bool(stock.seen.altered)
        found = await self._find(client, access, plan.track_ids, force, is_moved)
        lists = [translated(one, found) for one in plan.owned]
        lost = [one for one in lists if one.is_lost]
        delivery = Delivery(place, shelf, self._playlists)
        delivery.problems += plan.problems
        if force and not wanted:
            delivery.problems += check_owner(access, users, self._user)
        delivery.problems += [f"{one.name!r}: Jellyfin has none of its tracks" for one in lost]
        for one in lists:
            if not one.is_lost:
                await delivery.put(one, stock)
        await delivery.remove_unwanted(plan.holdings, plan.undecided)
        unmatched = len(plan.track_ids - found.keys())
        is_moving = any((one.key, one.user) in stock.rows for one in lost)
        is_coming = unmatched > 0 and self._is_changing
        return delivery.report(unmatched=unmatched, retry=is_moving or is_coming)

    async def _client(self) -> JellyfinClient:
        if self._open_client is None:
            self._open_client = JellyfinClient(
                self._url,
                self._token,
                device_id=await self._meta.device_id(),
                version=self._version,
            )
        return self._open_client

    async def _connect(
        self, client: JellyfinClient, wanted: Sequence[PushItem], force: bool
    ) -> tuple[Access, tuple[User, ...]]:
        """Who we are there, and the users of the server when any but ourselves is named."""
        server = await client.server_info()
        require_supported(server)
        me = await client.me()
        known = () if me is None else (me,)
        named = named_users(wanted, self._user)
        if force and not wanted and self._user:
            named = frozenset({self._user})
        users: tuple[User, ...] = known
        if not all(find_user(known, name) for name in named):
            users = await client.users()
        mine = find_user(users, self._user) if self._user else me
        if mine is not None:
            await KnownUser(self._meta).note(self._url, self._user, mine.id)
        return Access(server, me), users

    async def _find(
        self,
        client: JellyfinClient,
        access: Access,
        track_ids: frozenset[TrackId],
        force: bool,
        is_moved: bool,
    ) -> Mapping[TrackId, str]:
        """Item ids of those of our tracks that the server has.

        ``is_moved``: they may have other ids than a while ago.
        """
        if not track_ids:
            return {}
        catalogue = self._catalogue
        if (
            catalogue is None
            or is_moved
            or not track_ids <= catalogue.matching.ids.keys()
            or self._clock() - catalogue.fetched_at > CATALOGUE_LASTS_S
        ):
            catalogue = await self._fetched(client, access, force)
        ids = catalogue.matching.ids
        return {track: ids[track] for track in track_ids if track in ids}

    @property
    def item_ids(self) -> Mapping[TrackId, str]:
        """Their items of our tracks, as of the last look; empty before there was one."""
        return {} if self._catalogue is None else self._catalogue.matching.ids

    @property
    def _is_changing(self) -> bool:
        return self._catalogue is not None and self._catalogue.is_changing

    async def _fetched(self, client: JellyfinClient, access: Access, force: bool) -> _Catalogue:
        """The catalogue as it is now; the one we have if it takes long and somebody waits."""
        before = self._catalogue
        patience_s = self.listing_patience_s if force and before is not None else None
        try:
            async with asyncio.timeout(patience_s):
                matching = await self._match(client, access)
        except TimeoutError:
            if before is None:
                raise
            _log.info("jellyfin: listing its tracks takes long; the earlier list is used")
            return before
        is_changing = before is not None and len(before.matching.ids) != len(matching.ids)
        self._catalogue = _Catalogue(matching, self._clock(), is_changing)
        return self._catalogue

    async def _match(self, client: JellyfinClient, access: Access) -> Matching:
        theirs = await client.audio_items(access.me.id if access.me else None)
        if not theirs:
            raise MediaServerError(
                f"Jellyfin shows no music to {access.whose}; has it scanned its music library?"
            )
        ours = await self._tracks.paths_and_ids()
        matching = await asyncio.to_thread(match_tracks, ours, theirs, self._mappings)
        for mapping in matching.learned:
            _log.debug("jellyfin: %s is %s there", mapping.ours, mapping.theirs)
        for root, count in matching.unmatched_by_root.items():
            _log.info("jellyfin: %d tracks below %s are unknown there", count, display_path(root))
        return matching
