"""Landlock: no file may be opened, no port listened on or connected to, where the kernel has it."""

from __future__ import annotations

import ctypes
import os

from harmonie_daemon.compose.musicpy_code.jail.kernel import syscall

CREATE_RULESET, RESTRICT_SELF = 444, 446
"""The numbers are the same on x86_64 and aarch64."""
ASK_VERSION = 1
FILE_RIGHTS_OF_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many of the rights on files a version of the interface knows; later ones know no more."""
NETWORK_SINCE, NETWORK_RIGHTS = 4, 0b11
SCOPES_SINCE, SCOPES = 6, 0b11
"""Abstract sockets of others, and signals to others."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


def version() -> int:
    """Of the interface that the kernel offers. Raises ``OSError`` where there is none."""
    return syscall(CREATE_RULESET, None, 0, ASK_VERSION)


def restrict() -> None:
    """Handle every right and grant none, for good. Raises ``OSError`` where that is impossible.

    Wants no-new-privileges to be set.
    """
    known = version()
    rights = FILE_RIGHTS_OF_VERSION[min(known, max(FILE_RIGHTS_OF_VERSION))]
    ruleset = _Ruleset(
        (1 << rights) - 1,
        NETWORK_RIGHTS if known >= NETWORK_SINCE else 0,
        SCOPES if known >= SCOPES_SINCE else 0,
    )
    size = 8 * (1 + (known >= NETWORK_SINCE) + (known >= SCOPES_SINCE))
    descriptor = syscall(
        CREATE_RULESET, ctypes.cast(ctypes.byref(ruleset), ctypes.c_void_p), size, 0
    )
    try:
        syscall(RESTRICT_SELF, descriptor, 0)
    finally:
        os.close(descriptor)
