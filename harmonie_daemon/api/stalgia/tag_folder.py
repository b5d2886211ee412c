"""What can be chosen for a wish: our own lists, and those that the user keeps in ``tags/``.

A file of the user's is named after what is chosen (``genre.json``) and holds what ours hold, an
object of categories with their entries, or one flat list. Nothing in it is trusted.
"""

from __future__ import annotations

import json
import logging
import os
import re
import stat
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Annotated

from pretty_midi.constants import DRUM_MAP, INSTRUMENT_MAP
from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

log = logging.getLogger(__name__)

KINDS = ("genre", "mood", "key", "scale", "structure")
INSTRUMENTS = "instruments"
OWN_CATEGORY = "More"
"""Where the entries of a flat list go."""
MOST_FILES = 50
MOST_NAMES = 1_000
"""Of files in the folder that are looked at."""
LARGEST_FILE_BYTES = 256 * 1024
_NAME = re.compile(r"([a-z][a-z0-9_-]{0,31})\.json", re.ASCII)

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
TagEntry = _Words | Annotated[dict[_Name, _Words], Field(min_length=1, max_length=5)]
_Entries = Annotated[list[TagEntry], Field(max_length=2_000)]
TagCategories = Annotated[dict[_Name, _Entries], Field(max_length=200)]
TagLists = dict[str, TagCategories | list[str]]
"""By what is chosen; ``instruments`` is the flat one."""

_FILE: TypeAdapter[dict[str, list[TagEntry]] | list[TagEntry]] = TypeAdapter(
    TagCategories | _Entries, config=ConfigDict(strict=True)
)


class _RefusedFileError(Exception):
    """A file of the user's that is left out, and why."""


class TagFolder:
    """The user's folder of lists, which need not be there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._complained: dict[str, str] = {}

    def read(self) -> TagLists:
        """Everything that can be chosen now. Reads files: for a thread."""
        lists = {kind: _copied(own) for kind, own in _ours().items()}
        for name in self._names():
            kind = name.removesuffix(".json")
            try:
                _add(lists.setdefault(kind, {}), self._contents(name))
            except _RefusedFileError as error:
                self._complain(name, str(error))
            else:
                self._complained.pop(name, None)
        filled = {kind: categories for kind, categories in lists.items() if categories}
        return {**filled, INSTRUMENTS: [*INSTRUMENT_MAP, *DRUM_MAP]}

    def _names(self) -> list[str]:
        """Of the files that are meant, in their order."""
        try:
            with os.scandir(self._folder) as entries:
                found = sorted(
                    os.fsencode(entry.name).decode("ascii", "replace")
                    for entry in islice(entries, MOST_NAMES)
                    if entry.name.endswith(".json")
                )
        except FileNotFoundError:
            return []
        except OSError as error:
            self._complain("", f"the folder cannot be read: {error.strerror}")
            return []
        good = [name for name in found if _NAME.fullmatch(name)]
        for name in set(found) - set(good):
            self._complain(name, "its name is not like genre.json")
        for name in good[MOST_FILES:]:
            self._complain(name, f"only {MOST_FILES} files are read")
        return good[:MOST_FILES]

    def _contents(self, name: str) -> dict[str, list[TagEntry]]:
        if name == f"{INSTRUMENTS}.json":
            raise _RefusedFileError("the instruments are those of General MIDI")
        raw = _bytes_of(self._folder / name)
        try:
            found = _FILE.validate_json(raw)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            raise _RefusedFileError(f"it is no list or object of lists: {problem['msg']}") from None
        return found if isinstance(found, dict) else {OWN_CATEGORY: found}

    def _complain(self, name: str, reason: str) -> None:
        """Once, until the reason is another one."""
        if self._complained.get(name) != reason and len(self._complained) < MOST_NAMES:
            self._complained[name] = reason
            log.warning("tags/%s is left out: %s", name, reason)


def _bytes_of(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would never open
    except OSError as error:
        raise _RefusedFileError(f"it cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _RefusedFileError("it is no file")
    with os.fdopen(descriptor, "rb") as file:
        raw = file.read(LARGEST_FILE_BYTES + 1)
    if len(raw) > LARGEST_FILE_BYTES:
        raise _RefusedFileError(f"it is larger than {LARGEST_FILE_BYTES // 1024} KiB")
    return raw


def _add(lists: dict[str, list[TagEntry]], more: dict[str, list[TagEntry]]) -> None:
    for category, entries in more.items():
        known = lists.setdefault(category, [])
        known += [entry for entry in entries if entry not in known]


def _copied(lists: dict[str, list[TagEntry]]) -> dict[str, list[TagEntry]]:
    return {category: list(entries) for category, entries in lists.items()}


@cache
def _ours() -> dict[str, dict[str, list[TagEntry]]]:
    folder = files("harmonie_daemon.api.stalgia") / "tag_files"
    return {kind: json.loads((folder / f"{kind}.json").read_text("utf-8")) for kind in KINDS}
