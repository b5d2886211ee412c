"""Where the database lies: who owns the file, and whether its file system can carry it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from pathlib import Path

from harmonie_daemon.domain.errors import StoreError, UnusableDatabaseError
from harmonie_daemon.library.mounts import breaks_locks, file_system, read_mountinfo

_PROCESS_ID_BYTES = 20


class OwnershipLock:
    """An exclusive ``flock`` on a file beside the database; it ends with the process."""

    def __init__(self, database: Path) -> None:
        """Take the lock. Raises ``StoreError`` naming the process that holds it."""
        self._descriptor = _open(Path(f"{database}.lock"))
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._descriptor, _PROCESS_ID_BYTES, 0).decode("ascii", "replace")
            os.close(self._descriptor)
            raise StoreError(
                f"{database} is in use by another harmonie process (pid {holder.strip() or '?'}); "
                "stop that one first, or set another HARMONIE_DATA_DIR"
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode("ascii"), 0)

    def release(self) -> None:
        """Give the database free. The lock file stays: removing it would race with a new owner."""
        os.close(self._descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"the data folder {path.parent} cannot be written ({error.strerror}); "
            "set HARMONIE_DATA_DIR to a folder that this user may write to"
        ) from error


def keep_from_others(database: Path) -> None:
    """Who listened to what is nobody's business: other users of the machine may not read it.

    A group may, where the file lets it. What SQLite puts beside the file has the same permissions.
    """
    with contextlib.suppress(OSError):  # it is there, or SQLite will say why it cannot be
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640))
    with contextlib.suppress(OSError):  # somebody else's, or on a file system without permissions
        database.chmod(stat.S_IMODE(database.stat().st_mode) & ~0o007)


def require_local_file_system(database: Path) -> None:
    """Refuse a database on a network share, where SQLite's write-ahead log gets damaged.

    Raises ``StoreError``. Says nothing where the system does not tell (no ``/proc``).
    """
    kind = file_system(os.path.realpath(database.parent), read_mountinfo())
    if breaks_locks(kind):
        raise UnusableDatabaseError(
            f"{database} lies on a network file system ({kind}), where SQLite's files get "
            "damaged; set HARMONIE_DATA_DIR to a local folder (the music may stay where it is)"
        )
