"""What may say of a track that it is speech; runs inside one read."""

from __future__ import annotations

import json
import os
from collections.abc import Collection

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import text_array
from harmonie_daemon.store.records import SpokenClues
from harmonie_daemon.store.rows import fetch, stream

_TRACKS = """
SELECT
  tracks.id, roots.path, files.relative_path, tracks.artist_key, tracks.album_key,
  tracks.genres, tracks.duration_s
FROM tracks
JOIN files ON files.id = tracks.id
JOIN roots ON roots.id = files.root_id
ORDER BY tracks.id
"""
_HEARD = """
SELECT track_styles.track_id, sum(track_styles.probability) FROM styles
CROSS JOIN track_styles ON track_styles.style_id = styles.id
WHERE styles.style IN (SELECT value FROM carray(?))
  AND track_styles.track_id IN (SELECT track_id FROM style_probabilities)
GROUP BY track_styles.track_id
"""


def load(connection: Connection, spoken_styles: Collection[str]) -> list[SpokenClues]:
    """The clues of every track, ascending ids; see ``Tracks.spoken_clues``."""
    heard = dict(fetch(connection, _HEARD, (text_array(sorted(spoken_styles)),)))
    known: dict[str, tuple[str, ...]] = {}
    clues = []
    for id_, root, relative_path, artist, album, genres, duration_s in stream(connection, _TRACKS):
        if genres not in known:
            known[genres] = tuple(json.loads(genres))
        path = os.fsdecode(root.rpartition(b"/")[2] + b"/" + relative_path)
        probability = heard.get(id_, 0.0)
        clues.append(
            SpokenClues(TrackId(id_), path, artist, album, known[genres], duration_s, probability)
        )
    return clues
