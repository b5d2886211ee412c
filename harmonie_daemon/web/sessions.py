"""Cookies that stand for the key in a browser, for a while.

A session is not remembered anywhere: its cookie says until when it is good, signed with the
daemon's secret and its key. Another key, and every session has ended. A cookie is sent along by
browsers whoever asked for it; so what changes something needs the session's token in a header, too.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable

from harmonie_daemon.web.answers import NewCookie

SESSION_COOKIE = "harmonie_session"
CSRF_HEADER = "X-CSRF-Token"
_COOKIE = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})", re.ASCII)


class Sessions:
    """Begins sessions and tells its own cookies from forged and stale ones."""

    def __init__(self, secret: bytes, api_key: str, clock: Callable[[], float]) -> None:
        """``clock`` gives Unix time."""
        self._secret = hmac.digest(secret, b"session:" + api_key.encode(), "sha256")
        self._clock = clock

    def new(self, *, for_s: int, is_secure: bool = False) -> NewCookie:
        """The cookie of a session of so many seconds; ``is_secure``: for https alone."""
        expires = str(int(self._clock()) + for_s)
        value = f"{expires}.{self._signature(expires)}"
        return NewCookie(SESSION_COOKIE, value, "/", for_s, "Strict", is_secure)

    def is_good(self, cookie: str) -> bool:
        """Whether ``cookie`` was given out here and is not over."""
        match = _COOKIE.fullmatch(cookie)
        if match is None:
            return False
        expires, signature = match.groups()
        is_ours = hmac.compare_digest(signature, self._signature(expires))
        return is_ours and self._clock() <= int(expires)

    def left_s(self, cookie: str) -> int:
        """For how many seconds a good cookie stays good."""
        return int(cookie.partition(".")[0]) - int(self._clock())

    def token(self, cookie: str) -> str:
        """What a page that was served in this session shows with whatever it changes.

        Pages of others can have the cookie sent along, but cannot read this.
        """
        return hmac.new(self._secret, f"csrf:{cookie}".encode(), hashlib.sha256).hexdigest()

    def is_token(self, token: str, cookie: str) -> bool:
        """Whether ``token`` is the one of this session."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.token(cookie).encode())

    def _signature(self, expires: str) -> str:
        return hmac.new(self._secret, expires.encode(), hashlib.sha256).hexdigest()
