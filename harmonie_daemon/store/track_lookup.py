"""From paths and names to tracks, many at a time; what is found is the smallest id.

One statement answers for a whole batch, and no batch is larger than what one request may send.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from harmonie_daemon.domain.text import folded_key, text_key
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import blob_array
from harmonie_daemon.store.keys import clean_text
from harmonie_daemon.store.rows import stream

LONGEST_PATH_BYTES = 4096
"""Linux opens no longer path."""
LONGEST_NAME = 2_000
"""Characters of a name that are compared; tags are cut long before."""
MOST_FOLDERS = 64
"""How many of the last components of a foreign path are compared. Every tail of a path of n
components has to be looked up, n² bytes in all; libraries are less than ten folders deep."""
BATCH = 2_000
"""Values of one statement: 8 MB at most, if they are all paths of the greatest length."""

_BY_PATHS = """
SELECT files.path, tracks.id FROM files JOIN tracks ON tracks.id = files.id
WHERE files.path IN (SELECT value FROM carray(?))
"""
_BY_RELATIVE_PATHS = """
SELECT files.relative_path, min(tracks.id) FROM files JOIN tracks ON tracks.id = files.id
WHERE files.relative_path IN (SELECT value FROM carray(?))
GROUP BY files.relative_path
"""
_BY_NAMES = """
SELECT wanted.key, (SELECT min(tracks.id) FROM tracks WHERE {conditions})
FROM json_each(?) AS wanted
"""
_BY_NAMES_OF_FURTHER_ARTISTS = """
SELECT wanted.key, (
  SELECT min(tracks.id)
  FROM further_artists JOIN tracks ON tracks.id = further_artists.track_id
  WHERE further_artists.of_album = 0 AND {conditions}
)
FROM json_each(?) AS wanted
"""
_ONLY_OF_TITLE = """
SELECT {title}, min(id) FROM tracks WHERE {title} IN (SELECT value FROM json_each(?))
GROUP BY {title} HAVING count(*) = 1
"""

T = TypeVar("T")


class NameColumns(NamedTuple):
    """Where names are compared, in the order of ``NameKeys``, and an artist after the first."""

    artist: str
    album: str
    title: str
    further_artist: str


_EXACT = NameColumns(
    "tracks.artist_key", "tracks.album_key", "tracks.title_key", "further_artists.name_key"
)
_FOLDED = NameColumns(
    "tracks.artist_folded",
    "tracks.album_folded",
    "tracks.title_folded",
    "further_artists.name_folded",
)


class NameKeys(NamedTuple):
    """Names as they are compared; ``None`` for one that is not given."""

    artist_key: str | None
    album_key: str | None
    title_key: str | None


_ARTIST = NameKeys._fields.index("artist_key")


def name_key(name: str | None) -> str | None:
    """A name as it is compared; ``None`` for a blank one."""
    return None if name is None else text_key(clean_text(name[:LONGEST_NAME]))


def folded_name_key(name: str | None) -> str | None:
    """A name as it is compared at last, without accents; ``None`` for a blank one."""
    return None if name is None else folded_key(clean_text(name[:LONGEST_NAME]))


class TrackLookup:
    """Finds tracks inside one read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_path(self, paths: Sequence[str]) -> dict[str, TrackId]:
        """The tracks at exactly these absolute paths."""
        return self._by_whole_path(_BY_PATHS, paths)

    def by_relative_path(self, paths: Sequence[str]) -> dict[str, TrackId]:
        """The tracks at exactly these paths below their root."""
        return self._by_whole_path(_BY_RELATIVE_PATHS, paths)

    def by_suffix(self, paths: Sequence[str]) -> dict[str, TrackId]:
        """The tracks at paths under another mount.

        The longest tail of a path (whole components, separated by ``/``, at most
        ``MOST_FOLDERS``) that equals a relative path decides.
        """
        named = _named(paths)
        tails = (tail for name in named.values() for tail in _tails(name))
        found = self._by_bytes(_BY_RELATIVE_PATHS, tails)
        longest = {
            path: next((found[tail] for tail in _tails(name) if tail in found), None)
            for path, name in (named.items() if found else ())
        }
        return {path: id_ for path, id_ in longest.items() if id_ is not None}

    def by_names(self, wanted: Sequence[NameKeys]) -> dict[NameKeys, TrackId]:
        """The tracks whose tags equal all names that are given; nothing given finds nothing.

        Each artist of a track counts.
        """
        return self._by_names(_EXACT, wanted)

    def by_folded_names(self, wanted: Sequence[NameKeys]) -> dict[NameKeys, TrackId]:
        """As ``by_names``, with folded keys."""
        return self._by_names(_FOLDED, wanted)

    def by_title_alone(self, titles: Sequence[str]) -> dict[str, TrackId]:
        """The tracks whose titles (keys) no other track has."""
        return self._only_ones(_EXACT, titles)

    def by_folded_title_alone(self, titles: Sequence[str]) -> dict[str, TrackId]:
        """As ``by_title_alone``, with folded keys."""
        return self._only_ones(_FOLDED, titles)

    def _by_names(
        self, columns: NameColumns, wanted: Sequence[NameKeys]
    ) -> dict[NameKeys, TrackId]:
        found: dict[NameKeys, TrackId] = {}
        for given, alike in _by_given(wanted).items():
            for statement in _statements(columns, given):
                for batch in _batches(alike):
                    for n, id_ in stream(self._connection, statement, (json.dumps(batch),)):
                        if id_ is not None:
                            found[batch[n]] = min(TrackId(id_), found.get(batch[n], TrackId(id_)))
        return found

    def _only_ones(self, columns: NameColumns, titles: Sequence[str]) -> dict[str, TrackId]:
        statement = _ONLY_OF_TITLE.format(title=columns.title)
        return {
            title: TrackId(id_)
            for batch in _batches(titles)
            for title, id_ in stream(self._connection, statement, (json.dumps(batch),))
        }

    def _by_whole_path(self, statement: str, paths: Sequence[str]) -> dict[str, TrackId]:
        named = _named(paths)
        found = self._by_bytes(statement, named.values())
        return {path: found[name] for path, name in named.items() if name in found}

    def _by_bytes(self, statement: str, names: Iterable[bytes]) -> dict[bytes, TrackId]:
        found: dict[bytes, TrackId] = {}
        for batch in _batches(names):
            rows = stream(self._connection, statement, (blob_array(batch),))
            found.update((name, TrackId(id_)) for name, id_ in rows)
        return found


