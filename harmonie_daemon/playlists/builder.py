"""From a playlist request to a playlist."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

import numpy as np

from harmonie_daemon.domain.errors import BadRequestError, TrackNotFoundError
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.playlist import (
    BuiltPlaylist,
    Mode,
    PlaylistItem,
    SeededRequest,
    SeedRef,
    Sequencing,
    Transitions,
    UnresolvedSeed,
    VibeRequest,
)
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.playlists.seeded import centroid, drift, similar
from harmonie_daemon.playlists.sequencing import sequenced
from harmonie_daemon.playlists.vibe import vibe
from harmonie_daemon.similarity.id_sets import without
from harmonie_daemon.similarity.index import cosines, positions_of
from harmonie_daemon.similarity.resolve import MAX_ID, Resolver
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks

NO_MATCH = "no_match"
NO_EMBEDDING = "no_embedding"
NOTHING: IdArray = np.zeros(0, np.int64)


def fresh_or_seeded(seed: int | None) -> np.random.Generator:
    """The usual ``rng_factory``: reproducible with a seed, fresh randomness without."""
    return np.random.default_rng(None if seed is None else abs(seed))


@dataclass(frozen=True, slots=True)
class _Seed:
    track_id: TrackId
    model: str | None
    weight: float
    ref: SeedRef | None
    """How it was asked for; ``None`` for an id."""


class PlaylistBuilder:
    """Builds playlists in the three modes; the same request with a seed gives the same list."""

    def __init__(
        self,
        tracks: Tracks,
        spaces: Spaces,
        resolver: Resolver,
        rng_factory: Callable[[int | None], np.random.Generator] = fresh_or_seeded,
    ) -> None:
        self._tracks = tracks
        self._spaces = spaces
        self._resolver = resolver
        self._rng_factory = rng_factory

    async def build(
        self, request: SeededRequest | VibeRequest, leave_out: IdArray = NOTHING
    ) -> BuiltPlaylist:
        """The playlist for ``request``, at most ``n`` tracks, none twice.

        ``leave_out``: tracks (ascending ids) that do not come unless they are included seeds.
        Raises ``TrackNotFoundError`` for an unknown explicit seed, ``BadRequestError`` when no
        seed is left to start from, ``NotReadyError`` while the library is being loaded.
        """
        match request:
            case SeededRequest():
                return await self._seeded(request, leave_out)
            case VibeRequest():
                return await self._vibe(request, leave_out)

    async def _vibe(self, request: VibeRequest, leave_out: IdArray) -> BuiltPlaylist:
        space = await self._spaces.current()
        columns = space.columns
        if not request.filter.is_open:
            columns = columns.take(await self._tracks.matching_ids(request.filter))
        if len(leave_out):
            columns = columns.take(without(columns.ids, leave_out))
        rng = self._rng_factory(request.rng_seed)
        items = await self._spaces.compute(vibe, columns, request, rng)
        return BuiltPlaylist(await self._in_order(space, items, request.sequencing))

    async def _seeded(self, request: SeededRequest, leave_out: IdArray) -> BuiltPlaylist:
        seeds, unresolved = await self._seeds(request)
        space = await self._spaces.current(_answering_model(seeds))
        usable, mute = _split(space, seeds)
        if not usable:
            raise BadRequestError(_nothing_to_start_from(mute))
        unresolved += [
            UnresolvedSeed(seed.ref, NO_EMBEDDING) for seed in mute if seed.ref is not None
        ]
        allow = await self._allowed(request.filter)
        if len(leave_out):
            allow = without(space.index.ids if allow is None else allow, leave_out)
        rng = self._rng_factory(request.rng_seed)
        items = await self._spaces.compute(_walk, space, request, usable, allow, rng)
        given = {seed.track_id for seed in usable}
        stay = len(list(takewhile(lambda item: item.track_id in given, items)))
        ordered = await self._in_order(space, items, request.sequencing, stay, request.transitions)
        return BuiltPlaylist(ordered, tuple(unresolved))

    async def _in_order(
        self,
        space: Space,
        items: tuple[PlaylistItem, ...],
        wish: Sequencing | None,
        stay: int = 0,
        transitions: Transitions | None = None,
    ) -> tuple[PlaylistItem, ...]:
        """The items as they are, or sequenced, the first ``stay`` of them where they are."""
        if wish is None:
            return items
        ordering = partial(sequenced, fixed=range(stay), curve=wish.curve, transitions=transitions)
        order = await self._spaces.compute(ordering, space, [item.track_id for item in items])
        by_id = {item.track_id: item for item in items}
        return tuple(by_id[track_id] for track_id in order)

    async def _seeds(self, request: SeededRequest) -> tuple[list[_Seed], list[UnresolvedSeed]]:
        """Explicit ids first, then references, each track once with its weights summed."""
        weights: dict[TrackId, float] = {}
        refs: dict[TrackId, SeedRef] = {}
        unresolved: list[UnresolvedSeed] = []
        _refuse_impossible(request.seeds)
        for track_id, weight in zip(request.seeds, _weights(request), strict=True):
            weights[track_id] = weights.get(track_id, 0.0) + weight
        resolved = await self._resolver.resolve_all(request.seed_refs)
        for ref in request.seed_refs:
            found = resolved.get(ref)
            if found is None:
                unresolved.append(UnresolvedSeed(ref, NO_MATCH))
                continue
            weights[found] = weights.get(found, 0.0) + ref.weight
            refs.setdefault(found, ref)
        models = await self._tracks.answering_models(list(weights))
        _refuse_unknown(request.seeds, models)
        seeds = [
            _Seed(track_id, models[track_id], weight, refs.get(track_id))
            for track_id, weight in weights.items()
            if track_id in models
        ]
        return seeds, unresolved

    async def _allowed(self, gate: TrackFilter) -> IdArray | None:
        return None if gate.is_open else await self._tracks.matching_ids(gate)


def _walk(
    space: Space,
    request: SeededRequest,
    seeds: Sequence[_Seed],
    allow: IdArray | None,
    rng: np.random.Generator,
) -> tuple[PlaylistItem, ...]:
    ids = np.array([seed.track_id for seed in seeds], np.int64)
    vectors = space.index.vectors(ids)
    anchor = centroid(vectors, np.array([seed.weight for seed in seeds], np.float32))
    picker = Picker(Rules(request.diversity, request.transitions, variation=request.variation), rng)
    columns = space.columns.take(np.sort(ids))
    if request.include_seeds:
        rows, _ = positions_of(columns.ids, ids)
        for row, score in zip(rows[: request.n], cosines(vectors, anchor), strict=False):
            picker.put(columns, int(row), float(score))
    picker.exclude(columns)
    if request.mode is Mode.DRIFT:
        drift(
            space,
            picker,
            anchor,
            request.n,
            allow,
            chunk_size=request.chunk_size,
            ranking=request.ranking,
        )
    else:
        similar(space, picker, anchor, request.n, allow, request.ranking)
    return tuple(picker.items)


def _answering_model(seeds: Sequence[_Seed]) -> str | None:
    """The model of most seeds; ``None`` (the library's) when none of them has one."""
    models = [seed.model for seed in seeds if seed.model is not None]
    if not models:
        return None
    return min(set(models), key=lambda model: (-models.count(model), model))


def _split(space: Space, seeds: Sequence[_Seed]) -> tuple[list[_Seed], list[_Seed]]:
    """Those with a vector in the space, and those without."""
    ids = np.array([seed.track_id for seed in seeds], np.int64)
    _, known = positions_of(space.index.ids, ids)
    pairs = list(zip(seeds, known, strict=True))
    return [s for s, has_vector in pairs if has_vector], [s for s, has in pairs if not has]


def _weights(request: SeededRequest) -> Sequence[float]:
    weights = request.seed_weights or (1.0,) * len(request.seeds)
    if len(weights) != len(request.seeds):
        raise BadRequestError("seed_weights must be empty or name one weight for each of seeds")
    for weight in (*weights, *(ref.weight for ref in request.seed_refs)):
        if not (math.isfinite(weight) and weight > 0):
            raise BadRequestError("the weight of a seed must be a number greater than 0")
    if not (request.seeds or request.seed_refs):
        raise BadRequestError("give at least one of seeds and seed_refs")
    return weights


def _refuse_unknown(wanted: Sequence[TrackId], found: Container[TrackId]) -> None:
    missing = [track_id for track_id in wanted if track_id not in found]
    if missing:
        raise TrackNotFoundError(f"no track has the id {min(missing)}")


def _refuse_impossible(wanted: Sequence[TrackId]) -> None:
    for track_id in wanted:
        if not 0 < track_id <= MAX_ID:
            raise TrackNotFoundError(f"no track has the id {track_id}")


def _nothing_to_start_from(mute: Sequence[_Seed]) -> str:
    if mute:
        return "no seed can be compared: those found have no embedding (too short, or silent)"
    return "none of the seeds matches a track"
