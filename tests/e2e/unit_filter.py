"""The unit's filter of system calls, put on a process that then evaluates a program.

Run as ``python -m tests.e2e.unit_filter filtered``: libseccomp makes a filter of the names
on standard input as systemd does, and installs it; what the studio says goes to standard output.
"""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import errno
import sys

from harmonie_daemon.compose.musicpy_code.studio import CodeStudio, open_code_studio
from harmonie_daemon.domain.errors import HarmonieError

REFUSE, ALLOW = 0x00050000 | errno.EPERM, 0x7FFF0000


def install(names: list[str]) -> None:
    """Allow these calls; names that this machine does not have are left out, as systemd does."""
    library = ctypes.CDLL(ctypes.util.find_library("seccomp"))
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(REFUSE)))
    for name in names:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            assert library.seccomp_rule_add(context, ctypes.c_uint32(ALLOW), number, 0) == 0
    assert library.seccomp_load(context) == 0


async def _told(studio: CodeStudio) -> str:
    try:
        layers = await studio.layers()
        notes = (await studio.run("result = C('Dm7', 4) % (1, 0)")).score.parts[0].notes
        return f"{int(layers)} {len(notes)}"
    except HarmonieError as error:
        return f"{error.code} {error}"


async def _main() -> None:
    async with open_code_studio() as studio:
        print(await _told(studio))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        install(sys.stdin.read().split())
    asyncio.run(_main())
