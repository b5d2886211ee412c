"""Telling a file that cannot be heard from a machine that could not hear it just now."""

from __future__ import annotations

import errno
import os
import re

from harmonie_daemon.domain.track import AudioFile

FAULTS_IN_A_ROW = 3
"""From this one on, what looked like trouble of the machine is taken for the file's own."""

_OF_THE_MACHINE = (
    errno.EIO,
    errno.EACCES,
    errno.EPERM,
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.EMFILE,
    errno.ENFILE,
)
_CANNOT_READ = re.compile(
    r"unreadable: (?!not a regular file)|the workers (have been closed|for .* (cannot start|end))"
)
"""Says nothing about the content, however often it is said."""
_TROUBLE = re.compile(
    "|".join(
        (
            "the worker did not answer within",
            "the worker crashed with SIG(KILL|TERM)",  # the kernel that is out of memory, a person
            "there is not enough memory",
            f".*\\[Errno ({'|'.join(map(str, _OF_THE_MACHINE))})\\]",
            f".*({'|'.join(re.escape(os.strerror(number)) for number in _OF_THE_MACHINE)})$",
        )
    )
)
"""Reasons of workers and decoders, as ``workers.supervisor``, ``workers.process`` and
``analysis.decoding`` word them. A crash, an exit, too much memory and an exception are none: the
worker was alone with the file the second time."""


class Faults:
    """Counts faults that may pass, of each file at its present size and time, in memory only.

    A restart of the daemon gives every file its chances anew.
    """

    def __init__(self) -> None:
        self._in_a_row: dict[AudioFile, int] = {}

    def may_pass(self, file: AudioFile, reason: str) -> bool:
        """Note why a file was not heard; whether it deserves another try at the next scan."""
        if _CANNOT_READ.match(reason):
            return True
        if not _TROUBLE.match(reason):
            return False
        count = self._in_a_row[file] = self._in_a_row.get(file, 0) + 1
        if count >= FAULTS_IN_A_ROW:
            self.passed(file)
            return False
        return True

    def passed(self, file: AudioFile) -> None:
        """Begin to count anew: the file has been heard."""
        self._in_a_row.pop(file, None)
