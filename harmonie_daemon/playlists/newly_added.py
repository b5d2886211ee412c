"""What came in lately, each followed by what it sounds like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.playlists.seeded import chunk
from harmonie_daemon.playlists.sequencing import sequenced
from harmonie_daemon.similarity.columns import UNKNOWN, Columns
from harmonie_daemon.similarity.id_sets import shared, without
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
    others = without(eligible, leaders)
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
    """``count`` of the ``newest`` that are eligible, newest first, each song once.

    Few from one album, or from one artist or folder where tags name no album, unless there is
    nothing else.
    """
    columns = space.columns.take(shared(eligible, newest))
    known = {track_id: row for row, track_id in enumerate(columns.ids.tolist())}
    sources: Counter[tuple[bool, int]] = Counter()
    songs: set[int] = set()
    first: list[TrackId] = []
    further: list[TrackId] = []
    for track_id in newest:
        row = known.get(track_id)
        if row is None or int(columns.title[row]) in songs:
            continue
        songs |= columns.books.titles.alike(int(columns.title[row]))
        source = _source(columns, row)
        is_one_more = source is not None and sources[source] == PER_ALBUM
        (further if is_one_more else first).append(track_id)
        if source is not None and not is_one_more:
            sources[source] += 1
    chosen = {*first[:count], *further[: max(0, count - len(first))]}
    return [track_id for track_id in newest if track_id in chosen]


def _source(columns: Columns, row: int) -> tuple[bool, int] | None:
    """Where a track belongs: its album, or else what it is spaced by."""
    album, artist = int(columns.album[row]), int(columns.artist[row])
    if album != UNKNOWN:
        return True, album
    return None if artist == UNKNOWN else (False, artist)
