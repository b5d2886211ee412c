"""How much a track is listened to here, beside the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import numpy as np
from scipy.stats import rankdata

from harmonie_daemon.domain.track import TrackId

PlayCounts = Callable[[], Awaitable[Mapping[TrackId, int]]]
"""How often each track was played; those never played may be left out."""
SOURCE = "rank by counted plays in this library"
NOBODY_LISTENED = "no plays are counted in this library yet"


async def no_plays() -> Mapping[TrackId, int]:
    """Where nothing is counted."""
    return {}


def popularity(counts: Mapping[TrackId, int], ids: Sequence[TrackId]) -> list[float]:
    """0 to 1 for each of ``ids``: the share of the tracks that were ever played that are played no
    more than it; 0 for one that never was."""
    played = {id_: count for id_, count in counts.items() if count > 0}
    if not played:
        return [0.0] * len(ids)
    ranks = rankdata(np.fromiter(played.values(), np.float64), method="max") / len(played)
    by_id = dict(zip(played, ranks.tolist(), strict=True))
    return [by_id.get(id_, 0.0) for id_ in ids]


def source(counts: Mapping[TrackId, int]) -> str:
    """Where the numbers come from."""
    return SOURCE if any(counts.values()) else NOBODY_LISTENED
