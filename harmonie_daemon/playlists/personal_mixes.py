"""Personal mixes: for each kind of music that somebody hears, what they hear and what is near."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from harmonie_daemon.domain.playlist import (
    Mode,
    Ranking,
    Recipe,
    SavedPlaylist,
    SeededRequest,
)
from harmonie_daemon.domain.track import Track, TrackId
from harmonie_daemon.playlists.builder import PlaylistBuilder
from harmonie_daemon.playlists.eligible import Eligible
from harmonie_daemon.playlists.for_listeners import key_for
from harmonie_daemon.playlists.naming import enumeration, shared_style, somebodys, unused
from harmonie_daemon.playlists.nearness import usual_cosine
from harmonie_daemon.playlists.neighbourhoods import SMALLEST_PLAYLIST
from harmonie_daemon.playlists.seeded import centroid
from harmonie_daemon.playlists.sequencing import sequenced
from harmonie_daemon.playlists.taste import DAY_S, Signal, disliked, signals
from harmonie_daemon.playlists.taste_groups import Group, middle_of, slots, taste_groups
from harmonie_daemon.similarity.id_sets import shared, without
from harmonie_daemon.similarity.index import Floats
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks

WINDOW_S = 30 * DAY_S
LEAST_SIGNALS = 5
"""Of what was heard or liked; from less nobody's taste can be told."""
FAMILIAR = 1 / 3
"""Share of a mix that its listener knows, so that the rest does not stand alone."""
USUAL_VARIATION = 0.2


class PersonalMixes:
    """The mixes of one listener, each in a slot that stays while tastes shift."""

    def __init__(
        self,
        plays: Plays,
        tracks: Tracks,
        spaces: Spaces,
        builder: PlaylistBuilder,
    ) -> None:
        self._plays = plays
        self._tracks = tracks
        self._spaces = spaces
        self._builder = builder
        self._eligible = Eligible(tracks, spaces)

    async def make_for(
        self, recipe: Recipe, listener: str, now: float, present: Sequence[SavedPlaylist]
    ) -> list[SavedPlaylist] | None:
        """At most ``recipe.count`` mixes of ``recipe.n`` tracks; ``None``: too little is heard."""
        space, allowed = await self._eligible.within(recipe.filter, spoken=recipe.spoken)
        heard = await self._plays.summaries(listener, now - WINDOW_S)
        favourites = await self._plays.favourites(listener)
        in_lists = await self._plays.in_own_lists(listener)
        ranked = signals(heard, favourites, in_lists, now=now, window_s=WINDOW_S)
        allowed = without(allowed, sorted(disliked(heard)))
        known = [one for one in ranked if _is_among(allowed, one.track_id)]
        if len(known) < LEAST_SIGNALS:
            return None
        groups = await self._spaces.compute(taste_groups, space, known, recipe.count)
        places = await self._spaces.compute(_places, space, groups, present)
        return await self._mixes(recipe, listener, now, space, allowed, groups, places, present)

    async def _mixes(
        self,
        recipe: Recipe,
        listener: str,
        now: float,
        space: Space,
        allowed: IdArray,
        groups: Sequence[Group],
        places: Sequence[int | None],
        present: Sequence[SavedPlaylist],
    ) -> list[SavedPlaylist]:
        begin = key_for(recipe, listener)
        taken = {one.key for one in present}
        fresh = (key for n in itertools.count(1) if (key := f"{begin}:{n}") not in taken)
        made: list[SavedPlaylist] = []
        for group, place in zip(groups, places, strict=True):
            former = None if place is None else present[place]
            own = {one.track_id for one in group}
            seeds = [one.track_id for other in groups for one in other if one.track_id not in own]
            used = [track for one in made for track in one.track_ids]
            free = without(allowed, [*seeds, *used])
            track_ids = await self._list(recipe, now, space, free, group, len(made))
            if len(track_ids) < SMALLEST_PLAYLIST:
                continue
            name = await self._name(listener, group, former, [one.name for one in made])
            key = next(fresh) if former is None else former.key
            made.append(SavedPlaylist(key, recipe.name, name, track_ids, now))
        return made

    async def _list(
        self,
        recipe: Recipe,
        now: float,
        space: Space,
        free: IdArray,
        group: Group,
        number: int,
    ) -> tuple[TrackId, ...]:
        """What is familiar and what is near it, in the order of the smallest jumps."""
        variation = USUAL_VARIATION if recipe.variation is None else recipe.variation
        day = datetime.fromtimestamp(now).date().toordinal()
        rng = np.random.default_rng([day, number])
        drawn = _drawn(group, variation, rng)
        familiar = drawn[: round(FAMILIAR * recipe.n)]
        request = SeededRequest(
            mode=Mode.SIMILAR,
            n=recipe.n - len(familiar),
            seeds=tuple(one.track_id for one in group),
            seed_weights=tuple(one.score for one in group),
            variation=variation,
            rng_seed=int(rng.integers(2**31)),
            ranking=Ranking.MUTUAL,
        )
        left_out = without(space.index.ids, free)
        built = await self._builder.build(request, left_out)
        near = _no_strangers(space, group, [item.track_id for item in built.items])
        # where nothing else is of its kind, more of what is known
        track_ids = [*familiar, *near, *drawn[len(familiar) :]][: recipe.n]
        return await self._spaces.compute(sequenced, space, track_ids)

    async def _name(
        self,
        listener: str,
        group: Group,
        former: SavedPlaylist | None,
        taken: Sequence[str],
    ) -> str:
        """``alice's Mix · House``; the former name as long as it says the same."""
        tracks = await self._tracks.get_many([one.track_id for one in group])
        name = somebodys(listener, "Mix") + (f" · {label}" if (label := mix_label(tracks)) else "")
        if former is not None and former.name not in taken:
            is_same = former.name == name or former.name.startswith(f"{name} (")
            if is_same:
                return former.name
        return unused(name, taken)


