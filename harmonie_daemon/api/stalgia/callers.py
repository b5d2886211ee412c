"""Whose latest piece it is: by a cookie, or, for programs that keep none, by where they ask from.

The cookie holds nothing but the id of the piece, so nothing about callers has to be remembered.
"""

from __future__ import annotations

import re
from collections import OrderedDict

from aiohttp import hdrs, web

from harmonie_daemon.domain.composition import CompositionId
from harmonie_daemon.web.answers import NewCookie

LATEST = "stalgia_latest"
KEPT_FOR_S = 30 * 24 * 60 * 60
MOST_CALLERS = 1_000
LONGEST_AGENT = 200
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Callers:
    """The latest piece of each caller without a cookie; forgotten at a restart."""

    def __init__(self) -> None:
        self._latest: OrderedDict[tuple[str, str], CompositionId] = OrderedDict()

    def made(self, request: web.Request, piece: CompositionId) -> NewCookie:
        """Take note that whoever asks has made ``piece``; the cookie they are to keep."""
        caller = _caller(request)
        self._latest[caller] = piece
        self._latest.move_to_end(caller)
        while len(self._latest) > MOST_CALLERS:
            self._latest.popitem(last=False)
        return NewCookie(LATEST, piece, "/download", KEPT_FOR_S)

    def latest(self, request: web.Request) -> CompositionId | None:
        """What whoever asks has made last."""
        cookie = request.cookies.get(LATEST, "")
        if _ID.fullmatch(cookie):
            return CompositionId(cookie)
        return self._latest.get(_caller(request))


def is_id(text: str) -> bool:
    """Whether it has the form of a piece's id."""
    return _ID.fullmatch(text) is not None


def _caller(request: web.Request) -> tuple[str, str]:
    """Two programs on one machine are told apart; two of the same are not."""
    return request.remote or "", request.headers.get(hdrs.USER_AGENT, "")[:LONGEST_AGENT]
