"""The task machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.domain.errors import BusyError, ConfigurationError, NotReadyError
from harmonie_daemon.domain.task import Lane, TaskId, TaskRecord, TaskState
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.tasks.context import LOG_LINES, TaskContext, TaskHandle
from harmonie_daemon.tasks.kind import TaskKind
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.workers import Budget, Supervisor, WorkerKind
from tests.scanning.world import Clock, wait_until


@pytest.fixture
async def tasks(tmp_path: Path) -> AsyncIterator[Tasks]:
    database = await Database.open(tmp_path / "harmonie.db")
    yield Tasks(database)
    await database.close()


@pytest.fixture
async def runner(tasks: Tasks) -> AsyncIterator[Runner]:
    runner = Runner(tasks, Clock(1000.0), grace_s=0.2)
    yield runner
    await runner.close()


@dataclass(frozen=True, slots=True)
class Errand:
    """What the tasks of these tests are asked to do."""

    name: str
    paths: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """What they report."""

    step: str


@dataclass
class Errands:
    """A kind of task that notes what it began and waits to be let go."""

    begun: list[Errand] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, context: TaskContext[Errand, Step]) -> Mapping[str, Any]:
        self.begun.append(context.arguments)
        await self.go.wait()
        return {"name": context.arguments.name}


def kind_of(
    runner: Runner, work: Any, name: str = "scan", lane: Lane = Lane.SCAN, **options: Any
) -> TaskKind[Errand, Step]:
    return runner.register(TaskKind(name, lane, work, **options))


def together(earlier: Errand, later: Errand) -> Errand:
    return Errand(later.name, earlier.paths | later.paths)


async def ended(*handles: TaskHandle) -> list[TaskRecord]:
    return [await asyncio.wait_for(handle.wait(), 5.0) for handle in handles]


async def test_a_task_that_ends_well_is_on_record(runner: Runner, tasks: Tasks) -> None:
    async def work(context: TaskContext[Errand, Step]) -> Mapping[str, Any]:
        await context.progress(0.5, Step("half"))
        context.log("so far so good")
        return {"found": 3}

    handle = runner.submit(kind_of(runner, work), Errand("a", frozenset({"/m"})))
    (record,) = await ended(handle)
    assert (record.state, record.progress) == (TaskState.SUCCESS, 1.0)
    assert record.details == {"step": "half", "found": 3}
    assert record.arguments == {"name": "a", "paths": ["/m"]}
    assert [line.text for line in record.log] == ["so far so good"]
    assert await tasks.get(handle.id) == record == await runner.get(handle.id)


async def test_who_waits_until_a_task_is_recorded_finds_it_in_the_store(
    tasks: Tasks,
) -> None:
    gate = asyncio.Event()

    class SlowTasks(Tasks):
        async def save(self, record: TaskRecord) -> None:
            await gate.wait()
            await super().save(record)

    runner, errands = Runner(SlowTasks(tasks._db), Clock(1000.0), grace_s=0.2), Errands()
    handle = runner.submit(kind_of(runner, errands.run), Errand("a"))
    recorded = asyncio.ensure_future(handle.recorded())
    await asyncio.sleep(0)
    assert not recorded.done()
    gate.set()
    await recorded
    assert await tasks.get(handle.id) is not None
    await runner.close()


async def test_tasks_of_one_lane_wait_for_each_other_and_lanes_do_not(runner: Runner) -> None:
    scans, pushes = Errands(), Errands()
    scan = kind_of(runner, scans.run)
    push = kind_of(runner, pushes.run, "push", Lane.PUSH)
    handles = [runner.submit(scan, Errand(name)) for name in "ab"]
    handles.append(runner.submit(push, Errand("p")))
    await wait_until(lambda: scans.begun and pushes.begun)
    assert scans.begun == [Errand("a")]
    scans.go.set()
    pushes.go.set()
    assert [record.details["name"] for record in await ended(*handles)] == ["a", "b", "p"]


@pytest.mark.parametrize(
    ("error", "text"),
    [(ConfigurationError("set it"), "set it"), (RuntimeError(), "an unexpected fault|without")],
)
async def test_a_task_that_raises_is_a_failure_with_its_reason(
    runner: Runner, error: Exception, text: str
) -> None:
    async def work(_: TaskContext[Errand, Step]) -> None:
        raise error

    (record,) = await ended(runner.submit(kind_of(runner, work), Errand("a")))
    assert record.state is TaskState.FAILURE
    assert record.error is not None
    assert any(words in record.error for words in text.split("|"))


async def test_a_result_that_no_record_can_hold_is_a_failure_and_the_lane_goes_on(
    runner: Runner, tasks: Tasks
) -> None:
    async def work(context: TaskContext[Errand, Step]) -> Mapping[str, Any]:
        return {"found": object() if context.arguments.name == "a" else 3}

    kind = kind_of(runner, work)
    first, second = await ended(*(runner.submit(kind, Errand(name)) for name in "ab"))
    assert (first.state, second.state) == (TaskState.FAILURE, TaskState.SUCCESS)
    assert await tasks.get(first.id) == first


async def test_an_identical_wish_that_waits_is_not_doubled(runner: Runner) -> None:
    errands = Errands()
    kind = kind_of(runner, errands.run)
    first, waiting, same, other = (runner.submit(kind, Errand(name)) for name in "abbc")
    assert waiting.id == same.id
    assert len({first.id, waiting.id, other.id}) == 3
    await wait_until(lambda: errands.begun)
    again = runner.submit(kind, Errand("a"))
    assert again.id != first.id, "that one has begun"
    errands.go.set()
    await ended(other, again)
    assert [errand.name for errand in errands.begun] == ["a", "b", "c", "a"]


async def test_only_so_many_different_wishes_of_a_kind_wait(runner: Runner) -> None:
    errands = Errands()
    kind = kind_of(runner, errands.run, most_waiting=2)
    other = kind_of(runner, errands.run, "other")
    handles = [runner.submit(kind, Errand("begun"))]
    handles += [runner.submit(kind, Errand(name)) for name in "ab"]
    with pytest.raises(BusyError, match="come back later"):
        runner.submit(kind, Errand("c"))
    assert runner.submit(kind, Errand("b")).id == handles[-1].id
    handles.append(runner.submit(other, Errand("of another kind")))
    runner.cancel(handles[1].id)
    handles.append(runner.submit(kind, Errand("c")))
    errands.go.set()
    await ended(*handles)
    assert [one.name for one in errands.begun] == ["begun", "b", "of another kind", "c"]


async def test_wishes_of_a_kind_that_merges_wait_as_one(runner: Runner) -> None:
    errands = Errands()
    kind = kind_of(runner, errands.run, merge=together)
    runner.submit(kind, Errand("a"))
    await wait_until(lambda: errands.begun)
    handles = [runner.submit(kind, Errand("b", frozenset({path}))) for path in ("/1", "/2")]
    (waits,) = runner.waiting("scan")
    assert sorted(waits.arguments["paths"]) == ["/1", "/2"]
    errands.go.set()
    await ended(*handles)
    assert errands.begun[1:] == [Errand("b", frozenset({"/1", "/2"}))]


async def test_a_task_that_makes_way_goes_on_behind_the_others(runner: Runner) -> None:
    begun: list[Errand] = []

    async def work(context: TaskContext[Errand, Step]) -> None:
        begun.append(context.arguments)
        while context.arguments.name == "long" and len(begun) == 1:
            if context.others_wait:
                context.make_way(Errand("rest"))
                return
            await asyncio.sleep(0.001)

    kind = kind_of(runner, work)
    handles = [runner.submit(kind, Errand(name)) for name in ("long", "short")]
    await ended(*handles)
    await wait_until(lambda: len(begun) == 3)
    assert [errand.name for errand in begun] == ["long", "short", "rest"]


async def test_a_failure_is_tried_again_later_and_its_kind_waits_with_it(runner: Runner) -> None:
    begun: list[Errand] = []

    async def work(context: TaskContext[Errand, Step]) -> None:
        begun.append(context.arguments)
        if len(begun) < 3:
            raise ConfigurationError("make room")

    waits: list[int] = []

    def wait_s(failures: int) -> float:
        waits.append(failures)
        return 0.05 if failures == 1 else 3600.0

    kind = kind_of(runner, work, merge=together, retry_after_s=wait_s)
    await ended(runner.submit(kind, Errand("a", frozenset({"/1"}))))
    meanwhile = runner.submit(kind, Errand("b", frozenset({"/2"})))
    assert len(begun) == 1
    (record,) = await ended(meanwhile)
    assert (record.state, begun[1].paths) == (TaskState.FAILURE, {"/1", "/2"})
    assert waits == [1, 2]
    (record,) = await ended(runner.submit(kind, Errand("c"), at_once=True))
    assert (record.state, begun[2].paths) == (TaskState.SUCCESS, {"/1", "/2"})
    assert await ended(runner.submit(kind, Errand("d")))


async def test_a_task_for_later_waits_for_its_time_and_an_earlier_wish_takes_it_along(
    runner: Runner,
) -> None:
    errands = Errands()
    errands.go.set()
    kind = kind_of(runner, errands.run, merge=together)
    later = runner.submit(kind, Errand("later", frozenset({"/1"})), after_s=3600.0)
    await asyncio.sleep(0)
    assert errands.begun == []
    assert runner.submit(kind, Errand("now", frozenset({"/2"}))).id == later.id
    await ended(later)
    assert errands.begun == [Errand("now", frozenset({"/1", "/2"}))]


@pytest.mark.parametrize("begun_already", [True, False])
async def test_a_cancelled_task_is_revoked_at_once_and_the_lane_goes_on(
    runner: Runner, tasks: Tasks, begun_already: bool
) -> None:
    errands = Errands()
    kind = kind_of(runner, errands.run)
    first, second, third = (runner.submit(kind, Errand(name)) for name in "abc")
    await wait_until(lambda: errands.begun)
    handle = first if begun_already else second
    assert runner.cancel(handle.id)
    seen = await runner.get(handle.id)
    assert seen is not None and seen.state is TaskState.REVOKED
    (record,) = await ended(handle)
    assert await tasks.get(handle.id) == record
    assert not runner.cancel(handle.id), "it has ended"
    errands.go.set()
    await ended(third)
    assert len(errands.begun) == 3 - (not begun_already)


async def test_two_starts_at_once_make_two_tasks_one_after_the_other(runner: Runner) -> None:
    running = most = 0

    async def work(_: TaskContext[Errand, Step]) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1

    kind = kind_of(runner, work, "main", Lane.MAIN)

    async def start(name: str) -> TaskHandle:
        return runner.submit(kind, Errand(name))

    await ended(*await asyncio.gather(start("a"), start("b")))
    assert most == 1


async def family(runner: Runner, **parts: Any) -> tuple[TaskHandle, list[TaskHandle]]:
    """A main task with a part for each name, which does what the value says."""
    children: list[TaskHandle] = []

    async def work(context: TaskContext[Errand, Step]) -> None:
        for name, part in parts.items():
            kind = kind_of(runner, part, name, Lane.MAIN)
            children.append(context.spawn(kind, Errand(name)))
        for child in list(children):
            await child.wait()

    main = runner.submit(kind_of(runner, work, "main", Lane.MAIN), Errand("main"))
    await wait_until(lambda: len(children) == len(parts))
    return main, children


async def test_parts_run_beside_each_other_within_their_main(runner: Runner) -> None:
    errands = Errands()
    main, children = await family(runner, one=errands.run, two=errands.run)
    await wait_until(lambda: len(errands.begun) == 2)
    assert [record.kind for record in await runner.newest()] == ["main"]
    assert {one.id for one in await runner.newest(parent_id=main.id)} == {c.id for c in children}
    errands.go.set()
    records = await ended(main, *children)
    assert {record.state for record in records} == {TaskState.SUCCESS}
    assert [record.parent_id for record in records] == [None, main.id, main.id]
    assert runner.running() == []


async def test_cancelling_a_main_reaches_its_parts(runner: Runner) -> None:
    errands = Errands()
    main, children = await family(runner, one=errands.run, two=errands.run)
    assert runner.cancel(main.id)
    states = {record.state for record in runner.running()}
    assert states == {TaskState.REVOKED}, "the answer does not wait for them"
    assert {record.state for record in await ended(main, *children)} == {TaskState.REVOKED}


async def test_a_part_can_be_cancelled_alone(runner: Runner) -> None:
    errands = Errands()
    main, (one, two) = await family(runner, one=errands.run, two=errands.run)
    assert runner.cancel(one.id)
    errands.go.set()
    states = [record.state for record in await ended(main, one, two)]
    assert states == [TaskState.SUCCESS, TaskState.REVOKED, TaskState.SUCCESS]


async def test_a_part_does_not_outlive_its_main(runner: Runner) -> None:
    errands = Errands()
    children: list[TaskHandle] = []

    async def work(context: TaskContext[Errand, Step]) -> None:
        part = kind_of(runner, errands.run, "part", Lane.MAIN)
        children.append(context.spawn(part, Errand("part")))
        await wait_until(lambda: errands.begun)
        raise ConfigurationError("no more")

    main = runner.submit(kind_of(runner, work, "main", Lane.MAIN), Errand("main"))
    records = await ended(main)
    records += await ended(*children)
    assert [record.state for record in records] == [TaskState.FAILURE, TaskState.REVOKED]


async def test_a_part_that_ignores_cancelling_is_left_to_itself_and_the_lane_goes_on(
    runner: Runner, tasks: Tasks
) -> None:
    stop = asyncio.Event()

    async def stubborn(_: TaskContext[Errand, Step]) -> Mapping[str, Any]:
        while not stop.is_set():
            try:
                await stop.wait()
            except asyncio.CancelledError:
                continue
        return {"said": "too late"}

    main, (child,) = await family(runner, stubborn=stubborn)
    await wait_until(lambda: [r for r in runner.running() if r.state is TaskState.STARTED][1:])
    runner.cancel(main.id)
    for record in await ended(main, child):
        assert record.state is TaskState.REVOKED
        assert await tasks.get(record.id) == record
    errands = Errands()
    errands.go.set()
    await ended(runner.submit(kind_of(runner, errands.run, "next", Lane.MAIN), Errand("n")))
    stop.set()
    await asyncio.sleep(0.01)
    late = await tasks.get(child.id)
    assert late is not None
    assert (late.state, late.details) == (TaskState.REVOKED, {})


async def test_cancelling_kills_the_worker_that_a_task_waits_for(
    runner: Runner, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    workers = Supervisor(WorkerKind("hanging", "tests.workers.targets:obey"), Budget(1))

    async def work(_: TaskContext[Errand, Step]) -> None:
        await workers.run({"do": "hang_in_c", "pid_file": str(pid_file)}, timeout_s=60)

    handle = runner.submit(kind_of(runner, work), Errand("a"))
    await wait_until(lambda: pid_file.exists() and pid_file.read_text())
    runner.cancel(handle.id)
    await ended(handle)
    process = Path("/proc") / pid_file.read_text()
    await wait_until(lambda: not process.exists())
    await workers.close()


async def test_a_record_that_has_ended_never_changes(runner: Runner, tasks: Tasks) -> None:
    async def work(_: TaskContext[Errand, Step]) -> None: ...

    (record,) = await ended(runner.submit(kind_of(runner, work), Errand("a")))
    again = TaskRecord(record.id, "scan", TaskState.PROGRESS, 0.0, 2000.0)
    await tasks.save(again)
    assert await tasks.get(record.id) == record


async def test_closing_says_that_the_daemon_interrupted_its_tasks(
    runner: Runner, tasks: Tasks
) -> None:
    errands = Errands()
    kind = kind_of(runner, errands.run)
    handles = [runner.submit(kind, Errand(name)) for name in "ab"]
    await wait_until(lambda: errands.begun)
    await runner.close()
    for record in await ended(*handles):
        assert (record.state, record.error) == (TaskState.FAILURE, "interrupted by shutdown")
        assert await tasks.get(record.id) == record
    with pytest.raises(NotReadyError, match="stopping"):
        runner.submit(kind, Errand("c"))


async def test_what_a_killed_daemon_left_running_has_failed(runner: Runner, tasks: Tasks) -> None:
    states = TaskState.QUEUED, TaskState.PROGRESS, TaskState.SUCCESS
    for number, state in enumerate(states):
        await tasks.save(TaskRecord(TaskId(str(number)), "scan", state, 1.0, 1.0))
    part = TaskRecord(TaskId("p"), "part", TaskState.STARTED, 1.0, 1.0, parent_id=TaskId("1"))
    await tasks.save(part)
    await runner.start()
    ends = [await tasks.get(TaskId(id_)) for id_ in "012p"]
    assert [end and end.state for end in ends] == ["FAILURE", "FAILURE", "SUCCESS", "FAILURE"]
    assert ends[3] is not None and ends[3].error == "interrupted by restart"
    assert await tasks.running() == []


async def test_progress_is_between_0_and_1_and_saved_now_and_then(
    tasks: Tasks, runner: Runner
) -> None:
    clock = Clock(1000.0)
    timed = Runner(tasks, clock)
    seen: list[float] = []

    async def work(context: TaskContext[Errand, Step]) -> None:
        for fraction, now in ((-1.0, 1000.0), (0.4, 1000.5), (7.0, 1003.0)):
            clock.now = now
            await context.progress(fraction)
            stored = await tasks.get(context.record.id)
            assert stored is not None
            seen.append(stored.progress)

    (record,) = await ended(timed.submit(kind_of(timed, work), Errand("a")))
    assert record.state is TaskState.SUCCESS
    assert seen == [0.0, 0.0, 1.0]


async def test_the_log_of_a_task_is_bounded(runner: Runner) -> None:
    async def work(context: TaskContext[Errand, Step]) -> None:
        for number in range(LOG_LINES + 10):
            context.log(f"{number} " + "x" * 10_000)

    (record,) = await ended(runner.submit(kind_of(runner, work), Errand("a")))
    assert len(record.log) == LOG_LINES
    assert record.log[0].text.startswith("10 ")
    assert max(len(line.text) for line in record.log) == 500


async def test_a_store_that_cannot_be_written_costs_the_record_and_not_the_task(
    runner: Runner, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    errands = Errands()
    errands.go.set()
    await tasks._db.close()
    (record,) = await ended(runner.submit(kind_of(runner, errands.run), Errand("a")))
    assert record.state is TaskState.SUCCESS


def test_two_kinds_of_one_name_are_a_mistake_of_ours(runner: Runner) -> None:
    kind_of(runner, Errands().run)
    with pytest.raises(ValueError, match="called scan"):
        kind_of(runner, Errands().run)
