"""What came in lately, each followed by what it sounds like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.playlists.seeded import chunk
from harmonie_daemon.playlists.sequencing import sequenced
from harmonie_daemon.similarity.columns import UNKNOWN
from harmonie_daemon.similarity.space import Space
from harmonie_daemon.store.records import IdArray

NEIGHBOURS = 3
"""Known tracks after each new one: the new stays one in four, among what it belongs to."""
PER_ALBUM = 2
"""New tracks from one album, so that a single large album does not fill the list."""
LOOK_BACK = 10
"""How many times ``n`` of the newest tracks are looked at, to get past large albums."""


def newly_added(
    space: Space, newest: Sequence[TrackId], eligible: IdArray, n: int
) -> tuple[TrackId, ...]:
    """``n`` tracks: the ``newest`` (newest first), each followed by its nearest neighbours.

    Both come out of ``eligible`` (ascending ids with vectors).
    """
    leaders = _leaders(space, newest, eligible, -(-n // (NEIGHBOURS + 1)))
    others = np.setdiff1d(eligible, leaders)
    picker = Picker(Rules(), np.random.default_rng(0))
    for leader in leaders:
        row = np.array([leader], np.int64)
        if len(picker) < n and picker.put(space.columns.take(row), 0, 1.0):
            anchor = space.index.vectors(row)[0]
            chunk(space, picker, anchor, min(NEIGHBOURS, n - len(picker)), others)
    track_ids = [item.track_id for item in picker.items]
    places = [place for place, track_id in enumerate(track_ids) if track_id in leaders]
    return sequenced(space, track_ids, fixed=places)


def _leaders(
    space: Space, newest: Sequence[TrackId], eligible: IdArray, count: int
) -> list[TrackId]:
    """The first ``count`` of ``newest`` that are eligible, each song once, few from one album."""
    columns = space.columns.take(np.intersect1d(eligible, np.array(newest, np.int64)))
    rows = zip(columns.album.tolist(), columns.title.tolist(), strict=True)
    known = dict(zip(columns.ids.tolist(), rows, strict=True))
    albums: Counter[int] = Counter()
    songs: set[int] = set()
    leaders: list[TrackId] = []
    for track_id in newest:
        album, song = known.get(track_id, (UNKNOWN, UNKNOWN))
        if track_id not in known or albums[album] == PER_ALBUM or song in songs:
            continue
        albums.update({album} - {UNKNOWN})
        songs |= columns.books.titles.alike(song)
        leaders.append(track_id)
    return leaders[:count]