def mix_label(tracks: Sequence[Track]) -> str:
    """The style that most of these tracks share, else who plays them; may be blank."""
    artists = [track.tags.artist or track.tags.album_artist for track in tracks]
    albums = [track.tags.album for track in tracks]
    return shared_style(tracks) or enumeration(artists) or enumeration(albums)


def _places(
    space: Space, groups: Sequence[Group], present: Sequence[SavedPlaylist]
) -> list[int | None]:
    middles = [middle_of(space, group) for group in groups]
    return slots(middles, [_middle_of_list(space, one) for one in present])


def _middle_of_list(space: Space, playlist: SavedPlaylist) -> Floats | None:
    """The direction of what is in it; ``None`` where nothing of that has a vector any more."""
    ids = shared(space.index.ids, playlist.track_ids)
    if len(ids) == 0:
        return None
    vectors = space.index.vectors(ids)
    return centroid(vectors, np.ones(len(ids), np.float32))


def _no_strangers(space: Space, group: Group, track_ids: Sequence[TrackId]) -> list[TrackId]:
    """Those that are nearer to the group than any two tracks of the library are to each other."""
    if not track_ids:
        return []
    vectors = space.index.vectors(np.array(track_ids, np.int64))
    near = vectors @ middle_of(space, group) >= usual_cosine(space)
    return [one for one, is_near in zip(track_ids, near.tolist(), strict=True) if is_near]


def _drawn(seeds: Sequence[Signal], variation: float, rng: np.random.Generator) -> list[TrackId]:
    """The strongest of these first, or others about as strong (Gumbel-max sampling)."""
    noise = rng.gumbel(size=len(seeds)) * variation
    keys = np.log([one.score for one in seeds]) + noise
    return [seeds[int(place)].track_id for place in np.argsort(-keys, kind="stable")]


def _is_among(ids: IdArray, track_id: TrackId) -> bool:
    at = int(np.searchsorted(ids, track_id))
    return at < len(ids) and int(ids[at]) == track_id
