"""One Jellyfin server as a target: who we are there, what it has of our tracks, one push."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from harmonie_daemon.domain.checkup import Finding, problem
from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.remote_files import server_root
from harmonie_daemon.domain.track import TrackId, display_path
from harmonie_daemon.mediaservers.catalogue import Catalogue
from harmonie_daemon.mediaservers.delivery import Delivery, Order
from harmonie_daemon.mediaservers.jellyfin.access import (
    assign,
    check_owner,
    find_user,
    named_users,
    require_supported,
    usual_user,
)
from harmonie_daemon.mediaservers.jellyfin.checkup import findings
from harmonie_daemon.mediaservers.jellyfin.credentials import JellyfinOperation
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.known_user import KnownUser
from harmonie_daemon.mediaservers.jellyfin.listing import TARGET, JellyfinListing
from harmonie_daemon.mediaservers.jellyfin.place import JellyfinList, JellyfinPlace, translated
from harmonie_daemon.mediaservers.jellyfin.visit import Visit
from harmonie_daemon.mediaservers.jellyfin.wire import User
from harmonie_daemon.mediaservers.matching import Matching, RemoteTrack, match_tracks
from harmonie_daemon.mediaservers.path_mapping import FolderMapping
from harmonie_daemon.mediaservers.planning import TargetPlan
from harmonie_daemon.mediaservers.push import MOST_TRACKS, PushItem, PushReport
from harmonie_daemon.mediaservers.shelf import Shelf, Stock
from harmonie_daemon.mediaservers.trial import TRACKS, try_target
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import MatchKeys
from harmonie_daemon.store.tracks import Tracks

_log = logging.getLogger(__name__)


class JellyfinTarget:
    """One Jellyfin server, reached with an API key (``user`` required) or users' tokens."""

    name = TARGET

    def __init__(
        self,
        keyring: Keyring,
        user: str | None,
        tracks: Tracks,
        playlists: Playlists,
        meta: Meta,
        clock: Callable[[], float],
        path_mappings: tuple[tuple[str, str], ...] = (),
        most_tracks: int = MOST_TRACKS,
    ) -> None:
        self._keyring = keyring
        self._user = user
        self._tracks = tracks
        self._playlists = playlists
        self._meta = meta
        self._clock = clock
        self._mappings = tuple(FolderMapping(ours, theirs) for ours, theirs in path_mappings)
        self._most_tracks = most_tracks
        self._lock = asyncio.Lock()
        self._catalogue = Catalogue(TARGET, clock)

    async def close(self) -> None:
        """Close the connections."""
        await self._keyring.close()

    async def push(self, wanted: Sequence[PushItem], *, force: bool = False) -> PushReport:
        """Bring our playlists there to this state; see ``push.Target``."""
        async with self._lock:
            if not (wanted or force or await self._playlists.remotes(TARGET)):
                return PushReport()
            return await self._push(wanted, force)

    async def plan(self, wanted: Sequence[PushItem]) -> TargetPlan:
        """What a push would do there; see ``push.Target``."""
        async with self._lock:
            delivery, order, stock, visit = await self._prepare(wanted, force=True)
            return (await delivery.plan(order, stock)).with_users(visit.names)

    async def examine(self) -> Sequence[Finding]:
        """The server and our tokens there; see ``examining.Examinable``."""
        visit = await self._keyring.look(tell=False)
        usual = usual_user(visit.credentials)
        if self._user and visit.credentials.best_for(JellyfinOperation.USERS) is not None:
            users = await visit.client_for(JellyfinOperation.USERS).users()
            usual = find_user(users, self._user)
            if usual is None:
                advice = "correct HARMONIE_JELLYFIN_USER"
                return [problem(TARGET, f"Jellyfin has no user {self._user!r}", advice)]
        return list(findings(visit, None if usual is None else usual.id))

    async def try_out(self) -> Sequence[Finding]:
        """Keep a playlist there for a moment; see ``examining.Examinable``."""
        async with self._lock:
            return await try_target(TARGET, self._ready, await self._tracks.newest(TRACKS))

    async def _ready(
        self, wanted: Sequence[PushItem]
    ) -> tuple[Delivery[JellyfinList], Order[JellyfinList], Stock]:
        delivery, order, stock, _ = await self._prepare(wanted, force=True)
        return delivery, order, stock

    async def _push(self, wanted: Sequence[PushItem], force: bool) -> PushReport:
        delivery, order, stock, _ = await self._prepare(wanted, force)
        return await delivery.deliver(order, stock)

    async def _prepare(
        self, wanted: Sequence[PushItem], force: bool
    ) -> tuple[Delivery[JellyfinList], Order[JellyfinList], Stock, Visit]:
        """What is wanted in the server's words, and what it has of that. Only asks."""
        rows = await self._playlists.remotes(TARGET)
        visit, users = await self._connect(wanted, {row.user for row in rows}, force)
        standing = {(row.key, row.user) for row in rows if row.in_place}
        plan = assign(wanted, visit, users, self._user, standing)
        place = JellyfinPlace(JellyfinListing(self._keyring, visit), self._playlists)
        shelf = Shelf(place, self._playlists, self._clock)
        stock = await shelf.stock(plan.holdings)
        found = await self._catalogue.find(
            plan.track_ids,
            lambda: self._match(visit),
            hurry=force,
            is_moved=bool(stock.seen.altered),
        )
        lists = [translated(one, found, self._most_tracks) for one in plan.owned]
        lost = tuple(one for one in lists if one.is_lost)
        unmatched = len(plan.track_ids - found.keys())
        is_moving = any((one.key, one.user) in stock.rows for one in lost)
        is_coming = unmatched > 0 and self._catalogue.is_changing
        order = Order(
            lists=tuple(one for one in lists if not one.is_lost),
            holdings=plan.holdings,
            lost=lost,
            undecided=plan.undecided,
            unmatched=unmatched,
            problems=(
                *visit.problems,
                *plan.problems,
                *(check_owner(visit, users, self._user) if force and not wanted else ()),
                *(f"{one.name!r}: Jellyfin has none of its tracks" for one in lost),
            ),
            retry=is_moving or is_coming,
        )
        return Delivery(place, shelf, self._playlists), order, stock, visit

    async def _connect(
        self, wanted: Sequence[PushItem], owners: Collection[str], force: bool
    ) -> tuple[Visit, tuple[User, ...]]:
        """Who we are there, and the users of the server when it is about any but ourselves."""
        visit = await self._keyring.visit(tell=False)
        require_supported(visit.server)
        held = visit.credentials.held
        known = tuple(one.user for one in held if one.user is not None)
        named = named_users(wanted, self._user)
        if force and not wanted and self._user:
            named = frozenset({self._user})
        users: tuple[User, ...] = known
        if not all(find_user(known, name) for name in (*named, *owners)):
            users = await visit.client_for(JellyfinOperation.USERS).users()
        usual = usual_user(visit.credentials)
        mine = find_user(users, self._user) if self._user else usual
        if mine is not None:
            await KnownUser(self._meta).note(self._keyring.url, self._user, mine.id)
        return replace(visit, names={user.id: user.name for user in users}), users

    @property
    def item_ids(self) -> Mapping[TrackId, str]:
        """Their items of our tracks, as of the last look; empty before there was one."""
        return self._catalogue.item_ids

    async def _match(self, visit: Visit) -> Matching:
        client, me = visit.lister
        theirs = await client.audio_items(me)
        if not theirs:
            whom = "this API key" if me is None else f"user {visit.names.get(me, me)!r}"
            raise MediaServerError(
                f"Jellyfin shows no music to {whom}; has it scanned its music library?"
            )
        ours = await self._tracks.paths_and_ids()
        matching = await asyncio.to_thread(match_tracks, ours, theirs, self._mappings)
        matching = _with_its_own(matching, ours, theirs, visit.server.id)
        for mapping in matching.learned:
            _log.debug("jellyfin: %s is %s there", mapping.ours, mapping.theirs)
        for root, count in matching.unmatched_by_root.items():
            _log.info("jellyfin: %d tracks below %s are unknown there", count, display_path(root))
        return matching


def _with_its_own(
    matching: Matching, ours: Sequence[MatchKeys], theirs: Sequence[RemoteTrack], server_id: str
) -> Matching:
    """With the tracks that we know of this server alone, whose names here are their items."""
    root, listed = server_root(server_id), {item.id for item in theirs}
    own = {
        one.id: one.relative_path
        for one in ours
        if one.root == root and one.relative_path in listed
    }
    return replace(matching, ids={**matching.ids, **own})
