"""Library roots: which are there, and to which of them a path belongs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harmonie_daemon.library.selection import Selection, is_audio, is_hidden

FolderIdentity = tuple[int, int | str]
"""``st_dev`` and ``st_ino``, or the real path where a file system numbers nothing."""


def absolute(path: str) -> str:
    """The path made absolute and free of ``..`` and trailing separators; links stay as they are."""
    return "/" + os.path.abspath(path).lstrip("/")  # noqa: PTH100 - str, and no link resolved


def lies_in(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or something below it; both absolute."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def ancestry(path: str) -> Iterator[str]:
    """The path itself, its parent, and so on up to ``/``."""
    yield path
    while path != "/":
        path = path.rpartition("/")[0] or "/"
        yield path


def innermost(path: str, folders: Iterable[str]) -> str | None:
    """The longest of ``folders`` in which ``path`` lies."""
    return max((folder for folder in folders if lies_in(path, folder)), key=len, default=None)


def below(path: str, folder: str) -> str:
    """The path relative to a folder in which it lies; empty for the folder itself."""
    return path[len(folder.rstrip("/")) + 1 :]


@dataclass(frozen=True, slots=True)
class Root:
    """A library root that is there.

    Where one root lies inside another, the inner one owns what is below it: on its own mount
    it may be missing while the outer one is there.
    """

    path: str
    real_path: str
    identity: FolderIdentity
    empty: bool
    """Neither a folder nor an audio file in it, which is how an unmounted disk looks."""
    selection: Selection


def open_root(path: str, exclude: Sequence[str]) -> Root:
    """Look at a root.

    :raises OSError: it is missing: gone, no folder, or not to be listed.
    :raises ConfigurationError: a pattern of ``exclude`` is malformed.
    """
    selection = Selection(path, exclude)
    identity = folder_identity(path)
    return Root(path, os.path.realpath(path), identity, _is_empty(path), selection)


def folder_identity(path: str) -> FolderIdentity:
    """Which folder this is, links followed.

    :raises OSError: it cannot be reached, or is no folder.
    """
    status = os.stat(path)  # noqa: PTH116 - str
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(path)
    return status.st_dev, status.st_ino or os.path.realpath(path)


def _is_empty(path: str) -> bool:
    with os.scandir(path) as entries:
        return not any(_is_content(entry) for entry in entries)


def _is_content(entry: os.DirEntry[str]) -> bool:
    return not is_hidden(entry.name) and (is_audio(entry.name) or entry.is_dir())
