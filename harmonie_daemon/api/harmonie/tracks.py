"""Tracks, their neighbours, and the taxonomy."""

from __future__ import annotations

from harmonie_daemon.analysis.styles import is_label
from harmonie_daemon.api.harmonie.deps import HarmonieCall
from harmonie_daemon.api.harmonie.schemas import (
    GenreEntry,
    GenreList,
    GenresQuery,
    ResolveQuery,
    SimilarQuery,
    SimilarTracks,
    StyleCountEntry,
    StyleList,
    StylesQuery,
    TrackListQuery,
    TrackPage,
    TrackPath,
    TrackRecord,
)
from harmonie_daemon.api.harmonie.translate import match_entries, track_entry, track_record
from harmonie_daemon.domain.errors import BadRequestError, TrackNotFoundError
from harmonie_daemon.domain.filters import parse_label_part
from harmonie_daemon.domain.playlist import Ranking, SeedRef
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.domain.words import SearchWord, words_of
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.web.answers import Later
from harmonie_daemon.web.endpoint import Nothing


async def list_tracks(call: HarmonieCall[Nothing, TrackListQuery, Nothing]) -> Later[TrackPage]:
    """One page of the tracks that pass the filters, and have the words that are asked for."""
    query = call.query
    page = await call.deps.tracks.list(
        query.track_filter(),
        order_by=query.order_by,
        model=query.model,
        words=() if query.q is None else _words(query.q),
        limit=query.limit,
        offset=query.offset,
    )
    return Later(
        lambda: TrackPage(
            items=[track_entry(track) for track in page.items],
            total=page.total,
            limit=query.limit,
            offset=query.offset,
        )
    )


def _words(search: str) -> tuple[SearchWord, ...]:
    words = words_of(search)
    if not words:
        raise BadRequestError("q holds neither a letter nor a digit; name a word to look for")
    return words


async def get_track(call: HarmonieCall[TrackPath, Nothing, Nothing]) -> TrackRecord:
    """Everything about one track."""
    return await _record(call.deps.tracks, TrackId(call.path.id))


async def resolve_track(call: HarmonieCall[Nothing, ResolveQuery, Nothing]) -> TrackRecord:
    """The track that a path or some tags stand for."""
    asked = call.query
    ref = SeedRef(path=asked.path, artist=asked.artist, album=asked.album, title=asked.title)
    if ref == SeedRef():
        raise BadRequestError("give at least one of path, artist, album and title")
    found = await call.deps.resolver.resolve(ref)
    if found is None:
        raise TrackNotFoundError("no matching track")
    return await _record(call.deps.tracks, found)


async def _record(tracks: Tracks, track_id: TrackId) -> TrackRecord:
    track, moods = await tracks.get(track_id), await tracks.moods([track_id])
    return track_record(track, moods.get(track_id))


async def similar_tracks(
    call: HarmonieCall[TrackPath, SimilarQuery, Nothing],
) -> Later[SimilarTracks]:
    """The neighbours of one track."""
    deps, query = call.deps, call.query
    similar = await deps.search.similar(
        TrackId(call.path.id),
        limit=query.limit,
        filter=query.track_filter(),
        include_self=query.include_self,
        ranking=Ranking(query.ranking or deps.settings.ranking),
    )
    tracks = await deps.tracks.get_many([match.track_id for match in similar.matches])
    return Later(
        lambda: SimilarTracks(
            query_id=similar.query_id, matches=match_entries(similar.matches, tracks)
        )
    )


async def list_genres(call: HarmonieCall[Nothing, GenresQuery, Nothing]) -> GenreList:
    """The genres of the library."""
    rows = await call.deps.tracks.genres(call.query.style_min)
    items = [
        GenreEntry(
            genre=row.genre,
            track_count=row.track_count,
            style_count=row.style_count,
            mean_probability=row.mean_probability,
            max_probability=row.max_probability,
        )
        for row in rows
    ]
    return GenreList(items=items, total=len(items))


async def list_styles(call: HarmonieCall[Nothing, StylesQuery, Nothing]) -> StyleList:
    """The Discogs styles of the library, or of one genre."""
    asked = call.query.genre
    genre = None if asked is None else parse_label_part(asked, "genre")
    rows = await call.deps.tracks.styles(call.query.style_min, genre)
    items = [
        StyleCountEntry(
            style=row.style,
            track_count=row.track_count,
            mean_probability=row.mean_probability,
            max_probability=row.max_probability,
        )
        for row in rows
        if is_label(row.style)
    ]
    return StyleList(items=items, total=len(items))
