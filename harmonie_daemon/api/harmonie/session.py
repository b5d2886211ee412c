"""Sessions of browsers: the key is traded for a cookie, and a token for what changes something."""

from __future__ import annotations

from aiohttp import hdrs
from pydantic import BaseModel, Field

from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.web.answers import NewCookie, WithCookie
from harmonie_daemon.web.endpoint import Call, Nothing
from harmonie_daemon.web.sessions import SESSION_COOKIE, Sessions

SESSION_S = 12 * 3600


class SessionToken(BaseModel):
    """A session that goes on."""

    csrf_token: str = Field(
        description="To be sent as X-CSRF-Token with whatever changes something."
    )
    expires_in_s: int = Field(description="Seconds until the session ends.")


class SessionEnded(BaseModel):
    """There is none any more."""

    ended: bool = True


SessionCall = Call[Sessions, Nothing, Nothing, Nothing]


async def begin_session(call: SessionCall) -> WithCookie[SessionToken]:
    """For whoever has the key; of a page that came by https the cookie goes nowhere else."""
    origin = call.request.headers.get(hdrs.ORIGIN, "")
    cookie = call.deps.new(for_s=SESSION_S, is_secure=origin.startswith("https://"))
    return WithCookie(_token(call.deps, cookie.value), cookie)


async def get_session(call: SessionCall) -> SessionToken:
    """The token of the session that asks; a page puts it into its meta tag."""
    cookie = call.request.cookies.get(SESSION_COOKIE)
    if cookie is None or not call.deps.is_good(cookie):
        raise BadRequestError("there is no session; POST /api/v1/session with the key begins one")
    return _token(call.deps, cookie)


async def end_session(call: SessionCall) -> WithCookie[SessionEnded]:
    """The browser forgets it."""
    return WithCookie(SessionEnded(), NewCookie(SESSION_COOKIE, "", "/", 0, same_site="Strict"))


def _token(sessions: Sessions, cookie: str) -> SessionToken:
    return SessionToken(csrf_token=sessions.token(cookie), expires_in_s=sessions.left_s(cookie))
