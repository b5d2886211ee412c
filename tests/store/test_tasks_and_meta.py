from __future__ import annotations

import asyncio
import dataclasses
import uuid
from typing import Any

import pytest

from harmonie_daemon.domain.task import LogLine, TaskId, TaskRecord, TaskState
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
        arguments={"force": True},
        log=(LogLine(1.0, "began"), LogLine(2.0, "goes on")),
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


async def test_the_newest_of_some_kinds_come_first_and_parts_only_with_their_main(
    db: Database,
) -> None:
    tasks = Tasks(db)
    for id_, at in (("a", 1.0), ("b", 3.0), ("c", 2.0)):
        await tasks.save(make_task(id_, at=at))
    await tasks.save(make_task("p", kind="push", at=9.0))
    part = dataclasses.replace(make_task("part", at=10.0), parent_id=TaskId("b"))
    await tasks.save(part)

    async def ids(**wanted: Any) -> str:
        return "".join(one.id for one in await tasks.newest(**wanted))

    assert await ids() == "pbca"
    assert await ids(kinds=["scan"], limit=2) == "bc"
    assert await ids(kinds=["scan", "push"]) == "pbca"
    assert await ids(kinds=["compose"]) == ""
    assert await ids(kinds=[]) == ""
    assert await ids(parent_id=TaskId("b")) == "part"


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


async def test_trimming_keeps_the_newest_of_each_kind_and_the_unfinished(db: Database) -> None:
    tasks = Tasks(db)
    await tasks.save(make_task("waiting", at=0.0))
    await tasks.save(make_task("old push", TaskState.SUCCESS, kind="push", at=0.5))
    for number in range(1, 6):
        await tasks.save(make_task(f"t{number}", TaskState.SUCCESS, at=float(number)))
    assert await tasks.trim(2) == 3
    names = ("waiting", "old push", "t1", "t3", "t4", "t5")
    kept = [id_ for id_ in names if await tasks.get(TaskId(id_))]
    assert kept == ["waiting", "old push", "t4", "t5"]


async def test_parts_do_not_count_and_go_with_their_main(db: Database) -> None:
    tasks = Tasks(db)
    for main in ("old", "new"):
        await tasks.save(make_task(main, TaskState.SUCCESS, at=1.0 if main == "old" else 2.0))
        for number in range(3):
            part = make_task(f"{main} {number}", TaskState.SUCCESS, at=3.0)
            await tasks.save(dataclasses.replace(part, parent_id=TaskId(main)))
    assert await tasks.trim(1) == 1
    assert [one.id for one in await tasks.newest()] == ["new"]
    assert len(await tasks.newest(parent_id=TaskId("new"))) == 3
    assert await tasks.newest(parent_id=TaskId("old")) == []


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
