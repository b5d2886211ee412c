from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.workers import Budget, Start, Supervisor, WorkerKind
from harmonie_daemon.workers.messages import LARGEST_UNTRUSTED_BYTES

OBEY = "tests.workers.targets:obey"
UNTRUSTED = WorkerKind("guessing", "tests.workers.targets:obey_bytes", start=Start.FRESH)
SECRET = "hunter2-is-the-key"


@asynccontextmanager
async def supervised(*kinds: WorkerKind, budget: int = 2) -> AsyncIterator[list[Supervisor]]:
    """One supervisor for each kind, and the budget they share."""
    shared = Budget(budget)
    async with AsyncExitStack() as stack:
        supervisors = [Supervisor(kind, shared) for kind in kinds]
        for supervisor in supervisors:
            stack.push_async_callback(supervisor.close)
        yield supervisors


def most_at_once(spans: list[tuple[float, float]]) -> int:
    return max(sum(a <= start < b for a, b in spans) for start, _ in spans)


async def test_no_kind_of_worker_knows_a_secret_of_the_daemon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HARMONIE_API_KEY", SECRET)
    monkeypatch.setenv("SOME_TOKEN", SECRET)
    async with supervised(WorkerKind("telling", OBEY), UNTRUSTED) as (forked, fresh):
        environment = await forked.run({"do": "environment"}, timeout_s=20)
        isolated = await fresh.run(b"environment", timeout_s=20)
    for text in (environment, isolated.decode()):
        assert "PATH=" in text
        assert "OMP_NUM_THREADS=1" in text
        assert SECRET not in text
        assert "HARMONIE" not in text


async def test_each_kind_has_what_it_preloads_and_nothing_of_the_other() -> None:
    left = WorkerKind("left", OBEY, preload=("colorsys",))
    right = WorkerKind("right", OBEY, preload=("sndhdr",))
    async with supervised(left, right) as supervisors:
        of_left, of_right = [await s.run({"do": "modules"}, timeout_s=20) for s in supervisors]
    assert "colorsys" in of_left and "sndhdr" not in of_left
    assert "sndhdr" in of_right and "colorsys" not in of_right


async def test_two_kinds_together_never_keep_more_busy_than_the_budget() -> None:
    job = {"do": "interval", "seconds": 0.1}
    kinds = WorkerKind("scanning", OBEY), WorkerKind("rendering", OBEY)
    async with supervised(*kinds, budget=2) as supervisors:
        jobs = [s.run(job, timeout_s=20) for s in supervisors for _ in range(4)]
        spans = await asyncio.gather(*jobs)
    assert most_at_once(spans) == 2


async def test_a_second_attempt_is_alone_among_all_kinds(tmp_path: Path) -> None:
    log = tmp_path / "attempts"
    crash = {"do": "crash_logged", "seconds": 0.1, "log": str(log)}
    kinds = WorkerKind("scanning", OBEY), WorkerKind("rendering", OBEY)
    async with supervised(*kinds, budget=3) as (scanning, rendering):
        failing = asyncio.ensure_future(scanning.run(crash, timeout_s=20))
        job = {"do": "interval", "seconds": 0.1}
        others = await asyncio.gather(*(rendering.run(job, timeout_s=20) for _ in range(6)))
        with pytest.raises(WorkerError, match="the second time alone"):
            await failing
    _, (started, ended) = [tuple(map(float, row.split())) for row in log.read_text().splitlines()]
    assert not [span for span in others if span[0] < ended and span[1] > started]


async def test_workers_that_cannot_start_say_why_and_blame_no_job() -> None:
    async with supervised(WorkerKind("dreaming", OBEY, preload=("no_such_module",))) as (workers,):
        for _ in range(2):
            with pytest.raises(WorkerError, match=r"for dreaming cannot start: ModuleNotFound"):
                await workers.run({"do": "pid"}, timeout_s=20)


async def test_a_nursery_that_was_killed_is_replaced() -> None:
    async with supervised(WorkerKind("living", OBEY)) as (workers,):
        first = await workers.run({"do": "pid"}, timeout_s=20)
        stat = Path(f"/proc/{first}/stat").read_text()
        os.kill(int(stat.rpartition(")")[2].split()[1]), 9)
        job = {"do": "echo", "value": 1}
        assert await workers.run(job, timeout_s=20) == 1
        assert await workers.run(job, timeout_s=20) == 1


async def test_untrusted_work_gets_an_isolated_interpreter_of_its_own_each_time() -> None:
    async with supervised(UNTRUSTED) as (workers,):
        answers = [(await workers.run(b"about", timeout_s=20)).split() for _ in range(2)]
    (first, *flags), (second, _, _) = answers
    assert first != second
    assert flags == [b"1", b"False"]


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (b"object", "cannot be sent"),
        (b"raise", "no such chord"),
        (b"long %d" % (LARGEST_UNTRUSTED_BYTES + 1), "crashed with SIGKILL"),
    ],
)
async def test_untrusted_work_is_never_unpickled_nor_read_without_bound(
    job: bytes, reason: str
) -> None:
    async with supervised(UNTRUSTED) as (workers,):
        with pytest.raises(WorkerError, match=reason):
            await workers.run(job, timeout_s=20)


async def test_untrusted_work_that_dies_gets_no_second_chance(tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with supervised(UNTRUSTED) as (workers,):
        with pytest.raises(WorkerError, match="exit code 7"):
            await workers.run(b"count %s" % bytes(log), timeout_s=20)
    assert log.read_text() == "once\n"


@pytest.mark.parametrize(
    ("target", "job"),
    [
        (UNTRUSTED.target, b"half"),
        (UNTRUSTED.target, b"deaf"),
        ("tests.workers.deaf:answer", bytes(4 * 2**20)),
    ],
    ids=["stops in the middle of its answer", "ignores SIGTERM", "does not read its job"],
)
async def test_no_untrusted_work_holds_up_the_loop(target: str, job: bytes) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    async with supervised(WorkerKind("hostile", target, start=Start.FRESH)) as (workers,):
        ticking = asyncio.ensure_future(tick())
        with pytest.raises(WorkerError, match="did not answer within 1 s"):
            await workers.run(job, timeout_s=1)
        ticking.cancel()
    assert ticks > 20


async def test_untrusted_work_writes_no_lines_into_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with supervised(UNTRUSTED) as (workers,):
        with pytest.raises(WorkerError) as caught:
            await workers.run(b"forge", timeout_s=20)
    for text in (str(caught.value), *(record.getMessage() for record in caplog.records)):
        assert text.isprintable()
        assert len(text) < 4_000


async def test_untrusted_work_that_closes_its_pipe_is_ended() -> None:
    async with supervised(UNTRUSTED) as (workers,):
        with pytest.raises(WorkerError, match="crashed with SIGKILL"):
            await workers.run(b"close", timeout_s=20)


async def test_untrusted_work_that_hangs_is_ended(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    async with supervised(UNTRUSTED) as (workers,):
        with pytest.raises(WorkerError, match="did not answer within"):
            await workers.run(b"hang %s" % bytes(pid_file), timeout_s=2)
        pid: Any = int(pid_file.read_text())
        for _ in range(500):
            if not Path(f"/proc/{pid}").exists():
                return
            await asyncio.sleep(0.01)
    pytest.fail("it still runs")


async def test_a_kind_that_tells_is_heard_in_order_before_its_answer() -> None:
    heard: list[int] = []

    async def hear(step: int) -> None:
        heard.append(step)

    telling = WorkerKind("telling", "tests.workers.targets:tell_of_steps", tells=True)
    async with supervised(telling) as [workers]:
        assert await workers.run(3_000, timeout_s=20, hear=hear) == "done"
        assert heard == list(range(3_000))
        assert await workers.run(5, timeout_s=20) == "done"  # nobody listens


async def test_a_listener_that_fails_fails_the_job_and_its_worker() -> None:
    async def hear(_: int) -> None:
        raise RuntimeError("not now")

    telling = WorkerKind("telling", "tests.workers.targets:tell_of_steps", tells=True)
    async with supervised(telling) as [workers]:
        with pytest.raises(RuntimeError, match="not now"):
            await workers.run(3, timeout_s=20, hear=hear)
        assert await workers.run(3, timeout_s=20) == "done"
