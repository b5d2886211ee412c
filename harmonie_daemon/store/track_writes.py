"""Saving what was heard in files, and what they say; each function runs inside one transaction.

``felt`` are the moods that follow from it, made before the transaction (``mood_basis``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harmonie_daemon.domain.mood import TrackMoods
from harmonie_daemon.domain.track import (
    Analysis,
    AudioFile,
    Descriptors,
    StyleScore,
    Tags,
    TrackId,
)
from harmonie_daemon.store import (
    files,
    generations,
    moods,
    style_writes,
    tag_writes,
    texts,
    vector_tables,
)
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.keys import clean_real

_KNOW_TRACK = """
INSERT INTO tracks (id, duration_s, decoded_fraction, descriptor_version, analyzed_at)
VALUES (?, 0.0, 0.0, 0, 0.0) ON CONFLICT (id) DO NOTHING
"""
_SAVE_DESCRIPTORS = """
UPDATE tracks SET
  bpm = ?, bpm_confidence = ?, key = ?, scale = ?, key_strength = ?, danceability = ?,
  loudness_db = ?, onset_rate = ?, duration_s = ?, decoded_fraction = ?, descriptor_version = ?,
  analyzed_at = ?
WHERE id = ?
"""
_HEARD_AT = "UPDATE tracks SET analyzed_at = ? WHERE id = ?"
_FORGET_EMBEDDINGS = "DELETE FROM embeddings WHERE track_id = ?"


def save(
    connection: Connection,
    now: float,
    file: AudioFile,
    fingerprint: bytes | None,
    tags: Tags,
    analysis: Analysis,
    styles: Sequence[StyleScore],
    unmapped_genres: Sequence[str],
    felt: TrackMoods | None,
) -> TrackId:
    """Insert or update the track at the file's path; see ``Tracks.save``."""
    is_other = not may_keep_styles(connection, file, analysis)
    track_id = files.save(connection, now, file, fingerprint, None)
    if is_other:
        connection.execute(_FORGET_EMBEDDINGS, (track_id,))
        style_writes.forget_probabilities(connection, track_id)
    connection.execute(_KNOW_TRACK, (track_id,))
    tag_writes.save(connection, track_id, tags, unmapped_genres)
    connection.execute(_SAVE_DESCRIPTORS, (*_columns(analysis), now, track_id))
    vector_tables.save(connection, track_id, analysis.embeddings)
    style_writes.save(connection, track_id, styles, analysis.style_probabilities)
    moods.save_features(connection, track_id, analysis.features)
    moods.save_mood_tags(connection, track_id, tags)
    moods.save(connection, track_id, felt)
    texts.renew(connection, (track_id,))
    generations.record(connection, (track_id,))
    return track_id


def save_tags(
    connection: Connection,
    track_id: TrackId,
    file: AudioFile,
    tags: Tags | None,
    styles: Sequence[StyleScore],
    unmapped_genres: Sequence[str],
    felt: TrackMoods | None,
) -> bool:
    """Replace the tags alone; see ``Tracks.save_tags``."""
    if not files.is_analysed(connection, track_id, file):
        return False
    if tags is None:
        tag_writes.are_read(connection, int(track_id))
        return True
    tag_writes.save(connection, int(track_id), tags, unmapped_genres)
    style_writes.save(connection, int(track_id), styles, None)
    moods.save_mood_tags(connection, int(track_id), tags)
    moods.save(connection, int(track_id), felt)
    texts.renew(connection, (int(track_id),))
    generations.record(connection, (int(track_id),))
    return True


def save_descriptors(
    connection: Connection,
    now: float,
    track_id: TrackId,
    file: AudioFile,
    analysis: Analysis,
    felt: TrackMoods | None,
) -> bool:
    """Replace the descriptors alone; see ``Tracks.save_descriptors``."""
    if not files.is_analysed(connection, track_id, file):
        return False
    connection.execute(_SAVE_DESCRIPTORS, (*_columns(analysis), now, int(track_id)))
    moods.save_features(connection, int(track_id), analysis.features)
    moods.save(connection, int(track_id), felt)
    generations.record(connection, (int(track_id),))
    return True


def save_embeddings(
    connection: Connection,
    now: float,
    track_id: TrackId,
    file: AudioFile,
    analysis: Analysis,
    styles: Sequence[StyleScore],
    felt: TrackMoods | None,
) -> bool:
    """Add or replace some vectors alone; see ``Tracks.save_embeddings``."""
    if not files.is_analysed(connection, track_id, file):
        return False
    vector_tables.save(connection, int(track_id), analysis.embeddings)
    if analysis.style_probabilities is not None:
        style_writes.save(connection, int(track_id), styles, analysis.style_probabilities)
        moods.save(connection, int(track_id), felt)
        texts.renew(connection, (int(track_id),))
    connection.execute(_HEARD_AT, (now, int(track_id)))
    generations.record(connection, (int(track_id),))
    return True


def may_keep_styles(connection: Connection, file: AudioFile, analysis: Analysis) -> bool:
    """Whether what was heard before stays: a file may have other tags and sound the same."""
    known = files.stat(connection, file.path)
    if known is None or known[1:] == (file.size, file.mtime_ns):
        return True
    return vector_tables.sounds_the_same(connection, known[0], analysis.embeddings)


def as_stored(descriptors: Descriptors) -> Descriptors:
    """The descriptors as they come out of the database again."""
    return replace(
        descriptors,
        bpm=clean_real(descriptors.bpm),
        bpm_confidence=clean_real(descriptors.bpm_confidence),
        key_strength=clean_real(descriptors.key_strength),
        danceability=clean_real(descriptors.danceability),
        loudness_db=clean_real(descriptors.loudness_db),
        onset_rate=clean_real(descriptors.onset_rate),
    )


def _columns(analysis: Analysis) -> tuple[Any, ...]:
    heard = as_stored(analysis.descriptors)
    return (
        heard.bpm,
        heard.bpm_confidence,
        heard.key,
        None if heard.scale is None else heard.scale.value,
        heard.key_strength,
        heard.danceability,
        heard.loudness_db,
        heard.onset_rate,
        float(analysis.duration_s),
        float(analysis.decoded_fraction),
        int(analysis.descriptor_version),
    )
