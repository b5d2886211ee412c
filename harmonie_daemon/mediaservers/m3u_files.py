"""Files that are ours among others, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from harmonie_daemon.mediaservers.m3u_format import is_marked

_TEMPORARY = ".harmonie-playlist.tmp"


def is_file_of(path: Path, key: str) -> bool:
    """Whether we wrote this file for this playlist."""
    content = read_file(path) if path.is_file() else None
    return content is not None and is_marked(content, key)


def read_file(path: Path) -> bytes | None:
    """What is in it; ``None`` when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


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
        with temporary.open("wb") as stream:
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
