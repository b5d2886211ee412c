"""How well a way of comparing tracks finds again what people put together.

Every track that shares a label (a genre, an artist, an album, a folder) with at least one other
is a query; all other labelled tracks are ranked by their similarity to it, and those that share
its label are right. With a filter, tracks of the query's own artist (or album) are left out
first: what they have in common is often the recording, not the music (Pampalk et al. 2005;
Flexer 2007).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

PRECISION_AT = (5, 10)
HUB_K = 10
"""Length of the neighbour lists in which hubs are counted."""
RESAMPLES = 1_000
CONFIDENCE = 0.95

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Order = npt.NDArray[np.intp]


class Ranker(Protocol):
    """A way of comparing the tracks of one collection, known by their positions in it."""

    def scores(self, query: int) -> npt.NDArray[np.floating]:
        """Similarity of every track to the one at ``query``: [n], larger is nearer."""


class Labels:
    """Which labels each track of a collection carries: none, one or several."""

    def __init__(self, of_track: Sequence[Iterable[str]]) -> None:
        self._of_track = tuple(frozenset(labels) for labels in of_track)
        members: defaultdict[str, list[int]] = defaultdict(list)
        for position, labels in enumerate(self._of_track):
            for label in labels:
                members[label].append(position)
        self._members = {label: np.array(tracks) for label, tracks in members.items()}
        self.known: Mask = np.array([bool(labels) for labels in self._of_track], np.bool_)
        """Which tracks carry a label at all, bool[n]."""

    def __len__(self) -> int:
        return len(self._of_track)

    @property
    def distinct(self) -> int:
        """How many labels there are."""
        return len(self._members)

    def sharing(self, position: int) -> Mask:
        """Which tracks carry a label of this one: bool[n]; a track without labels shares none."""
        mask = np.zeros(len(self._of_track), np.bool_)
        for label in self._of_track[position]:
            mask[self._members[label]] = True
        return mask


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be found again, and what is left out of the candidates."""

    truth: Labels
    """Tracks without a label are no candidates: nobody knows whether they would be right."""
    without: Labels | None = None
    """Candidates that share one of these with the query are left out.

    So are all tracks that carry none, as candidates and as queries: they may share it unknown.
    """


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over queries and its bootstrapped 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The answer to one question. Precision counts right tracks among the first k, over k."""

    queries: int
    precision_at_5: Figure
    precision_at_10: Figure
    mean_average_precision: Figure
    best_precision_at_5: float
    """What a perfect ranking would reach: below 1 where a label has fewer than 5 other tracks."""


@dataclass(frozen=True, slots=True)
class Hubness:
    """How unevenly tracks appear in the ten nearest of the others (Radovanović et al. 2010)."""

    skewness: float
    """Of the number of appearances; 0 is even, above about 1.5 a few tracks are everywhere."""
    most: int
    """Appearances of the track that appears most often."""
    antihubs: float
    """Share of tracks that appear nowhere, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One way of comparing tracks, examined."""

    retrievals: tuple[Retrieval | None, ...]
    """Per question; ``None`` where no track could be a query."""
    hubness: Hubness


def examine(
    ranker: Ranker,
    count: int,
    questions: Sequence[Question],
    rng: np.random.Generator,
    *,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Examined:
    """Rank all ``count`` tracks for each of them, and answer the questions about it.

    ``on_progress`` is told how many of how many have been a query.
    """
    appearances = np.zeros(count, np.int64)
    outcomes: list[list[Floats]] = [[] for _ in questions]
    for query in range(count):
        ranking = ranked(ranker.scores(query), query)
        appearances[ranking[:HUB_K]] += 1
        for question, found in zip(questions, outcomes, strict=True):
            outcome = judge(question, query, ranking)
            if outcome is not None:
                found.append(outcome)
        on_progress(query + 1, count)
    return Examined(tuple(_retrieval(found, rng) for found in outcomes), hubness_of(appearances))


def answerable(question: Question) -> int:
    """How many tracks have a right candidate, however the others are ranked."""
    count = len(question.truth)
    any_order = np.zeros(count)
    return sum(
        judge(question, query, ranked(any_order, query)) is not None for query in range(count)
    )


def ranked(scores: npt.NDArray[np.floating], query: int) -> Order:
    """Positions of all other tracks, nearest first, ties by position."""
    order = np.argsort(-scores, kind="stable")
    others: Order = order[order != query]
    return others


def judge(question: Question, query: int, ranking: Order) -> Floats | None:
    """Precision at 5 and 10, average precision and the best possible precision at 5: float64[4].

    ``ranking`` holds the other tracks, nearest first. ``None`` if no candidate is right, or if
    the filter does not know the query.
    """
    relevant = question.truth.sharing(query)
    ranking = ranking[question.truth.known[ranking]]
    if question.without is not None:
        if not question.without.known[query]:
            return None
        stays = question.without.known & ~question.without.sharing(query)
        ranking = ranking[stays[ranking]]
    hits = relevant[ranking]
    places = np.flatnonzero(hits)
    if not len(places):
        return None
    at_5, at_10 = (np.count_nonzero(hits[:k]) / k for k in PRECISION_AT)
    average = np.mean(np.arange(1, len(places) + 1) / (places + 1))
    return np.array([at_5, at_10, average, min(len(places), 5) / 5])


def hubness_of(appearances: npt.NDArray[np.int64]) -> Hubness:
    """From how often each track appears in the neighbour lists of the others: int[n], n >= 1."""
    spread = float(appearances.std())
    deviations = appearances - appearances.mean()
    skewness = float(np.mean(deviations**3)) / spread**3 if spread else 0.0
    return Hubness(skewness, int(appearances.max()), float(np.mean(appearances == 0)))


def bootstrapped(
    values: Floats, rng: np.random.Generator, resamples: int = RESAMPLES
) -> tuple[Figure, ...]:
    """Mean and interval of each column of float64[queries, columns].

    The queries are drawn anew with replacement; what a query owes to the choice of the library
    is not in the interval.
    """
    count = len(values)
    means = np.stack([values[rng.integers(0, count, count)].mean(axis=0) for _ in range(resamples)])
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(means, [tail, 100 - tail], axis=0)
    return tuple(
        Figure(float(mean), float(lower), float(upper))
        for mean, lower, upper in zip(values.mean(axis=0), low, high, strict=True)
    )


def _retrieval(outcomes: Sequence[Floats], rng: np.random.Generator) -> Retrieval | None:
    if not outcomes:
        return None
    values = np.stack(outcomes)
    at_5, at_10, average = bootstrapped(values[:, :3], rng)
    return Retrieval(len(values), at_5, at_10, average, float(values[:, 3].mean()))
