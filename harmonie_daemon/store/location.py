"""Where the database lies: who owns the file, and whether its file system can carry it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from harmonie_daemon.domain.errors import StoreError, UnusableDatabaseError

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "9p", "afs", "ceph", "cifs", "davfs", "fuse.ceph", "fuse.davfs", "fuse.glusterfs",
        "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs", "nfs", "nfs4", "smb2", "smb3",
        "smbfs",
    }
)  # fmt: skip
"""File systems whose locks and shared memory SQLite's write-ahead log cannot rely on.

FUSE as such is not among them: mergerfs and Unraid's shfs are local."""

_MOUNTS = Path("/proc/self/mountinfo")
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


def require_local_file_system(database: Path) -> None:
    """Refuse a database on a network share, where SQLite's write-ahead log gets damaged.

    Raises ``StoreError``. Says nothing where the system does not tell (no ``/proc``).
    """
    try:
        mounts = _MOUNTS.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return
    kind = file_system_of(os.path.realpath(database.parent), mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise UnusableDatabaseError(
            f"{database} lies on a network file system ({kind}), where SQLite's files get "
            "damaged; set HARMONIE_DATA_DIR to a local folder (the music may stay where it is)"
        )


def file_system_of(path: str, mountinfo: str) -> str | None:
    """The file system type of the deepest mount that holds ``path`` (absolute, resolved).

    ``mountinfo`` is the text of ``/proc/self/mountinfo``, see proc_pid_mountinfo(5); of two
    mounts on one point the later one covers the earlier.
    """
    deepest, kind = "", None
    for line in mountinfo.splitlines():
        fields, _, tail = line.partition(" - ")
        columns, types = fields.split(), tail.split()
        if len(columns) < 5 or not types:
            continue
        mount = _unescape(columns[4])
        inside = path == mount or path.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(deepest):
            deepest, kind = mount, types[0]
    return kind


def _unescape(mount: str) -> str:
    for escape, character in ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")):
        mount = mount.replace(escape, character)
    return mount
