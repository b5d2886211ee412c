"""Names of artists, albums and titles among the words of a text; inside one read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import text_array
from harmonie_daemon.store.rows import stream

MOST_TRACKS = 20_000
"""Tracks of one kind of name that are looked at."""


class NameKind(StrEnum):
    """What goes by a name."""

    ARTIST = "artist"
    ALBUM = "album"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Named:
    """What goes by a name, with its tracks."""

    kind: NameKind
    ids: tuple[int, ...]


_OF = {
    NameKind.ARTIST: """
SELECT artist_folded, id FROM tracks WHERE artist_folded IN (SELECT value FROM carray(?1))
UNION
SELECT further_artists.name_folded, further_artists.track_id
FROM further_artists
WHERE further_artists.of_album = 0
  AND further_artists.name_folded IN (SELECT value FROM carray(?1))
LIMIT ?2
""",
    NameKind.ALBUM: """
SELECT album_folded, id FROM tracks
WHERE album_folded IN (SELECT value FROM carray(?1)) LIMIT ?2
""",
    NameKind.TITLE: """
SELECT title_folded, id FROM tracks
WHERE title_folded IN (SELECT value FROM carray(?1)) LIMIT ?2
""",
}


def find(connection: Connection, names: Sequence[str]) -> dict[str, Named]:
    """What goes by these names (folded keys): an artist before an album, that before a title."""
    found: dict[str, Named] = {}
    if not names:
        return found
    for kind, statement in _OF.items():
        tracks: dict[str, list[int]] = {}
        for key, id_ in stream(connection, statement, (text_array(names), MOST_TRACKS)):
            tracks.setdefault(key, []).append(id_)
        for key, ids in tracks.items():
            found.setdefault(key, Named(kind, tuple(ids)))
    return found


def find_each(connection: Connection, names: Sequence[str]) -> dict[str, Named]:
    """The same; the tracks of one name do not count for the others."""
    found: dict[str, Named] = {}
    for name in names:
        found |= find(connection, [name])
    return found
