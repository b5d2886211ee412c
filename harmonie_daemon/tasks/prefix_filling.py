"""One playlist that somebody asks for by its name: what is to be in it, and putting that in."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from harmonie_daemon.domain.backoff import backoff_s
from harmonie_daemon.domain.errors import (
    BadRequestError,
    HarmonieError,
    MediaServerError,
    NotReadyError,
    StoreError,
    TrackNotFoundError,
)
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.errors import UnavailableError
from harmonie_daemon.mediaservers.own_lists import OwnList, OwnLists, Person
from harmonie_daemon.mediaservers.place import digest
from harmonie_daemon.playlists.prefixes import PlaylistWish, PrefixKind, seeds_of
from harmonie_daemon.store.prefix_lists import PrefixList, PrefixLists, PrefixState

FIRST_DELAY_S, LONGEST_DELAY_S = 60.0, 6 * 3600.0
"""After a failure of a server."""

_log = logging.getLogger(__name__)

Fill = Callable[[PlaylistWish, Sequence[TrackId | None], str], Awaitable[Sequence[TrackId]]]
"""The tracks for a wish, its seeds (``None`` where one is not ours), and a listener's name. Raises
``BadRequestError`` when there is nothing to start from."""


class KnownItems(Protocol):
    """What is known of a server's items."""

    async def track_of(self, remote_id: str) -> TrackId | None:
        """Our track that is this item."""

    async def remote_ids(self, track_ids: Collection[TrackId]) -> Mapping[TrackId, str]:
        """The items of those of our tracks that the server has."""

    async def renew(self) -> None:
        """Ask the server what it has, if that was not done lately. Raises ``MediaServerError``."""


@dataclass(frozen=True, slots=True)
class WishedList:
    """One list, whose it is, what it asks for, and what we remember of it."""

    person: Person
    found: OwnList
    wish: PlaylistWish
    row: PrefixList

    @property
    def is_new(self) -> bool:
        """Whether it was never looked at with success."""
        return not self.row.snapshot

    @property
    def is_unfinished(self) -> bool:
        """Whether a change of it broke off."""
        return self.row.state is PrefixState.WRITING

    def snapshot(self, contents: Sequence[str]) -> str:
        """What a change of it is noticed by; in a MIX only the name says anything."""
        is_mix = self.wish.kind is PrefixKind.MIX
        return digest((self.found.name,) if is_mix else (self.found.name, *contents))


