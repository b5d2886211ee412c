from __future__ import annotations

import asyncio
import ctypes.util
import json
import os
import socket
from pathlib import Path

import pytest

from harmonie_daemon.compose.musicpy_code.jail import landlock, seccomp
from harmonie_daemon.compose.musicpy_code.jail.shutting import ALL
from harmonie_daemon.compose.musicpy_code.verdict import Layer
from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.workers import Budget, Start, Supervisor, WorkerKind
from tests.compose.musicpy_code.prisoners import NOBODY

HERE = "tests.compose.musicpy_code.prisoners"
FILES = {"read a file", "list a folder", "make a file", "write a file", "delete a file"}
CLOCK = {"put off the alarm", "ignore the alarm", "limits undone", "sleep"}
UNKNOWN_TO_LANDLOCK = {"executable memory", "a file in memory", "make a socket", *CLOCK}
PROCESSES = {"fork", "run a program"}
EVERYTHING = (
    FILES | UNKNOWN_TO_LANDLOCK | PROCESSES | {"connect", "signal the parent", "a gigabyte"}
)


def landlock_version() -> int:
    try:
        return landlock.version()
    except OSError:
        return 0


def unseen_by_landlock() -> set[str]:
    """What this kernel's version lets through although it is older than the rule."""
    version = landlock_version()
    unseen = set() if version >= 4 else {"connect"}
    return unseen if version >= 6 else unseen | {"signal the parent"}


async def asked(function: str, job: bytes = b"", timeout_s: float = 20) -> bytes:
    """What a process of its own answers."""
    kind = WorkerKind("prisoner", f"{HERE}:{function}", start=Start.FRESH)
    supervisor = Supervisor(kind, Budget(1))
    try:
        answer: bytes = await supervisor.run(job, timeout_s=timeout_s)
        return answer
    finally:
        await supervisor.close()


async def comes_through(layers: Layer, uid: int, folder: Path) -> set[str]:
    folder.chmod(0o777)
    there = folder / "there"
    there.touch()
    there.chmod(0o666)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        order = {"layers": int(layers), "uid": uid, "folder": str(folder), "port": port}
        answer = json.loads(await asked("attempt", json.dumps(order).encode()))
    assert set(answer) == EVERYTHING
    return {name for name, did in answer.items() if did}


@pytest.fixture(params=[0, NOBODY], ids=["as it is", "as nobody"])
def uid(request: pytest.FixtureRequest, tmp_path: Path) -> int:
    """0 changes nothing; another is only possible for root."""
    if request.param and os.getuid() != 0:
        pytest.skip("only root can become nobody; the other case is not root already")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    return int(request.param)


async def test_nothing_comes_through_the_whole_jail(uid: int, tmp_path: Path) -> None:
    assert await comes_through(ALL, uid, tmp_path) == set()


async def test_without_a_jail_everything_would_come_through(tmp_path: Path) -> None:
    assert await comes_through(Layer(0), 0, tmp_path) == EVERYTHING


async def test_without_landlock_seccomp_stops_everything(uid: int, tmp_path: Path) -> None:
    assert await comes_through(ALL & ~Layer.LANDLOCK, uid, tmp_path) == set()


async def test_without_limits_only_memory_is_not_bounded(uid: int, tmp_path: Path) -> None:
    assert await comes_through(ALL & ~Layer.RLIMITS, uid, tmp_path) == {"a gigabyte"}


async def test_without_seccomp_landlock_keeps_files_and_network(uid: int, tmp_path: Path) -> None:
    if not landlock_version():
        pytest.skip("this kernel has no Landlock")
    is_root = uid == 0 and os.getuid() == 0
    expected = UNKNOWN_TO_LANDLOCK | unseen_by_landlock() | ({"fork"} if is_root else set())
    assert await comes_through(ALL & ~Layer.SECCOMP, uid, tmp_path) == expected


async def test_without_the_promise_of_no_new_privileges_only_root_gets_a_jail(
    tmp_path: Path,
) -> None:
    if os.getuid() != 0:
        pytest.skip("needs root to be both")
    rest = ALL & ~Layer.NO_NEW_PRIVILEGES
    assert await comes_through(rest, 0, tmp_path) == set()
    with pytest.raises(WorkerError, match="does not let a process restrict itself"):
        await comes_through(rest, NOBODY, tmp_path)


async def test_neither_work_nor_waiting_outlives_the_jail() -> None:
    """The kernel ends both, by two clocks; the daemon's own is not needed."""
    ends = await asyncio.gather(
        asked("work_in_jail"), asked("wait_in_jail"), return_exceptions=True
    )
    reasons = [str(end) for end in ends if isinstance(end, WorkerError)]
    assert reasons == ["the worker crashed with SIGKILL", "the worker crashed with SIGALRM"]


@pytest.mark.parametrize("machine", seccomp.MACHINES.values(), ids=seccomp.MACHINES)
def test_the_filter_of_each_machine_says_of_each_call_what_it_should(
    machine: seccomp.Machine,
) -> None:
    execute = 4
    for number in range(600):
        is_listed = number in machine.calls.values()
        makes_memory = number in {machine.calls[name] for name in seccomp.MAKE_MEMORY}
        assert verdict(machine, number, 3) == (seccomp.ALLOW if is_listed else seccomp.REFUSE)
        allows_execution = verdict(machine, number, 3 | execute) == seccomp.ALLOW
        assert allows_execution == (is_listed and not makes_memory)
    assert verdict(machine, 0x40000000, 0) == seccomp.REFUSE  # x32 on x86_64
    for other in seccomp.MACHINES.values():
        if other is not machine:
            assert verdict(machine, 0, 0, audit=other.audit) == seccomp.KILL


def verdict(machine: seccomp.Machine, call: int, third: int, audit: int | None = None) -> int:
    """What a filter answers, worked through as the kernel does."""
    data = {
        seccomp.CALL_AT: call,
        seccomp.MACHINE_AT: machine.audit if audit is None else audit,
        seccomp.THIRD_ARGUMENT_AT: third,
    }
    program = seccomp.instructions(machine)
    loaded = place = 0
    while True:
        code, if_true, if_false, value = program[place]
        place += 1
        match code:
            case seccomp.LOAD:
                loaded = data[value]
            case seccomp.EQUAL:
                place += if_true if loaded == value else if_false
            case seccomp.ANY_BIT:
                place += if_true if loaded & value else if_false
            case seccomp.RETURN:
                return value


@pytest.mark.parametrize("machine", seccomp.MACHINES.values(), ids=seccomp.MACHINES)
def test_the_numbers_of_calls_are_the_kernels(machine: seccomp.Machine) -> None:
    name = ctypes.util.find_library("seccomp")
    if name is None:
        pytest.skip("libseccomp, which knows the numbers of all machines, is not here")
    resolve = ctypes.CDLL(name).seccomp_syscall_resolve_name_arch
    known = {call: resolve(ctypes.c_uint32(machine.audit), call.encode()) for call in machine.calls}
    assert known == machine.calls
