"""A clustering as a task: its batches, what is saved and pushed, how it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harmonie_daemon.app import Core
from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.domain.task import TaskRecord, TaskState
from harmonie_daemon.mediaservers.push import Pusher
from harmonie_daemon.playlists.clusters.clustering import MAKER
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.tasks.clustering import Clusterings
from harmonie_daemon.tasks.refresh import Refresher
from harmonie_daemon.tasks.runner import Runner
from tests.scanning.world import Clock, wait_until
from tests.tasks.scripted_search import ScriptedSearch, playlist
from tests.tasks.test_refresh import Place
from tests.tasks.test_schedule import TUESDAY_NOON, opened


@dataclass
class Clustered:
    """Clusterings over a core with eight tracks."""

    core: Core
    runner: Runner
    search: ScriptedSearch
    place: Place
    clusterings: Clusterings

    async def saved(self) -> dict[str, tuple[int, ...]]:
        """Name to tracks of what clusterings made."""
        return {one.name: one.track_ids for one in await self.core.playlists.by_maker(MAKER)}

    def parts(self) -> list[TaskRecord]:
        """The batches that are going on."""
        return [one for one in self.runner.running() if one.kind == "clustering_batch"]


@pytest.fixture
async def clustered(tmp_path: Path) -> AsyncIterator[Clustered]:
    clock = Clock(TUESDAY_NOON)
    async with opened(tmp_path, clock, recipes=()) as core:
        runner = Runner(Tasks(core.services.database), clock, grace_s=0.2)
        place, search = Place("jellyfin"), ScriptedSearch()
        refresher = Refresher(
            recipes=(),
            kitchen=core.refresher._making._kitchen,
            playlists=core.playlists,
            pusher=Pusher([place], core.playlists, clock),
            targets=[place.name],
            runner=runner,
            clock=clock,
        )
        clusterings = Clusterings(
            search=search,
            playlists=core.playlists,
            refresher=refresher,
            runner=runner,
            clock=clock,
        )
        yield Clustered(core, runner, search, place, clusterings)
        await runner.close()


async def test_its_playlists_are_saved_and_pushed(clustered: Clustered) -> None:
    clustered.search.playlists = (playlist("Happy_Fast_automatic", 3, 1, 2),)
    clustered.search.go.set()
    record = await clustered.clusterings.submit(ClusterRequest()).wait()
    assert record.state is TaskState.SUCCESS, record.error
    assert await clustered.saved() == {"Happy_Fast_automatic": (3, 1, 2)}
    assert clustered.place.begun == [False]
    assert record.details["targets"] == {"jellyfin": "ok"}
    assert record.details["num_playlists_created"] == 1
    assert record.details["best_draw"] == {
        "method": "kmeans",
        "params": {"n_clusters": 5},
        "components": 3,
        "run_id": 42,
    }


async def test_what_was_made_before_is_continued_or_retired(clustered: Clustered) -> None:
    clustered.search.go.set()
    clustered.search.playlists = (playlist("A", 1), playlist("B", 2))
    await clustered.clusterings.submit(ClusterRequest()).wait()
    clustered.search.playlists = (playlist("B", 3), playlist("C", 4))
    await clustered.clusterings.submit(ClusterRequest()).wait()
    assert clustered.search.previous == ["clustering:a", "clustering:b"]
    assert await clustered.saved() == {"B": (3,), "C": (4,)}


async def test_each_batch_is_a_part_that_lasts_as_long_as_it(clustered: Clustered) -> None:
    handle = clustered.clusterings.submit(ClusterRequest())
    await wait_until(lambda: [one.arguments.get("number") for one in clustered.parts()] == [2])
    main, part = clustered.runner.running()
    assert (main.kind, part.kind) == ("main_clustering", "clustering_batch")
    assert (part.parent_id, part.arguments["number"]) == (main.id, 2)
    assert main.details["runs_completed"] == 10
    clustered.search.go.set()
    record = await handle.wait()
    parts = await clustered.runner.newest(parent_id=record.id)
    assert [part.state for part in parts] == [TaskState.SUCCESS] * 2
    assert set(record.details["clustering_run_job_ids"]) == {part.id for part in parts}
    assert (record.details["batch_jobs_launched"], record.details["active_runs_count"]) == (2, 0)
    assert [line.text for line in record.log][:2] == [
        "Main clustering task started.",
        "Fetched 100 tracks. Preparing 20 runs in 2 batches.",
    ]


async def test_a_search_that_cannot_be_made_is_a_failure_and_changes_nothing(
    clustered: Clustered,
) -> None:
    clustered.search.go.set()
    clustered.search.playlists = (playlist("A", 1),)
    await clustered.clusterings.submit(ClusterRequest()).wait()
    clustered.search.error = "not enough tracks"
    record = await clustered.clusterings.submit(ClusterRequest()).wait()
    assert (record.state, record.error) == (TaskState.FAILURE, "not enough tracks")
    assert await clustered.saved() == {"A": (1,)}


async def test_cancelling_it_ends_the_search_and_its_batches(clustered: Clustered) -> None:
    handle = clustered.clusterings.submit(ClusterRequest())
    await wait_until(lambda: [one.arguments.get("number") for one in clustered.parts()] == [2])
    assert clustered.runner.cancel(handle.id)
    record = await handle.wait()
    parts = await clustered.runner.newest(parent_id=record.id)
    assert record.state is TaskState.REVOKED
    assert {part.state for part in parts} == {TaskState.SUCCESS, TaskState.REVOKED}
    assert clustered.search.cancelled == 1
    assert await clustered.saved() == {}


async def test_cancelling_one_of_its_batches_cancels_it(clustered: Clustered) -> None:
    handle = clustered.clusterings.submit(ClusterRequest())
    await wait_until(lambda: [one.arguments.get("number") for one in clustered.parts()] == [2])
    assert clustered.runner.cancel(clustered.runner.running()[1].id)
    assert (await handle.wait()).state is TaskState.REVOKED


async def test_cancelled_while_it_is_pushed_its_playlists_stay(clustered: Clustered) -> None:
    clustered.search.go.set()
    clustered.search.playlists = (playlist("A", 1),)
    clustered.place.hangs = True
    handle = clustered.clusterings.submit(ClusterRequest())
    await wait_until(lambda: clustered.place.begun)
    assert clustered.runner.cancel(handle.id)
    assert (await handle.wait()).state is TaskState.REVOKED
    assert await clustered.saved() == {"A": (1,)}
    clustered.place.hangs = False


async def test_a_target_that_fails_is_in_the_outcome_and_no_failure(clustered: Clustered) -> None:
    clustered.search.go.set()
    clustered.search.playlists = (playlist("A", 1),)

    async def refuse(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    clustered.place.push = refuse  # type: ignore[assignment, method-assign]
    record = await clustered.clusterings.submit(ClusterRequest()).wait()
    assert record.state is TaskState.SUCCESS
    assert record.details["targets"] == {"jellyfin": "failed"}


async def test_one_that_waits_in_the_same_words_is_the_same(clustered: Clustered) -> None:
    first = clustered.clusterings.submit(ClusterRequest())
    await wait_until(lambda: clustered.search.asked)
    second = clustered.clusterings.submit(ClusterRequest(runs=7))
    assert clustered.clusterings.submit(ClusterRequest(runs=7)).id == second.id
    assert clustered.clusterings.submit(ClusterRequest(runs=8)).id != second.id
    assert first.id != second.id
