"""Finding and listing tracks; each function runs inside one read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.track import Facets, TrackId
from harmonie_daemon.domain.words import SearchWord
from harmonie_daemon.store import filters_sql, texts, track_rows
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import LARGEST_INTEGER, id_array
from harmonie_daemon.store.records import IdArray, MatchKeys, OrderBy, OurPlace, Page
from harmonie_daemon.store.rows import fetch, stream

_COUNT = "SELECT count(*) FROM tracks WHERE "
_IDS = "SELECT tracks.id FROM tracks WHERE "
_PATH_IDS = "SELECT tracks.id FROM files CROSS JOIN tracks ON tracks.id = files.id WHERE "
_ALL_PATH_IDS = "SELECT files.id FROM files WHERE files.failure IS NULL AND "
_RANKED_IDS = "SELECT tracks.id FROM tracks LEFT JOIN ranks ON ranks.id = tracks.id WHERE"
_BY_RANK = "ORDER BY ranks.rank IS NULL, ranks.rank, tracks.id"
_ORDERS: dict[OrderBy, str] = {
    "id": "ORDER BY tracks.id",
    "path": "ORDER BY files.path",
    "bpm": "ORDER BY tracks.bpm NULLS LAST, tracks.id",
    "duration": "ORDER BY tracks.duration_s, tracks.id",
    "analyzed_at": "ORDER BY tracks.analyzed_at, tracks.id",
}
_FACETS = """
SELECT
  tracks.id, tracks.artist_key, tracks.title_key, tracks.album_key,
  tracks.bpm, tracks.key, tracks.scale, tracks.danceability, files.added_at,
  tracks.bpm_confidence, tracks.loudness_db, tracks.key_strength, felt.energy,
  iif(tracks.artist_key IS NULL AND tracks.album_key IS NULL, files.relative_path, NULL)
FROM tracks JOIN files ON files.id = tracks.id
LEFT JOIN main.track_moods AS felt INDEXED BY track_energy ON felt.track_id = tracks.id
"""
_FURTHER_ARTISTS = """
SELECT track_id, of_album, name_key FROM further_artists WHERE name_key IS NOT NULL
"""
_FURTHER_ARTISTS_OF = "AND track_id IN (SELECT value FROM carray(?))"
_BY_POSITION = "ORDER BY track_id, of_album, position"
_SOME = "WHERE tracks.id IN (SELECT value FROM carray(?)) ORDER BY tracks.id"
_ALL = "ORDER BY tracks.id"
_NEWEST = """
SELECT tracks.id FROM files CROSS JOIN tracks ON tracks.id = files.id
ORDER BY files.added_at DESC, files.id DESC LIMIT ?
"""
_MATCH_KEYS = """
SELECT
  tracks.id, files.path, files.relative_path, roots.path,
  tracks.artist_key, tracks.album_artist_key, tracks.album_key, tracks.title_key,
  tracks.track_number, tracks.duration_s,
  tracks.musicbrainz_recording_id, tracks.musicbrainz_track_id,
  tracks.musicbrainz_album_id, tracks.musicbrainz_artist_id
