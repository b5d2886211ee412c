"""What speaks for a track when music is asked for in words, as arrays; inside one read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.track import PITCH_CLASSES, Scale, TrackId, known_tempo
from harmonie_daemon.store import moods
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import id_array
from harmonie_daemon.store.records import MINOR, EvidenceRows
from harmonie_daemon.store.rows import fetch, stream

BATCH = 500
"""Rows made into an array at a time, as for moods."""

_KEYS = {
    (key, scale): note + more
    for scale, more in ((Scale.MAJOR, 0), (Scale.MINOR, MINOR))
    for note, key in enumerate(PITCH_CLASSES)
}
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_SCORES = ", ".join(f"felt.{name}" for name in moods.NAMES)
_TRACKS = f"""
SELECT tracks.id, tracks.bpm, tracks.bpm_confidence, tracks.date,
  tracks.duration_s, tracks.key, tracks.scale, {_SCORES}
FROM tracks LEFT JOIN track_moods AS felt ON felt.track_id = tracks.id
"""  # noqa: S608 - names of columns
_STYLES = "SELECT track_id, style_id, probability FROM track_styles"
_TAGS = "SELECT track_id, name FROM unmapped_genres"
_LABELS = "SELECT id, genre, style FROM styles ORDER BY id"
_THESE = "WHERE {key} IN (SELECT value FROM carray(?))"


def labels(connection: Connection) -> dict[int, tuple[str, str]]:
    """Genre and style of every label that some track has had, by the number it is stored under."""
    return {id_: (genre, style) for id_, genre, style in fetch(connection, _LABELS)}


def load(connection: Connection, ids: Sequence[TrackId] | None) -> EvidenceRows:
    """Of these tracks, or of all."""
    scalars = _table(connection, _TRACKS, "tracks.id", ids, 5 + len(moods.NAMES), _track)
    styles = _table(connection, _STYLES, "track_id", ids, 3, tuple)
    order = np.argsort(scalars[:, 0], kind="stable")
    scalars = scalars[order]
    return EvidenceRows(
        ids=scalars[:, 0].astype(np.int64),
        bpm=scalars[:, 1].astype(np.float32),
        year=np.nan_to_num(scalars[:, 2]).astype(np.int16),
        length_s=scalars[:, 3].astype(np.float32),
        key=scalars[:, 4].astype(np.int8),
        moods=scalars[:, 5:].astype(np.float32),
        styled=styles[:, 0].astype(np.int64),
        style=styles[:, 1].astype(np.int32),
        probability=styles[:, 2].astype(np.float32),
        tags=tuple((id_, name) for id_, name in _rows(connection, _TAGS, "track_id", ids)),
    )


def _track(row: Sequence[Any]) -> tuple[Any, ...]:
    id_, bpm, confidence, date, seconds, key, scale, *scores = row
    found = None if date is None else _YEAR.search(date)
    year = None if found is None else int(found[0])
    return id_, known_tempo(bpm, confidence), year, seconds, _KEYS.get((key, scale), -1), *scores


def _table(
    connection: Connection,
    statement: str,
    key: str,
    ids: Sequence[TrackId] | None,
    width: int,
    read: Any,
) -> npt.NDArray[np.float64]:
    """float64[rows, width]; nothing becomes NaN."""
    rows = _rows(connection, statement, key, ids)
    parts = [np.zeros((0, width))]
    while batch := list(itertools.islice(rows, BATCH)):
        parts.append(np.array([read(row) for row in batch], np.float64))
    return np.concatenate(parts)


def _rows(
    connection: Connection, statement: str, key: str, ids: Sequence[TrackId] | None
) -> Iterator[tuple[Any, ...]]:
    if ids is None:
        return stream(connection, statement)
    return stream(connection, f"{statement} {_THESE.format(key=key)}", (id_array(ids),))
