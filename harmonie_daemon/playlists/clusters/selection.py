"""From groups of tracks to playlists: near the middle, no song twice, many artists, varied.

Runs in a worker. Rows are places among the points it is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.playlists.clusters.facts import Facts, Floats, Rows
from harmonie_daemon.playlists.clusters.grouping import NONE, Labels

RELEVANCE = 0.7
"""What nearness to the middle counts for, against being unlike what was chosen already (maximal
marginal relevance; Carbonell & Goldstein, 1998): or a playlist is twenty times the middle."""
REACH_PERCENTILE = 95
"""The farthest 5 % of a group are beyond its reach, so that one stray track rescales nothing."""
RELAXED_DISTANCES = 0.8, 1.0
"""Where the requested distance leaves too few: in many dimensions hardly a track is near the
middle, and the rest of the same group is still better than another group."""
SHORTEST = 5
"""Tracks below which a list is no playlist, unless there is no other."""
MOST_CANDIDATES = 2_000
SAME_RECORDING_COSINE, SAME_RECORDING_S = 0.99, 2.0
"""Two files this alike, and of the same length within so many seconds, are one recording."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tracks of one playlist, and the group they were chosen from."""

    rows: Rows
    """In the order of choosing."""
    group: Rows
    direction: Floats
    """float32[dim], length 1: the middle of the group."""


def chosen(points: Floats, labels: Labels, facts: Facts, request: ClusterRequest) -> list[Chosen]:
    """A playlist for each group that makes one, the largest group first; at least one.

    Short ones are merged with the nearest of their like; what stays short is dropped.
    """
    shortest = min(SHORTEST, request.max_songs_per_cluster)
    gates = request.max_distance, *(d for d in RELAXED_DISTANCES if d > request.max_distance)
    choice = _Choice(points, facts, request, shortest)
    made = [choice.of(rows, gates) for rows in _groups(labels)]
    long = [one for one in made if len(one.rows) >= shortest]
    short = [one for one in made if len(one.rows) < shortest]
    while len(short) > 1:
        first, second = _nearest_pair(short)
        both = np.sort(np.concatenate((short[first].group, short[second].group)))
        short = [one for place, one in enumerate(short) if place not in (first, second)]
        merged = choice.of(both, gates)
        (long if len(merged.rows) >= shortest else short).append(merged)
    if not long:
        long = [choice.of(np.arange(len(points), dtype=np.intp), (*gates, np.inf))]
    return sorted(long, key=lambda one: (-len(one.group), int(one.group[0])))


def _groups(labels: Labels) -> list[Rows]:
    return [np.flatnonzero(labels == label) for label in np.unique(labels[labels != NONE])]


def _nearest_pair(short: list[Chosen]) -> tuple[int, int]:
    directions = np.array([one.direction for one in short])
    cosines = directions @ directions.T
    np.fill_diagonal(cosines, -np.inf)
    first, second = np.unravel_index(int(np.argmax(cosines)), cosines.shape)
    return int(first), int(second)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Choosing out of one group at a time."""

    points: Floats
    facts: Facts
    request: ClusterRequest
    shortest: int

    def of(self, group: Rows, gates: Sequence[float]) -> Chosen:
        """Within the first of these distances from the middle that lets enough in."""
        total = self.points[group].sum(axis=0)
        direction = np.asarray(total / max(float(np.linalg.norm(total)), 1e-6), np.float32)
        cosines = self.points[group] @ direction
        reach = max(float(np.percentile(1.0 - cosines, REACH_PERCENTILE)), 1e-6)
        distances = (1.0 - cosines) / reach
        found = np.zeros(0, np.intp)
        for gate in gates:
            near = np.flatnonzero(distances <= gate)
            near = near[np.argsort(distances[near], kind="stable")[:MOST_CANDIDATES]]
            found = self._varied(group[near], cosines[near])
            if len(found) >= self.shortest:
                break
        return Chosen(found, group, direction)

    def _varied(self, candidates: Rows, nearness: Floats) -> Rows:
        """The best candidate after the other, until the playlist is full or none is left."""
        picked: list[int] = []
        times: Counter[int] = Counter()
        own, durations_s = self.points[candidates], self.facts.durations_s[candidates]
        scores = RELEVANCE * nearness
        likeness = np.full(len(candidates), -1.0, np.float32)
        while len(picked) < self.request.max_songs_per_cluster and (scores > -np.inf).any():
            best = int(np.argmax(scores))
            scores[best] = -np.inf
            artists = self.facts.artists.of(int(candidates[best]))
            if any(times[artist] >= self.request.max_songs_per_artist for artist in artists):
                continue
            picked.append(int(candidates[best]))
            times.update(artists)
            cosines = own @ own[best]
            as_long = np.abs(durations_s - durations_s[best]) <= SAME_RECORDING_S
            is_left = (scores > -np.inf) & ~(as_long & (cosines > SAME_RECORDING_COSINE))
            likeness = np.maximum(likeness, cosines)
            scores = np.where(is_left, RELEVANCE * nearness - (1 - RELEVANCE) * likeness, -np.inf)
        return np.array(picked, np.intp)
