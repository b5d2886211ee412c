"""A file on its way: what has arrived so far, and of which version of the source it is."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from harmonie_daemon.domain.errors import ModelError


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far the download of one file is."""

    file: str
    received: int
    """Bytes that are here."""
    total: int
    """Bytes in all; an estimate until the server has said."""


class PartFile:
    """``NAME.part``, locked while it is held; ``NAME.part.json`` remembers the version."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self._memory = path.with_name(f"{path.name}.json")

    @classmethod
    @contextmanager
    def held(cls, target: Path) -> Iterator[PartFile]:
        """The unfinished form of ``target``; an empty one does not stay.

        Raises ``ModelError`` if another process holds it.
        """
        path = target.with_name(f"{target.name}.part")
        with path.open("ab", buffering=0) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ModelError(f"another process is downloading {target.name}") from error
            part = cls(path, file)
            try:
                yield part
            finally:
                part._tidy()

    @property
    def size(self) -> int:
        """Bytes that have arrived."""
        return os.fstat(self._file.fileno()).st_size

    def append(self, content: bytes) -> None:
        """Write what came next."""
        rest = memoryview(content)
        while rest:
            rest = rest[self._file.write(rest) :]

    def settle(self) -> None:
        """Have the disk keep it."""
        os.fsync(self._file.fileno())

    def empty(self) -> None:
        """Begin anew."""
        self._file.truncate(0)
        self._memory.unlink(missing_ok=True)

    def rest_wanted(self) -> dict[str, str]:
        """Headers that ask for what is missing, if the source still has the same version."""
        try:
            version = json.loads(self._memory.read_text(encoding="utf-8"))["version"]
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        size = self.size
        return {"Range": f"bytes={size}-", "If-Range": str(version)} if size else {}

    def remember_version(self, headers: Mapping[str, str]) -> None:
        """By what the source will know this version; a weak tag does not promise equal bytes."""
        tag = headers.get("ETag", "")
        version = tag if tag.startswith('"') else headers.get("Last-Modified")
        if version:
            self._memory.write_text(json.dumps({"version": version}), encoding="utf-8")
        else:
            self._memory.unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Once it has been put in its place, or is empty, nothing of it is left."""
        if self.path.exists() and self.size:
            return
        self.path.unlink(missing_ok=True)
        self._memory.unlink(missing_ok=True)
