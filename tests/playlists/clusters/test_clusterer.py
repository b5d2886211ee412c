"""A clustering of a library in a real store, in a real worker."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.domain.clustering import ClusterMethod, ClusterRequest
from harmonie_daemon.domain.errors import StoreError, TooFewTracksError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import Tags, TrackId
from harmonie_daemon.playlists.clusters.clusterer import Clusterer
from harmonie_daemon.playlists.clusters.clustering import Clustering, ClusterProgress
from harmonie_daemon.playlists.clusters.names import SUFFIX
from harmonie_daemon.workers import Budget
from tests.factories import make_vector
from tests.playlists.made_library import DIM, MadeLibrary

FEW = ClusterRequest(runs=20, num_clusters_max=12)


@dataclass
class Clustered:
    """A clusterer over a library, and what it told."""

    library: MadeLibrary
    clusterer: Clusterer
    folder: Path
    told: list[ClusterProgress] = field(default_factory=list)

    async def make(
        self, request: ClusterRequest = FEW, previous: tuple[SavedPlaylist, ...] = ()
    ) -> Clustering:
        return await self.clusterer.cluster(request, previous=previous, report=self._hear)

    async def _hear(self, progress: ClusterProgress) -> None:
        self.told.append(progress)


@pytest.fixture
async def clustered(library: MadeLibrary, tmp_path: Path) -> AsyncIterator[Clustered]:
    folder = tmp_path / "clustering"
    clusterer = Clusterer(
        tracks=library.tracks, spaces=library.spaces, budget=Budget(1), folder=folder
    )
    yield Clustered(library, clusterer, folder)


def saved(found: Clustering) -> tuple[SavedPlaylist, ...]:
    return tuple(
        SavedPlaylist(one.key, "", one.name, one.track_ids, 0.0, maker="clustering")
        for one in found.playlists
    )


async def test_kinds_of_sound_become_playlists_that_keep_their_keys(clustered: Clustered) -> None:
    ids = await clustered.library.fill(240)
    kind = {id_: number // 10 % 8 for number, id_ in enumerate(ids)}
    found = await clustered.make()
    assert len(found.playlists) >= 6
    for one in found.playlists:
        kinds = Counter(kind[id_] for id_ in one.track_ids)
        assert kinds.most_common(1)[0][1] >= 0.9 * len(one.track_ids)
        assert one.name.endswith(SUFFIX)
        assert not one.continues
    assert len({one.name for one in found.playlists}) == len(found.playlists)
    assert 0.0 <= found.best.score <= 1.0
    assert (found.tracks, found.total_runs) == (240, 20)

    again = await clustered.make(replace(FEW, seed=5), saved(found))
    assert {one.key for one in again.playlists} <= {one.key for one in found.playlists}
    assert all(one.continues for one in again.playlists)
    names = {one.key: one.name for one in found.playlists}
    assert all(names[one.key] == one.name for one in again.playlists)
    assert not clustered.folder.exists()


async def test_a_name_that_is_not_true_any_more_is_changed_in_place(clustered: Clustered) -> None:
    await clustered.library.fill(120)
    found = await clustered.make()
    first, *others = saved(found)
    earlier = (replace(first, name="Happy_Slow_automatic"), *others)
    again = await clustered.make(FEW, earlier)
    names = {one.key: one.name for one in again.playlists}
    assert names.keys() == {one.key for one in found.playlists}
    assert names[first.key].startswith("Mixed_")
    assert {names[one.key] for one in others} == {one.name for one in others}


async def test_what_nothing_continues_has_a_key_that_was_not_used(clustered: Clustered) -> None:
    await clustered.library.fill(120)
    found = await clustered.make()
    gone = [replace(one, track_ids=(TrackId(9_999),)) for one in saved(found)]
    again = await clustered.make(FEW, tuple(gone))
    assert not any(one.continues for one in again.playlists)
    assert {one.key for one in again.playlists}.isdisjoint(one.key for one in found.playlists)


@pytest.mark.parametrize("method", ClusterMethod)
async def test_the_same_library_and_seed_give_the_same(
    clustered: Clustered, method: ClusterMethod
) -> None:
    await clustered.library.fill(60)
    request = ClusterRequest(method=method, runs=6)
    assert await clustered.make(request) == await clustered.make(request)


async def test_how_far_it_is_is_told_batch_by_batch(clustered: Clustered) -> None:
    await clustered.library.fill(40)
    found = await clustered.make(ClusterRequest(runs=12))
    first, *rest = clustered.told
    assert (first.batch, first.best, first.batches_launched) == (None, None, 0)
    assert [(one.batch.number, one.batch.runs, one.batch.done) for one in rest if one.batch] == [
        (1, 10, False),
        (1, 10, True),
        (2, 2, False),
        (2, 2, True),
    ]
    assert [one.batches_active for one in clustered.told] == [0, 1, 0, 1, 0]
    assert [one.runs_completed for one in clustered.told] == [0, 0, 10, 10, 12]
    assert [one.fraction for one in clustered.told] == sorted(
        one.fraction for one in clustered.told
    )
    assert clustered.told[-1].best == found.best


async def test_nineteen_tracks_are_too_few_and_twenty_are_enough(clustered: Clustered) -> None:
    await clustered.library.fill(19)
    with pytest.raises(TooFewTracksError, match=r"\(19\) .* required: 20"):
        await clustered.make()
    assert clustered.told == []
    await clustered.library.add("b/20.flac", np.eye(DIM, dtype=np.float32)[9])
    for method in ClusterMethod:
        assert (await clustered.make(ClusterRequest(method=method, runs=3))).playlists


async def test_twenty_copies_of_one_song_are_a_playlist_of_one(clustered: Clustered) -> None:
    tags = Tags(artist="One", title="Only")
    for number in range(20):
        await clustered.library.add(f"b/{number}.flac", make_vector(1, 1), tags=tags)
    for method in ClusterMethod:
        (one,) = (await clustered.make(ClusterRequest(method=method, runs=3))).playlists
        assert len(one.track_ids) == 1


async def test_cancelled_at_any_moment_nothing_is_left_and_the_next_one_works(
    clustered: Clustered,
) -> None:
    await clustered.library.fill(60)
    for moment in range(4):
        clustered.told.clear()
        making = asyncio.create_task(clustered.make())
        while len(clustered.told) < moment and not making.done():
            await asyncio.sleep(0)
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        assert not clustered.folder.exists()
    assert (await clustered.make()).playlists


async def test_what_does_not_fit_onto_the_disk_is_said(
    clustered: Clustered, tmp_path: Path
) -> None:
    await clustered.library.fill(20)
    clustered.folder.parent.joinpath("clustering").symlink_to(tmp_path / "nowhere" / "at all")
    with pytest.raises(StoreError, match=r"cannot be written: .*; make room"):
        await clustered.make()
