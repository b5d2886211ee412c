"""What files say about themselves; each function runs inside one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harmonie_daemon.domain.text import folded_key, text_key
from harmonie_daemon.domain.track import Tags
from harmonie_daemon.library.tag_job import TAGS_VERSION
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.keys import clean_count, clean_real, clean_text, name_keys

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
_FORGET_UNMAPPED = "DELETE FROM unmapped_genres WHERE track_id = ?"
_SAVE_UNMAPPED = """
INSERT INTO unmapped_genres (track_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING
"""


def save(connection: Connection, track_id: int, tags: Tags, unmapped_genres: Sequence[str]) -> None:
    """Replace the tags and the genres among them that no style stands for."""
    kept = as_stored(tags)
    connection.execute(_SAVE_TAGS, (*_columns(kept), TAGS_VERSION, track_id))
    connection.execute(_FORGET_FURTHER_ARTISTS, (track_id,))
    for of_album, names in enumerate((kept.further_artists, kept.further_album_artists)):
        for position, name in enumerate(names, start=1):
            keys = text_key(name), folded_key(name)
            connection.execute(_SAVE_FURTHER_ARTIST, (track_id, of_album, position, name, *keys))
    connection.execute(_FORGET_UNMAPPED, (track_id,))
    for name in _present(unmapped_genres):
        connection.execute(_SAVE_UNMAPPED, (track_id, name))


def are_read(connection: Connection, track_id: int) -> None:
    """Note that there is no more to be read out of this file."""
    connection.execute(_TAGS_ARE_READ, (TAGS_VERSION, track_id))


def as_stored(tags: Tags) -> Tags:
    """The tags as they come out of the database again, mood tags among them."""
    return replace(
        tags,
        artist=clean_text(tags.artist),
        album_artist=clean_text(tags.album_artist),
        album=clean_text(tags.album),
        title=clean_text(tags.title),
        track_number=clean_count(tags.track_number),
        disc_number=clean_count(tags.disc_number),
        date=clean_text(tags.date),
        genres=_present(tags.genres),
        musicbrainz_recording_id=clean_text(tags.musicbrainz_recording_id),
        musicbrainz_track_id=clean_text(tags.musicbrainz_track_id),
        musicbrainz_album_id=clean_text(tags.musicbrainz_album_id),
        musicbrainz_artist_id=clean_text(tags.musicbrainz_artist_id),
        bpm=clean_real(tags.bpm),
        key=clean_text(tags.key),
        replaygain_track_gain_db=clean_real(tags.replaygain_track_gain_db),
        moods=_present(tags.moods),
        further_artists=_present(tags.further_artists),
        further_album_artists=_present(tags.further_album_artists),
    )


def _present(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(None, map(clean_text, texts)))


def _columns(tags: Tags) -> tuple[Any, ...]:
    names = (tags.artist, tags.album_artist, tags.album, tags.title)
    return (
        *names,
        tags.track_number,
        tags.disc_number,
        tags.date,
        json.dumps(tags.genres),
        tags.musicbrainz_recording_id,
        tags.musicbrainz_track_id,
        tags.musicbrainz_album_id,
        tags.musicbrainz_artist_id,
        tags.bpm,
        tags.key,
        tags.replaygain_track_gain_db,
        *name_keys(*names),
    )
