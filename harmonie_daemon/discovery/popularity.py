"""How much a track is listened to here, beside the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import numpy as np

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.plays import Plays

PlayCounts = Callable[[], Awaitable[Mapping[TrackId, int]]]
"""How often each track was played; those never played may be left out."""
SOURCE = "rank by counted plays in this library"
NOBODY_LISTENED = "no plays are counted in this library yet"


class RankedPlays(Mapping[TrackId, int]):
    """How often each track was played; its numbers are put in order once."""

    def __init__(self, counts: Mapping[TrackId, int]) -> None:
        self._counts = counts
        numbers = np.fromiter(counts.values(), np.int64, len(counts))
        self._ordered = np.sort(numbers[numbers > 0])

    def __getitem__(self, track_id: TrackId) -> int:
        return self._counts[track_id]

    def __iter__(self) -> Iterator[TrackId]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def rank(self, track_id: TrackId) -> float:
        """The share of the tracks that were ever played that are played no more than this one, 0 to
        1; 0 for one that never was."""
        count = self._counts.get(track_id, 0)
        if count <= 0:
            return 0.0
        return float(np.searchsorted(self._ordered, count, side="right") / len(self._ordered))


class CountedPlays:
    """Counts plays once until there are others."""

    def __init__(self, plays: Plays) -> None:
        self._plays = plays
        self._generation = -1
        self._played = RankedPlays({})

    async def __call__(self) -> RankedPlays:
        """How often each track was played."""
        generation = await self._plays.generation()
        if generation != self._generation:
            self._played, self._generation = RankedPlays(await self._plays.counts()), generation
        return self._played


async def no_plays() -> Mapping[TrackId, int]:
    """Where nothing is counted."""
    return {}


def popularity(counts: Mapping[TrackId, int], ids: Sequence[TrackId]) -> list[float]:
    """0 to 1 for each of ``ids``: see ``RankedPlays.rank``."""
    played = counts if isinstance(counts, RankedPlays) else RankedPlays(counts)
    return [played.rank(id_) for id_ in ids]


def source(counts: Mapping[TrackId, int]) -> str:
    """Where the numbers come from."""
    return SOURCE if any(counts.values()) else NOBODY_LISTENED
