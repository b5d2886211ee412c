"""Clusterings arrive in a (stand-in) Jellyfin: in place, and never by way of nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.domain.task import TaskState
from harmonie_daemon.domain.track import Analysis, AudioFile, Descriptors, Tags, TrackId
from harmonie_daemon.mediaservers.push import Pusher
from harmonie_daemon.playlists.builder import PlaylistBuilder
from harmonie_daemon.playlists.clusters.clusterer import Clusterer
from harmonie_daemon.playlists.clusters.clustering import MAKER
from harmonie_daemon.playlists.recipes import RecipeKitchen
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.store.vectors import Vectors
from harmonie_daemon.tasks.clustering import Clusterings
from harmonie_daemon.tasks.refresh import Refresher
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.workers import Budget
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import VERSIONS, FakeJellyfin
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.world import Clock, Store

KINDS, DIM = 4, 8
REQUEST = ClusterRequest(runs=6, num_clusters_max=5)
Contents = dict[str, tuple[str, list[str]]]
"""Remote id to name and items."""


@dataclass
class Shown:
    """A library whose clusterings go to a Jellyfin."""

    world: World
    clusterings: Clusterings

    async def add(self, *numbers: int) -> None:
        """Tracks by artists of their own, of four kinds of sound by turns."""
        for number in numbers:
            noise = 0.1 * np.random.default_rng(number).standard_normal(DIM)
            vector = (np.eye(DIM)[number % KINDS] + noise).astype(np.float32)
            await self.world.store.tracks.save(
                AudioFile("/srv/music", f"{number:03}.mp3", 1000, 1),
                None,
                Tags(artist=f"Artist {number}", title=f"Title {number}"),
                Analysis(
                    180.0,
                    Descriptors(bpm=120.0, bpm_confidence=3.0),
                    1,
                    {"test-1": vector / np.float32(np.linalg.norm(vector))},
                ),
                (),
            )
        await self.world.mirror()

    async def cluster(self, request: ClusterRequest = REQUEST) -> dict[str, str]:
        """Make a clustering; how the targets took it."""
        record = await self.clusterings.submit(request).wait()
        assert record.state is TaskState.SUCCESS, record.error
        targets: dict[str, str] = record.details["targets"]
        return targets

    def there(self) -> Contents:
        """What Jellyfin has."""
        return {one.id: (one.name, list(one.entries)) for one in self.world.fake.playlists.values()}

    async def ours(self) -> list[tuple[str, list[str]]]:
        """What it should have."""
        saved = await self.world.store.playlists.by_maker(MAKER)
        return sorted([(one.name, await self.world.expected(list(one.track_ids))) for one in saved])


@pytest.fixture(params=VERSIONS)
async def shown(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shown]:
    fake = FakeJellyfin(request.param)
    await fake.start()
    me, clock = fake.add_user("alice"), Clock()
    store = Store(await Database.open(tmp_path / "harmonie.db"), clock)
    spaces = Spaces(Vectors(store.database))
    await spaces.load()
    target = make_target(fake, store, me.token, "alice")
    runner = Runner(Tasks(store.database), clock, grace_s=0.2)
    resolver = Resolver(store.tracks)
    builder = PlaylistBuilder(store.tracks, spaces, resolver)
    refresher = Refresher(
        recipes=(),
        kitchen=RecipeKitchen(store.tracks, spaces, resolver, builder),
        playlists=store.playlists,
        pusher=Pusher([target], store.playlists, clock),
        targets=[target.name],
        runner=runner,
        clock=clock,
    )
    search = Clusterer(
        tracks=store.tracks, spaces=spaces, budget=Budget(1), folder=tmp_path / "clustering"
    )
    clusterings = Clusterings(
        search=search, playlists=store.playlists, refresher=refresher, runner=runner, clock=clock
    )
    yield Shown(World(fake, store, target, me, uses_key=False), clusterings)
    await runner.close()
    await target.close()
    spaces.close()
    await store.database.close()
    await fake.stop()
    assert fake.violations == []


async def test_the_second_one_changes_contents_under_the_same_ids(shown: Shown) -> None:
    await shown.add(*range(48))
    assert await shown.cluster() == {"jellyfin": "ok"}
    first = shown.there()
    assert len(first) == KINDS
    assert sorted(first.values()) == await shown.ours()
    assert all(name.endswith("_automatic") for name, _ in first.values())

    await shown.add(*range(48, 72))
    assert await shown.cluster() == {"jellyfin": "ok"}
    second = shown.there()
    assert second.keys() == first.keys()
    assert second != first
    assert sorted(second.values()) == await shown.ours()


@pytest.mark.parametrize("after", [False, True], ids=["lost request", "lost answer"])
async def test_one_that_is_broken_off_loses_nothing(shown: Shown, after: bool) -> None:
    await shown.add(*range(48))
    await shown.cluster()
    first = shown.there()
    await shown.add(*range(48, 72))
    writes = Fault("POST|DELETE", "/Playlists.*|/Items.*", after=after, times=1000, skip=2)
    shown.world.fake.faults.armed = [writes]
    assert await shown.cluster(replace(REQUEST, seed=3)) == {"jellyfin": "failed"}
    assert writes.hit
    broken = shown.there()
    assert first.keys() <= broken.keys()
    assert all(items for _, items in broken.values())

    shown.world.fake.faults.armed = []
    shown.world.store.clock.now += 3600
    assert await shown.cluster(replace(REQUEST, seed=3)) == {"jellyfin": "ok"}
    assert sorted(shown.there().values()) == await shown.ours()
    assert shown.there().keys() == first.keys()


async def test_a_clustering_that_fails_leaves_what_is_there(shown: Shown) -> None:
    await shown.add(*range(48))
    await shown.cluster()
    first = shown.there()
    every = await shown.world.store.tracks.paths_and_ids()
    await shown.world.store.tracks.remove([TrackId(key.id) for key in every[:30]])
    record = await shown.clusterings.submit(REQUEST).wait()
    assert record.state is TaskState.FAILURE
    assert record.error == "Not enough analyzed tracks (18) for clustering. Minimum required: 20."
    assert shown.there() == first
