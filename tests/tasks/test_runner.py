"""The task machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.domain.errors import ConfigurationError
from harmonie_daemon.domain.task import Lane, TaskId, TaskRecord, TaskState
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.tasks.runner import Runner, TaskContext, Work
from tests.tasks.world import Clock, wait_until


@pytest.fixture
async def tasks(tmp_path: Path) -> AsyncIterator[Tasks]:
    database = await Database.open(tmp_path / "harmonie.db")
    yield Tasks(database)
    await database.close()


@pytest.fixture
async def runner(tasks: Tasks) -> AsyncIterator[Runner]:
    runner = Runner(tasks, Clock(1000.0))
    yield runner
    await runner.close()


def waiting(begun: list[str], name: str, end: asyncio.Event) -> Work:
    async def work(_: TaskContext) -> Mapping[str, Any]:
        begun.append(name)
        await end.wait()
        return {"name": name}

    return work


async def test_a_task_that_ends_well_is_on_record(runner: Runner, tasks: Tasks) -> None:
    async def work(context: TaskContext) -> Mapping[str, Any]:
        await context.progress(0.5, 1001.0, step="half")
        return {"found": 3}

    task_id, task = runner.submit("scan", Lane.SCAN, work)
    record = await task
    assert (record.state, record.progress) == (TaskState.SUCCESS, 1.0)
    assert record.details == {"step": "half", "found": 3}
    assert await tasks.get(task_id) == record


async def test_tasks_of_one_lane_wait_for_each_other_and_lanes_do_not(runner: Runner) -> None:
    begun: list[str] = []
    end = asyncio.Event()
    scans = [runner.submit("scan", Lane.SCAN, waiting(begun, f"scan {n}", end)) for n in (1, 2)]
    _, push = runner.submit("push", Lane.PUSH, waiting(begun, "push", end))
    await wait_until(lambda: len(begun) == 2)
    assert sorted(begun) == ["push", "scan 1"]
    end.set()
    await asyncio.gather(push, *(task for _, task in scans))
    assert "scan 2" in begun


@pytest.mark.parametrize(
    ("error", "text"),
    [(ConfigurationError("set it"), "set it"), (RuntimeError(), "it ended without saying why")],
)
async def test_a_task_that_raises_is_a_failure_with_its_reason(
    runner: Runner, tasks: Tasks, error: Exception, text: str
) -> None:
    async def work(_: TaskContext) -> None:
        raise error

    _, task = runner.submit("scan", Lane.SCAN, work)
    record = await task
    assert (record.state, record.error) == (TaskState.FAILURE, text)


@pytest.mark.parametrize("begun_already", [True, False])
async def test_a_cancelled_task_is_revoked_within_a_second(
    runner: Runner, tasks: Tasks, begun_already: bool
) -> None:
    begun: list[str] = []
    never = asyncio.Event()
    first_id, first = runner.submit("scan", Lane.SCAN, waiting(begun, "first", never))
    second_id, second = runner.submit("scan", Lane.SCAN, waiting(begun, "second", never))
    await wait_until(lambda: begun)
    task_id, task = (first_id, first) if begun_already else (second_id, second)
    assert runner.cancel(task_id)
    record = await asyncio.wait_for(task, 1.0)
    assert record.state is TaskState.REVOKED
    assert await tasks.get(task_id) == record
    assert not runner.cancel(task_id)


async def test_a_record_that_has_ended_never_changes(runner: Runner, tasks: Tasks) -> None:
    async def work(_: TaskContext) -> None: ...

    _, task = runner.submit("scan", Lane.SCAN, work)
    record = await task
    again = TaskRecord(record.id, "scan", TaskState.PROGRESS, 0.0, 2000.0)
    await tasks.save(again)
    assert await tasks.get(record.id) == record


async def test_closing_says_that_the_daemon_interrupted_its_tasks(
    runner: Runner, tasks: Tasks
) -> None:
    begun: list[str] = []
    _, task = runner.submit("scan", Lane.SCAN, waiting(begun, "scan", asyncio.Event()))
    await wait_until(lambda: begun)
    await runner.close()
    record = await task
    assert (record.state, record.error) == (TaskState.FAILURE, "interrupted by shutdown")


async def test_what_a_killed_daemon_left_running_has_failed(runner: Runner, tasks: Tasks) -> None:
    for number, state in enumerate((TaskState.QUEUED, TaskState.PROGRESS, TaskState.SUCCESS)):
        await tasks.save(TaskRecord(TaskId(str(number)), "scan", state, 1.0, 1.0))
    await runner.start()
    ends = [await tasks.get(TaskId(str(number))) for number in range(3)]
    assert [end and end.state for end in ends] == ["FAILURE", "FAILURE", "SUCCESS"]
    assert ends[0] is not None and ends[0].error == "interrupted by restart"
    assert await tasks.running() == []


async def test_progress_is_between_0_and_1_and_saved_now_and_then(
    runner: Runner, tasks: Tasks
) -> None:
    seen: list[float] = []

    async def work(context: TaskContext) -> None:
        for fraction, now in ((-1.0, 1000.0), (0.4, 1000.5), (7.0, 1003.0)):
            await context.progress(fraction, now)
            stored = await tasks.get(context.record.id)
            assert stored is not None
            seen.append(stored.progress)

    _, task = runner.submit("scan", Lane.SCAN, work)
    assert (await task).state is TaskState.SUCCESS
    assert seen == [0.0, 0.0, 1.0]
