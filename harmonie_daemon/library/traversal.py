"""Going through the folders of the library, past everything that can be wrong with them."""

from __future__ import annotations

import errno
import heapq
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence

from harmonie_daemon.domain.track import AudioFile
from harmonie_daemon.library.access import reason
from harmonie_daemon.library.roots import (
    FolderIdentity,
    Root,
    ancestry,
    below,
    folder_identity,
    innermost,
)
from harmonie_daemon.library.selection import is_audio, is_hidden

_FileIdentity = tuple[int, int, int, int] | str
"""``st_dev``, ``st_ino``, size and mtime: some network file systems reuse inode numbers."""
_GONE = (FileNotFoundError, NotADirectoryError)
_BROKEN_LINK = "its link leads nowhere"


class _StoppedError(Exception):
    """The walk was asked to end."""


class Traversal:
    """One walk over the roots that are there; what it found accumulates in here.

    Symbolic links are followed last, and only where the walk does not get to their target
    anyway. So a path without links always wins over one with, in a walk of the whole library
    just as in one of a single folder.
    """

    def __init__(
        self, roots: Sequence[Root], missing_roots: Iterable[str], stopped: Callable[[], bool]
    ) -> None:
        self.uncovered: dict[str, str] = {}
        """What could not be looked into, and why."""
        self._roots = {root.path: root for root in roots}
        self._root_paths = {*self._roots, *missing_roots}
        self._real_roots = {root.real_path: root for root in reversed(roots)}
        self._root_identities = {root.identity: root.path for root in reversed(roots)}
        self._stopped = stopped
        self._visited: set[FolderIdentity] = set()
        self._files: dict[_FileIdentity, AudioFile] = {}
        self._links: list[tuple[str, str]] = []
        self._following = False

    def run(self, starts: Iterable[str]) -> bool:
        """Visit folders and files, each inside a root that is there; ``False`` when stopped."""
        try:
            for start in starts:
                root = innermost(start, self._roots)
                if root is not None:
                    self._begin(self._roots[root], start)
            self._following = True
            while self._links:
                path, root = heapq.heappop(self._links)
                self._follow(self._roots[root], path)
        except _StoppedError:
            return False
        return True

    def files(self) -> Iterable[AudioFile]:
        """What was found, in no particular order."""
        return self._files.values()

    def _begin(self, root: Root, path: str) -> None:
        try:
            status = os.lstat(path) if path != root.path else os.stat(path)  # noqa: PTH116 - str
        except _GONE:
            if _hangs_on_broken_link(path):
                self.uncovered[path] = _BROKEN_LINK
            return
        except OSError as error:
            self.uncovered[path] = reason(error)
            return
        relative = below(path, root.path)
        if not root.selection.admits(relative, folder=os.path.isdir(path)):  # noqa: PTH112
            return
        real_path = os.path.realpath(path)
        if real_path.rstrip("/") != f"{root.real_path.rstrip('/')}/{relative}".rstrip("/"):
            heapq.heappush(self._links, (path, root.path))
        elif self._real_owner(real_path) is not root:
            return
        elif stat.S_ISDIR(status.st_mode):
            self._descend(root, path)
        else:
            self._add(root, path, status)

    def _descend(self, root: Root, start: str) -> None:
        stack = [start]
        while stack:
            entries = sorted(self._entries(root, stack.pop()), key=lambda entry: entry.name)
            folders = [entry.path for entry in entries if self._is_folder_to_visit(root, entry)]
            stack.extend(reversed(folders))

    def _entries(self, root: Root, folder: str) -> Iterator[os.DirEntry[str]]:
        try:
            if not self._is_first_visit(root, folder):
                return
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._check_stopped()
                    if not is_hidden(entry.name):
                        yield entry
        except _GONE:
            return
        except OSError as error:
            self.uncovered[folder] = reason(error)

    def _is_first_visit(self, root: Root, folder: str) -> bool:
        """Whether a folder is neither visited yet nor left to another root."""
        identity = folder_identity(folder)
        owner = folder if folder in self._root_paths else self._root_identities.get(identity)
        if identity in self._visited or owner not in (None, root.path):
            return False
        self._visited.add(identity)
        return True

    def _is_folder_to_visit(self, root: Root, entry: os.DirEntry[str]) -> bool:
        """Take an entry: files are added and links remembered here, folders are the caller's."""
        self._check_stopped()
        relative = below(entry.path, root.path)
        try:
            if entry.is_symlink():
                heapq.heappush(self._links, (entry.path, root.path))
            elif entry.is_dir():
                return not root.selection.excludes(relative, folder=True)
            elif is_audio(entry.name) and not root.selection.excludes(relative, folder=False):
                self._add(root, entry.path, entry.stat())
        except _GONE:
            pass
        except OSError as error:
            self.uncovered[entry.path] = reason(error)
        return False

    def _follow(self, root: Root, path: str) -> None:
        self._check_stopped()
        try:
            status = os.stat(path)  # noqa: PTH116 - str
        except _GONE:
            if _target_may_return(path):
                self.uncovered[path] = _BROKEN_LINK
            return
        except OSError as error:
            if error.errno != errno.ELOOP:
                self.uncovered[path] = reason(error)
            return
        folder = stat.S_ISDIR(status.st_mode)
        if root.selection.excludes(below(path, root.path), folder=folder):
            return
        if self._is_reached_directly(os.path.realpath(path), folder=folder):
            return
        if folder:
            self._descend(root, path)
        else:
            self._add(root, path, status)

    def _is_reached_directly(self, real_path: str, *, folder: bool) -> bool:
        """Whether the walk gets to this path, which contains no links, without following any."""
        root = self._real_owner(real_path)
        if root is None or not (folder or is_audio(real_path)):
            return False
        return root.selection.admits(below(real_path, root.real_path), folder=folder)

    def _real_owner(self, real_path: str) -> Root | None:
        """The root that a path without links lies in; of two names for one root, the smaller."""
        real_root = innermost(real_path, self._real_roots)
        return None if real_root is None else self._real_roots[real_root]

    def _add(self, root: Root, path: str, status: os.stat_result) -> None:
        if not (is_audio(path) and stat.S_ISREG(status.st_mode)):
            return
        file = AudioFile(root.path, below(path, root.path), status.st_size, status.st_mtime_ns)
        numbers = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
        identity = numbers if status.st_ino else path
        other = self._files.get(identity)
        if other is None or (not self._following and path < other.path):
            self._files[identity] = file

    def _check_stopped(self) -> None:
        if self._stopped():
            raise _StoppedError


def _hangs_on_broken_link(path: str) -> bool:
    """Whether the nearest thing that is there above a missing path is a link to nowhere."""
    there = next(parent for parent in ancestry(path) if os.path.lexists(parent))
    return not os.path.exists(there)  # noqa: PTH110 - str


def _target_may_return(link: str) -> bool:
    """Whether a link to nowhere looks like one onto a disk that is not mounted.

    A lost audio file whose folder is still there is simply deleted.
    """
    target = os.path.realpath(link)
    return not (is_audio(link) and os.path.isdir(os.path.dirname(target)))  # noqa: PTH112, PTH120
