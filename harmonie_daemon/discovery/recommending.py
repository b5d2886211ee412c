"""What is like a track, an artist, an album or a genre of the library."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harmonie_daemon.discovery.answers import (
    EntityKind,
    Recommendation,
    Recommended,
    genres_of,
    track_name,
)
from harmonie_daemon.discovery.entities import LONGEST_ENTITY, Entities, Entity
from harmonie_daemon.discovery.nearness import anchor, known
from harmonie_daemon.discovery.popularity import PlayCounts, popularity, source
from harmonie_daemon.domain.errors import EntityNotFoundError, TrackNotFoundError
from harmonie_daemon.domain.playlist import Ranking
from harmonie_daemon.domain.text import folded_key
from harmonie_daemon.domain.track import Track, TrackId
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.tracks import Tracks


@dataclass(frozen=True, slots=True)
class _Spelt:
    """An entity as the library writes it."""

    kind: EntityKind
    name: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Alike:
    """A track, or the nearest of an artist's, with what is near to the entity."""

    track_id: TrackId
    similarity: float
    tracks: int
    """Of the artist; 1 for a track."""


class Recommender:
    """From a name to what is like it."""

    def __init__(
        self,
        tracks: Tracks,
        spaces: Spaces,
        resolver: Resolver,
        entities: Entities,
        plays: PlayCounts,
    ) -> None:
        self._tracks, self._spaces, self._resolver = tracks, spaces, resolver
        self._entities, self._plays = entities, plays

    async def recommend(self, entity: str, limit: int, offset: int = 0) -> Recommended:
        """Tracks like a track or an album, artists like an artist or of a genre.

        Raises ``EntityNotFoundError`` for what is not in the library, ``NotReadyError`` while it
        is being loaded. Without a vector nothing is like anything.
        """
        found = await self._found(entity)
        space = await self._spaces.current()
        wants_artists = found.kind in (EntityKind.ARTIST, EntityKind.GENRE)
        work = _artists_alike if wants_artists else _tracks_alike
        alike, total = await self._spaces.compute(work, space, found, offset + limit)
        alike = alike[offset:]
        tracks = await self._tracks.get_many([one.track_id for one in alike])
        counts = await self._plays()
        popular = popularity(counts, [track.id for track in tracks])
        by_id = {one.track_id: one for one in alike}
        item = _artist if wants_artists else _track
        items = (item(found, track, by_id[track.id], popular[n]) for n, track in enumerate(tracks))
        return Recommended(found.name, found.kind, tuple(items), total, source(counts))

    async def _found(self, entity: str) -> _Spelt:
        found = (await self._entities.find([entity])).get(entity)
        if found is None and not entity.strip().isdecimal():  # a number is nobody's name
            with contextlib.suppress(TrackNotFoundError):
                found = Entity(EntityKind.TRACK, (int(await self._resolver.query(entity)),))
        if found is None:
            raise EntityNotFoundError(
                f"nothing in the library goes by {entity[:LONGEST_ENTITY]!r}; "
                "name a track, an artist, an album or a genre that is in it"
            )
        if found.kind is EntityKind.GENRE:
            return _Spelt(found.kind, entity.strip(), found.ids)
        first = (await self._tracks.get_many([TrackId(min(found.ids))]))[:1]
        return _Spelt(found.kind, _spelt(first, found.kind, entity), found.ids)


def _spelt(tracks: Sequence[Track], kind: EntityKind, entity: str) -> str:
    """The name as the library writes it."""
    key = folded_key(entity)
    for track in tracks:
        tags = track.tags
        if kind is EntityKind.TRACK:
            return track_name(track)
        names = tags.artists if kind is EntityKind.ARTIST else (tags.album,)
        for name in names:
            if name is not None and folded_key(name) == key:
                return name
    return entity.strip()


def _tracks_alike(space: Space, entity: _Spelt, limit: int) -> tuple[list[_Alike], int]:
    own, examples = np.array(sorted(entity.ids), np.int64), known(space.index, entity.ids)
    if not len(examples):
        return [], 0
    common = anchor(space.index, examples)
    hits = space.index.search(common, limit, exclude=own, ranking=Ranking.MUTUAL)
    near = [
        _Alike(TrackId(int(id_)), max(0.0, float(score)), 1)
        for id_, score in zip(hits.ids, hits.scores, strict=True)
    ]
    return near, len(space.index.ids) - len(examples)


def _artists_alike(space: Space, entity: _Spelt, limit: int) -> tuple[list[_Alike], int]:
    """By the mean cosine of their tracks; an artist is not among those like it."""
    examples = known(space.index, entity.ids)
    if not len(examples):
        return [], 0
    cosines = space.index.affinities(anchor(space.index, examples))
    columns = space.columns.take(space.index.ids)
    counts = columns.artist >= 0
    if entity.kind is EntityKind.ARTIST:
        counts &= ~np.isin(columns.ids, examples)
    ids, artist = columns.ids[counts], columns.artist[counts]
    theirs = cosines[np.searchsorted(space.index.ids, ids)]
    by_artist = np.lexsort((ids, -theirs, artist))
    first = np.flatnonzero(np.diff(artist[by_artist], prepend=-1))
    if not len(first):
        return [], 0
    tracks = np.diff(first, append=len(by_artist))
    means = np.add.reduceat(theirs[by_artist].astype(np.float64), first) / tracks
    nearest = ids[by_artist][first]
    order = np.argsort(-means, kind="stable")[:limit]
    near = [
        _Alike(TrackId(int(nearest[at])), max(0.0, float(means[at])), int(tracks[at]))
        for at in order
    ]
    return near, len(first)


def _track(entity: _Spelt, track: Track, alike: _Alike, popular: float) -> Recommendation:
    kind = "the album " if entity.kind is EntityKind.ALBUM else ""
    return Recommendation(
        kind=EntityKind.TRACK,
        name=track_name(track),
        track_id=track.id,
        artist=track.tags.artist or track.tags.album_artist,
        album=track.tags.album,
        genres=genres_of(track),
        popularity=popular,
        similarity=round(alike.similarity, 4),
        reason=f"sounds like {kind}{entity.name} (cosine {alike.similarity:.2f})",
    )


def _artist(entity: _Spelt, track: Track, alike: _Alike, popular: float) -> Recommendation:
    name = track.tags.artist or track.tags.album_artist or track.tags.album or track_name(track)
    mean = "" if alike.tracks == 1 else f", mean of {alike.tracks} tracks"
    return Recommendation(
        kind=EntityKind.ARTIST,
        name=name,
        track_id=track.id,
        artist=name,
        album=None,
        genres=genres_of(track),
        popularity=popular,
        similarity=round(alike.similarity, 4),
        reason=f"sounds like {entity.name} (cosine {alike.similarity:.2f}{mean}), "
        f"most of all {track_name(track)}",
    )
