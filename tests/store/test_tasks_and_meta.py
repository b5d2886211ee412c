from __future__ import annotations

import asyncio
import dataclasses
import uuid

import pytest

from harmonie_daemon.domain.task import TaskId, TaskRecord, TaskState
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.tasks import Tasks

FINAL = [state for state in TaskState if state.is_final]


def make_task(
    id_: str, state: TaskState = TaskState.QUEUED, *, kind: str = "scan", at: float = 1.0
) -> TaskRecord:
    return TaskRecord(TaskId(id_), kind, state, at, at)


async def test_a_task_comes_back_whole(db: Database) -> None:
    task = TaskRecord(
        TaskId("t"),
        "scan",
        TaskState.PROGRESS,
        1.0,
        2.5,
        0.25,
        {"discovered": 3, "failures": [["/m/\udcff.mp3", "why"]], "rate": None},
        "half an error",
    )
    tasks = Tasks(db)
    await tasks.save(task)
    assert await tasks.get(TaskId("t")) == task
    assert await tasks.get(TaskId("u")) is None


@pytest.mark.parametrize("final", FINAL)
async def test_a_task_that_has_ended_never_changes(db: Database, final: TaskState) -> None:
    tasks = Tasks(db)
    await tasks.save(make_task("t"))
    ended = dataclasses.replace(make_task("t", final), updated_at=5.0, error="said once")
    await tasks.save(ended)
    for state in TaskState:
        await tasks.save(dataclasses.replace(make_task("t", state), updated_at=9.0))
    assert await tasks.get(TaskId("t")) == ended


async def test_the_latest_of_a_kind_is_the_one_made_last(db: Database) -> None:
    tasks = Tasks(db)
    for id_, at in (("a", 1.0), ("b", 3.0), ("c", 2.0)):
        await tasks.save(make_task(id_, at=at))
    await tasks.save(make_task("p", kind="push", at=9.0))
    assert await tasks.latest("scan") == make_task("b", at=3.0)
    assert await tasks.latest("compose") is None


async def test_orphans_fail_at_restart_and_ended_tasks_stay(db: Database) -> None:
    tasks = Tasks(db)
    for number, state in enumerate(TaskState):
        await tasks.save(make_task(state.value, state, at=float(number)))
    running = [TaskState.QUEUED, TaskState.STARTED, TaskState.PROGRESS]
    assert [task.state for task in await tasks.running()] == running
    assert await tasks.interrupt_orphans(50.0) == 3
    assert await tasks.running() == []
    orphan = await tasks.get(TaskId("STARTED"))
    assert orphan is not None
    assert (orphan.state, orphan.error, orphan.updated_at) == (
        TaskState.FAILURE,
        "interrupted by restart",
        50.0,
    )
    revoked = await tasks.get(TaskId("REVOKED"))
    assert revoked is not None
    assert revoked.error is None


async def test_trimming_keeps_the_newest_and_the_unfinished(db: Database) -> None:
    tasks = Tasks(db)
    await tasks.save(make_task("waiting", at=0.0))
    for number in range(1, 6):
        await tasks.save(make_task(f"t{number}", TaskState.SUCCESS, at=float(number)))
    assert await tasks.trim(2) == 3
    kept = [id_ for id_ in ("waiting", "t1", "t3", "t4", "t5") if await tasks.get(TaskId(id_))]
    assert kept == ["waiting", "t4", "t5"]


async def test_meta_keeps_text_by_key(db: Database) -> None:
    meta = Meta(db)
    assert await meta.get("prefix") is None
    await meta.set("prefix", "/mnt")
    await meta.set("prefix", "/media")
    assert await meta.get("prefix") == "/media"


async def test_the_device_id_is_made_once(db: Database) -> None:
    meta = Meta(db)
    ids = set(await asyncio.gather(*(meta.device_id() for _ in range(5))))
    assert len(ids) == 1
    uuid.UUID(ids.pop())
