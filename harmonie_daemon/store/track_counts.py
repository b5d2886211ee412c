"""The library in numbers; each function runs inside one read."""

from __future__ import annotations

import os

from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import LEAST_TEMPO_CONFIDENCE
from harmonie_daemon.store import hidden_files, vector_reads
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.keys import clean_text
from harmonie_daemon.store.records import GenreCount, LibraryCounts, StyleCount
from harmonie_daemon.store.rows import fetch

_TOTALS = """
SELECT
  count(*), total(duration_s),
  count(*) FILTER (WHERE bpm IS NOT NULL AND bpm_confidence < ?)
FROM tracks
"""
_FAILED = "SELECT count(*) FROM files WHERE failure IS NOT NULL"
_FAILURES = """
SELECT path, failure FROM files WHERE failure IS NOT NULL ORDER BY failed_at DESC, id DESC LIMIT ?
"""
_UNMAPPED = """
SELECT name, count(*) FROM unmapped_genres GROUP BY name ORDER BY count(*) DESC, name LIMIT ?
"""
_GENRES = """
SELECT
  styles.genre, count(*), count(DISTINCT styles.id),
  avg(track_styles.probability), max(track_styles.probability)
FROM track_styles
JOIN styles ON styles.id = track_styles.style_id
WHERE track_styles.probability >= ?
GROUP BY styles.genre
ORDER BY count(*) DESC, styles.genre
"""
_STYLES = """
SELECT
  styles.genre || '---' || styles.style, count(*),
  avg(track_styles.probability), max(track_styles.probability)
FROM styles
CROSS JOIN track_styles ON track_styles.style_id = styles.id
WHERE track_styles.probability >= ? AND (? IS NULL OR styles.genre_key = ?)
GROUP BY styles.id
ORDER BY count(*) DESC, styles.genre, styles.style
"""


def library(connection: Connection) -> LibraryCounts:
    """How many tracks, hours, vectors and failures there are."""
    totals = fetch(connection, _TOTALS, (LEAST_TEMPO_CONFIDENCE,))
    ((tracks, duration_s, doubtful_tempos),) = totals
    ((failed,),) = fetch(connection, _FAILED)
    return LibraryCounts(
        tracks,
        duration_s,
        failed,
        hidden_files.count(connection),
        tuple(vector_reads.models(connection)),
        vector_reads.active_model(connection),
        doubtful_tempos,
    )


def failures(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """Path and reason of the files that could not be decoded, the latest first."""
    found = fetch(connection, _FAILURES, (int(limit),))
    return [(os.fsdecode(path), reason) for path, reason in found]


def unmapped_genres(connection: Connection, limit: int) -> list[tuple[str, int]]:
    """Genre tags that no style stands for, with their number of tracks, the most frequent first."""
    return [(name, tracks) for name, tracks in fetch(connection, _UNMAPPED, (int(limit),))]


def genres(connection: Connection, style_min: float) -> list[GenreCount]:
    """Genres by number of style rows, descending."""
    return [GenreCount(*row) for row in fetch(connection, _GENRES, (float(style_min),))]


def styles(connection: Connection, style_min: float, genre: str | None) -> list[StyleCount]:
    """Labels by number of tracks, descending; of one genre if given."""
    key = None if genre is None else text_key(clean_text(genre)) or ""
    found = fetch(connection, _STYLES, (float(style_min), key, key))
    return [StyleCount(*row) for row in found]
