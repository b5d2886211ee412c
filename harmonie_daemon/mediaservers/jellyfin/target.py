"""One Jellyfin server as a target: who we are there, what it has of our tracks, one push."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from harmonie_daemon.domain.checkup import Finding, fine, problem
from harmonie_daemon.domain.errors import HarmonieError, MediaServerError
from harmonie_daemon.mediaservers.catalogue import Catalogue
from harmonie_daemon.mediaservers.covers.studio import CoverStudio
from harmonie_daemon.mediaservers.delivery import Delivery, Order
from harmonie_daemon.mediaservers.examining import unanswered
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
from harmonie_daemon.mediaservers.jellyfin.dressing import Dressing
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.known_user import KnownUser
from harmonie_daemon.mediaservers.jellyfin.lister import lister_of
from harmonie_daemon.mediaservers.jellyfin.listing import TARGET, JellyfinListing
from harmonie_daemon.mediaservers.jellyfin.marks import TagMarks
from harmonie_daemon.mediaservers.jellyfin.own_lists import JellyfinOwnLists
from harmonie_daemon.mediaservers.jellyfin.place import JellyfinList, JellyfinPlace, translated
from harmonie_daemon.mediaservers.jellyfin.user_data import user_items
from harmonie_daemon.mediaservers.jellyfin.visit import Visit
from harmonie_daemon.mediaservers.jellyfin.wire import User
from harmonie_daemon.mediaservers.matched import matching_findings
from harmonie_daemon.mediaservers.path_mapping import FolderMapping
from harmonie_daemon.mediaservers.planning import TargetPlan
from harmonie_daemon.mediaservers.push import MOST_TRACKS, PushItem, PushReport
from harmonie_daemon.mediaservers.shelf import Shelf, Stock
from harmonie_daemon.mediaservers.trial import KEY as TRIAL_KEY
from harmonie_daemon.mediaservers.trial import TRACKS, try_target
from harmonie_daemon.store.catalogue import Catalogues
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.tracks import Tracks

DRESSING_PATIENCE_S = 15.0
"""For so long a person waits for tags and covers; what is missing then comes with the next push."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """All that a push or a plan needs to know."""

    delivery: Delivery[JellyfinList]
    order: Order[JellyfinList]
    stock: Stock
    listing: JellyfinListing


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
        *,
        catalogues: Catalogues,
        path_mappings: tuple[tuple[str, str], ...] = (),
        most_tracks: int = MOST_TRACKS,
        studio: CoverStudio | None = None,
    ) -> None:
        """``studio`` draws covers; without it there are none."""
        self._keyring = keyring
        self._user = user
        self._tracks = tracks
        self._playlists = playlists
        self._meta = meta
        self._clock = clock
        self._most_tracks = most_tracks
        self._studio = studio
        self._lock = asyncio.Lock()
        mappings = [FolderMapping(ours, theirs) for ours, theirs in path_mappings]
        self.catalogue = Catalogue(TARGET, keyring.url, catalogues, clock, mappings)

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
            prepared = await self._prepare(wanted, force=True)
            plan = await prepared.delivery.plan(prepared.order, prepared.stock)
            return plan.with_users(prepared.listing.visit.names)

    async def examine(self) -> Sequence[Finding]:
        """The server and our tokens there; see ``examining.Examinable``."""
        try:
            visit = await self._keyring.look(tell=False)
        except MediaServerError as error:
            return [problem(TARGET, str(error), unanswered("HARMONIE_JELLYFIN_URL"))]
        usual = usual_user(visit.credentials)
        if self._user and visit.credentials.best_for(JellyfinOperation.USERS) is not None:
            users = await visit.client_for(JellyfinOperation.USERS).users()
            usual = find_user(users, self._user)
            if usual is None:
                advice = "correct HARMONIE_JELLYFIN_USER"
                return [problem(TARGET, f"Jellyfin has no user {self._user!r}", advice)]
        found = list(findings(visit, None if usual is None else usual.id))
        return found + list(matching_findings(TARGET, await self.catalogue.report()))

    async def try_out(self) -> Sequence[Finding]:
        """Keep a playlist there for a moment; see ``examining.Examinable``."""
        prepared: list[_Prepared] = []

        async def ready(
            wanted: Sequence[PushItem],
        ) -> tuple[Delivery[JellyfinList], Order[JellyfinList], Stock]:
            prepared.append(last := await self._prepare(wanted, force=True))
            return last.delivery, last.order, last.stock

        async with self._lock:
            return await try_target(
                TARGET, ready, await self._tracks.newest(TRACKS), lambda: self._try_cover(prepared)
            )

    async def _try_cover(self, prepared: Sequence[_Prepared]) -> Sequence[Finding]:
        """Whether the playlist of the trial gets its cover; nothing where nobody may set one."""
        last = prepared[-1]
        may = last.listing.visit.credentials.best_for
        owners = {one.user for one in last.order.lists}
        if self._studio is None or not all(may(JellyfinOperation.COVER, one) for one in owners):
            return []
        await self._dress(last, hurry=True)
        rows = [row for row in await self._playlists.remotes(TARGET) if row.key == TRIAL_KEY]
        if rows and all(row.cover_hash for row in rows):
            return [fine(TARGET, "a cover was drawn, and is shown there")]
        return [problem(TARGET, "a cover is not kept there", "the log of harmonie says why")]

    def own_lists(self) -> JellyfinOwnLists:
        """The playlists of the server's users."""
        return JellyfinOwnLists(self._keyring, self._playlists)

    async def sync(self) -> None:
        """Bring the catalogue up to date, and what its users like and play.

        Raises ``MediaServerError``; a user whose data nobody of ours may see is left out.
        """
        visit = await self._keyring.visit(tell=False)
        require_supported(visit.server)
        await self.catalogue.sync(lister_of(visit))
        for user in await self.catalogue.users():
            if visit.credentials.best_for(JellyfinOperation.USER_DATA, user.id) is not None:
                client = visit.client_for(JellyfinOperation.USER_DATA, user.id)
                await self.catalogue.sync_user(
                    user.id, partial(user_items, client, user.id, visit.by_our_clock)
                )

    async def _push(self, wanted: Sequence[PushItem], force: bool) -> PushReport:
        prepared = await self._prepare(wanted, force)
        report = await prepared.delivery.deliver(prepared.order, prepared.stock)
        return report if await self._dress(prepared, hurry=force) else replace(report, retry=True)

    async def _dress(self, prepared: _Prepared, *, hurry: bool) -> bool:
        """Tags and covers, after all else; whether none had to wait. Never fails."""
        marks = TagMarks(await self._meta.device_id())
        dressing = Dressing(prepared.listing, self._playlists, marks, self._studio)
        try:
            async with asyncio.timeout(DRESSING_PATIENCE_S if hurry else None):
                return await dressing.dress(prepared.order.lists, prepared.stock.rows)
        except TimeoutError:
            return False
        except HarmonieError as error:  # of the store
            _log.warning("jellyfin: tags and covers have to wait: %s", error)
            return False

    async def _prepare(self, wanted: Sequence[PushItem], force: bool) -> _Prepared:
        """What is wanted in the server's words, and what it has of that. Only asks."""
        rows = await self._playlists.remotes(TARGET)
        visit, users = await self._connect(wanted, {row.user for row in rows}, force)
        standing = {(row.key, row.user) for row in rows if row.in_place}
        plan = assign(wanted, visit, users, self._user, standing)
        marks = TagMarks(await self._meta.device_id())
        listing = JellyfinListing(self._keyring, visit, marks)
        place = JellyfinPlace(listing, self._playlists)
        shelf = Shelf(place, self._playlists, self._clock)
        stock = await shelf.stock(plan.holdings)
        found = await self.catalogue.find(
            plan.track_ids, lister_of(visit), hurry=force, is_moved=bool(stock.seen.altered)
        )
        lists = [translated(one, found, self._most_tracks) for one in plan.owned]
        lost = tuple(one for one in lists if one.is_lost)
        unmatched = len(plan.track_ids - found.keys())
        is_moving = any((one.key, one.user) in stock.rows for one in lost)
        is_coming = unmatched > 0 and self.catalogue.is_changing
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
        return _Prepared(Delivery(place, shelf, self._playlists), order, stock, listing)

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
