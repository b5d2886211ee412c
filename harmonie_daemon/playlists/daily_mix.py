"""A mix for every day: a drift that begins somewhere else each time."""

from __future__ import annotations

import numpy as np

from harmonie_daemon.domain.playlist import DEFAULT_CHUNK_SIZE
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.playlists.seeded import drift
from harmonie_daemon.playlists.sequencing import sequenced
from harmonie_daemon.similarity.space import Space
from harmonie_daemon.store.records import IdArray

DAILY_VARIATION = 0.2
"""So that two days that begin alike do not go on alike."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio: multiplying by it scatters consecutive numbers."""


def first_track(eligible: IdArray, day: int) -> TrackId:
    """The track that opens the mix of ``day`` (a day number).

    The tracks are put into a scattered order that depends on their ids only, and each day takes
    the next: in as many days as there are tracks, every track opens a mix once.
    """
    scattered = np.argsort(eligible.astype(np.uint64) * _GOLDEN, kind="stable")
    return TrackId(int(eligible[scattered[day % len(eligible)]]))


def daily_mix(space: Space, eligible: IdArray, day: int, n: int) -> tuple[TrackId, ...]:
    """``n`` tracks out of ``eligible`` (ascending ids with vectors); the same all day long."""
    if len(eligible) == 0:
        return ()
    first = np.array([first_track(eligible, day)], np.int64)
    picker = Picker(Rules(variation=DAILY_VARIATION), np.random.default_rng(day))
    picker.put(space.columns.take(first), 0, 1.0)
    anchor = space.index.vectors(first)[0]
    drift(space, picker, anchor, n, eligible, chunk_size=DEFAULT_CHUNK_SIZE)
    return sequenced(space, [item.track_id for item in picker.items], fixed=(0,))
