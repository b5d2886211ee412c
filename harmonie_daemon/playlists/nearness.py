"""Which tracks of an area are near to each other, so that a list of them is of one kind."""

from __future__ import annotations

import numpy as np

from harmonie_daemon.playlists.seeded import centroid
from harmonie_daemon.similarity.index import Floats
from harmonie_daemon.similarity.space import Space
from harmonie_daemon.store.records import IdArray

NEAR = 0.4
"""How far from any two tracks (0) to the same one twice (1) those of a neighbourhood are on average
of their cosines. Below, death metal has room for wind; far above, for little but its own album."""
SAMPLE = 1_000
"""Tracks by which a middle is found, and nearest to it that are looked at one by one."""
COMPANY = 5
"""A kind of music is where a track has this many near ones."""


def middle(space: Space, members: IdArray) -> Floats:
    """The direction in which these tracks (ascending ids) lie on average, length 1."""
    every = max(1, -(-len(members) // SAMPLE))
    vectors = space.index.vectors(members[::every])
    return centroid(vectors, np.ones(len(vectors), np.float32))


def near_cosine(space: Space) -> float:
    """The mean cosine from which on tracks of this library are near: depends on the model."""
    usual = usual_cosine(space)
    return usual + NEAR * (1.0 - usual)


def usual_cosine(space: Space) -> float:
    """The mean cosine of any two tracks of this library."""
    ids = space.index.ids
    every = max(1, -(-len(ids) // SAMPLE))
    mean = space.index.vectors(ids[::every]).mean(axis=0)
    return float(mean @ mean)


def close_company(space: Space, members: IdArray, least: float, most: int) -> IdArray:
    """At most ``most`` of ``members`` (ascending ids) that are near to each other; ascending.

    It grows from the densest spot, always by the track that is nearest to all so far on average,
    until that is below ``least`` (average linkage).
    """
    found = space.index.search(middle(space, members), SAMPLE, allow=members)
    ids = np.sort(found.ids)
    vectors = space.index.vectors(ids)
    cosines = vectors @ vectors.T
    nearest = min(COMPANY + 1, len(ids))
    company = np.partition(cosines, -nearest, axis=1)[:, -nearest:].mean(axis=1)
    chosen = [int(np.argmax(company))]
    sums = cosines[chosen[0]].astype(np.float64)
    sums[chosen[0]] = -np.inf
    while len(chosen) < min(most, len(ids)):
        best = int(np.argmax(sums))
        if sums[best] < least * len(chosen):
            break
        chosen.append(best)
        sums += cosines[best]
        sums[best] = -np.inf
    return np.asarray(ids[np.sort(chosen)])
