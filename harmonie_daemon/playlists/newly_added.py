"""What came in lately, each followed by what it sounds like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.playlists.seeded import chunk
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
    return tuple(item.track_id for item in picker.items)


def _leaders(
    space: Space, newest: Sequence[TrackId], eligible: IdArray, count: int
) -> list[TrackId]:
    """The first ``count`` of ``newest`` that are eligible, few from one album."""
    usable = np.intersect1d(eligible, np.array(newest, np.int64))
    columns = space.columns.take(usable)
    album = dict(zip(columns.ids.tolist(), columns.album.tolist(), strict=True))
    taken: Counter[int] = Counter()
    leaders: list[TrackId] = []
    for track_id in newest:
        code = album.get(track_id)
        if code is None or taken[code] == PER_ALBUM:
            continue
        if code != UNKNOWN:
            taken[code] += 1
        leaders.append(track_id)
        if len(leaders) == count:
            break
    return leaders
