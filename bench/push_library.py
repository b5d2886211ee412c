"""A made-up library for ``push.py``: the same on either side, below other folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harmonie_daemon.domain.text import text_key
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database

OUR_ROOT = "/srv/made-up music"
THEIR_ROOT = "/media/made-up music"
ALBUM_TRACKS = 10
ALBUMS_OF_AN_ARTIST = 4
MADE_AT = 1_750_000_000.0

_FILE = """
INSERT INTO files (id, root_id, path, relative_path, size, mtime_ns, added_at)
VALUES (?, 1, ?, ?, 1, 1, ?)
"""
_TRACK = """
INSERT INTO tracks (
  id, artist, album, title, artist_key, album_key, title_key, track_number, duration_s,
  decoded_fraction, descriptor_version, analyzed_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1.0, 1, ?)
"""


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One track."""

    path: str
    """Below the root of either side."""
    title: str
    album: str
    artist: str
    number: int
    duration_s: float


def made_up(count: int) -> Iterator[MadeUp]:
    """The first tracks, album after album."""
    for n in range(count):
        album, at = divmod(n, ALBUM_TRACKS)
        artist = f"Artist {album // ALBUMS_OF_AN_ARTIST}"
        title = f"Title {n if n % 20 else n % 1000}"
        path = f"{artist}/Album {album}/{at + 1:02} {title}.flac"
        yield MadeUp(path, title, f"Album {album}", artist, at + 1, 120.0 + n % 240)


async def fill(database: Database, count: int) -> None:
    """Our side of it, all at once: what is measured does not hear music."""

    def work(connection: Connection) -> None:
        connection.execute("INSERT INTO roots (id, path) VALUES (1, ?)", (OUR_ROOT.encode(),))
        tracks = list(made_up(count))
        connection.executemany(
            _FILE,
            [
                (id_, f"{OUR_ROOT}/{one.path}".encode(), one.path.encode(), MADE_AT)
                for id_, one in enumerate(tracks, 1)
            ],
        )
        connection.executemany(
            _TRACK,
            [
                (
                    id_, one.artist, one.album, one.title, text_key(one.artist),
                    text_key(one.album), text_key(one.title), one.number, one.duration_s, MADE_AT,
                )
                for id_, one in enumerate(tracks, 1)
            ],
        )  # fmt: skip

    await database.write(work)
