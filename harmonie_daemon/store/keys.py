"""Text that enters the database, and the keys it is compared by."""

from __future__ import annotations

import logging
import math
import re
import unicodedata

from harmonie_daemon.domain.text import KEY_VERSION, folded_key, text_key
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.rows import fetch

logger = logging.getLogger(__name__)

VERSION = f"{KEY_VERSION}/{unicodedata.unidata_version}"
"""Case folding depends on Python's Unicode tables, so they are part of the version."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_LARGEST_NUMBER = 2**31

_KEY_VERSION = "SELECT value FROM meta WHERE key = 'key_version'"
_SET_KEY_VERSION = (
    "INSERT INTO meta (key, value) VALUES ('key_version', ?) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_ALL_NAMES = "SELECT artist, album_artist, album, title, id FROM tracks"
_SET_TRACK_KEYS = """
UPDATE tracks SET
  artist_key = ?, album_artist_key = ?, album_key = ?, title_key = ?,
  artist_folded = ?, album_folded = ?, title_folded = ?
WHERE id = ?
"""
_ALL_FURTHER_ARTISTS = "SELECT name, track_id, of_album, position FROM further_artists"
_SET_ARTIST_KEYS = """
UPDATE further_artists SET name_key = ?, name_folded = ?
WHERE (track_id, of_album, position) = (?, ?, ?)
"""
_ALL_LABELS = "SELECT genre, style, id FROM styles"
_SET_LABEL_KEYS = "UPDATE styles SET genre_key = ?, style_key = ? WHERE id = ?"


def clean_text(text: str | None) -> str | None:
    """Text that SQLite and JSON can carry: no lone surrogates, no NUL; ``None`` for a blank."""
    if text is None:
        return None
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\0", " ")).strip() or None


def clean_real(number: float | None) -> float | None:
    """A finite Python float (numpy scalars would be stored as blobs), or ``None``."""
    if number is None or not math.isfinite(number):
        return None
    return float(number)


def clean_count(number: int | None) -> int | None:
    """A track or disc number that fits any reader's integers, or ``None``."""
    if number is None or not 0 <= number < _LARGEST_NUMBER:
        return None
    return int(number)


def name_keys(
    artist: str | None, album_artist: str | None, album: str | None, title: str | None
) -> tuple[str | None, ...]:
    """The keys of all four, then the folded ones of artist, album and title."""
    keys = (text_key(name) for name in (artist, album_artist, album, title))
    return (*keys, *(folded_key(name) for name in (artist, album, title)))


def renew(connection: Connection) -> None:
    """Make every stored key anew if they come from another version; inside a transaction."""
    row = fetch(connection, _KEY_VERSION)
    if row == [(VERSION,)]:
        return
    names = fetch(connection, _ALL_NAMES)
    connection.executemany(_SET_TRACK_KEYS, [(*name_keys(*row[:-1]), row[-1]) for row in names])
    connection.executemany(
        _SET_ARTIST_KEYS,
        [
            (text_key(name), folded_key(name), *place)
            for name, *place in fetch(connection, _ALL_FURTHER_ARTISTS)
        ],
    )
    labels = fetch(connection, _ALL_LABELS)
    connection.executemany(
        _SET_LABEL_KEYS, [(*(text_key(part) or "" for part in row[:-1]), row[-1]) for row in labels]
    )
    connection.execute(_SET_KEY_VERSION, (VERSION,))
    if names:
        logger.info("comparison keys of %d tracks made anew (version %s)", len(names), VERSION)
