"""Shutting the jail: one layer after the other, each stopping what another might miss."""

from __future__ import annotations

import math
import os
import resource
import signal
import time

from harmonie_daemon.compose.musicpy_code import limits
from harmonie_daemon.compose.musicpy_code.jail import landlock, seccomp
from harmonie_daemon.compose.musicpy_code.jail.kernel import PR_SET_NO_NEW_PRIVS, prctl
from harmonie_daemon.compose.musicpy_code.verdict import Layer

ALL = Layer.RLIMITS | Layer.NO_NEW_PRIVILEGES | Layer.LANDLOCK | Layer.SECCOMP
MOST_DESCRIPTORS = 16


class JailError(Exception):
    """The jail cannot be shut; the message says what this machine refuses."""

    def __init__(self, message: str, layers: Layer) -> None:
        super().__init__(message)
        self.layers = layers
        """What could be."""


def shut(layers: Layer = ALL) -> Layer:
    """Give up, for good, what the layers stand for; those that this machine has are returned.

    Landlock may be missing; ``JailError`` if anything else is. The alarm is the kernel's: nothing
    that is allowed afterwards can put it off.
    """
    done = Layer(0)
    try:
        if Layer.RLIMITS in layers:
            signal.setitimer(signal.ITIMER_REAL, limits.WALL_S)
            _limit_resources()
            done |= Layer.RLIMITS
        if Layer.NO_NEW_PRIVILEGES in layers:
            prctl(PR_SET_NO_NEW_PRIVS, 1)
            done |= Layer.NO_NEW_PRIVILEGES
        if Layer.LANDLOCK in layers and _has_landlock():
            done |= Layer.LANDLOCK
        if Layer.SECCOMP in layers:
            seccomp.restrict()
            done |= Layer.SECCOMP
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise JailError(
            f"this machine does not let a process restrict itself: {reason}", done
        ) from error
    return done


def _has_landlock() -> bool:
    try:
        landlock.restrict()
    except OSError:
        return False
    return True


def _limit_resources() -> None:
    """Processor time counts from the start of the process, and in whole seconds."""
    cpu_s = math.ceil(time.process_time()) + limits.CPU_S
    wanted = {
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_AS: limits.MEMORY_BYTES,
        resource.RLIMIT_NOFILE: MOST_DESCRIPTORS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    if os.getuid() != 0:  # it counts all processes of a user, and does not hold root
        wanted[resource.RLIMIT_NPROC] = 0
    for which, most in wanted.items():
        _, hard = resource.getrlimit(which)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (least, least))
