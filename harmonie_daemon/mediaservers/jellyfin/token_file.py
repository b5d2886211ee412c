"""The tokens of users who logged in, kept in a file that its owner alone may read."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harmonie_daemon.domain.errors import MediaServerError, in_words
from harmonie_daemon.mediaservers.jellyfin.wire import User
from harmonie_daemon.mediaservers.m3u_files import sync_directory

NAME = "jellyfin-tokens.json"
"""In the data folder."""
MOST_TOKENS = 100
LARGEST_FILE_BYTES = 2**20
"""Several times what ``MOST_TOKENS`` of the longest names and tokens take."""
MODE = 0o600
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class KeptToken:
    """What a login brought."""

    server_id: str
    user: User
    token: str = field(repr=False)
    device_id: str
    """What the server knows this login by."""
    since: float
    """Unix time of the login."""


class TokenFile:
    """Reads and writes the file; blocking. Methods raise ``MediaServerError``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> tuple[KeptToken, ...]:
        """The tokens in the order of their logins; none where there is no file.

        A file that others may read, as after a restored backup, is closed to them again.
        """
        try:
            if self.path.is_fifo():  # all that asks Jellyfin would wait for it
                raise self._unreadable()
            with self.path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & ~MODE:
                    os.fchmod(file.fileno(), MODE)
                text = file.read(LARGEST_FILE_BYTES + 1)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise MediaServerError(
                f"{self.path} cannot be read: {error.strerror}; "
                "it must belong to the user of the daemon"
            ) from error
        if len(text) > LARGEST_FILE_BYTES:
            raise self._unreadable()
        try:
            return _parsed(json.loads(text))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            raise self._unreadable() from None  # the error would repeat what is in the file

    def save(self, tokens: Sequence[KeptToken]) -> None:
        """Put these in the place of what is there, all at once."""
        new = self.path.with_name(f"{self.path.name}.new")
        text = json.dumps({"format": _FORMAT, "tokens": [_row(one) for one in tokens]}, indent=1)
        try:
            new.unlink(missing_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
            sync_directory(self.path.parent)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise MediaServerError(f"{self.path} cannot be written: {in_words(error)}") from error

    def _unreadable(self) -> MediaServerError:
        return MediaServerError(
            f"{self.path} is damaged and left as it is; restore it, or remove it and run "
            "harmonie jellyfin login for each user"
        )


def _row(kept: KeptToken) -> dict[str, object]:
    return {
        "server_id": kept.server_id,
        "user_id": kept.user.id,
        "name": kept.user.name,
        "is_admin": kept.user.is_admin,
        "token": kept.token,
        "device_id": kept.device_id,
        "since": kept.since,
    }


def _parsed(tree: Mapping[str, Any]) -> tuple[KeptToken, ...]:
    if tree["format"] != _FORMAT or len(tree["tokens"]) > MOST_TOKENS:
        raise ValueError
    return tuple(_kept(row) for row in tree["tokens"])


def _kept(row: Mapping[str, Any]) -> KeptToken:
    user = User(_text(row, "user_id"), _text(row, "name"), row["is_admin"] is True)
    return KeptToken(
        server_id=_text(row, "server_id"),
        user=user,
        token=_text(row, "token"),
        device_id=_text(row, "device_id"),
        since=_finite(row["since"]),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # JSON can hold half a character, and no request can
    return value


def _finite(value: Any) -> float:
    if not math.isfinite(number := float(value)):
        raise ValueError
    return number
