"""Calls into the kernel, by libc: ``prctl``, and those that glibc has no name for."""

from __future__ import annotations

import ctypes
import os

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
PR_SET_PDEATHSIG = 1
SECCOMP_MODE_FILTER = 2


def libc() -> ctypes.CDLL:
    """The C library that this process has."""
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, *arguments: int | ctypes.c_void_p) -> None:
    """Raises ``OSError``."""
    zeros = (0,) * (4 - len(arguments))
    values = [
        value if isinstance(value, ctypes.c_void_p) else ctypes.c_ulong(value)
        for value in (*arguments, *zeros)
    ]
    _check(libc().prctl(option, *values))


def syscall(number: int, *arguments: int | ctypes.c_void_p | None) -> int:
    """The result of a system call. Raises ``OSError``."""
    values = [
        value if value is None or isinstance(value, ctypes.c_void_p) else ctypes.c_long(value)
        for value in arguments
    ]
    call = libc().syscall
    call.restype = ctypes.c_long
    return _check(call(ctypes.c_long(number), *values))


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