def _named(paths: Iterable[str]) -> Mapping[str, bytes]:
    """The paths that a file could have, as the bytes of its name."""
    named: dict[str, bytes] = {}
    for path in paths:
        if not 0 < len(path) <= LONGEST_PATH_BYTES:
            continue
        try:
            name = os.fsencode(path)
        except UnicodeEncodeError:
            continue
        if len(name) <= LONGEST_PATH_BYTES:
            named[path] = name
    return named


def _tails(name: bytes) -> Iterator[bytes]:
    """The ends of a path, the longest first."""
    parts = [part for part in name.split(b"/") if part][-MOST_FOLDERS:]
    for start in range(len(parts)):
        yield b"/".join(parts[start:])


def _by_given(wanted: Iterable[NameKeys]) -> dict[tuple[int, ...], list[NameKeys]]:
    """Those with the same names given, together; names by their position."""
    groups: dict[tuple[int, ...], list[NameKeys]] = {}
    for keys in wanted:
        given = tuple(position for position, key in enumerate(keys) if key)
        if given:
            groups.setdefault(given, []).append(keys)
    return groups


def _statements(columns: NameColumns, given: Sequence[int]) -> Iterator[str]:
    """What finds tracks by these names; of further artists only if an artist is given."""
    same = {position: f"{columns[position]} = wanted.value ->> {position}" for position in given}
    yield _BY_NAMES.format(conditions=" AND ".join(same.values()))
    if _ARTIST in same:
        same[_ARTIST] = f"{columns.further_artist} = wanted.value ->> {_ARTIST}"
        yield _BY_NAMES_OF_FURTHER_ARTISTS.format(conditions=" AND ".join(same.values()))


def _batches(values: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch
