from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.workers import Budget, Supervisor, WorkerKind, nursery
from tests.e2e.harness import children_of

MIB = 1024 * 1024
DEADLINE_S = 60.0
"""Long past any wait of ours, and short of for ever, which is what jobs that hang take."""
KIND = WorkerKind("obeying", "tests.workers.targets:obey", preload=("tests.workers.targets",))


@asynccontextmanager
async def supervisor(count: int = 1, **options: Any) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(replace(KIND, **options), Budget(count))
    try:
        yield supervisor
    finally:
        await supervisor.close()


async def until_gone(pid: int) -> None:
    """Wait for the end of a process; fails if it still lives at the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while is_running(pid):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        await asyncio.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


async def until_written(path: Path, within_s: float = 60.0) -> int:
    """The number in a file, once there is one."""
    deadline = time.monotonic() + within_s
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path} was not written"
        await asyncio.sleep(0.01)
    return int(path.read_text())


async def test_a_job_comes_back_as_what_the_target_returned() -> None:
    async with supervisor() as workers:
        odd_path = os.fsdecode(b"/music/\xff.ogg")
        assert await workers.run({"do": "echo", "value": odd_path}, timeout_s=10) == odd_path


async def test_a_big_result_survives_the_pipe() -> None:
    async with supervisor() as workers:
        value = os.urandom(3 * MIB)
        assert await workers.run({"do": "echo", "value": value}, timeout_s=10) == value


async def test_a_worker_serves_many_jobs_until_it_is_recycled() -> None:
    async with supervisor(recycle_after=3) as workers:
        pids = [await workers.run({"do": "pid"}, timeout_s=10) for _ in range(4)]
    assert len(set(pids[:3])) == 1
    assert pids[3] != pids[0]


async def test_as_many_jobs_run_at_once_as_there_are_workers() -> None:
    async with supervisor(2) as workers:
        job = {"do": "interval", "seconds": 0.15}
        await asyncio.gather(*(workers.run({"do": "pid"}, timeout_s=10) for _ in range(2)))
        spans = await asyncio.gather(*(workers.run(job, timeout_s=10) for _ in range(4)))
    most = max(sum(a <= start < b for a, b in spans) for start, _ in spans)
    assert most == 2


async def test_an_exception_is_told_and_the_worker_lives_on() -> None:
    async with supervisor() as workers:
        before = await workers.run({"do": "pid"}, timeout_s=10)
        with pytest.raises(WorkerError, match=r"^no such chord$"):
            await workers.run({"do": "raise", "message": "no such chord"}, timeout_s=10)
        with pytest.raises(WorkerError, match="cannot be sent"):
            await workers.run({"do": "unpicklable"}, timeout_s=10)
        assert await workers.run({"do": "pid"}, timeout_s=10) == before


@pytest.mark.parametrize(
    ("job", "reason"),
    [({"do": "exit", "code": 3}, "exit code 3"), ({"do": "segfault"}, "crashed with SIGSEGV")],
)
async def test_a_crash_fails_its_job_and_nothing_else(job: dict[str, Any], reason: str) -> None:
    async with supervisor(2) as workers:
        crash = asyncio.ensure_future(workers.run(job, timeout_s=10))
        good = [workers.run({"do": "echo", "value": i}, timeout_s=10) for i in range(6)]
        assert await asyncio.gather(*good) == list(range(6))
        with pytest.raises(WorkerError, match=reason):
            await crash


async def test_a_crash_that_does_not_repeat_blames_nobody(tmp_path: Path) -> None:
    async with supervisor() as workers:
        job = {"do": "crash_once", "marker": str(tmp_path / "crashed")}
        assert await workers.run(job, timeout_s=10) == "survived"


async def test_the_second_attempt_runs_alone(tmp_path: Path) -> None:
    log = tmp_path / "attempts"
    async with supervisor(2) as workers:
        crash = asyncio.ensure_future(
            workers.run({"do": "crash_logged", "seconds": 0.1, "log": str(log)}, timeout_s=10)
        )
        job = {"do": "interval", "seconds": 0.1}
        others = await asyncio.gather(*(workers.run(job, timeout_s=10) for _ in range(6)))
        with pytest.raises(WorkerError, match="the second time alone"):
            await crash
    _, second = [tuple(map(float, line.split())) for line in log.read_text().splitlines()]
    assert not [span for span in others if span[0] < second[1] and span[1] > second[0]]


async def test_a_worker_that_died_idle_is_replaced_without_blame() -> None:
    async with supervisor() as workers:
        pid = await workers.run({"do": "pid"}, timeout_s=10)
        os.kill(pid, 9)
        await until_gone(pid)
        assert await workers.run({"do": "echo", "value": 1}, timeout_s=10) == 1


async def test_a_hanging_job_ends_at_its_time_limit(tmp_path: Path) -> None:
    async with supervisor() as workers:
        await workers.start()
        hang = {"do": "hang_in_c", "pid_file": str(tmp_path / "pid")}
        with pytest.raises(WorkerError, match="did not answer within"):
            await asyncio.wait_for(workers.run(hang, timeout_s=0.4), DEADLINE_S)
        assert await workers.run({"do": "echo", "value": 1}, timeout_s=10) == 1


async def test_a_job_that_outgrows_its_memory_is_stopped() -> None:
    async with supervisor(memory_limit_bytes=200 * MIB) as workers:
        with pytest.raises(WorkerError, match="more than 200 MiB"):
            await workers.run({"do": "swell", "step_mib": 4}, timeout_s=20)


async def test_cancelling_kills_the_worker_whatever_it_does(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    async with supervisor() as workers:
        hang = asyncio.ensure_future(
            workers.run({"do": "hang_in_c", "pid_file": str(pid_file)}, timeout_s=60)
        )
        pid = await until_written(pid_file)
        hang.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hang
        await until_gone(pid)
        assert await workers.run({"do": "echo", "value": 1}, timeout_s=10) == 1


async def test_cancelling_while_waiting_for_a_worker_leaves_the_others_be() -> None:
    async with supervisor() as workers:
        await workers.start()
        busy = asyncio.ensure_future(workers.run({"do": "interval", "seconds": 0.3}, timeout_s=10))
        await asyncio.sleep(0)
        waiting = asyncio.ensure_future(workers.run({"do": "pid"}, timeout_s=10))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await busy


async def test_closing_ends_the_workers_and_the_jobs_at_once(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    async with supervisor(2) as workers:
        hang = asyncio.ensure_future(
            workers.run({"do": "hang", "pid_file": str(pid_file)}, timeout_s=60)
        )
        pid = await until_written(pid_file)
        await workers.close()
        with pytest.raises(WorkerError, match="closed"):
            await hang
        await until_gone(pid)


async def test_a_worker_is_nice_quiet_single_threaded_and_has_no_strangers_files() -> None:
    async with supervisor(niceness=7) as workers:
        state = await workers.run({"do": "state"}, timeout_s=10)
    assert state["nice"] == min(os.getpriority(os.PRIO_PROCESS, 0) + 7, 19)
    assert (state["threads"], state["threads_wanted"]) == (1, "1")
    assert state["stderr"] == "/dev/null"
    assert state["files"] <= 5
    assert not [name for name in state["modules"] if name.startswith(("pytest", "aiohttp"))]


async def test_a_worker_computes_in_one_thread() -> None:
    async with supervisor() as workers:
        assert set(await workers.run({"do": "array_threads"}, timeout_s=30)) == {1}


@pytest.mark.parametrize("stage", ["asked for", "launched", "importing", "forked"])
async def test_closing_while_the_first_worker_starts_leaves_no_process_behind(
    stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nursery, "END_TIMEOUT_S", 2 * DEADLINE_S)
    before = children_of(os.getpid())
    workers = Supervisor(KIND, Budget(1))
    running = asyncio.create_task(workers.run({"do": "hang"}, timeout_s=DEADLINE_S))
    await asyncio.sleep(0)
    while stage != "asked for" and children_of(os.getpid()) == before:
        await asyncio.sleep(0)
    while stage == "importing" and workers._nursery._control is None:
        await asyncio.sleep(0)
    while stage == "forked" and len(children_of(os.getpid())) < len(before) + 2:
        await asyncio.sleep(0)
    running.cancel()
    async with asyncio.timeout(DEADLINE_S):
        await workers.close()
    await asyncio.gather(running, return_exceptions=True)
    for pid in children_of(os.getpid()) - before:
        await until_gone(pid)
    with pytest.raises(WorkerError, match="closed"):
        await workers.run({"do": "echo", "value": 1}, timeout_s=10)
