"""What a server has of our tracks, and what its users like: kept in the store.

A lookup asks the store alone. Who pushes asks ``find``, which brings the catalogue up to date first
where it may be out of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from harmonie_daemon.domain.catalogue import CatalogueReport, RemoteUser, UserItem
from harmonie_daemon.domain.listening import PlayTotal
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.lister import Lister
from harmonie_daemon.mediaservers.path_mapping import FolderMapping
from harmonie_daemon.mediaservers.rematching import Rematching
from harmonie_daemon.mediaservers.syncing import Syncing
from harmonie_daemon.store.catalogue import Catalogues, CatalogueState
from harmonie_daemon.store.catalogue_view import CatalogueView

CATALOGUE_LASTS_S = 600.0
"""For so long no changes are asked for, if all that is wanted is found."""
LISTING_PATIENCE_S = 12.0
"""For so long a person waits for changes, if there is an older catalogue."""
USER_DATA_LASTS_S = 6 * 3600.0
"""For so long what a user likes and plays is not asked for again."""
CHECKED_IDS = 5000
"""Of the tracks that are wanted: so many are looked for one by one where a sweep is in doubt."""

_log = logging.getLogger(__name__)


class Catalogue:
    """One target's; of whichever server is at its address."""

    def __init__(
        self,
        target: str,
        address: str,
        catalogues: Catalogues,
        clock: Callable[[], float],
        mappings: Sequence[FolderMapping] = (),
    ) -> None:
        """``address`` is where the server is reached; ``mappings`` are those of the settings."""
        self._target = target
        self._address = address
        self._catalogues = catalogues
        self._clock = clock
        self._syncing = Syncing(catalogues, clock)
        self._rematching = Rematching(catalogues, mappings)
        self._lock = asyncio.Lock()
        self._reported: tuple[CatalogueState, CatalogueReport] | None = None
        self.is_changing = False
        """Whether the server had other tracks when it was asked before: it may be scanning."""
        self.patience_s = LISTING_PATIENCE_S

    async def track_of(self, remote_id: str) -> TrackId | None:
        """Our track that is this item of theirs. Raises ``StoreError``, as all of these do."""
        state = await self._state()
        return None if state is None else await self._catalogues.track_of(state, remote_id)

    async def remote_id_of(self, track_id: TrackId) -> str | None:
        """Their item that is this track of ours."""
        return (await self.remote_ids((track_id,))).get(track_id)

    async def remote_ids(self, track_ids: Collection[TrackId]) -> Mapping[TrackId, str]:
        """Their items of those of our tracks that they have."""
        state = await self._state()
        return {} if state is None else await self._catalogues.remote_ids(state, track_ids)

    async def users(self) -> Sequence[RemoteUser]:
        """Their users, as of the last sweep of user data."""
        state = await self._state()
        return () if state is None else await self._catalogues.users(state)

    async def favourites(self, user: str) -> Sequence[TrackId]:
        """Tracks of ours that this user (by id) has marked over there, ascending."""
        state = await self._state()
        return () if state is None else await self._catalogues.favourites(state, user)

    async def play_totals(self, user: str) -> Mapping[TrackId, PlayTotal]:
        """Tracks of ours that this user (by id) has played over there, ascending."""
        state = await self._state()
        return {} if state is None else await self._catalogues.play_totals(state, user)

    async def folder_names(self) -> Sequence[tuple[str, str]]:
        """Folders as we name them and as the server does, as far as that was learnt."""
        state = await self._state()
        return () if state is None else state.learned

    async def asked_at(self, user: str) -> float | None:
        """When favourites and plays of this user (by id) were last asked for; ``None``: never."""
        state = await self._state()
        return None if state is None else await self._catalogues.asked_at(state, user)

    async def report(self) -> CatalogueReport | None:
        """How much of our library the server knows, and why not more; ``None``: never listed."""
        state = await self._state()
        if state is None:
            return None
        if self._reported is None or self._reported[0] != state:  # every track is counted
            self._reported = state, await self._catalogues.report(state)
        return self._reported[1]

    async def find(
        self, track_ids: frozenset[TrackId], lister: Lister, *, hurry: bool, is_moved: bool
    ) -> Mapping[TrackId, str]:
        """Item ids of those of our tracks that the server has.

        ``hurry``: somebody waits; ``is_moved``: they may have other ids than a while ago. Raises
        ``MediaServerError`` when the server cannot be asked.
        """
        if not track_ids:
            return {}
        if hurry and self._lock.locked():  # what is under way may take minutes
            state = await self._open(lister)
            if state.listed_at is not None:
                return await self._catalogues.remote_ids(state, track_ids)
        async with self._lock:
            state = await self._open(lister)
            if state.listed_at is not None:
                state = await self._rematching.rematch(state)
            found = await self._catalogues.remote_ids(state, track_ids)
            if is_moved or self._is_old(state) or not track_ids <= found.keys():
                await self._renew(state, lister, track_ids, hurry=hurry, is_moved=is_moved)
                found = await self._catalogues.remote_ids(state, track_ids)
            return found

    async def sync(self, lister: Lister) -> None:
        """Bring it and the list of users up to date, whoever may want it. Raises as ``find``."""
        async with self._lock:
            state = await self._open(lister)
            await self._brought_up_to_date(state, lister, frozenset(), False)
            await self._catalogues.save_users(state, await lister.users())

    async def sync_user(self, user: str, ask: Callable[[], Awaitable[Sequence[UserItem]]]) -> None:
        """Ask for what a user (by id) likes and plays, unless that was done lately.

        Raises what ``ask`` raises; what was known stays then.
        """
        state = await self._state()
        if state is None:
            return
        asked_at = await self._catalogues.asked_at(state, user)
        if asked_at is None or not 0 <= self._clock() - asked_at < USER_DATA_LASTS_S:
            await self._catalogues.save_user_items(state, user, await ask(), self._clock())

    def _is_old(self, state: CatalogueState) -> bool:
        if state.listed_at is None:
            return True
        return not 0 <= self._clock() - state.listed_at <= CATALOGUE_LASTS_S

    async def _renew(
        self,
        state: CatalogueState,
        lister: Lister,
        wanted: frozenset[TrackId],
        *,
        hurry: bool,
        is_moved: bool,
    ) -> None:
        """As it is now; the one we have if that takes long and somebody waits."""
        is_usable = state.listed_at is not None
        try:
            async with asyncio.timeout(self.patience_s if hurry and is_usable else None):
                await self._brought_up_to_date(state, lister, wanted, is_moved)
        except TimeoutError:
            if not is_usable:
                raise
            _log.info("%s: listing its tracks takes long; the earlier list is used", self._target)

    async def _brought_up_to_date(
        self, state: CatalogueState, lister: Lister, wanted: frozenset[TrackId], is_moved: bool
    ) -> None:
        before = await self._catalogues.look(state, CatalogueView.matched)
        was_listed = state.listed_at is not None
        synced = await self._syncing.bring_up_to_date(state, lister, anew=is_moved)
        if not synced.is_certain and wanted:
            await self._check(synced.state, lister, wanted)
        state = await self._open(lister)
        await self._rematching.rematch(state)
        after = await self._catalogues.look(state, CatalogueView.matched)
        self.is_changing = was_listed and before != after

    async def _check(
        self, state: CatalogueState, lister: Lister, wanted: frozenset[TrackId]
    ) -> None:
        """Let go of items that are wanted and are not there, where not all was listed."""
        if not lister.lists_ids:
            return
        found = await self._catalogues.remote_ids(state, wanted)
        ids = sorted(set(found.values()))[:CHECKED_IDS]
        there = {item.id for item in await lister.items_of(ids)}
        if there:  # a server that shows none of them is starting
            await self._catalogues.forget(state, [one for one in ids if one not in there])

    async def _open(self, lister: Lister) -> CatalogueState:
        return await self._catalogues.open(
            self._target, lister.server, self._address, lister.viewer, self._clock()
        )

    async def _state(self) -> CatalogueState | None:
        return await self._catalogues.latest(self._target, self._address)
