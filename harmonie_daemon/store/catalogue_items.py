"""The items of a server as they are kept; each function runs inside one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harmonie_daemon.domain.catalogue import RemoteTrack
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import id_array, text_array
from harmonie_daemon.store.keys import clean_count, clean_real, clean_text
from harmonie_daemon.store.rows import fetch, stream

LONGEST_NAME = 500
"""Characters of a title, an album or an artist that are kept."""
LONGEST_PATH = 8192
MOST_ARTISTS = 16
MOST_CANDIDATES = 200
"""Items with the same key that are looked at; a title may be a hundred live recordings."""

_KNOWN = """
SELECT
  remote_id, id, sweep, path, title, album, artists, track_number, duration_s, musicbrainz
FROM catalogue_items
WHERE catalogue_id = ? AND remote_id IN (SELECT value FROM carray(?))
"""
_ADD = """
INSERT INTO catalogue_items (
  catalogue_id, remote_id, path, title, album, artists, track_number, duration_s, musicbrainz,
  sweep
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
"""
_CHANGE = """
UPDATE catalogue_items SET
  path = ?, title = ?, album = ?, artists = ?, track_number = ?, duration_s = ?, musicbrainz = ?
WHERE id = ?
"""
_SEEN = "UPDATE catalogue_items SET sweep = ? WHERE id = ?"
_ADD_KEY = """
INSERT OR IGNORE INTO catalogue_keys (catalogue_id, key, item_id) VALUES (?, ?, ?)
"""
_FORGET_KEYS = "DELETE FROM catalogue_keys WHERE item_id = ?"
_FORGET_MATCHES = "DELETE FROM catalogue_matches WHERE item_id = ?"
_WITH_KEYS = """
FROM carray(?) AS wanted CROSS JOIN catalogue_items ON catalogue_items.id IN (
  SELECT item_id FROM catalogue_keys
  WHERE (catalogue_keys.catalogue_id, catalogue_keys.key) = (?, wanted.value)
  ORDER BY item_id LIMIT ?
)
"""
_ITEMS = f"""
SELECT
  wanted.value, remote_id, path, title, album, artists, track_number, duration_s, musicbrainz
{_WITH_KEYS}
"""
_PATHS = f"SELECT wanted.value, remote_id, path {_WITH_KEYS}"
_IS_KNOWN = "SELECT 1 FROM catalogue_items WHERE (catalogue_id, remote_id) = (?, ?)"
_COUNT = "SELECT count(*) FROM catalogue_items WHERE catalogue_id = ?"
_COUNT_SEEN = "SELECT count(*) FROM catalogue_items WHERE (catalogue_id, sweep) = (?, ?)"
_PLACES = """
SELECT id, path, duration_s FROM catalogue_items NOT INDEXED
WHERE catalogue_id = ? AND id > ? AND path IS NOT NULL ORDER BY id LIMIT ?
"""
_PLACES_OF = """
SELECT id, path, duration_s FROM catalogue_items WHERE id IN (SELECT value FROM carray(?))
"""
_FORGET_UNSEEN = """
DELETE FROM catalogue_items WHERE id IN (
  SELECT id FROM catalogue_items WHERE catalogue_id = ? AND sweep <> ? LIMIT ?
) RETURNING id
"""
_FORGET = """
DELETE FROM catalogue_items
WHERE catalogue_id = ? AND remote_id IN (SELECT value FROM carray(?)) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeping some items came to."""

    new: int = 0
    altered: int = 0
    fresh: int = 0
    """Those that this sweep had not shown yet, new ones among them."""

    def __add__(self, other: Kept) -> Kept:
        return Kept(self.new + other.new, self.altered + other.altered, self.fresh + other.fresh)


RemotePath = tuple[str, str | None]
"""Id and path of an item."""
Keyed = tuple[RemoteTrack, Collection[int]]
"""An item, ``cleaned``, and the digests that it can be found by."""


def keep(connection: Connection, catalogue: int, sweep: int, items: Sequence[Keyed]) -> Kept:
    """Insert or update; the matches of an item that has changed are forgotten."""
    latest = {item.id: (item, keys) for item, keys in items}
    known = _known(connection, catalogue, list(latest))
    new = altered = fresh = 0
    for remote_id, (item, keys) in latest.items():
        facts = _facts(item)
        if remote_id not in known:
            ((id_,),) = fetch(connection, _ADD, (catalogue, remote_id, *facts, sweep))
            _add_keys(connection, catalogue, id_, keys)
            new, fresh = new + 1, fresh + 1
            continue
        id_, seen_in, *before = known[remote_id]
        if tuple(before) != facts:
            connection.execute(_CHANGE, (*facts, id_))
            connection.execute(_FORGET_KEYS, (id_,))
            connection.execute(_FORGET_MATCHES, (id_,))
            _add_keys(connection, catalogue, id_, keys)
            altered += 1
        if seen_in != sweep:
            connection.execute(_SEEN, (sweep, id_))
            fresh += 1
    return Kept(new, altered, fresh)


def unknown(connection: Connection, catalogue: int, remote_ids: Sequence[str]) -> list[str]:
    """Which of these are no items, each once."""
    wanted = list(dict.fromkeys(remote_ids))
    known = _known(connection, catalogue, wanted)
    return [one for one in wanted if one not in known]


def note_seen(connection: Connection, catalogue: int, sweep: int, remote_ids: Sequence[str]) -> int:
    """Say that the sweep showed these; how many it had not shown before."""
    known = _known(connection, catalogue, remote_ids)
    fresh = [(sweep, id_) for id_, seen_in, *_ in known.values() if seen_in != sweep]
    connection.executemany(_SEEN, fresh)
    return len(fresh)


def seen(connection: Connection, catalogue: int, sweep: int) -> int:
    """How many the sweep has shown."""
    ((number,),) = fetch(connection, _COUNT_SEEN, (catalogue, sweep))
    return int(number)


def with_keys(
    connection: Connection, catalogue: int, keys: Collection[int]
) -> dict[int, list[RemoteTrack]]:
    """The items that can be found by each of these digests."""
    found: dict[int, list[RemoteTrack]] = {}
    for key, *row in stream(connection, _ITEMS, _wanted(catalogue, keys)):
        found.setdefault(key, []).append(_item(row))
    return found


def paths_with_keys(
    connection: Connection, catalogue: int, keys: Collection[int]
) -> dict[int, list[RemotePath]]:
    """The same, but nothing of them than where they lie."""
    found: dict[int, list[RemotePath]] = {}
    for key, remote_id, path in stream(connection, _PATHS, _wanted(catalogue, keys)):
        found.setdefault(key, []).append((remote_id, path))
    return found


def _wanted(catalogue: int, keys: Collection[int]) -> tuple[Any, ...]:
    return id_array(list(keys)), catalogue, MOST_CANDIDATES


def is_known(connection: Connection, catalogue: int, remote_id: str) -> bool:
    """Whether there is such an item."""
    return bool(fetch(connection, _IS_KNOWN, (catalogue, remote_id)))


def count(connection: Connection, catalogue: int) -> int:
    """How many items there are."""
    ((number,),) = fetch(connection, _COUNT, (catalogue,))
    return int(number)


def places(
    connection: Connection, catalogue: int, after: int, limit: int
) -> list[tuple[int, str, float | None]]:
    """Number, path and duration of those with a path, in pages by number."""
    return fetch(connection, _PLACES, (catalogue, after, limit))


def places_of(
    connection: Connection, ids: Collection[int]
) -> Iterator[tuple[int, str, float | None]]:
    """As ``places``, of these."""
    yield from stream(connection, _PLACES_OF, (id_array(list(ids)),))


def forget_unseen(connection: Connection, catalogue: int, sweep: int, limit: int) -> int:
    """Forget some of those that the sweep did not show; how many."""
    return len(fetch(connection, _FORGET_UNSEEN, (catalogue, sweep, limit)))


def forget(connection: Connection, catalogue: int, remote_ids: Sequence[str]) -> int:
    """Forget these; how many were known."""
    return len(fetch(connection, _FORGET, (catalogue, text_array(remote_ids)))) if remote_ids else 0


def cleaned(item: RemoteTrack) -> RemoteTrack:
    """Within the bounds of what is kept, whatever the server says."""
    path = None if item.path is None else _whole(item.path)
    names = (clean_text(name[:LONGEST_NAME]) for name in item.artists[:MOST_ARTISTS])
    return RemoteTrack(
        id=item.id,
        path=None if path is None or len(path) > LONGEST_PATH or "\0" in path else path,
        title=_name(item.title),
        album=_name(item.album),
        artists=tuple(dict.fromkeys(name for name in names if name is not None)),
        track_number=clean_count(item.track_number),
        duration_s=clean_real(item.duration_s),
        musicbrainz_ids=frozenset(
            one
            for one in item.musicbrainz_ids
            if len(one) <= 64 and one.isascii() and " " not in one
        ),
    )


def _whole(path: str) -> str:
    """A path as it may be kept: as it is, but for lone surrogates."""
    return path.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _name(name: str | None) -> str | None:
    return None if name is None else clean_text(name[:LONGEST_NAME])


def _known(
    connection: Connection, catalogue: int, remote_ids: Sequence[str]
) -> dict[str, tuple[Any, ...]]:
    if not remote_ids:
        return {}
    rows = stream(connection, _KNOWN, (catalogue, text_array(remote_ids)))
    return {remote_id: tuple(rest) for remote_id, *rest in rows}


def _add_keys(connection: Connection, catalogue: int, id_: int, keys: Collection[int]) -> None:
    connection.executemany(_ADD_KEY, [(catalogue, key, id_) for key in keys])


def _facts(item: RemoteTrack) -> tuple[Any, ...]:
    return (
        item.path,
        item.title,
        item.album,
        json.dumps(item.artists, ensure_ascii=False),
        item.track_number,
        item.duration_s,
        " ".join(sorted(item.musicbrainz_ids)),
    )


def _item(row: Sequence[Any]) -> RemoteTrack:
    remote_id, path, title, album, artists, number, duration_s, musicbrainz = row
    return RemoteTrack(
        remote_id,
        path,
        title,
        album,
        tuple(json.loads(artists)),
        number,
        duration_s,
        frozenset(musicbrainz.split()),
    )
