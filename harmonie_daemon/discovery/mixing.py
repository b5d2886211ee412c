"""A playlist for a theme, an activity and a mood, as long as it is wanted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from harmonie_daemon.discovery.discovery import Discovery
from harmonie_daemon.discovery.mix import Mix, MixTrack, MixWish
from harmonie_daemon.discovery.mix_model import MixModel
from harmonie_daemon.discovery.mix_picking import MixPool, pick
from harmonie_daemon.discovery.mix_words import describe, title_of
from harmonie_daemon.discovery.popularity import popularity, source
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.playlist import EnergyCurve
from harmonie_daemon.domain.track import Track, TrackId
from harmonie_daemon.playlists.eligible import Eligible
from harmonie_daemon.playlists.seeded import centroid
from harmonie_daemon.playlists.sequencing import sequenced
from harmonie_daemon.similarity.id_sets import shared, without
from harmonie_daemon.similarity.index import positions_of
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks

SHORTLIST = 500
"""Tracks among which is picked."""
ROOM = 1.5
"""So many times as long as the mix the shortlist is to be, or what sounds alike is added."""
EXAMPLES = 50
"""Of what answers best; what is added sounds like them."""
ADDED_BELOW = 0.2
"""The best score of what is added; what answers has 0.25 and more."""
NEAR = 0.4
"""What answers less only comes near to what was asked for."""
CHOSEN_BY_MODEL = 1.0
"""What it adds to a score that the model chose a track."""
POPULAR = 0.5
"""From here on a track is popular: played no less than half of those that ever were."""
CURVES: Mapping[str, EnergyCurve] = {
    "workout": EnergyCurve.RISE,
    "party": EnergyCurve.RISE,
    "relaxation": EnergyCurve.FALL,
    "relax": EnergyCurve.FALL,
    "sleep": EnergyCurve.FALL,
}
"""How the energy goes for an activity; for the others in the smallest steps."""
NOTHING_PLAYED = "nothing was played here yet, so that nothing is popular and all is new"
TOO_FEW = "the library has no more that is left after what was asked for"
COME_NEAR = "{count} of the {all} tracks only come near: the library has no more of what was wanted"
NOT_UNDERSTOOD = "no word of the theme, the activity and the mood is known here"
BOTH_LEFT_OUT = "without popular tracks and without new ones little is left"


class Mixer:
    """Makes mixes out of the library; ``model`` is ``None`` where none is configured."""

    def __init__(
        self,
        tracks: Tracks,
        spaces: Spaces,
        discovery: Discovery,
        model: MixModel | None = None,
    ) -> None:
        self._tracks, self._spaces = tracks, spaces
        self._discovery, self._model = discovery, model
        self._eligible = Eligible(tracks, spaces)

    async def mix(self, wish: MixWish) -> Mix:
        """The mix; the same library, plays and wish give the same one.

        Empty where the library is. Raises ``NotReadyError`` while it is being loaded.
        """
        counts = await self._discovery.plays()
        shortlist, notes = await self._shortlist(wish, counts)
        kept, missing = _left_in(shortlist, counts, wish)
        choice = None
        if self._model is not None and kept:
            choice = await self._model.choose(wish, kept)
        space = await self._spaces.current()
        chosen = frozenset(choice.track_ids) if choice is not None else frozenset()
        tracks = await self._spaces.compute(_picked, space, kept, chosen, wish)
        short = (TOO_FEW,) if _is_short(tracks, wish) else ()
        near = () if NOT_UNDERSTOOD in notes else _come_near(tracks)
        return Mix(
            name=(choice and choice.name) or title_of(wish.theme),
            description=(choice and choice.description) or describe(wish.theme, tracks),
            tracks=tuple(tracks),
            notes=(*notes, *missing, *near, *short),
            by_model=choice is not None,
            popularity_source=source(counts),
        )

    async def _shortlist(
        self, wish: MixWish, counts: Mapping[TrackId, int]
    ) -> tuple[list[MixTrack], tuple[str, ...]]:
        """What answers, and what sounds like it where that is too little; the best first."""
        found = await self._discovery.discover(wish.text, mood=wish.mood, limit=SHORTLIST)
        space, allowed = await self._eligible.within(TrackFilter(), spoken=False)
        answering = [hit.track_id for hit in found.hits]
        may_be = await self._spaces.compute(_those_in, answering, allowed)
        scores = {hit.track_id: hit.relevance for hit in found.hits if hit.track_id in may_be}
        tracks = await self._tracks.get_many(list(scores))
        shortlist = _judged(tracks, scores, counts)
        wanted = [one for one in shortlist if _is_wanted(one, wish, counts)]
        if sum(one.track.duration_s for one in wanted) < ROOM * wish.duration_s:
            added = await self._added(space, allowed, tracks)
            shortlist += _judged(await self._tracks.get_many(list(added)), added, counts)
        return shortlist, () if found.hits else (NOT_UNDERSTOOD,)

    async def _added(
        self, space: Space, allowed: IdArray, tracks: Sequence[Track]
    ) -> dict[TrackId, float]:
        """What sounds like these tracks, or what was added last where there are none."""
        have = [track.id for track in tracks]
        examples = have[:EXAMPLES]
        added = await self._spaces.compute(_alike, space, examples, have, allowed)
        if added is not None:
            return added
        newest = await self._tracks.newest(SHORTLIST)
        may_be = await self._spaces.compute(_those_in, newest, allowed)
        return {id_: 0.0 for id_ in newest if id_ in may_be and id_ not in have}


def _those_in(ids: Sequence[TrackId], allowed: IdArray) -> frozenset[TrackId]:
    """Those of the ids that are allowed. Array work."""
    wanted = np.array(sorted(ids), np.int64)
    _, known = positions_of(allowed, wanted)
    return frozenset(TrackId(id_) for id_ in wanted[known].tolist())


def _alike(
    space: Space, examples: Sequence[TrackId], have: Sequence[TrackId], allowed: IdArray
) -> dict[TrackId, float] | None:
    """Up to ``SHORTLIST`` further tracks that are nearest to the examples, with their scores.

    ``None`` without an example that has a vector. Array work.
    """
    known = shared(space.index.ids, examples)
    if not len(known):
        return None
    anchor = centroid(space.index.vectors(known), np.ones(len(known), np.float32))
    rest = without(allowed, have)
    hits = space.index.search(anchor, SHORTLIST, allow=rest)
    return {
        TrackId(int(id_)): round(ADDED_BELOW * max(0.0, float(score)), 4)
        for id_, score in zip(hits.ids, hits.scores, strict=True)
    }


def _is_short(tracks: Sequence[MixTrack], wish: MixWish) -> bool:
    """Whether more than half a track is missing."""
    lengths = [one.track.duration_s for one in tracks]
    return sum(lengths) < wish.duration_s - max(lengths, default=0.0) / 2


def _come_near(tracks: Sequence[MixTrack]) -> tuple[str, ...]:
    """How many tracks are there for want of better ones, if any are."""
    count = sum(one.score < NEAR for one in tracks)
    return (COME_NEAR.format(count=count, all=len(tracks)),) if count else ()


def _judged(
    tracks: Sequence[Track], scores: Mapping[TrackId, float], counts: Mapping[TrackId, int]
) -> list[MixTrack]:
    popular = popularity(counts, [track.id for track in tracks])
    return [
        MixTrack(track, scores[track.id], rank, not counts.get(track.id))
        for track, rank in zip(tracks, popular, strict=True)
    ]


def _is_wanted(one: MixTrack, wish: MixWish, counts: Mapping[TrackId, int]) -> bool:
    """Where nothing was ever played, nothing is popular and all is new, and nothing left out."""
    if not counts:
        return True
    return (wish.discoveries or not one.is_new) and (wish.popular or one.popularity < POPULAR)


def _left_in(
    shortlist: Sequence[MixTrack], counts: Mapping[TrackId, int], wish: MixWish
) -> tuple[list[MixTrack], tuple[str, ...]]:
    """The tracks that may be in it: those that are wanted, or all where none is left."""
    kept = [one for one in shortlist if _is_wanted(one, wish, counts)]
    if not counts:
        is_usual = wish.popular and wish.discoveries
        return kept, () if is_usual else (NOTHING_PLAYED,)
    if not kept and shortlist:
        return list(shortlist), (BOTH_LEFT_OUT,)
    return kept, ()


def _picked(
    space: Space, kept: Sequence[MixTrack], chosen: Collection[TrackId], wish: MixWish
) -> list[MixTrack]:
    """The mix in its order. Array work."""
    in_order = sorted(kept, key=lambda one: one.track.id)
    ids = np.array([one.track.id for one in in_order], np.int64)
    columns = space.columns.take(ids)
    here = frozenset(columns.ids.tolist())  # one may have gone since it was looked up
    in_order = [one for one in in_order if one.track.id in here]
    boosts = [CHOSEN_BY_MODEL * (one.track.id in chosen) for one in in_order]
    scores = [one.score + boost for one, boost in zip(in_order, boosts, strict=True)]
    pool = MixPool(
        columns=columns,
        scores=np.array(scores, np.float32),
        durations_s=np.array([one.track.duration_s for one in in_order], np.float64),
        is_new=np.array([one.is_new for one in in_order], np.bool_),
    )
    rows = pick(pool, wish.duration_s, balanced=wish.popular and wish.discoveries)
    picked = {in_order[row].track.id: in_order[row] for row in rows}
    curve = CURVES.get((wish.activity or "").strip().casefold())
    return [picked[id_] for id_ in sequenced(space, list(picked), curve=curve)]
