"""Similarity search and playlists beside one bare matrix-vector product, in the same run.

``python bench/search.py [TRACKS ...]``: for each library size how long our
answers take, and how many times as long as the baseline: numpy's float32 product of all vectors
with one query, one BLAS thread. Vectors are made up: clusters in as many dimensions as the
built-in embedding has.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from statistics import median

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from harmonie_daemon.domain.playlist import Transitions, VibeRequest, VibeTarget
from harmonie_daemon.domain.track import PITCH_CLASSES, Facets, Scale, TrackId
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.playlists.seeded import drift, similar
from harmonie_daemon.playlists.vibe import vibe
from harmonie_daemon.similarity.columns import Columns
from harmonie_daemon.similarity.index import FlatIndex
from harmonie_daemon.similarity.space import Space

DIM = 316
CLUSTERS = 60
RUNS = 7
SMOOTH = Rules(transitions=Transitions(bpm_tolerance=8.0, key_compatible=True))


def main() -> None:
    """Print one table for each size asked for."""
    for tracks in [int(size) for size in sys.argv[1:]] or [10_000, 100_000]:
        measure(tracks)


def measure(tracks: int) -> None:
    """Time every kind of question on a library of this many tracks."""
    space, vectors = made_up(tracks)
    query = vectors[tracks // 2]
    half = space.index.ids[::2]
    few = space.index.ids[::50]
    print(f"{tracks} tracks x {DIM}, times one matrix-vector product of all vectors:")
    questions: dict[str, Callable[[], object]] = {
        "search, 100 nearest": lambda: space.index.search(query, 100),
        "search, filter passes half": lambda: space.index.search(query, 100, allow=half),
        "search, filter passes 2 %": lambda: space.index.search(query, 100, allow=few),
        "similar, 20": lambda: walk(space, query, 20),
        "similar, 20, smooth": lambda: walk(space, query, 20, SMOOTH),
        "similar, 500": lambda: walk(space, query, 500),
        "drift, 20 in chunks of 5": lambda: walk(space, query, 20, chunk_size=5),
        "vibe, 20": lambda: vibe(
            space.columns, VibeRequest(20, target=VibeTarget(120, 1.0)), np.random.default_rng(0)
        ),
    }
    for name, question in questions.items():
        taken, baseline = seconds(question, lambda: vectors @ query)
        ratio = taken / baseline
        print(f"  {name:28} {taken * 1e3:9.2f} ms / {baseline * 1e3:6.2f} ms = {ratio:6.1f}")


def walk(
    space: Space,
    anchor: np.ndarray,
    n: int,
    rules: Rules | None = None,
    *,
    chunk_size: int | None = None,
) -> int:
    """One seeded list."""
    picker = Picker(rules or Rules(), np.random.default_rng(0))
    if chunk_size is None:
        similar(space, picker, anchor, n, None)
    else:
        drift(space, picker, anchor, n, None, chunk_size=chunk_size)
    return len(picker)


def seconds(*works: Callable[[], object]) -> list[float]:
    """Median wall time of each over ``RUNS`` rounds, by turns, after one round to warm up."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(RUNS + 1):
        for work, times in zip(works, taken, strict=True):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
    return [median(times[1:]) for times in taken]


def made_up(tracks: int) -> tuple[Space, np.ndarray]:
    """A space of this many tracks, albums of ten and artists of thirty, and its vectors."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((CLUSTERS, DIM)).astype(np.float32)
    vectors = centres[rng.integers(CLUSTERS, size=tracks)]
    vectors += rng.standard_normal((tracks, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    columns = Columns.of(made_up_facets(number) for number in range(tracks))
    return Space(FlatIndex(columns.ids, vectors), columns, "made-up", 1), vectors


def made_up_facets(number: int) -> Facets:
    """Facts about one track that follow from its number."""
    return Facets(
        id=TrackId(number + 1),
        artist_key=f"artist {number // 30}",
        title_key=f"title {number}",
        album_key=f"album {number // 10}",
        bpm=60.0 + number % 120,
        key=PITCH_CLASSES[number * 7 % 12],
        scale=Scale.MAJOR if number % 3 else Scale.MINOR,
        danceability=number % 31 / 10,
        added_at=float(number),
    )


if __name__ == "__main__":
    main()
