"""Better orders by small changes: stretches turned round (2-opt) and moved elsewhere (Or-opt).

The two classic moves for the travelling salesman (Croes 1958; Or 1976). All of them are weighed at
once by numpy, and the most rewarding one that keeps its promise is made, until none rewards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Costs = npt.NDArray[np.float64]
Order = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

NEAR = 3
"""Places apart at which two tracks can still be too near."""
STRETCH = 100
"""Tracks that are looked at together; looking at more takes its cube of time."""
LONGEST_MOVED = 3
"""Tracks that are moved together at most."""
TRIED = 12
"""The most rewarding changes that are looked at more closely before the search ends."""
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class LocalSearch:
    """Orders of n tracks, and what is better about one than about another."""

    steps: Costs
    """[n, n]: what it costs that one track follows another."""
    nearness: Costs
    """[n, n]: what it costs that two tracks stand 2 to ``NEAR`` places apart."""
    stays: Mask
    """[n]: whether what stands at a place stays there, and nothing moves past it."""
    places: Costs | None = None
    """[n, n]: what it costs that a track stands at a place; ``None``: nothing."""

    def total(self, order: Order) -> float:
        """What an order costs in all."""
        cost = float(self.steps[order[:-1], order[1:]].sum())
        for apart in range(2, NEAR + 1):
            cost += float(self.nearness[order[:-apart], order[apart:]].sum())
        if self.places is not None:
            cost += float(self.places[order, np.arange(len(order))].sum())
        return cost

    def improved(self, order: Order) -> Order:
        """``order`` after every change that rewards; of long ones one stretch after the other."""
        if len(order) <= STRETCH:
            return self._improved(order)
        order = order.copy()
        for first in range(0, len(order) - STRETCH // 2, STRETCH // 2):
            stretch = order[first : first + STRETCH].copy()
            within = self._within(stretch, first)
            order[first : first + STRETCH] = stretch[within._improved(np.arange(len(stretch)))]
        return order

    def _within(self, stretch: Order, first: int) -> LocalSearch:
        """The search that rearranges one stretch of a longer order; its ends stay."""
        tracks, last = np.ix_(stretch, stretch), first + len(stretch)
        stays = self.stays[first:last].copy()
        stays[0] |= first > 0
        stays[-1] |= last < len(self.stays)
        places = None if self.places is None else self.places[stretch, first:last]
        return LocalSearch(self.steps[tracks], self.nearness[tracks], stays, places)

    def _improved(self, order: Order) -> Order:
        """The most rewarding changes first, one at a time."""
        cost = self.total(order)
        for _ in range(4 * len(order)):
            for changed in self._candidates(order):
                changed_cost = self.total(changed)
                if changed_cost < cost - _NOTHING:
                    order, cost = changed, changed_cost
                    break
            else:
                break
        return order

    def _candidates(self, order: Order) -> Iterator[Order]:
        """Changed orders, those that promise most first."""
        steps = np.pad(self.steps[np.ix_(order, order)], 1)
        places = None if self.places is None else self.places[order]
        free = _free(self.stays)
        kinds = [
            (length, is_turned)
            for length in range(1, min(LONGEST_MOVED, len(order) - 1) + 1)
            for is_turned in (False, True)[: 1 if length == 1 else 2]
        ]
        tables = [_turning(steps, places, free)]
        tables += [
            _moving(steps, places, free, length, is_turned=is_turned) for length, is_turned in kinds
        ]
        for number, row, column in _best_entries(tables):
            if number == 0:
                yield _turned(order, row, column)
            else:
                length, is_turned = kinds[number - 1]
                yield _moved(order, row, column, length, is_turned=is_turned)


def _best_entries(tables: Sequence[Costs]) -> Iterator[tuple[int, int, int]]:
    """Number of the table, row and column of the largest entries above nothing, largest first."""
    entries = np.concatenate([table.ravel() for table in tables])
    best = np.argpartition(-entries, min(TRIED, len(entries) - 1))[:TRIED]
    ends = np.cumsum([table.size for table in tables])
    for one in best[np.argsort(-entries[best], kind="stable")].tolist():
        if entries[one] <= _NOTHING:
            return
        number = int(np.searchsorted(ends, one, side="right"))
        table = tables[number]
        row, column = divmod(one - (int(ends[number]) - table.size), table.shape[1])
        yield number, row, column


def _free(stays: Mask) -> Mask:
    """[n, n]: whether nothing that stays stands from i to j (i <= j)."""
    before = np.concatenate(([0], np.cumsum(stays)))
    return np.triu(before[None, 1:] == before[:-1, None])


def _turning(steps: Costs, places: Costs | None, free: Mask) -> Costs:
    """[n, n]: what is gained by turning round the stretch from i to j."""
    ahead = np.diagonal(steps, 1)
    gains = ahead[:-1, None] + ahead[None, 1:] - steps[:-2, 1:-1] - steps[1:-1, 2:]
    if places is not None:
        gains = gains - _turned_places(places)
    return np.where(np.triu(free, 1), gains, -np.inf)


def _turned_places(places: Costs) -> Costs:
    """[i, j]: how much more the places cost when the stretch from i to j is turned round."""
    count = len(places)
    rows = np.arange(count)
    sums = np.arange(2 * count - 1)
    columns = sums[None, :] - rows[:, None]
    is_there = (columns >= 0) & (columns < count)
    mirrored = np.where(is_there, places[rows[:, None], np.clip(columns, 0, count - 1)], 0.0)
    so_far = np.pad(np.cumsum(mirrored, axis=0), ((1, 0), (0, 0)))
    stays = np.concatenate(([0.0], np.cumsum(np.diagonal(places))))
    both = rows[:, None] + rows[None, :]
    turned = so_far[rows[None, :] + 1, both] - so_far[rows[:, None], both]
    return np.asarray(turned - (stays[None, 1:] - stays[:-1, None]))


def _moving(
    steps: Costs, places: Costs | None, free: Mask, length: int, *, is_turned: bool
) -> Costs:
    """[n - length + 1, n + 1]: what is gained by moving ``length`` tracks from i to before g."""
    count = len(free)
    first = np.arange(count - length + 1)
    gap = np.arange(count + 1)
    last = first + length - 1
    taken = steps[first, first + 1] + steps[last + 1, last + 2] - steps[first, last + 2]
    head, tail = (last, first) if is_turned else (first, last)
    put = steps[gap[None, :], head[:, None] + 1] + steps[tail[:, None] + 1, gap[None, :] + 1]
    gains = taken[:, None] + steps[gap, gap + 1][None, :] - put
    if places is not None:
        gains = gains - _moved_places(places, length, is_turned=is_turned)
    low = np.minimum(first[:, None], gap[None, :])
    high = np.maximum(last[:, None], gap[None, :] - 1)
    is_elsewhere = (gap[None, :] < first[:, None]) | (gap[None, :] > last[:, None] + 1)
    return np.where(is_elsewhere & free[low, high], gains, -np.inf)


def _moved_places(places: Costs, length: int, *, is_turned: bool) -> Costs:
    """[i, g]: how much more the places cost when ``length`` tracks move from i to before g."""
    count = len(places)
    first = np.arange(count - length + 1)[:, None]
    gap = np.arange(count + 1)[None, :]
    here = np.diagonal(places)
    rows = np.arange(count)
    later = np.concatenate(([0.0], np.cumsum(places[rows, (rows + length) % count] - here)))
    sooner = np.concatenate(([0.0], np.cumsum(places[rows, (rows - length) % count] - here)))
    to = np.where(gap < first, gap, np.maximum(gap - length, 0))
    shifted = np.where(
        gap < first,
        later[first] - later[np.minimum(gap, first)],
        sooner[np.maximum(gap, first + length)] - sooner[first + length],
    )
    for number in range(length):
        target = to + (length - 1 - number if is_turned else number)
        shifted = (
            shifted + places[first + number, np.minimum(target, count - 1)] - here[first + number]
        )
    return np.asarray(shifted)


def _turned(order: Order, first: int, last: int) -> Order:
    return np.concatenate((order[:first], order[first : last + 1][::-1], order[last + 1 :]))


def _moved(order: Order, first: int, gap: int, length: int, *, is_turned: bool) -> Order:
    block = order[first : first + length]
    rest = np.concatenate((order[:first], order[first + length :]))
    to = gap if gap < first else gap - length
    return np.concatenate((rest[:to], block[::-1] if is_turned else block, rest[to:]))