FROM tracks
JOIN files ON files.id = tracks.id
JOIN roots ON roots.id = files.root_id
"""

_PLACES = """
SELECT tracks.id, files.path, files.relative_path, roots.path, tracks.duration_s
FROM tracks
JOIN files ON files.id = tracks.id
JOIN roots ON roots.id = files.root_id
"""


def page(
    connection: Connection,
    filter_: TrackFilter,
    order_by: OrderBy,
    model: str | None,
    limit: int,
    offset: int,
    words: Sequence[SearchWord] = (),
) -> Page:
    """One page of the tracks that pass and have all of the words; see ``Tracks.list``."""
    where = _where(filter_, model, words)
    ((total,),) = fetch(connection, _COUNT + where.text, where.values)
    everything = where == filters_sql.OPEN
    by_path = _ALL_PATH_IDS if everything else _PATH_IDS
    start = by_path if order_by == "path" else _IDS
    statement = f"{start}{where.text} {_ORDERS[order_by]} LIMIT ? OFFSET ?"
    stretch = (min(limit, LARGEST_INTEGER), min(offset, LARGEST_INTEGER))
    ids = _ids(fetch(connection, statement, (*where.values, *stretch)))
    return Page(tuple(track_rows.load(connection, ids, model)), total)


def best_matching(
    connection: Connection,
    filter_: TrackFilter,
    model: str | None,
    words: Sequence[SearchWord],
) -> IdArray:
    """Ids of the tracks that pass and have all of the words: those first that have them as whole
    words or beginnings, ranked by where; then those that have them within others; ties by id."""
    where, ranks = _where(filter_, model, words), texts.ranked(words)
    statement = f"WITH ranks AS MATERIALIZED ({ranks.text}) {_RANKED_IDS} {where.text} {_BY_RANK}"
    found = stream(connection, statement, (*ranks.values, *where.values))
    return np.fromiter((id_ for (id_,) in found), dtype=np.int64)


def _where(
    filter_: TrackFilter, model: str | None, words: Sequence[SearchWord]
) -> filters_sql.Condition:
    where = filters_sql.condition(filter_, model)
    if not words:
        return where
    found = texts.matching(words)
    return filters_sql.Condition(
        f"tracks.id IN ({found.text}) AND {where.text}", (*found.values, *where.values)
    )


def matching_ids(connection: Connection, filter_: TrackFilter) -> IdArray:
    """Ids of the tracks that pass, ascending."""
    where = filters_sql.condition(filter_)
    found = stream(connection, f"{_IDS}{where.text} ORDER BY tracks.id", where.values)
    return np.fromiter((id_ for (id_,) in found), dtype=np.int64)


def facets(connection: Connection, ids: Sequence[TrackId] | None) -> list[Facets]:
    """Facets of these tracks, or of all; ascending ids."""
    values = () if ids is None else (id_array(ids),)
    further = _further_artist_keys(connection, ids)
    found = stream(connection, _FACETS + (_SOME if values else _ALL), values)
    return [track_rows.facets(row, further.get((row[0], 0), ())) for row in found]


def newest(connection: Connection, n: int) -> list[TrackId]:
    """The ``n`` tracks that were added last, the newest first."""
    return _ids(fetch(connection, _NEWEST, (int(n),)))


def match_keys(connection: Connection, ids: Sequence[TrackId] | None = None) -> list[MatchKeys]:
    """Path, keys and foreign ids of these tracks, or of all; ascending ids."""
    values = () if ids is None else (id_array(ids),)
    further = _further_artist_keys(connection, ids)
    return [
        MatchKeys(
            TrackId(id_),
            os.fsdecode(path),
            os.fsdecode(relative_path),
            os.fsdecode(root),
            *(*keys, frozenset((*further.get((id_, 0), ()), *further.get((id_, 1), ())))),
        )
        for id_, path, relative_path, root, *keys in stream(
            connection, _MATCH_KEYS + (_SOME if values else _ALL), values
        )
    ]


def places(connection: Connection, ids: Sequence[TrackId]) -> list[OurPlace]:
    """Where these tracks are; ascending ids."""
    return [
        OurPlace(
            TrackId(id_),
            os.fsdecode(path),
            os.fsdecode(relative_path),
            os.fsdecode(root),
            duration_s,
        )
        for id_, path, relative_path, root, duration_s in stream(
            connection, _PLACES + _SOME, (id_array(ids),)
        )
    ]


def _further_artist_keys(
    connection: Connection, ids: Sequence[TrackId] | None
) -> dict[tuple[int, int], tuple[str, ...]]:
    """By track and by whether they are the album's; few tracks have any."""
    values = () if ids is None else (id_array(ids),)
    some = _FURTHER_ARTISTS_OF if values else ""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for id_, of_album, key in stream(
        connection, f"{_FURTHER_ARTISTS} {some} {_BY_POSITION}", values
    ):
        found[id_, of_album] = (*found.get((id_, of_album), ()), key)
    return found


def _ids(rows: Sequence[tuple[Any, ...]]) -> list[TrackId]:
    return [TrackId(id_) for (id_,) in rows]
