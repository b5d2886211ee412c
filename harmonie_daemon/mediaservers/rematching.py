"""Recognising our tracks among the items of a catalogue: those alone that may be others now.

Both sides stay in the database; in memory is a batch at a time, and eight bytes a path while names
of folders are learnt. In between others get their turn.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from harmonie_daemon.domain.catalogue import MatchedBy, Unmatched
from harmonie_daemon.domain.remote_files import server_root
from harmonie_daemon.domain.track import TrackId, display_path
from harmonie_daemon.mediaservers.matching import Ladder, our_place, their_place
from harmonie_daemon.mediaservers.path_mapping import FolderMapping, MappingLearner
from harmonie_daemon.store.catalogue import Catalogues, CatalogueState, Match
from harmonie_daemon.store.catalogue_view import CatalogueView

RULES = 1
"""Raised when the rules of matching change, so that all is matched anew."""
BATCH = 500

T = TypeVar("T")

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
        for batch in _batches(wanted):
            found = await self._catalogues.look(state, partial(self._placed, state, batch))
            await self._catalogues.save_matches(state, found)
            placed = {track for track, _, _ in found}
            missed += [track for track in batch if track not in placed]
        return missed

    async def _elsewhere(self, state: CatalogueState, wanted: Sequence[TrackId]) -> None:
        """Match by ids and tags, or note why not."""
        for batch in _batches(wanted):
            found = await self._catalogues.look(state, partial(self._tagged, state, batch))
            await self._catalogues.save_matches(state, found)

    def _placed(
        self, state: CatalogueState, batch: Sequence[TrackId], view: CatalogueView
    ) -> list[Match]:
        ladder, own = self._ladder(state, view), server_root(state.server)
        found: list[Match] = []
        for track in view.tracks(batch):
            if track.root == own and view.is_known(track.relative_path):
                found.append((track.id, track.relative_path, MatchedBy.OWN))
            elif (at_path := ladder.at_path(track.path)) is not None:
                found.append((track.id, at_path[0].id, at_path[1]))
        return found

    def _tagged(
        self, state: CatalogueState, batch: Sequence[TrackId], view: CatalogueView
    ) -> list[Match]:
        ladder = self._ladder(state, view)
        found: list[Match] = []
        for track in view.tracks(batch):
            answer = ladder.elsewhere(track)
            match = (None, answer) if isinstance(answer, Unmatched) else (answer[0].id, answer[1])
            found.append((track.id, *match))
        return found

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
        for batch in _batches(ours):
            await look(state, partial(_add_ours, learner, batch))
        after = 0
        while (last := await look(state, partial(_add_theirs, learner, after))) is not None:
            after = last
        for pairs in _batches(learner.pairs()):
            await look(state, partial(_vote, learner, pairs))
        for batch in _batches(ours):
            await look(state, partial(_count, learner, batch))
        return tuple((one.ours, one.theirs) for one in learner.mappings())


def _batches(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    return (whole[start : start + BATCH] for start in range(0, len(whole), BATCH))


def _add_ours(learner: MappingLearner, batch: Sequence[TrackId], view: CatalogueView) -> None:
    for track in view.tracks(batch):
        learner.add_ours(track.id, our_place(track))


def _add_theirs(learner: MappingLearner, after: int, view: CatalogueView) -> int | None:
    """Some of their items, in the order of their numbers; the last number, if there were any."""
    last = None
    for last, path, duration_s in view.places(after, BATCH):
        learner.add_theirs(last, their_place(path, duration_s))
    return last


def _vote(learner: MappingLearner, pairs: Sequence[tuple[int, int]], view: CatalogueView) -> None:
    ours = {track.id: our_place(track) for track in view.tracks([TrackId(one) for one, _ in pairs])}
    theirs = {
        number: their_place(path, duration_s)
        for number, path, duration_s in view.places_of([other for _, other in pairs])
    }
    for one, other in pairs:
        if TrackId(one) in ours and other in theirs:
            learner.vote(ours[TrackId(one)], theirs[other])


def _count(learner: MappingLearner, batch: Sequence[TrackId], view: CatalogueView) -> None:
    for track in view.tracks(batch):
        learner.count(our_place(track))
