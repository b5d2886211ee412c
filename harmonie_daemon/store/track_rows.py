"""From rows to the domain's values."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from harmonie_daemon.domain.track import (
    AudioFile,
    Descriptors,
    Facets,
    Scale,
    StyleScore,
    Tags,
    Track,
    TrackId,
)
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import id_array
from harmonie_daemon.store.rows import fetch

SCALES: dict[str | None, Scale | None] = {None: None, "major": Scale.MAJOR, "minor": Scale.MINOR}

_TRACKS = """
SELECT
  tracks.id,
  roots.path, files.relative_path, files.size, files.mtime_ns,
  tracks.artist, tracks.album_artist, tracks.album, tracks.title,
  tracks.track_number, tracks.disc_number, tracks.date, tracks.genres,
  tracks.musicbrainz_recording_id, tracks.musicbrainz_track_id,
  tracks.musicbrainz_album_id, tracks.musicbrainz_artist_id,
  tracks.tag_bpm, tracks.tag_key, tracks.replaygain_track_gain_db,
  tracks.bpm, tracks.bpm_confidence, tracks.key, tracks.scale, tracks.key_strength,
  tracks.danceability, tracks.loudness_db, tracks.onset_rate,
  tracks.duration_s, tracks.descriptor_version, tracks.analyzed_at, files.added_at
FROM tracks
JOIN files ON files.id = tracks.id
JOIN roots ON roots.id = files.root_id
WHERE tracks.id IN (SELECT value FROM carray(?))
"""
_EXISTING = "SELECT id FROM tracks WHERE id IN (SELECT value FROM carray(?))"
_FURTHER_ARTISTS = """
SELECT track_id, of_album, name FROM further_artists
WHERE track_id IN (SELECT value FROM carray(?)) ORDER BY track_id, of_album, position
"""
_STYLES = """
SELECT track_styles.track_id, styles.genre, styles.style, track_styles.probability
FROM track_styles
JOIN styles ON styles.id = track_styles.style_id
WHERE track_styles.track_id IN (SELECT value FROM carray(?))
ORDER BY track_styles.track_id, track_styles.probability DESC, styles.genre, styles.style
"""
_MODELS = """
SELECT embeddings.track_id, models.name, models.dim
FROM embeddings
JOIN models ON models.id = embeddings.model_id
WHERE embeddings.has_vector = 1 AND embeddings.track_id IN (SELECT value FROM carray(?))
ORDER BY
  models.name IS ?,
  models.name IS (SELECT value FROM meta WHERE key = 'active_model'),
  models.id
"""


def load(connection: Connection, ids: Sequence[int], model: str | None = None) -> list[Track]:
    """The tracks with these ids, in the order asked; ids without a track are left out.

    ``model`` answers for each track that has a vector of it, else the active model, else the one
    that came last.
    """
    models = _models(connection, ids, model)
    styles = _styles(connection, ids)
    artists = _further_artists(connection, ids)
    rows = {row[0]: row for row in fetch(connection, _TRACKS, (id_array(ids),))}
    return [
        _track(
            rows[id_],
            [artists.get((id_, of_album), ()) for of_album in (0, 1)],
            styles.get(id_, ()),
            *models.get(id_, (None, None)),
        )
        for id_ in ids
        if id_ in rows
    ]


def answering_models(connection: Connection, ids: Sequence[int]) -> dict[TrackId, str | None]:
    """The model that answers for each of the tracks there are; ``None`` without a vector."""
    models = _models(connection, ids)
    existing = fetch(connection, _EXISTING, (id_array(ids),))
    return {TrackId(id_): models.get(id_, (None, None))[0] for (id_,) in existing}


def audio_file(root: bytes, relative_path: bytes, size: int, mtime_ns: int) -> AudioFile:
    """A file as the scanner knows it, from its columns."""
    return AudioFile(os.fsdecode(root), os.fsdecode(relative_path), size, mtime_ns)


def facets(row: Sequence[Any], further_artist_keys: tuple[str, ...] = ()) -> Facets:
    """From a row of ``_FACETS``; the last column is a path only where the folder is needed."""
    id_, artist_key, title_key, album_key, bpm, key, scale, *heard, relative_path = row
    danceability, added_at, bpm_confidence, loudness_db, key_strength, energy = heard
    return Facets(
        TrackId(id_),
        artist_key,
        title_key,
        album_key,
        bpm,
        key,
        SCALES[scale],
        danceability,
        added_at,
        further_artist_keys,
        bpm_confidence=bpm_confidence,
        loudness_db=loudness_db,
        key_strength=key_strength,
        energy=energy,
        folder=_folder(relative_path),
    )


def _folder(relative_path: bytes | None) -> str | None:
    folder, _, _ = (relative_path or b"").rpartition(b"/")
    return os.fsdecode(folder) or None


def _models(
    connection: Connection, ids: Sequence[int], model: str | None = None
) -> dict[int, tuple[str | None, int | None]]:
    """Name and dimension; the last row of a track is the one that answers."""
    found = fetch(connection, _MODELS, (id_array(ids), model))
    return {track_id: (name, dim) for track_id, name, dim in found}


def _styles(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[StyleScore, ...]]:
    found: dict[int, list[StyleScore]] = {}
    for id_, genre, style, probability in fetch(connection, _STYLES, (id_array(ids),)):
        found.setdefault(id_, []).append(StyleScore(genre, style, probability))
    return {id_: tuple(scores) for id_, scores in found.items()}


def _further_artists(
    connection: Connection, ids: Sequence[int]
) -> dict[tuple[int, int], tuple[str, ...]]:
    """Their names by track and by whether they are the album's."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for id_, of_album, name in fetch(connection, _FURTHER_ARTISTS, (id_array(ids),)):
        found[id_, of_album] = (*found.get((id_, of_album), ()), name)
    return found


def _track(
    row: Sequence[Any],
    further_artists: Sequence[tuple[str, ...]],
    styles: tuple[StyleScore, ...],
    model: str | None,
    dim: int | None,
) -> Track:
    duration_s, descriptor_version, analyzed_at, added_at = row[28:]
    return Track(
        id=TrackId(row[0]),
        file=audio_file(*row[1:5]),
        tags=_tags(row[5:20], further_artists),
        duration_s=duration_s,
        descriptors=_descriptors(row[20:28]),
        descriptor_version=descriptor_version,
        analyzed_at=analyzed_at,
        added_at=added_at,
        model=model,
        embedding_dim=dim,
        styles=styles,
    )


def _tags(columns: Sequence[Any], further_artists: Sequence[tuple[str, ...]]) -> Tags:
    """The columns stand in the order of the fields of ``Tags``."""
    before, genres, after = columns[:7], columns[7], columns[8:]
    return Tags(*before, tuple(json.loads(genres)), *after, (), *further_artists)  # type: ignore[call-arg]


def _descriptors(columns: Sequence[Any]) -> Descriptors:
    """The columns stand in the order of the fields of ``Descriptors``."""
    before, scale, after = columns[:3], columns[3], columns[4:]
    return Descriptors(*before, SCALES[scale], *after)  # type: ignore[call-arg]
