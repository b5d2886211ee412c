"""What is like a track, an artist, an album or a genre of the library."""

from __future__ import annotations

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
from harmonie_daemon.discovery.evidence import EvidenceKeeper, TrackEvidence
from harmonie_daemon.discovery.nearness import anchor, known
from harmonie_daemon.discovery.popularity import PlayCounts, popularity, source
from harmonie_daemon.discovery.scoring import SURE
from harmonie_daemon.discovery.signs import StyleSign
from harmonie_daemon.discovery.vocabulary import Topic, meaning_of
from harmonie_daemon.domain.errors import EntityNotFoundError, TrackNotFoundError
from harmonie_daemon.domain.playlist import Ranking
from harmonie_daemon.domain.text import folded_key
from harmonie_daemon.domain.track import Track, TrackId
from harmonie_daemon.similarity.index import positions_of
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.names import NameKind
from harmonie_daemon.store.track_lookup import folded_name_key
from harmonie_daemon.store.tracks import Tracks

LONGEST_ENTITY = 200
"""Characters of a name; the longest that tags are cut to is no name of anything."""
_KINDS = {
    NameKind.ARTIST: EntityKind.ARTIST,
    NameKind.ALBUM: EntityKind.ALBUM,
    NameKind.TITLE: EntityKind.TRACK,
}


@dataclass(frozen=True, slots=True)
class _Entity:
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
        evidence: EvidenceKeeper,
        plays: PlayCounts,
    ) -> None:
        self._tracks, self._spaces, self._resolver = tracks, spaces, resolver
        self._evidence, self._plays = evidence, plays

    async def recommend(self, entity: str, limit: int, offset: int = 0) -> Recommended:
        """Tracks like a track or an album, artists like an artist or of a genre.

        Raises ``EntityNotFoundError`` for what is not in the library, ``NotReadyError`` while it
        is being loaded. Without a vector nothing is like anything.
        """
        evidence = await self._evidence.current()
        found = await self._entity(entity, evidence)
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

    async def _entity(self, entity: str, evidence: TrackEvidence) -> _Entity:
        """An artist before a genre, that before an album and a title; then ``artist - title``."""
        key = folded_name_key(entity[:LONGEST_ENTITY])
        named = (await self._tracks.named([key])).get(key) if key else None
        if named is None or named.kind is not NameKind.ARTIST:
            genre = _genre(" ".join((key or "").replace("-", " ").split()), evidence)
            if genre:
                return _Entity(EntityKind.GENRE, entity.strip(), genre)
        if named is not None:
            first = (await self._tracks.get_many([TrackId(min(named.ids))]))[:1]
            return _Entity(_KINDS[named.kind], _spelt(first, named.kind, entity), named.ids)
        try:
            track_id = await self._resolver.query(entity)
            track = await self._tracks.get(track_id)
        except TrackNotFoundError:
            raise EntityNotFoundError(
                f"nothing in the library goes by {entity[:LONGEST_ENTITY]!r}; "
                "name a track, an artist, an album or a genre that is in it"
            ) from None
        return _Entity(EntityKind.TRACK, track_name(track), (track_id,))


def _genre(phrase: str, evidence: TrackEvidence) -> tuple[int, ...]:
    """The tracks that are surest to be of a genre; none if it is none of the library's."""
    meaning = meaning_of(phrase) or evidence.tag(phrase)
    if meaning is None or meaning.topic is not Topic.GENRE:
        return ()
    for sign, _ in meaning.signs:
        if isinstance(sign, StyleSign):
            scores = evidence.of_style(sign).scores
            surest = float(scores.max(initial=0.0))
            if surest > 0:
                return tuple(evidence.ids[scores >= min(SURE, surest)].tolist())
    return ()


def _spelt(tracks: Sequence[Track], kind: NameKind, entity: str) -> str:
    """The name as the library writes it."""
    key = folded_key(entity)
    for track in tracks:
        tags = track.tags
        names = {
            NameKind.ARTIST: tags.artists,
            NameKind.ALBUM: (tags.album,),
            NameKind.TITLE: (tags.title,),
        }
        for name in names[kind]:
            if name is not None and folded_key(name) == key:
                return name
    return entity.strip()


def _tracks_alike(space: Space, entity: _Entity, limit: int) -> tuple[list[_Alike], int]:
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


def _artists_alike(space: Space, entity: _Entity, limit: int) -> tuple[list[_Alike], int]:
    """By the mean cosine of their tracks; an artist is not among those like it."""
    examples = known(space.index, entity.ids)
    if not len(examples):
        return [], 0
    cosines = space.index.affinities(anchor(space.index, examples))
    columns = space.columns.take(space.index.ids)
    at, has = positions_of(space.index.ids, columns.ids)
    artist, cosines, ids = columns.artist[has], cosines[at[has]], columns.ids[has]
    counts = artist >= 0
    if entity.kind is EntityKind.ARTIST:
        counts &= ~np.isin(ids, examples)
    artist, cosines, ids = artist[counts], cosines[counts], ids[counts]
    tracks = np.bincount(artist)
    means = np.bincount(artist, weights=cosines) / np.maximum(tracks, 1)
    means[tracks == 0] = -np.inf
    best = np.argsort(-means, kind="stable")[: min(limit, int((tracks > 0).sum()))]
    near = []
    for code in best:
        theirs = np.flatnonzero(artist == code)
        nearest = ids[theirs[np.argmax(cosines[theirs])]]
        near.append(_Alike(TrackId(int(nearest)), max(0.0, float(means[code])), int(tracks[code])))
    return near, int((tracks > 0).sum())


def _track(entity: _Entity, track: Track, alike: _Alike, popular: float) -> Recommendation:
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


def _artist(entity: _Entity, track: Track, alike: _Alike, popular: float) -> Recommendation:
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
