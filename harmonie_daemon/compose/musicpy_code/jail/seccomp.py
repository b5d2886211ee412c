"""A seccomp filter: a short list of system calls, everything else fails with EPERM.

Installed by ``prctl``: the unit's ``@system-service`` of systemd 252 has no ``seccomp``.
Memory may not become executable after this, so that no code can be brought in.
"""

from __future__ import annotations

import ctypes
import errno
import platform
from collections.abc import Mapping
from dataclasses import dataclass

from harmonie_daemon.compose.musicpy_code.jail.kernel import (
    PR_SET_SECCOMP,
    SECCOMP_MODE_FILTER,
    prctl,
)


@dataclass(frozen=True, slots=True)
class Machine:
    """The numbers of one processor family."""

    audit: int
    """As ``seccomp_data.arch`` has it; with it, a call of another family is recognised."""
    calls: Mapping[str, int]


X86_64 = Machine(
    0xC000003E,
    {
        "read": 0,
        "write": 1,
        "close": 3,
        "fstat": 5,
        "lseek": 8,
        "mmap": 9,
        "mprotect": 10,
        "munmap": 11,
        "brk": 12,
        "rt_sigreturn": 15,
        "sched_yield": 24,
        "mremap": 25,
        "madvise": 28,
        "getpid": 39,
        "exit": 60,
        "gettid": 186,
        "futex": 202,
        "clock_gettime": 228,
        "exit_group": 231,
        "getrandom": 318,
    },
)
AARCH64 = Machine(
    0xC00000B7,
    {
        "read": 63,
        "write": 64,
        "close": 57,
        "fstat": 80,
        "lseek": 62,
        "mmap": 222,
        "mprotect": 226,
        "munmap": 215,
        "brk": 214,
        "rt_sigreturn": 139,
        "sched_yield": 124,
        "mremap": 216,
        "madvise": 233,
        "getpid": 172,
        "exit": 93,
        "gettid": 178,
        "futex": 98,
        "clock_gettime": 113,
        "exit_group": 94,
        "getrandom": 278,
    },
)
MACHINES = {"x86_64": X86_64, "aarch64": AARCH64}
MAKE_MEMORY = ("mmap", "mprotect")
"""Their third argument says whether it may be executed."""
PROT_EXEC = 4

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
"""The instructions of a filter (linux/bpf_common.h): load a word, compare, test bits, return."""
CALL_AT, MACHINE_AT, THIRD_ARGUMENT_AT = 0, 4, 32
"""Where they stand in ``seccomp_data``; both families are little-endian."""
KILL, REFUSE, ALLOW = 0x80000000, 0x00050000 | errno.EPERM, 0x7FFF0000


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("first", ctypes.POINTER(_Instruction)))


Instruction = tuple[int, int, int, int]


def instructions(machine: Machine) -> list[Instruction]:
    """The filter of a machine: (code, jump if true, jump if false, value) each."""
    program: list[Instruction] = [
        (LOAD, 0, 0, MACHINE_AT),
        (EQUAL, 1, 0, machine.audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, CALL_AT),
    ]
    for name, number in machine.calls.items():
        if name in MAKE_MEMORY:
            program += [
                (EQUAL, 0, 4, number),
                (LOAD, 0, 0, THIRD_ARGUMENT_AT),
                (ANY_BIT, 0, 1, PROT_EXEC),
                (RETURN, 0, 0, REFUSE),
                (RETURN, 0, 0, ALLOW),
            ]
        else:
            program += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    return [*program, (RETURN, 0, 0, REFUSE)]


def restrict() -> None:
    """Allow this process nothing but the list, for good. Raises ``OSError``.

    Wants no-new-privileges to be set.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(errno.ENOSYS, f"no list of system calls for {platform.machine()}")
    listed = instructions(machine)
    array = (_Instruction * len(listed))(*(_Instruction(*one) for one in listed))
    program = _Program(len(listed), array)
    prctl(
        PR_SET_SECCOMP,
        SECCOMP_MODE_FILTER,
        ctypes.cast(ctypes.byref(program), ctypes.c_void_p),
    )