class Filling:
    """Fills lists of one server. Methods raise ``StoreError`` and nothing else."""

    def __init__(
        self,
        server: OwnLists,
        rows: PrefixLists,
        known: KnownItems,
        fill: Fill,
        clock: Callable[[], float],
        most_seeds: int,
    ) -> None:
        self._server = server
        self._rows = rows
        self._known = known
        self._fill = fill
        self._clock = clock
        self._most_seeds = most_seeds

    async def refresh(self, one: WishedList, contents: tuple[str, ...]) -> bool:
        """Fill a list with these contents; whether anything was changed in it.

        What cannot be made is tried again when the list has changed, or when its time comes; what
        the server refuses or breaks off, after a while.
        """
        seeds = self._seeds(one, contents)
        try:
            wanted = await self._wanted(one, seeds)
        except (BadRequestError, TrackNotFoundError) as error:
            if set(seeds) <= set(contents):
                await self._leave(one, contents, error)
                return False
            wanted = (*seeds, *(item for item in contents if item not in set(seeds)))
        except StoreError:
            raise
        except HarmonieError as error:
            await self.put_off(one, error)
            return False
        if wanted == contents:
            await self._settle(one, seeds, wanted, contents)
            return False
        return await self._change(one, contents, seeds, wanted)

    async def put_off(
        self, one: WishedList, error: HarmonieError, row: PrefixList | None = None
    ) -> None:
        """Leave a list as it is, and do not look at it for a while."""
        row = one.row if row is None else row
        failures = row.failures + 1
        delay_s = backoff_s(failures, first_s=FIRST_DELAY_S, longest_s=LONGEST_DELAY_S)
        self._tell(one, error)
        due_at = self._clock() + delay_s
        await self._rows.save(
            replace(self._touched(row), due_at=due_at, failures=failures, problem=str(error))
        )

    async def _change(
        self,
        one: WishedList,
        contents: tuple[str, ...],
        seeds: tuple[str, ...],
        wanted: tuple[str, ...],
    ) -> bool:
        """Change it; its row stands before the request, so that the seeds are known whatever
        happens, and that nothing of ours is taken for somebody's."""
        gone = tuple(item for item in contents if item not in set(wanted))
        begun = replace(
            self._touched(one.row),
            state=PrefixState.WRITING,
            seeds=seeds,
            added=tuple(dict.fromkeys((*wanted[len(seeds) :], *gone))),
        )
        await self._rows.save(begun)
        try:
            await self._server.rewrite(one.person, one.found.id, contents, wanted)
            now = await self._server.contents(one.person, one.found.id)
            if not _is_made(now, wanted, gone):
                raise UnavailableError(
                    f"{self._server.title} accepts the change but has not made it"
                )
        except MediaServerError as error:
            await self.put_off(one, error, begun)
            return False
        # what somebody put in before we looked is noticed in the next round
        is_alone = tuple(dict.fromkeys(now)) == wanted
        await self._settle(one, seeds, wanted, now if is_alone else wanted)
        return True

    async def _settle(
        self,
        one: WishedList,
        seeds: tuple[str, ...],
        wanted: tuple[str, ...],
        contents: Sequence[str],
    ) -> None:
        await self._rows.save(
            replace(
                self._touched(one.row),
                state=PrefixState.SETTLED,
                snapshot=one.snapshot(contents),
                seeds=seeds,
                added=wanted[len(seeds) :],
                refreshed_at=self._clock(),
                due_at=0.0,
                failures=0,
                problem="",
            )
        )

    async def _leave(self, one: WishedList, contents: Sequence[str], error: HarmonieError) -> None:
        """Nothing can be made of it as it is."""
        self._tell(one, error)
        await self._rows.save(
            replace(
                self._touched(one.row),
                snapshot=one.snapshot(contents),
                refreshed_at=self._clock(),
                problem=str(error),
            )
        )

    def _seeds(self, one: WishedList, contents: Sequence[str]) -> tuple[str, ...]:
        """Those of the list; where we were interrupted, none that we know of may be missing."""
        if not one.wish.kind.has_seeds:
            return ()
        row = one.row
        most = 1 if one.wish.kind is PrefixKind.DRIFT else self._most_seeds
        if not one.is_unfinished:
            return seeds_of(contents, most=most, former=row.seeds, added=row.added)
        known = {*row.seeds, *row.added}
        put_in = [item for item in dict.fromkeys(contents) if item not in known]
        return (*row.seeds, *put_in)[: max(most, len(row.seeds))]

    async def _wanted(self, one: WishedList, seeds: tuple[str, ...]) -> tuple[str, ...]:
        """The seeds and what follows from them, in the server's ids."""
        tracks = [await self._known.track_of(seed) for seed in seeds]
        if None in tracks:
            await self._known.renew()
            tracks = [await self._known.track_of(seed) for seed in seeds]
        found = await self._fill(one.wish, tracks, one.person.name)
        item_ids = await self._known.remote_ids(found)
        if not item_ids:
            await self._known.renew()
            item_ids = await self._known.remote_ids(found)
        items = dict.fromkeys(item_ids[track] for track in found if track in item_ids)
        visible = set(await self._server.visible(one.person, list(items))) - set(seeds)
        added = [item for item in items if item in visible]
        if not added:
            raise BadRequestError(f"{self._server.title} has no track that would fit")
        return (*seeds, *added[: one.wish.n])

    def _touched(self, row: PrefixList) -> PrefixList:
        now = self._clock()
        return replace(row, seen_at=now, looked_at=now)

    def _tell(self, one: WishedList, error: HarmonieError) -> None:
        """Once: what is said already stands in the row, which is kept."""
        if one.row.problem != str(error):
            level = logging.INFO if isinstance(error, NotReadyError) else logging.WARNING
            _log.log(
                level,
                "%s: the playlist %r of %r stays as it is: %s",
                self._server.target,
                one.found.name[:80],
                one.person.name,
                error,
            )


def _is_made(contents: Sequence[str], wanted: Sequence[str], gone: Sequence[str]) -> bool:
    """Whether all that is wanted is there in its order, and nothing that was to go."""
    there = [one for one in dict.fromkeys(contents) if one in set(wanted)]
    return there == list(wanted) and not set(gone) & set(contents)
