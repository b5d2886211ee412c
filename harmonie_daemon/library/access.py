"""Why something on disk cannot be read."""

from __future__ import annotations


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
