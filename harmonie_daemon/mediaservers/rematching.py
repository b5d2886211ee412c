"""Recognising our tracks among the items of a catalogue: those alone that may be others now.

Both sides stay in the database; in memory is a batch at a time, and eight bytes a path while names
of folders are learnt. In between others get their turn.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from harmonie_daemon.domain.catalogue import MatchedBy, Unmatched
from harmonie_daemon.domain.remote_files import server_root
from harmonie_daemon.domain.track import TrackId, display_path
from harmonie_daemon.mediaservers.matching import (
    BATCH,
    TAGGED_BATCH,
    Ladder,
    batches,
    our_place,
    their_place,
)
from harmonie_daemon.mediaservers.path_mapping import FolderMapping, MappingLearner
from harmonie_daemon.store.catalogue import Catalogues, CatalogueState, Match
from harmonie_daemon.store.catalogue_view import CatalogueView

RULES = 1
"""Raised when the rules of matching change, so that all is matched anew."""

_log = logging.getLogger(__name__)


class Rematching:
    """Of one target, with the folder mappings of its settings."""

    def __init__(self, catalogues: Catalogues, mappings: Sequence[FolderMapping]) -> None:
        self._catalogues = catalogues
        self._mappings = tuple(mappings)
        pairs = [[one.ours, one.theirs] for one in mappings]
        rules = json.dumps([RULES, pairs])
        self._basis = hashlib.sha256(rules.encode("utf-8", "replace")).hexdigest()[:16]

    async def rematch(self, state: CatalogueState) -> CatalogueState:
        """Match what may have changed since the last time, on either side."""
        known = state.generation if state.basis == self._basis else None
        wanted, generation = await self._catalogues.look(
            state, lambda view: view.to_match(known, items_changed=state.is_dirty)
        )
        if (known, state.is_dirty) == (generation, False):
            return state
        state = await self._match(state, wanted, is_all=known is None)
        state = replace(state, basis=self._basis, generation=generation, is_dirty=False)
        await self._catalogues.save_matching(state)
        return state

    async def _match(
        self, state: CatalogueState, wanted: Sequence[TrackId], *, is_all: bool
    ) -> CatalogueState:
        """Names of folders are learnt anew only where paths fail more often than before."""
        may_learn = is_all
        if may_learn and await self._by_place(state, wanted[:BATCH]):
            state, may_learn = await self._learn(state), False
        missed = await self._by_place(state, wanted)
        await self._elsewhere(state, missed)
        misses = await self._catalogues.look(state, CatalogueView.missed)
        if missed and (may_learn or (misses > state.misses and not is_all)):
            before, state = state.learned, await self._learn(state)
            if state.learned != before:
                everything = await self._catalogues.look(state, CatalogueView.all_tracks)
                await self._elsewhere(state, await self._by_place(state, everything))
                misses = await self._catalogues.look(state, CatalogueView.missed)
        return replace(state, misses=misses)

    async def _by_place(
        self, state: CatalogueState, wanted: Sequence[TrackId]
    ) -> Sequence[TrackId]:
        """Match by paths; returns those that no path leads to."""
        missed: list[TrackId] = []
        for batch in batches(wanted):
            found = await self._catalogues.look(state, partial(self._placed, state, batch))
            await self._catalogues.save_matches(state, found)
            placed = {track for track, _, _ in found}
            missed += [track for track in batch if track not in placed]
        return missed

    async def _elsewhere(self, state: CatalogueState, wanted: Sequence[TrackId]) -> None:
        """Match by ids and tags, or note why not."""
        for batch in batches(wanted, TAGGED_BATCH):
            found = await self._catalogues.look(state, partial(self._tagged, state, batch))
            await self._catalogues.save_matches(state, found)

    def _placed(
        self, state: CatalogueState, batch: Sequence[TrackId], view: CatalogueView
    ) -> list[Match]:
        ladder, own = self._ladder(state, view), server_root(state.server)
        found: list[Match] = []
        places = view.our_places(batch)
        at_paths = ladder.at_paths([place.path for place in places])
        for place, at_path in zip(places, at_paths, strict=True):
            if place.root == own and view.is_known(place.relative_path):
                found.append((place.id, place.relative_path, MatchedBy.OWN))
            elif at_path is not None:
                found.append((place.id, *at_path))
        return found

    def _tagged(
        self, state: CatalogueState, batch: Sequence[TrackId], view: CatalogueView
    ) -> list[Match]:
        tracks = view.tracks(batch)
        answers = self._ladder(state, view).elsewhere(tracks)
        return [
            (track.id, None, answer) if isinstance(answer, Unmatched) else (track.id, *answer)
            for track, answer in zip(tracks, answers, strict=True)
        ]

    def _ladder(self, state: CatalogueState, view: CatalogueView) -> Ladder:
        learned = [FolderMapping(ours, theirs) for ours, theirs in state.learned]
        return Ladder(view, self._mappings, learned)

    async def _learn(self, state: CatalogueState) -> CatalogueState:
        """Learn names of folders; with other ones, what paths lead to is another, too."""
        ours = await self._catalogues.look(state, CatalogueView.all_tracks)
        learned = await self._learned(state, ours)
        for mine, theirs in learned:
            _log.debug("%s: %s is %s there", state.target, display_path(mine), theirs)
        return replace(state, learned=learned)

    async def _learned(
        self, state: CatalogueState, ours: Sequence[TrackId]
    ) -> tuple[tuple[str, str], ...]:
        look, learner = self._catalogues.look, MappingLearner()
        for batch in batches(ours):
            await look(state, partial(_add_ours, learner, batch))
        after = 0
        while (last := await look(state, partial(_add_theirs, learner, after))) is not None:
            after = last
        for pairs in batches(await asyncio.to_thread(learner.pairs)):
            await look(state, partial(_vote, learner, pairs))
        for batch in batches(ours) if await asyncio.to_thread(learner.must_count) else ():
            await look(state, partial(_count, learner, batch))
        return tuple((one.ours, one.theirs) for one in await asyncio.to_thread(learner.mappings))


def _add_ours(learner: MappingLearner, batch: Sequence[TrackId], view: CatalogueView) -> None:
    for place in view.our_places(batch):
        learner.add_ours(place.id, our_place(place))


def _add_theirs(learner: MappingLearner, after: int, view: CatalogueView) -> int | None:
    """Some of their items, in the order of their numbers; the last number, if there were any."""
    last = None
    for last, path, duration_s in view.places(after, BATCH):
        learner.add_theirs(last, their_place(path, duration_s))
    return last


def _vote(learner: MappingLearner, pairs: Sequence[tuple[int, int]], view: CatalogueView) -> None:
    ids = [TrackId(one) for one, _ in pairs]
    ours = {place.id: our_place(place) for place in view.our_places(ids)}
    theirs = {
        number: their_place(path, duration_s)
        for number, path, duration_s in view.places_of([other for _, other in pairs])
    }
    for one, other in pairs:
        if TrackId(one) in ours and other in theirs:
            learner.vote(ours[TrackId(one)], theirs[other])


def _count(learner: MappingLearner, batch: Sequence[TrackId], view: CatalogueView) -> None:
    for place in view.our_places(batch):
        learner.count(our_place(place))
