"""Clusterings: do groups fit packages, do lists flow, what does a large library cost.

    python bench/clustering.py DATA_DIR CACHE [--tracks 50000]

DATA_DIR holds a ``harmonie.db`` of music whose packages (first folders) are a ground truth; it is
copied. CACHE keeps the made-up library. One table: each figure beside what it is compared with,
measured in the same run. The adjusted Rand index is over all songs; a track in no group of DBSCAN
is in one with all the others of those.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from clustering_load import large_library
from rich.console import Console
from rich.table import Table
from sklearn.cluster import DBSCAN, KMeans
from sklearn.metrics import adjusted_rand_score

from harmonie_daemon.domain.clustering import ClusterMethod, ClusterRequest
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.clusters.clustering import Clustering, ClusterProgress
from harmonie_daemon.playlists.clusters.look import Look, arranged
from harmonie_daemon.playlists.clusters.opening import open_clusterer
from harmonie_daemon.playlists.clusters.workroom import furnished
from harmonie_daemon.playlists.sequencing import sequenced, step_costs
from harmonie_daemon.similarity.opening import open_similarity
from harmonie_daemon.similarity.space import Space
from harmonie_daemon.store.opening import Store, open_store
from harmonie_daemon.workers import Budget

Row = tuple[str, str, str, str]
"""Figure, ours, compared with, theirs."""
SEEDS = range(10)
EPS, SAMPLES = (0.1, 0.3, 0.5, 0.8), (2, 5)
"""Out of the document's ranges."""
LONG = ClusterRequest(max_songs_per_cluster=40, max_songs_per_artist=40, max_distance=1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Clusterings, measured.")
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--tracks", type=int, default=50_000, help="0 leaves that part out")
    options = parser.parse_args()
    table = Table("figure", "harmonie", "compared with", "", title="clusterings")
    with tempfile.TemporaryDirectory(prefix="harmonie-bench-") as work:
        shutil.copy(options.data_dir / "harmonie.db", Path(work, "harmonie.db"))
        for row in asyncio.run(_real(Path(work))):
            table.add_row(*row)
    if options.tracks:
        for row in large_library(options.cache.absolute(), options.tracks):
            table.add_row(*row)
    Console(width=150).print(table)


async def _real(folder: Path) -> list[Row]:
    async with open_store(folder / "harmonie.db", time.time) as store:
        with open_similarity(store) as similarity:
            await similarity.spaces.load()
            space = await similarity.spaces.current()
            rows: list[Row] = []
            async with open_clusterer(
                store, similarity.spaces, budget=Budget(1), data_dir=folder
            ) as clusterer:
                found = {
                    method: await clusterer.cluster(
                        ClusterRequest(method=method), previous=(), report=_silence
                    )
                    for method in ClusterMethod
                }
                uncapped = await clusterer.cluster(
                    ClusterRequest(max_songs_per_artist=20), previous=(), report=_silence
                )
            room = folder / "room"
            await furnished(room, space, space.index.ids, await store.tracks.mood_table())
            arranged(room, LONG)
            packages = await _packages(store, space.index.ids.tolist())
            rows += _fit(Look.at(room, LONG), space, packages, found)
            kmeans = found[ClusterMethod.KMEANS]
            rows += [_shares(kmeans, packages), _shares(uncapped, packages, "without artist cap: ")]
            rows += _flow(Look.at(room, LONG), space, kmeans)
            return rows


async def _silence(_: ClusterProgress) -> None:
    return


async def _packages(store: Store, ids: Sequence[int]) -> dict[int, str]:
    tracks = await store.tracks.get_many([TrackId(id_) for id_ in ids])
    return {track.id: track.file.relative_path.split("/")[0] for track in tracks}


def _fit(
    look: Look, space: Space, packages: dict[int, str], found: dict[ClusterMethod, Clustering]
) -> Iterator[Row]:
    ids = space.index.ids[look.songs]
    truth = [packages[id_] for id_ in ids.tolist()]
    raw = space.index.vectors(ids)
    told = len(set(truth))
    plain = [_ari(truth, KMeans(told, n_init=1, random_state=s).fit_predict(raw)) for s in SEEDS]
    theirs = [_dbscan(truth, raw, eps, samples) for eps in EPS for samples in SAMPLES]
    compared = {
        ClusterMethod.KMEANS: (f"KMeans, raw vectors, told {told}", f"{np.mean(plain):.2f}"),
        ClusterMethod.DBSCAN: (
            "DBSCAN, raw vectors, eps of the document: mean, best",
            f"{np.mean(theirs):.2f}, {max(theirs):.2f}",
        ),
    }
    for method, one in found.items():
        labels = look.labels(one.best.draw)
        picked = f" -> {one.best.draw.method}" if method is ClusterMethod.AUTO else ""
        ours = f"{_ari(truth, labels):.2f} ({int(labels.max()) + 1} groups{picked})"
        yield (f"Rand index, {method}", ours, *compared.get(method, ("", "")))
    labels = look.labels(found[ClusterMethod.KMEANS].best.draw)
    groups = [[truth[row] for row in np.flatnonzero(labels == n)] for n in range(labels.max() + 1)]
    shares = [Counter(group).most_common(1)[0][1] / len(group) for group in groups]
    listed = ", ".join(f"{share:.0%}" for share in shares)
    yield ("largest package of each group, kmeans", f"{np.mean(shares):.0%} ({listed})", "", "")


def _ari(truth: Sequence[str], labels: np.ndarray) -> float:
    return float(adjusted_rand_score(truth, labels))


def _dbscan(truth: Sequence[str], raw: np.ndarray, eps: float, samples: int) -> float:
    return _ari(truth, DBSCAN(eps=eps, min_samples=samples).fit_predict(raw))


def _shares(found: Clustering, packages: dict[int, str], what: str = "") -> Row:
    shares = []
    for playlist in found.playlists:
        counts = Counter(packages[id_] for id_ in playlist.track_ids)
        shares.append(counts.most_common(1)[0][1] / len(playlist.track_ids))
    listed = ", ".join(f"{share:.0%}" for share in shares)
    return f"{what}largest package of each list", f"{np.mean(shares):.0%} ({listed})", "", ""


def _flow(look: Look, space: Space, found: Clustering) -> Iterator[Row]:
    """Steps of long lists as they were chosen, the nearest first, and sequenced."""
    ways: dict[str, list[tuple[float, float]]] = {"chosen": [], "greedy": [], "sequenced": []}
    for one in look.playlists(look.labels(found.best.draw)):
        ids = [TrackId(id_) for id_ in space.index.ids[look.songs[one.rows]].tolist()]
        ways["chosen"].append(_steps(space, ids))
        ways["greedy"].append(_steps(space, _greedy(space, ids)))
        ways["sequenced"].append(_steps(space, sequenced(space, ids)))
    means = {way: np.mean(steps, axis=0) for way, steps in ways.items()}
    for name, place in (("mean step", 0), ("worst step", 1)):
        yield (
            f"{name} of {len(ways['chosen'])} lists",
            f"{means['sequenced'][place]:.3f}",
            "as chosen, greedy",
            f"{means['chosen'][place]:.3f}, {means['greedy'][place]:.3f}",
        )
    spread = space.index.ids[np.linspace(0, len(space.index.ids) - 1, 40).astype(np.intp)]
    waits_ms = []
    for turn in range(9):
        ids = [TrackId(id_) for id_ in np.roll(spread, turn).tolist()]
        began = time.perf_counter()
        sequenced(space, ids)
        waits_ms.append((time.perf_counter() - began) * 1e3)
    took = f"{np.median(waits_ms):.0f} ms (worst of 9: {max(waits_ms):.0f})"
    yield "sequencing 40 tracks of all packages", took, "asked for", "50 ms"


def _steps(space: Space, ids: Sequence[TrackId]) -> tuple[float, float]:
    costs = _costs(space, ids)
    steps = np.diagonal(costs, 1)
    return float(steps.mean()), float(steps.max())


def _costs(space: Space, ids: Sequence[TrackId]) -> np.ndarray:
    array = np.array(ids, np.int64)
    return step_costs(space, space.columns.take(np.sort(array)).in_order(array))


def _greedy(space: Space, ids: Sequence[TrackId]) -> list[TrackId]:
    costs, left, order = _costs(space, ids), set(range(1, len(ids))), [0]
    while left:
        order.append(min(left, key=lambda one: costs[order[-1], one]))
        left.remove(order[-1])
    return [ids[place] for place in order]


if __name__ == "__main__":
    main()
