"""Cookies that stand for the key in a browser, for a while.

A session is not remembered anywhere: its cookie says until when it is good, signed with the
daemon's secret and its key. Another key, and every session has ended.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable

from aiohttp import web

SESSION_COOKIE = "harmonie_session"
_COOKIE = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})", re.ASCII)


class Sessions:
    """Begins sessions and tells its own cookies from forged and stale ones."""

    def __init__(self, secret: bytes, api_key: str, clock: Callable[[], float]) -> None:
        """``clock`` gives Unix time."""
        self._secret = hmac.digest(secret, b"session:" + api_key.encode(), "sha256")
        self._clock = clock

    def begin(self, response: web.StreamResponse, *, for_s: int) -> None:
        """Give whoever gets ``response`` a session of so many seconds."""
        expires = str(int(self._clock()) + for_s)
        response.set_cookie(
            SESSION_COOKIE,
            f"{expires}.{self._signature(expires)}",
            max_age=for_s,
            path="/",
            httponly=True,
            samesite="Strict",
        )

    def is_good(self, cookie: str) -> bool:
        """Whether ``cookie`` was given out here and is not over."""
        match = _COOKIE.fullmatch(cookie)
        if match is None:
            return False
        expires, signature = match.groups()
        is_ours = hmac.compare_digest(signature, self._signature(expires))
        return is_ours and self._clock() <= int(expires)

    def _signature(self, expires: str) -> str:
        return hmac.new(self._secret, expires.encode(), hashlib.sha256).hexdigest()
