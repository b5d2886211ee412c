"""One Subsonic server as a target: our account there, what it has of our tracks, one push."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from harmonie_daemon.domain.checkup import Finding, fine, problem
from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.catalogue import Catalogue
from harmonie_daemon.mediaservers.delivery import Delivery, Order
from harmonie_daemon.mediaservers.errors import BadTokenError
from harmonie_daemon.mediaservers.examining import unanswered
from harmonie_daemon.mediaservers.matched import matching_findings
from harmonie_daemon.mediaservers.path_mapping import FolderMapping
from harmonie_daemon.mediaservers.planning import TargetPlan
from harmonie_daemon.mediaservers.push import MOST_TRACKS, PushItem, PushReport
from harmonie_daemon.mediaservers.shelf import Shelf, Stock
from harmonie_daemon.mediaservers.subsonic.client import SubsonicClient
from harmonie_daemon.mediaservers.subsonic.credentials import Credentials
from harmonie_daemon.mediaservers.subsonic.lister import SubsonicLister
from harmonie_daemon.mediaservers.subsonic.listing import TARGET, Marks, SubsonicListing
from harmonie_daemon.mediaservers.subsonic.own_lists import SubsonicOwnLists
from harmonie_daemon.mediaservers.subsonic.place import SubsonicList, SubsonicPlace, translated
from harmonie_daemon.mediaservers.subsonic.user_data import user_items
from harmonie_daemon.mediaservers.trial import TRACKS, try_target
from harmonie_daemon.store.catalogue import Catalogues
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.tracks import Tracks


class SubsonicTarget:
    """One server and one account; playlists for other users are not for here."""

    name = TARGET

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        tracks: Tracks,
        playlists: Playlists,
        meta: Meta,
        clock: Callable[[], float],
        *,
        catalogues: Catalogues,
        public: bool = False,
        path_mappings: tuple[tuple[str, str], ...] = (),
        most_tracks: int = MOST_TRACKS,
    ) -> None:
        self._client = SubsonicClient(url, credentials)
        self._user = credentials.user
        self._tracks = tracks
        self._playlists = playlists
        self._meta = meta
        self._clock = clock
        self._public = public
        self._most_tracks = most_tracks
        self._lock = asyncio.Lock()
        mappings = [FolderMapping(ours, theirs) for ours, theirs in path_mappings]
        self._address = f"{url.rstrip('/')} {self._user}"
        self.catalogue = Catalogue(TARGET, self._address, catalogues, clock, mappings)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def push(self, wanted: Sequence[PushItem], *, force: bool = False) -> PushReport:
        """Bring our playlists there to this state; see ``push.Target``."""
        async with self._lock:
            if not (wanted or force or await self._playlists.remotes(TARGET)):
                return PushReport()
            with _login_in_words():
                delivery, order, stock = await self._prepare(wanted, force)
                return await delivery.deliver(order, stock)

    async def plan(self, wanted: Sequence[PushItem]) -> TargetPlan:
        """What a push would do there; see ``push.Target``."""
        async with self._lock:
            with _login_in_words():
                delivery, order, stock = await self._prepare(wanted, force=True)
                return await delivery.plan(order, stock)

    async def examine(self) -> Sequence[Finding]:
        """The server and our account there; see ``examining.Examinable``."""
        try:
            with _login_in_words():
                words = await self._client.greet()
        except BadTokenError:
            raise
        except MediaServerError as error:
            return [problem(TARGET, str(error), unanswered("HARMONIE_SUBSONIC_URL"))]
        product = words.product or "a Subsonic server"
        kind = "OpenSubsonic" if words.is_open else f"the Subsonic API {words.version}"
        said = f"{product} answers in {kind}, and takes the login of {self._user!r}"
        report = await self.catalogue.report()
        return [fine(TARGET, said), *matching_findings(TARGET, report)]

    async def try_out(self) -> Sequence[Finding]:
        """Keep a playlist there for a moment; see ``examining.Examinable``."""
        async with self._lock:
            with _login_in_words():
                return await try_target(TARGET, self._ready, await self._tracks.newest(TRACKS))

    def own_lists(self) -> SubsonicOwnLists:
        """The playlists of the account."""
        return SubsonicOwnLists(self._client, self._user, self._playlists)

    async def sync(self) -> None:
        """Bring the catalogue up to date, and what our account likes and plays.

        Raises ``MediaServerError``.
        """
        with _login_in_words():
            await self._client.greet()
            await self.catalogue.sync(self._lister)
            await self.catalogue.sync_user(self._user, lambda: user_items(self._client))

    @property
    def _lister(self) -> SubsonicLister:
        return SubsonicLister(self._client, self._address, self._user)

    async def _ready(
        self, wanted: Sequence[PushItem]
    ) -> tuple[Delivery[SubsonicList], Order[SubsonicList], Stock]:
        return await self._prepare(wanted, force=True)

    async def _prepare(
        self, wanted: Sequence[PushItem], force: bool
    ) -> tuple[Delivery[SubsonicList], Order[SubsonicList], Stock]:
        """What is wanted in the server's words, and what it has of that. Only asks."""
        await self._client.greet()
        marks = Marks(await self._meta.device_id())
        listing = SubsonicListing(self._client, self._user, marks)
        place = SubsonicPlace(self._client, listing, self._playlists, marks, public=self._public)
        shelf = Shelf(place, self._playlists, self._clock)
        playlists = [item.playlist for item in wanted if self._is_for_us(item)]
        holdings = frozenset((playlist.key, self._user) for playlist in playlists)
        stock = await shelf.stock(holdings)
        track_ids = frozenset(track for playlist in playlists for track in playlist.track_ids)
        found = await self.catalogue.find(
            track_ids, self._lister, hurry=force, is_moved=bool(stock.seen.altered)
        )
        lists = [translated(one, self._user, found, self._most_tracks) for one in playlists]
        lost = tuple(one for one in lists if one.is_lost)
        unmatched = len(track_ids - found.keys())
        is_moving = any((one.key, one.user) in stock.rows for one in lost)
        is_coming = unmatched > 0 and self.catalogue.is_changing
        order = Order(
            lists=tuple(one for one in lists if not one.is_lost),
            holdings=holdings,
            lost=lost,
            unmatched=unmatched,
            problems=tuple(f"{one.name!r}: the server has none of its tracks" for one in lost),
            retry=is_moving or is_coming,
        )
        return Delivery(place, shelf, self._playlists), order, stock

    def _is_for_us(self, item: PushItem) -> bool:
        users = {user.casefold() for user in item.users}
        return not users or self._user.casefold() in users


@contextmanager
def _login_in_words() -> Iterator[None]:
    """Say where a login that is not taken comes from."""
    try:
        yield
    except BadTokenError as error:
        raise BadTokenError(
            f"{error}; check HARMONIE_SUBSONIC_USER and HARMONIE_SUBSONIC_PASSWORD "
            "(or HARMONIE_SUBSONIC_API_KEY)"
        ) from error
