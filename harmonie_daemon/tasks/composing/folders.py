"""The files of compositions: they appear whole, and they go whole.

``compositions/<id>/v<number>/`` in the data folder. What is being made lies in ``.making``, what is
going in ``.going``; both are emptied at the start.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harmonie_daemon.domain.composition import CompositionFile, CompositionId, FileKind

FOLDER = "compositions"
MIDI_NAME = "piece.mid"
PROBE_BYTES = 2**20
_MAKING, _GOING = ".making", ".going"


class CompositionFolders:
    """All methods read and write files, and belong into a thread. They raise ``OSError``."""

    def __init__(self, data_folder: Path) -> None:
        self._data = data_folder
        self._root = data_folder / FOLDER
        self._making = self._root / _MAKING
        self._going = self._root / _GOING

    def tidy(self) -> None:
        """Remove what an earlier process was making or removing."""
        for folder in (self._making, self._going):
            shutil.rmtree(folder, ignore_errors=True)

    def new_workshop(self) -> Path:
        """An empty folder to make files in."""
        folder = self._making / uuid.uuid4().hex
        folder.mkdir(parents=True)
        return folder

    def clear(self, workshop: Path) -> None:
        """Remove what is still in it."""
        shutil.rmtree(workshop, ignore_errors=True)

    def require_writable(self, workshop: Path) -> None:
        """Raises the ``OSError`` of a disk that takes nothing more; unless all is in place."""
        if not workshop.exists():
            return
        with (workshop / uuid.uuid4().hex).open("xb") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())

    def put(
        self,
        workshop: Path,
        files: Sequence[CompositionFile],
        composition_id: CompositionId,
        number: int,
        part: str = "",
    ) -> tuple[CompositionFile, ...]:
        """Put a workshop in place, on the disk for good, and return its files as they stand there.

        ``part``: a folder of its own in the version's. What an interrupted task left in its place
        goes.
        """
        for file in files:
            flush(workshop / file.path)
        flush(workshop)
        place = self._version(composition_id, number) / part
        place.parent.mkdir(parents=True, exist_ok=True)
        self._remove(place)
        workshop.rename(place)
        flush(place.parent)
        return tuple(self._in_place(file, place) for file in files)

    def put_midi(
        self, midi: bytes, composition_id: CompositionId, number: int
    ) -> tuple[CompositionFile, ...]:
        """Put a MIDI file in the place of a version that has nothing else yet."""
        workshop = self.new_workshop()
        try:
            (workshop / MIDI_NAME).write_bytes(midi)
            file = CompositionFile(FileKind.MIDI, MIDI_NAME, "mid")
            return self.put(workshop, [file], composition_id, number)
        finally:
            self.clear(workshop)

    def path(self, file: CompositionFile) -> Path:
        """Where a file is, if it still is."""
        return self._data / file.path

    def remove(self, composition_id: CompositionId, number: int, part: str = "") -> None:
        """Remove the files of a version, or of a part of it."""
        self._remove(self._version(composition_id, number) / part)
        with contextlib.suppress(OSError):  # other versions are in it
            (self._root / composition_id).rmdir()

    def remove_all(self, composition_id: CompositionId) -> None:
        """Remove the files of every version."""
        self._remove(self._root / composition_id)

    def _version(self, composition_id: CompositionId, number: int) -> Path:
        return self._root / composition_id / f"v{number}"

    def _in_place(self, file: CompositionFile, place: Path) -> CompositionFile:
        path = place / file.path
        relative = path.relative_to(self._data).as_posix()
        return replace(file, path=relative, size_bytes=path.stat().st_size)

    def _remove(self, folder: Path) -> None:
        """At once to the eye; what takes its time happens aside, unless the disk is full."""
        aside = self._going / uuid.uuid4().hex
        try:
            self._going.mkdir(parents=True, exist_ok=True)
            folder.rename(aside)
        except FileNotFoundError:
            return
        except OSError:
            aside = folder
        shutil.rmtree(aside, ignore_errors=True)


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk for good. Raises ``OSError``."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
