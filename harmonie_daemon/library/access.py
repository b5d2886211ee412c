"""Why something on disk cannot be read, or written."""

from __future__ import annotations

import os
from pathlib import Path


def reason(error: OSError) -> str:
    """Why something cannot be read, in words that follow its path and a colon."""
    match error:
        case FileNotFoundError():
            return "it is not there"
        case NotADirectoryError():
            return "it is not a folder"
        case PermissionError():
            return "no permission to read it"
    return (error.strerror or str(error)).lower()


def trouble_reading(path: str) -> OSError | None:
    """What keeps us from a file's first byte; blocks."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - str
            file.read(1)
    except OSError as error:
        return error
    return None


def trouble_writing(folder: Path) -> str | None:
    """Why nothing can be written to a folder, which may be yet to be made; blocks."""
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not there.is_dir():
        return f"{there} is no folder"
    return None if os.access(there, os.W_OK | os.X_OK) else "this user may not write there"
