"""The address under which whoever asks reaches this daemon, for links in answers.

A proxy in front of the daemon is known by the operator's word (``public_url``) alone: headers that
claim one could be anybody's. Without it the name in ``Host`` is repeated, to nobody but the one who
sent it, and only if it can be nothing but a name and a port.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiohttp import hdrs, web

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """Makes absolute addresses out of paths."""

    public_url: str | None = None
    """What the daemon is called outside, with the path of a proxy, without a slash at its end."""

    def of(self, path: str, request: web.Request) -> str:
        """``path`` (percent-encoded, with its query) as an absolute address."""
        return (self.public_url or _asked(request)) + path


def _asked(request: web.Request) -> str:
    given = request.headers.get(hdrs.HOST, "")
    return f"{request.scheme}://{given if _HOST.fullmatch(given) else _bound(request)}"


def _bound(request: web.Request) -> str:
    """The end of the connection that is ours, for clients that name no host or no sensible one."""
    ours = None if request.transport is None else request.transport.get_extra_info("sockname")
    host, port = ours[:2] if isinstance(ours, tuple) else ("localhost", 80)
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
