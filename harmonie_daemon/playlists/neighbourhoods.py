"""One playlist for each large style, and one for each area of albums that sound alike."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from harmonie_daemon.domain.filters import StyleMode, TrackFilter
from harmonie_daemon.domain.playlist import Recipe, SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.clustering import areas
from harmonie_daemon.playlists.continuity import successors
from harmonie_daemon.playlists.naming import area_name, label_parts, slug, unused
from harmonie_daemon.playlists.nearness import close_company, middle, near_cosine
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.playlists.seeded import similar
from harmonie_daemon.playlists.sequencing import sequenced
from harmonie_daemon.similarity.id_sets import shared
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks

MOST_PLAYLISTS = 20
"""More than a screenful nobody looks through."""
MOST_STYLES = 12
"""So that room is left for what the labels do not say."""
LARGE_STYLE = 20
"""Tracks from which on a style is worth a playlist."""
CERTAIN_STYLE = 0.2
"""Probability from which on a classifier's style counts; one from a tag has 1."""
SAME_STYLE = 0.6
"""Two styles that share this much (Jaccard) are one to the ear; the larger one stays."""
SMALLEST_PLAYLIST = 5
"""Tracks below which a list is no playlist."""
ROOM = 2
"""Near tracks to choose from for each one in the list, so that artists can rest."""

TrackIds = tuple[TrackId, ...]


@dataclass(frozen=True, slots=True)
class _Style:
    label: str
    members: IdArray


@dataclass(slots=True)
class _Family:
    """The playlists of one recipe as they come to be."""

    recipe: Recipe
    now: float
    made: list[SavedPlaylist] = field(default_factory=list)

    def add(self, key: str, name: str, track_ids: TrackIds) -> None:
        """Put a playlist into the family unless it is too small to be one."""
        if len(track_ids) >= SMALLEST_PLAYLIST:
            saved = SavedPlaylist(key, self.recipe.name, name, track_ids, self.now)
            self.made.append(saved)


class Neighbourhoods:
    """Makes the playlists of a ``neighbourhoods`` recipe; at most ``MOST_PLAYLISTS``."""

    def __init__(self, tracks: Tracks, spaces: Spaces) -> None:
        self._tracks = tracks
        self._spaces = spaces

    async def make(
        self,
        recipe: Recipe,
        space: Space,
        eligible: IdArray,
        *,
        now: float,
        previous: Sequence[SavedPlaylist],
    ) -> list[SavedPlaylist]:
        """Playlists of ``recipe.n`` tracks out of ``eligible`` (ascending ids with vectors).

        Styles come first, the largest at the top; the same style always has the same key. An
        area that continues one of ``previous`` keeps its key and its name.
        """
        family = _Family(recipe, now)
        await self._add_styles(family, space, eligible)
        room = MOST_PLAYLISTS - len(family.made)
        lists = await asyncio.to_thread(area_lists, space, eligible, room, recipe.n)
        await self._add_areas(family, lists, previous)
        return family.made

    async def _add_styles(self, family: _Family, space: Space, eligible: IdArray) -> None:
        styles = await self._large_styles(eligible)
        names = _style_names([style.label for style in styles])
        for style, name in zip(styles, names, strict=True):
            track_ids = await self._spaces.compute(core, space, style.members, family.recipe.n)
            key = f"{slug(family.recipe.name)}-style-{slug(style.label)}"
            family.add(key, name, track_ids)

    async def _large_styles(self, eligible: IdArray) -> list[_Style]:
        """Styles with enough tracks, the largest first, without near doubles."""
        counts = await self._tracks.styles(CERTAIN_STYLE)
        large = [count for count in counts if count.track_count >= LARGE_STYLE]
        chosen: list[_Style] = []
        for count in sorted(large, key=lambda count: (-count.track_count, count.style)):
            members = shared(eligible, await self._members(count.style))
            is_new = all(_overlap(members, other.members) < SAME_STYLE for other in chosen)
            if len(members) >= LARGE_STYLE and is_new:
                chosen.append(_Style(count.style, members))
            if len(chosen) == MOST_STYLES:
                break
        return chosen

    async def _members(self, label: str) -> IdArray:
        genre, style = label_parts(label)
        exact = TrackFilter(
            genres=(genre,), styles=(style,), style_min=CERTAIN_STYLE, style_mode=StyleMode.ALL
        )
        return await self._tracks.matching_ids(exact)

    async def _add_areas(
        self, family: _Family, lists: Sequence[TrackIds], previous: Sequence[SavedPlaylist]
    ) -> None:
        prefix = f"{slug(family.recipe.name)}-area-"
        earlier = [playlist for playlist in previous if playlist.key.startswith(prefix)]
        old_keys = {playlist.key for playlist in earlier}
        numbers = (n for n in itertools.count(1) if f"{prefix}{n}" not in old_keys)
        heirs = successors(lists, earlier)
        names = [playlist.name for playlist in family.made]
        names += [heir.name for heir in heirs if heir is not None]
        for track_ids, heir in zip(lists, heirs, strict=True):
            if heir is not None:
                family.add(heir.key, heir.name, track_ids)
                continue
            number = next(numbers)
            tracks = await self._tracks.get_many(track_ids)
            names.append(unused(area_name(tracks, number), names))
            family.add(f"{prefix}{number}", names[-1], track_ids)


def core(space: Space, members: IdArray, n: int) -> TrackIds:
    """``n`` tracks from the middle of ``members`` (ascending), each near the one before."""
    if len(members) == 0:
        return ()
    first = space.index.search(middle(space, members), 1, allow=members)
    picker = Picker(Rules(), np.random.default_rng(0))
    picker.put(space.columns.take(first.ids), 0, float(first.scores[0]))
    similar(space, picker, space.index.vectors(first.ids)[0], n, members)
    return sequenced(space, [item.track_id for item in picker.items])


def area_lists(space: Space, eligible: IdArray, limit: int, n: int) -> list[TrackIds]:
    """For each area a list of what is near to each other in it, if there is enough of that.

    One list of the largest area if that is so nowhere: a small library has no more to offer.
    """
    found = areas(space, eligible, limit)
    if not found:
        return []
    least = near_cosine(space)
    near = [close_company(space, members, least, ROOM * n) for members in found]
    large = [members for members in near if len(members) >= SMALLEST_PLAYLIST] or found[:1]
    lists = (core(space, members, n) for members in large)
    return [track_ids for track_ids in lists if len(track_ids) >= SMALLEST_PLAYLIST]


def _style_names(labels: Sequence[str]) -> list[str]:
    """``House``; with the genre where two genres have a style of this name."""
    parts = [label_parts(label) for label in labels]
    styles = [style for _, style in parts]
    return [style if styles.count(style) == 1 else f"{style} ({genre})" for genre, style in parts]


def _overlap(one: IdArray, other: IdArray) -> float:
    """Common ids divided by all ids, 0 to 1."""
    common = len(shared(one, other))
    return common / max(1, len(one) + len(other) - common)
