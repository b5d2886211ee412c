"""The operations on sessions."""

from __future__ import annotations

from harmonie_daemon.api.harmonie import session
from harmonie_daemon.web.access import COOKIE
from harmonie_daemon.web.endpoint import Endpoint


def session_endpoints(prefix: str) -> tuple[Endpoint, ...]:
    """Beginning, looking at and ending a session."""
    path, tag = f"{prefix}/session", "Service"
    return (
        Endpoint(
            "POST",
            path,
            session.begin_session,
            summary="Begin a session of a browser",
            description="Sets a cookie that stands for the key, for 12 hours, at endpoints that "
            "take one.",
            tag=tag,
        ),
        Endpoint(
            "GET",
            path,
            session.get_session,
            summary="The X-CSRF-Token of the session",
            tag=tag,
            errors={400: "There is no session."},
            access=COOKIE,
        ),
        Endpoint(
            "DELETE",
            path,
            session.end_session,
            summary="Have the browser forget its session",
            tag=tag,
            access=COOKIE,
        ),
    )
