"""Addresses that open without a key, for a while: HMAC-SHA256 (RFC 2104) over path and query.

A player, a browser or a media server that follows a link sends no key. Such a link opens nothing
but itself: another path, another parameter, another value or a later hour, and its signature is
wrong.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from harmonie_daemon.web.errors import ForbiddenError

EXPIRES, SIGNATURE = "expires", "signature"
SECRET_BYTES = 32
MOST_PARAMETERS = 20
_WHOLE_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)

Pairs = Iterable[tuple[str, str]]


class Signer:
    """Signs addresses of this daemon and tells its own from forged and stale ones."""

    def __init__(self, secret: bytes, clock: Callable[[], float]) -> None:
        """``clock`` gives Unix time."""
        self._secret = secret
        self._clock = clock

    def signed(self, path: str, query: Mapping[str, str], *, for_s: float) -> str:
        """``path`` (as it stands in a request, percent-encoded) with a query that opens it.

        It is good for so many seconds, for GET and HEAD.
        """
        expires = str(int(self._clock() + for_s))
        pairs = [*query.items(), (EXPIRES, expires)]
        return f"{path}?{urlencode([*pairs, (SIGNATURE, self._signature(path, pairs))])}"

    def check(self, path: str, raw_query: str) -> None:
        """Raises ``ForbiddenError`` unless this very address was signed here and is still good."""
        pairs = _parsed(raw_query)
        given = [value for name, value in pairs if name == SIGNATURE]
        rest = [(name, value) for name, value in pairs if name != SIGNATURE]
        times = [value for name, value in rest if name == EXPIRES]
        if len(given) != 1 or len(times) != 1 or not _WHOLE_SECONDS.fullmatch(times[0]):
            raise ForbiddenError("this address is not signed; ask for a new one")
        if not hmac.compare_digest(given[0].encode(), self._signature(path, rest).encode()):
            raise ForbiddenError("the signature of this address is wrong; ask for a new one")
        if int(times[0]) < self._clock():
            raise ForbiddenError("this address has expired; ask for a new one")

    def _signature(self, path: str, pairs: Pairs) -> str:
        """Of the path and the parameters in any order; 43 characters."""
        text = json.dumps([path, sorted(pairs)])
        digest = hmac.new(self._secret, text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_signed(raw_query: str) -> bool:
    """Whether a query claims to be one of ours."""
    return f"{SIGNATURE}=" in raw_query


def load_secret(path: Path) -> bytes:
    """The daemon's signing secret, made at the first time; readable for its owner alone.

    Whoever removes the file makes every address that was given out worthless. Raises ``OSError``.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        found = b""
    if len(found) >= SECRET_BYTES:
        return found
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret := secrets.token_bytes(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    return secret


def _parsed(raw_query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            raw_query,
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError as error:
        raise ForbiddenError("this address is not one of ours; ask for a new one") from error
