"""Names for new files among others: safe everywhere, and never somebody else's."""

from __future__ import annotations

import os
import re
from pathlib import Path

FILE_MODE = 0o644
LONGEST_NAME_BYTES = 120
MOST_OF_ONE_NAME = 999
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself: the folder may be a share."""


def safe_name(text: str) -> str:
    """A file name, without its ending, that every file system takes."""
    name = " ".join(_UNSAFE.sub(" ", text).split()).strip(". ")
    name = name.encode()[:LONGEST_NAME_BYTES].decode(errors="ignore").strip(". ")
    if not name or _RESERVED.fullmatch(name):
        name = f"Piece {name}".strip()
    return name


def move_to_free_name(file: Path, folder: Path, name: str, ending: str) -> Path:
    """Call it ``name``, or ``name (2)`` if that is taken, and so on. Raises ``OSError``."""
    for number in range(1, MOST_OF_ONE_NAME + 1):
        path = folder / (f"{name}.{ending}" if number == 1 else f"{name} ({number}).{ending}")
        try:
            move_to_new(file, path)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder} holds {MOST_OF_ONE_NAME} files called {name!r} already")


def move_to_new(old: Path, new: Path) -> None:
    """Rename, but never onto a file. Raises ``FileExistsError``, ``OSError``."""
    try:
        new.hardlink_to(old)
    except FileExistsError:
        raise
    except OSError:
        # a file system without links: take the name first
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
        try:
            old.replace(new)
        except OSError:
            new.unlink(missing_ok=True)
            raise
