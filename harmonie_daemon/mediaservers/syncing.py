"""Keeping a server's catalogue up to date with few questions.

What was saved over there since the last time is asked for, by the server's own clock. Deletions are
not told of: they are noticed by the number of its tracks, and by a sweep once a week. A sweep goes
on where it broke off, and makes vanish only what it did not show although it showed as many tracks
as the server counts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harmonie_daemon.domain.catalogue import RemoteTrack
from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.errors import GarbledError
from harmonie_daemon.mediaservers.item_keys import keyed
from harmonie_daemon.mediaservers.lister import MOST_ITEMS, LibraryMark, ListedPage, Lister
from harmonie_daemon.store.catalogue import Catalogues, CatalogueState, Kept, Keyed

OVERLAP_S = 600.0
"""Changes are asked for from so long before: a save may take minutes."""
SWEEP_EVERY_S = 7 * 86_400.0
DOUBTFUL_SWEEP_AFTER_S = 3600.0
"""A sweep that did not show everything, as while the server scans, is followed by another."""
FORGET_BATCH = 1000
BARREN_PAGES = 2
"""Pages in a row that show nothing new: what arrives meanwhile may make us see one again."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Synced:
    """A catalogue after it was brought up to date."""

    state: CatalogueState
    is_certain: bool
    """Whether all that is in it is there."""


class Syncing:
    """Brings one target's catalogues up to date, one request at a time."""

    def __init__(self, catalogues: Catalogues, clock: Callable[[], float]) -> None:
        self._catalogues = catalogues
        self._clock = clock

    async def bring_up_to_date(
        self, state: CatalogueState, lister: Lister, *, anew: bool
    ) -> Synced:
        """``anew``: its library is known to have changed. Raises ``MediaServerError``.

        What was learnt before an error is kept.
        """
        if state.viewer != lister.viewer:
            state = replace(state, viewer=lister.viewer, position=None, listed_at=None)
        if state.position is None:
            ids_only: bool | None = False
            if state.listed_at is not None and not anew:
                state, ids_only = await self._changes(state, lister)
            if ids_only is None:
                await self._catalogues.save_listing(state)
                return Synced(state, is_certain=True)
            state = _begun(state, ids_only=ids_only)
        return await self._sweep(state, lister)

    async def _changes(
        self, state: CatalogueState, lister: Lister
    ) -> tuple[CatalogueState, bool | None]:
        """Ask for what was saved lately, and whether a sweep is due: by ids alone? ``None``: no."""
        now = self._clock()
        is_due = state.due_at is None or now >= state.due_at
        news = await self._saved_since(state, lister)
        standing = await lister.standing()
        if news is None:
            is_same = bool(standing.mark) and standing.mark == state.mark
            if is_due or not is_same:
                return state, False
            return replace(state, listed_at=now), None
        kept, at = news
        if at is not None and state.since is not None and at < state.since - OVERLAP_S:
            return state, False  # its clock was put back: what was saved then is not told
        is_same = None in (standing.count, state.told) or (
            standing.count == (state.told or 0) + kept.new
        )
        state = replace(state, listed_at=now, since=at, told=standing.count, mark=standing.mark)
        return state, lister.lists_ids if is_due or not is_same else None

    async def _saved_since(
        self, state: CatalogueState, lister: Lister
    ) -> tuple[Kept, float | None] | None:
        """Keep what was saved lately; the server's clock at the question. ``None``: no telling."""
        if state.since is None:
            return None
        kept, position, at = Kept(), "", None
        seen: set[str] = set()
        while True:
            page = await lister.changed(state.since - OVERLAP_S, position)
            if page is None:
                return None
            at = page.at if position == "" else at
            if page.ids and seen.issuperset(page.ids):
                raise GarbledError("the server lists the same tracks again and again")
            seen.update(page.ids)
            _require_bounded(len(seen))
            kept += await self._catalogues.keep(state, await _keyed(page.items))
            if page.following is None:
                return kept, at
            position = page.following

    async def _sweep(self, state: CatalogueState, lister: Lister) -> Synced:
        """Go through all tracks, from where it broke off."""
        pages, barren, fresh, total = 0, 0, 0, None
        while state.position is not None:
            page = await lister.page(state.position, ids_only=state.ids_only)
            more, state = await self._take_in(state, lister, page)
            pages, fresh, total = pages + 1, fresh + more.fresh, page.total
            barren = barren + 1 if page.following and not more.fresh else 0
            if barren == BARREN_PAGES or fresh > MOST_ITEMS:
                await self._catalogues.save_listing(replace(state, position=None))
                raise GarbledError("the server lists tracks without end; is it one?")
        standing = (
            LibraryMark(total) if pages == 1 and total is not None else await lister.standing()
        )
        return await self._end(state, lister, standing)

    async def _take_in(
        self, before: CatalogueState, lister: Lister, page: ListedPage
    ) -> tuple[Kept, CatalogueState]:
        """Keep a page, and with it that the sweep is behind it."""
        if before.position == "":
            before = replace(before, sweep_since=page.at)
        after = replace(before, position=page.following)
        if not before.ids_only:
            return await self._catalogues.keep(after, await _keyed(page.items)), after
        unknown = await self._catalogues.unknown(before, page.ids)
        found = await lister.items_of(unknown)
        kept = await self._catalogues.keep(before, await _keyed(found))
        fresh = await self._catalogues.note_seen(after, page.ids)
        return replace(kept, fresh=kept.fresh + fresh), after

    async def _end(self, state: CatalogueState, lister: Lister, standing: LibraryMark) -> Synced:
        """Let go of what a whole sweep did not show."""
        now, seen = self._clock(), await self._catalogues.seen(state)
        if seen == 0 or standing.count == 0:
            await self._catalogues.save_listing(state)
            raise MediaServerError(lister.no_music)
        is_whole = standing.count is None or standing.count == seen
        forgotten = await self._forget_unseen(state) if is_whole else 0
        state = replace(
            state,
            listed_at=now,
            swept_at=now if is_whole else state.swept_at,
            due_at=now + (SWEEP_EVERY_S if is_whole else DOUBTFUL_SWEEP_AFTER_S),
            since=state.sweep_since,
            told=standing.count,
            mark=standing.mark,
        )
        await self._catalogues.save_listing(state)
        _log.debug("%s: %d tracks listed, %d gone", state.target, seen, forgotten)
        return Synced(state, is_certain=is_whole)

    async def _forget_unseen(self, state: CatalogueState) -> int:
        total = 0
        while forgotten := await self._catalogues.forget_unseen(state, FORGET_BATCH):
            total += forgotten
            await asyncio.sleep(0)
        return total


def _begun(state: CatalogueState, *, ids_only: bool) -> CatalogueState:
    return replace(state, sweep=state.sweep + 1, position="", ids_only=ids_only, sweep_since=None)


def _require_bounded(count: int) -> None:
    if count > MOST_ITEMS:
        raise GarbledError(f"the server lists more than {MOST_ITEMS} tracks; is it one?")


async def _keyed(items: Sequence[RemoteTrack]) -> list[Keyed]:
    """A page of names takes its time to fold."""
    return await asyncio.to_thread(lambda: [keyed(item) for item in items])
