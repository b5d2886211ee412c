"""Files that are ours among others, written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from harmonie_daemon.mediaservers.m3u_format import is_marked

HEAD_BYTES = 2**16
"""More than the lines take by which a file is known for ours."""
_TEMPORARY = ".harmonie-playlist.tmp"
_NO_FILE = frozenset({errno.ENOENT, errno.ELOOP, errno.ENXIO})


def is_file_of(path: Path, key: str) -> bool:
    """Whether we wrote this file for this playlist."""
    head = read_file(path, HEAD_BYTES)
    return head is not None and is_marked(head, key)


def read_file(path: Path, most_bytes: int = -1) -> bytes | None:
    """What is in it, or how it begins; ``None`` when there is no file, or none that we may read.

    A pipe in its place is not waited for.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except PermissionError:
        if os.access(path.parent, os.X_OK, effective_ids=True):
            return None
        raise
    except OSError as error:
        if error.errno in _NO_FILE:
            return None
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(most_bytes)
    finally:
        os.close(descriptor)


def remove_file(path: Path, key: str, in_use: Sequence[Path]) -> bool:
    """Remove a file of ours, unless a file system that ignores case takes it for one in use."""
    if not is_file_of(path, key):
        return False
    if any(other.exists() and path.samefile(other) for other in in_use):
        return False
    path.unlink(missing_ok=True)
    return True


def make_folders(directory: Path) -> list[Path]:
    """Make a folder and those above it that are missing; which ones were made."""
    missing = [folder for folder in (directory, *directory.parents) if not folder.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    return missing


def set_mode(path: Path, mode: int) -> None:
    """Set the permissions; some file systems have none, and what is another's stays as it is."""
    with suppress(OSError):
        if path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)


def write_file(path: Path, content: bytes, mode: int) -> None:
    """Write under a temporary name, flush to disk, then rename: nobody sees half a file."""
    temporary = path.with_name(_TEMPORARY)
    try:
        temporary.unlink(missing_ok=True)  # it may be another's, a pipe, or a link to elsewhere
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        set_mode(temporary, mode)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the rename itself durable; some network file systems cannot, and need not."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
