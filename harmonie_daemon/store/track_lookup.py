"""From paths and names to tracks, many at a time; what is found is the smallest id.

One statement answers for a whole batch, and no batch is larger than what one request may send.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.database import Connection, blob_array
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
_SAME = {
    "artist_key": "tracks.artist_key = wanted.value ->> 0",
    "album_key": "tracks.album_key = wanted.value ->> 1",
    "title_key": "tracks.title_key = wanted.value ->> 2",
}

T = TypeVar("T")


class NameKeys(NamedTuple):
    """Names as they are compared; ``None`` for one that is not given."""

    artist_key: str | None
    album_key: str | None
    title_key: str | None


def name_key(name: str | None) -> str | None:
    """A name as it is compared; ``None`` for a blank one."""
    return None if name is None else text_key(clean_text(name[:LONGEST_NAME]))


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
        """The tracks whose tags equal all names that are given; nothing given finds nothing."""
        found: dict[NameKeys, TrackId] = {}
        for given, alike in _by_given(wanted).items():
            statement = _BY_NAMES.format(conditions=" AND ".join(_SAME[name] for name in given))
            for batch in _batches(alike):
                rows = stream(self._connection, statement, (json.dumps(batch),))
                found.update((batch[n], TrackId(id_)) for n, id_ in rows if id_ is not None)
        return found

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


def _by_given(wanted: Iterable[NameKeys]) -> dict[tuple[str, ...], list[NameKeys]]:
    """Those with the same names given, together."""
    groups: dict[tuple[str, ...], list[NameKeys]] = {}
    for keys in wanted:
        given = tuple(column for column in NameKeys._fields if getattr(keys, column))
        if given:
            groups.setdefault(given, []).append(keys)
    return groups


def _batches(values: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch
