"""The words of tracks, as full-text indexes; each function runs inside one transaction.

Two of them (SQLite's FTS5): whole words and their beginnings, ranked by where they stand, and any
three letters in a row, so that a word is found within others. What goes in has been folded
(``domain.words``), and so has what is looked for. Tracks with styles, tags or files of other names
are brought in step by whoever changes them; those that go take their words along (a trigger).
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from harmonie_daemon.domain.text import KEY_VERSION
from harmonie_daemon.domain.words import WORDS_VERSION, SearchWord, searchable
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import id_array
from harmonie_daemon.store.filters_sql import Condition
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.rows import fetch, stream

VERSION = f"{WORDS_VERSION}/{KEY_VERSION}/{unicodedata.unidata_version}"
"""Folding depends on Python's Unicode tables, so they are part of the version."""
LEAST_STYLE = 0.1
"""Styles that the classifier thinks less likely are no words of a track."""
LONGEST_TEXT = 2_000
"""Characters of one kind of text that are kept; a file may hold novels."""
WEIGHTS = (10.0, 8.0, 5.0, 2.0, 2.0)
"""What a word is worth in a title, an artist's name, an album, a genre, a file's name."""

SHORTEST_BEGINNING = 5
"""Letters from which on somebody who names a word may mean a longer one: march, marches."""
MOST_HITS = 20_000
"""Tracks of one word; one that more have tells them apart no more."""
LENGTH_DIFFERS = 2
"""Letters that a word and what it is a misspelling of differ by in length."""
MOST_ALIKE = 1_000

_TEXTS = """
SELECT
  tracks.id, tracks.title, tracks.artist, tracks.album_artist, tracks.album, tracks.genres,
  (SELECT json_group_array(name) FROM further_artists WHERE track_id = tracks.id),
  (
    SELECT json_group_array(styles.genre || ' ' || styles.style)
    FROM track_styles JOIN styles ON styles.id = track_styles.style_id
    WHERE track_styles.track_id = tracks.id AND track_styles.probability >= ?
  ),
  iif(
    tracks.title IS NULL OR (tracks.artist IS NULL AND tracks.album IS NULL),
    files.relative_path, NULL
  )
FROM main.tracks AS tracks JOIN main.files AS files ON files.id = tracks.id
WHERE tracks.id IN (SELECT value FROM carray(?))
"""
_FORGET_WORDS = "DELETE FROM track_words WHERE rowid IN (SELECT value FROM carray(?))"
_FORGET_PARTS = "DELETE FROM track_parts WHERE rowid IN (SELECT value FROM carray(?))"
_SAVE_WORDS = """
INSERT INTO track_words (rowid, title, artist, album, genre, file) VALUES (?, ?, ?, ?, ?, ?)
"""
_SAVE_PARTS = "INSERT INTO track_parts (rowid, text) VALUES (?, ?)"
_IS_KNOWN = "SELECT 1 FROM sqlite_schema WHERE name = 'collected_words'"
_VERSION = "SELECT version FROM collected_words"
_BEGIN = """
UPDATE collected_words
SET version = ?, up_to = 0, last = (SELECT coalesce(max(id), 0) FROM tracks)
"""
_REACHED = "UPDATE collected_words SET up_to = coalesce(?, last)"
_NEXT = """
SELECT id FROM main.tracks, collected_words
WHERE id > up_to AND id <= last ORDER BY id LIMIT ?
"""
_EMPTY = (
    "INSERT INTO track_words (track_words) VALUES ('delete-all')",
    "INSERT INTO track_parts (track_parts) VALUES ('delete-all')",
)
_WITH_WORDS = "SELECT rowid FROM track_words WHERE track_words MATCH ?"
_WITH_PARTS = "SELECT rowid FROM track_parts WHERE track_parts MATCH ?"
_NAMES = "{title album file}"
_VISIBLE = """
SELECT tracks.id FROM track_words CROSS JOIN tracks ON tracks.id = track_words.rowid
WHERE track_words MATCH ? LIMIT ?
"""
_ALIKE = """
SELECT term, doc FROM track_terms WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?
LIMIT ?
"""
_RANKED = f"""
SELECT rowid AS id, bm25(track_words, {", ".join(map(str, WEIGHTS))}) AS rank
FROM track_words WHERE track_words MATCH ?
"""  # noqa: S608 - numbers


def renew(connection: Connection, ids: Sequence[int]) -> None:
    """Collect the words of these tracks anew."""
    wanted = id_array(ids)
    connection.execute(_FORGET_WORDS, (wanted,))
    connection.execute(_FORGET_PARTS, (wanted,))
    rows = [(id_, *texts(row)) for id_, *row in fetch(connection, _TEXTS, (LEAST_STYLE, wanted))]
    connection.executemany(_SAVE_WORDS, rows)
    connection.executemany(_SAVE_PARTS, [(id_, "\n".join(found)) for id_, *found in rows])


def begin(connection: Connection) -> None:
    """If the words there are were made by other rules, or never: let them be collected anew."""
    if fetch(connection, _IS_KNOWN) and fetch(connection, _VERSION) != [(VERSION,)]:
        for statement in _EMPTY:
            fetch(connection, statement)
        fetch(connection, _BEGIN, (VERSION,))


def collect(connection: Connection, most: int) -> int:
    """Collect the words of up to so many tracks that are still to do; how many there were."""
    ids = [id_ for (id_,) in fetch(connection, _NEXT, (most,))]
    if ids:
        renew(connection, ids)
    fetch(connection, _REACHED, (ids[-1] if ids else None,))
    return len(ids)


def is_whole(connection: Connection) -> bool:
    """Whether the words of every track have been collected."""
    return not fetch(connection, _NEXT, (1,))


def texts(row: Sequence[Any]) -> tuple[str, str, str, str, str]:
    """Title, artists, album, genres and file as words are looked for in them."""
    title, artist, album_artist, album, genres, further, styles, path = row
    return (
        _searchable([title]),
        _searchable([artist, album_artist, *json.loads(further)]),
        _searchable([album]),
        _searchable([*json.loads(genres), *json.loads(styles)]),
        _searchable([_without_ending(path)]),
    )


def _searchable(names: Iterable[str | None]) -> str:
    """Each name once, on a line of its own: no word goes across."""
    folded = dict.fromkeys(searchable(name[:LONGEST_TEXT]) for name in names if name)
    return "\n".join(filter(None, folded))[:LONGEST_TEXT]


def _without_ending(path: bytes | None) -> str | None:
    """A path with all that cannot be printed replaced, without the ending of the file's name."""
    if path is None:
        return None
    stem, dot, ending = path.rpartition(b".")
    whole = stem if dot and b"/" not in ending else path
    return os.fsdecode(whole).encode("utf-8", "replace").decode("utf-8")


def matching(words: Sequence[SearchWord]) -> Condition:
    """The ids of the tracks that have all of these words, as a statement.

    A word of three letters or more may stand anywhere in another, a shorter one at the beginning
    of one; in a script without spaces any signs will do that stand beside each other.
    """
    parts = [_quoted(word.text) for word in words if word.is_part]
    others = [_beginning(word) for word in words if not word.is_part]
    found = [
        Condition(statement, (" AND ".join(terms),))
        for statement, terms in ((_WITH_PARTS, parts), (_WITH_WORDS, others))
        if terms
    ]
    return Condition(
        " INTERSECT ".join(each.text for each in found),
        tuple(value for each in found for value in each.values),
    )


def ranked(words: Sequence[SearchWord]) -> Condition:
    """Ids and ranks (the least is best) of the tracks that have all of these as whole words or as
    their beginnings, as a statement; a whole word counts twice."""
    terms = (f"({_beginning(word)} OR {_quoted(word.text)})" for word in words)
    return Condition(_RANKED, (" AND ".join(terms),))


def hits(connection: Connection, phrases: Sequence[str], *, in_names: bool = False) -> IdArray:
    """The tracks that have any of these phrases (folded, without signs); ascending ids.

    A last word of ``SHORTEST_BEGINNING`` letters may be the beginning of a longer one. ``in_names``
    leaves artists and genres out. Of very many tracks ``MOST_HITS``.
    """
    terms = " OR ".join(_phrase(phrase) for phrase in phrases)
    match = f"{_NAMES} : ({terms})" if in_names else terms
    rows = stream(connection, _VISIBLE, (match, MOST_HITS))
    return np.sort(np.fromiter((id_ for (id_,) in rows), np.int64))


def is_there(connection: Connection, phrase: str) -> bool:
    """Whether any track has this phrase, as ``hits`` looks for it."""
    return bool(fetch(connection, _VISIBLE, (_phrase(phrase), 1)))


def beginning_alike(connection: Connection, word: str) -> list[tuple[str, int]]:
    """Words of tracks that begin with the same two letters and are about as long (up to
    ``MOST_ALIKE``), with how many tracks have them."""
    start = word[:2]
    end = start[:-1] + chr(ord(start[-1]) + 1)
    bounds = (start, end, len(word) - LENGTH_DIFFERS, len(word) + LENGTH_DIFFERS, MOST_ALIKE)
    return [(term, count) for term, count in stream(connection, _ALIKE, bounds)]


def _phrase(phrase: str) -> str:
    is_long = len(phrase.rpartition(" ")[2]) >= SHORTEST_BEGINNING
    return _quoted(phrase) + (" *" if is_long else "")


def _beginning(word: SearchWord) -> str:
    return f"{_quoted(word.text)} *"


def _quoted(text: str) -> str:
    """A string of FTS5's grammar: nothing in it is an operator."""
    return '"' + text.replace('"', '""') + '"'
