"""Changes to what is known of files and tracks; each function runs inside one transaction."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from harmonie_daemon.domain.errors import TrackNotFoundError
from harmonie_daemon.domain.text import folded_key, text_key
from harmonie_daemon.domain.track import (
    Analysis,
    AudioFile,
    Descriptors,
    StyleScore,
    Tags,
    TrackId,
)
from harmonie_daemon.library.tag_job import TAGS_VERSION
from harmonie_daemon.store import generations, hidden_files, moods, style_writes, vector_tables
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import id_array
from harmonie_daemon.store.keys import clean_count, clean_real, clean_text, name_keys
from harmonie_daemon.store.rows import fetch

_KNOW_ROOT = "INSERT INTO roots (path) VALUES (?) ON CONFLICT (path) DO NOTHING"
_ROOT = "SELECT id FROM roots WHERE path = ?"
_STAT = "SELECT id, size, mtime_ns FROM files WHERE path = ?"
_SAVE_FILE = """
INSERT INTO files
  (path, root_id, relative_path, size, mtime_ns, fingerprint, failure, failed_at, added_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (path) DO UPDATE SET
  root_id = excluded.root_id, relative_path = excluded.relative_path,
  size = excluded.size, mtime_ns = excluded.mtime_ns, fingerprint = excluded.fingerprint,
  failure = excluded.failure, failed_at = excluded.failed_at
RETURNING id
"""
_STEP_ASIDE = "UPDATE files SET path = ? WHERE id = ? RETURNING id"
_MOVE_FILE = """
UPDATE files SET path = ?, root_id = ?, relative_path = ?, size = ?, mtime_ns = ? WHERE id = ?
"""
_DELETE_AT_PATH = "DELETE FROM files WHERE path = ? RETURNING id"
_DELETE_FILES = "DELETE FROM files WHERE id IN (SELECT value FROM carray(?)) RETURNING id"
_DELETE_TRACK = "DELETE FROM tracks WHERE id = ? RETURNING id"
_KNOW_TRACK = """
INSERT INTO tracks (id, duration_s, decoded_fraction, descriptor_version, analyzed_at)
VALUES (?, 0.0, 0.0, 0, 0.0) ON CONFLICT (id) DO NOTHING
"""
_SAVE_TAGS = """
UPDATE tracks SET
  artist = ?, album_artist = ?, album = ?, title = ?, track_number = ?, disc_number = ?,
  date = ?, genres = ?, musicbrainz_recording_id = ?, musicbrainz_track_id = ?,
  musicbrainz_album_id = ?, musicbrainz_artist_id = ?, tag_bpm = ?, tag_key = ?,
  replaygain_track_gain_db = ?,
  artist_key = ?, album_artist_key = ?, album_key = ?, title_key = ?,
  artist_folded = ?, album_folded = ?, title_folded = ?,
  tags_version = ?
WHERE id = ?
"""
_TAGS_ARE_READ = "UPDATE tracks SET tags_version = ? WHERE id = ?"
_FORGET_FURTHER_ARTISTS = "DELETE FROM further_artists WHERE track_id = ?"
_SAVE_FURTHER_ARTIST = """
INSERT INTO further_artists (track_id, of_album, position, name, name_key, name_folded)
VALUES (?, ?, ?, ?, ?, ?)
"""
_SAVE_DESCRIPTORS = """
UPDATE tracks SET
  bpm = ?, bpm_confidence = ?, key = ?, scale = ?, key_strength = ?, danceability = ?,
  loudness_db = ?, onset_rate = ?, duration_s = ?, decoded_fraction = ?, descriptor_version = ?,
  analyzed_at = ?
WHERE id = ?
"""
_HEARD_AT = "UPDATE tracks SET analyzed_at = ? WHERE id = ?"
_IS_ANALYSED = """
SELECT tracks.id FROM tracks JOIN files ON files.id = tracks.id
WHERE tracks.id = ? AND files.path = ? AND files.size = ? AND files.mtime_ns = ?
"""
_FORGET_EMBEDDINGS = "DELETE FROM embeddings WHERE track_id = ?"
_FORGET_UNMAPPED = "DELETE FROM unmapped_genres WHERE track_id = ?"
_SAVE_UNMAPPED = """
INSERT INTO unmapped_genres (track_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING
"""


def save(
    connection: Connection,
    now: float,
    file: AudioFile,
    fingerprint: bytes | None,
    tags: Tags,
    analysis: Analysis,
    styles: Sequence[StyleScore],
    unmapped_genres: Sequence[str],
) -> TrackId:
    """Insert or update the track at the file's path; see ``Tracks.save``."""
    before = fetch(connection, _STAT, (os.fsencode(file.path),))
    track_id = _save_file(connection, now, file, fingerprint, None)
    if before and before != [(track_id, file.size, file.mtime_ns)]:
        _forget_other_audio(connection, track_id, analysis)
    connection.execute(_KNOW_TRACK, (track_id,))
    _save_tags(connection, track_id, tags)
    connection.execute(_SAVE_DESCRIPTORS, (*_analysis_columns(analysis), now, track_id))
    vector_tables.save(connection, track_id, analysis.embeddings)
    style_writes.save(connection, track_id, styles, analysis.style_probabilities)
    _save_unmapped(connection, track_id, unmapped_genres)
    moods.save_features(connection, track_id, analysis.features)
    moods.save_mood_tags(connection, track_id, tags)
    moods.renew(connection, track_id)
    generations.record(connection, (track_id,))
    return track_id


def save_tags(
    connection: Connection,
    track_id: TrackId,
    file: AudioFile,
    tags: Tags | None,
    styles: Sequence[StyleScore],
    unmapped_genres: Sequence[str],
) -> bool:
    """Replace the tags alone; see ``Tracks.save_tags``."""
    if not _is_analysed(connection, track_id, file):
        return False
    if tags is None:
        connection.execute(_TAGS_ARE_READ, (TAGS_VERSION, int(track_id)))
        return True
    _save_tags(connection, int(track_id), tags)
    style_writes.save(connection, int(track_id), styles, None)
    _save_unmapped(connection, int(track_id), unmapped_genres)
    moods.save_mood_tags(connection, int(track_id), tags)
    moods.renew(connection, int(track_id))
    generations.record(connection, (int(track_id),))
    return True


def save_descriptors(
    connection: Connection, now: float, track_id: TrackId, file: AudioFile, analysis: Analysis
) -> bool:
    """Replace the descriptors alone; see ``Tracks.save_descriptors``."""
    if not _is_analysed(connection, track_id, file):
        return False
    connection.execute(_SAVE_DESCRIPTORS, (*_analysis_columns(analysis), now, int(track_id)))
    moods.save_features(connection, int(track_id), analysis.features)
    moods.renew(connection, int(track_id))
    generations.record(connection, (int(track_id),))
    return True


def save_embeddings(
    connection: Connection,
    now: float,
    track_id: TrackId,
    file: AudioFile,
    analysis: Analysis,
    styles: Sequence[StyleScore],
) -> bool:
    """Add or replace some vectors alone; see ``Tracks.save_embeddings``."""
    if not _is_analysed(connection, track_id, file):
        return False
    vector_tables.save(connection, int(track_id), analysis.embeddings)
    if analysis.style_probabilities is not None:
        style_writes.save(connection, int(track_id), styles, analysis.style_probabilities)
        moods.renew(connection, int(track_id))
    connection.execute(_HEARD_AT, (now, int(track_id)))
    generations.record(connection, (int(track_id),))
    return True


def record_failure(
    connection: Connection, now: float, file: AudioFile, fingerprint: bytes | None, reason: str
) -> None:
    """Remember that the file cannot be decoded; what an earlier version sounded like goes."""
    text = clean_text(reason) or "no reason given"
    track_id = _save_file(connection, now, file, fingerprint, text)
    if fetch(connection, _DELETE_TRACK, (track_id,)):
        generations.record(connection, (track_id,))


def move_many(connection: Connection, moves: Sequence[tuple[TrackId, AudioFile]]) -> int:
    """Give files other paths, also each other's; see ``Tracks.move_many``."""
    for track_id, _ in moves:
        aside = b"\0%d" % track_id  # no file can be called that
        if not fetch(connection, _STEP_ASIDE, (aside, int(track_id))):
            raise TrackNotFoundError(f"no track has the id {track_id}")
    replaced: list[int] = []
    for track_id, file in moves:
        path = os.fsencode(file.path)
        replaced += (id_ for (id_,) in fetch(connection, _DELETE_AT_PATH, (path,)))
        columns = (path, *_place(connection, file), file.size, file.mtime_ns, int(track_id))
        connection.execute(_MOVE_FILE, columns)
    if moves:
        hidden_files.show(connection, [id_ for id_, _ in moves])
        generations.record(connection, (*(int(id_) for id_, _ in moves), *replaced))
    return len(replaced)


def remove(connection: Connection, ids: Sequence[TrackId]) -> int:
    """Forget files with all that hangs on them; returns how many were known."""
    gone = [id_ for (id_,) in fetch(connection, _DELETE_FILES, (id_array(ids),))]
    if gone:
        generations.record(connection, gone)
    return len(gone)


def _is_analysed(connection: Connection, track_id: TrackId, file: AudioFile) -> bool:
    """Whether this very file, unchanged, is a track: it may have gone while it was heard."""
    columns = (int(track_id), os.fsencode(file.path), file.size, file.mtime_ns)
    return bool(fetch(connection, _IS_ANALYSED, columns))


def _forget_other_audio(connection: Connection, track_id: int, analysis: Analysis) -> None:
    """A changed file loses what was heard in it before, unless only its tags have changed."""
    if not vector_tables.sounds_the_same(connection, track_id, analysis.embeddings):
        connection.execute(_FORGET_EMBEDDINGS, (track_id,))
        style_writes.forget_probabilities(connection, track_id)


def _save_file(
    connection: Connection,
    now: float,
    file: AudioFile,
    fingerprint: bytes | None,
    failure: str | None,
) -> TrackId:
    columns = (
        os.fsencode(file.path),
        *_place(connection, file),
        file.size,
        file.mtime_ns,
        fingerprint,
        failure,
        None if failure is None else now,
        now,
    )
    ((track_id,),) = fetch(connection, _SAVE_FILE, columns)
    return TrackId(track_id)


def _place(connection: Connection, file: AudioFile) -> tuple[int, bytes]:
    """Number of the root, and the path below it."""
    root = os.fsencode(file.root)
    connection.execute(_KNOW_ROOT, (root,))
    ((root_id,),) = fetch(connection, _ROOT, (root,))
    return root_id, os.fsencode(file.relative_path)


def _save_tags(connection: Connection, track_id: int, tags: Tags) -> None:
    connection.execute(_SAVE_TAGS, (*_tag_columns(tags), TAGS_VERSION, track_id))
    connection.execute(_FORGET_FURTHER_ARTISTS, (track_id,))
    for of_album, names in enumerate((tags.further_artists, tags.further_album_artists)):
        for position, name in enumerate(filter(None, map(clean_text, names)), start=1):
            keys = text_key(name), folded_key(name)
            connection.execute(_SAVE_FURTHER_ARTIST, (track_id, of_album, position, name, *keys))


def _tag_columns(tags: Tags) -> tuple[Any, ...]:
    names = tuple(map(clean_text, (tags.artist, tags.album_artist, tags.album, tags.title)))
    return (
        *names,
        clean_count(tags.track_number),
        clean_count(tags.disc_number),
        clean_text(tags.date),
        json.dumps([name for genre in tags.genres if (name := clean_text(genre))]),
        clean_text(tags.musicbrainz_recording_id),
        clean_text(tags.musicbrainz_track_id),
        clean_text(tags.musicbrainz_album_id),
        clean_text(tags.musicbrainz_artist_id),
        clean_real(tags.bpm),
        clean_text(tags.key),
        clean_real(tags.replaygain_track_gain_db),
        *name_keys(*names),
    )


def _analysis_columns(analysis: Analysis) -> tuple[Any, ...]:
    return (
        *_descriptor_columns(analysis.descriptors),
        float(analysis.duration_s),
        float(analysis.decoded_fraction),
        int(analysis.descriptor_version),
    )


def _descriptor_columns(descriptors: Descriptors) -> tuple[Any, ...]:
    return (
        clean_real(descriptors.bpm),
        clean_real(descriptors.bpm_confidence),
        descriptors.key,
        None if descriptors.scale is None else descriptors.scale.value,
        clean_real(descriptors.key_strength),
        clean_real(descriptors.danceability),
        clean_real(descriptors.loudness_db),
        clean_real(descriptors.onset_rate),
    )


def _save_unmapped(connection: Connection, track_id: int, names: Sequence[str]) -> None:
    connection.execute(_FORGET_UNMAPPED, (track_id,))
    for name in filter(None, map(clean_text, names)):
        connection.execute(_SAVE_UNMAPPED, (track_id, name))
