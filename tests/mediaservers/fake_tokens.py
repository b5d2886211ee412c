"""How the stand-in is told who asks, in every form that its version takes."""

from __future__ import annotations

import re
from urllib.parse import unquote

from aiohttp import web

_PART = re.compile(r'(\w+)="?([^",]*)"?')
_OLDER_HEADERS = ("X-Emby-Token", "X-MediaBrowser-Token")

Parts = dict[str, str]
"""Token, Client, Device, DeviceId and Version, as far as they were sent."""


def told_by(request: web.Request, *, allows_older: bool, prefers_older: bool) -> Parts:
    """What a request says of who asks.

    ``allows_older``: the forms of Emby are taken too (``EnableLegacyAuthorization``);
    ``prefers_older``: as 10.10 does, which reads X-Emby-Authorization before Authorization.
    """
    new = _parts(request.headers.get("Authorization", ""), "MediaBrowser")
    if not new and allows_older:
        new = _parts(request.headers.get("Authorization", ""), "Emby")
    old = _older_parts(request) if allows_older else {}
    parts = {**new, **old} if prefers_older else {**old, **new}
    if "Token" in parts:
        return parts
    if allows_older:
        for name in _OLDER_HEADERS:
            if name in request.headers:
                return {**parts, "Token": request.headers[name]}
    for name in ("ApiKey", "api_key") if allows_older else ("ApiKey",):
        if name in request.query:
            return {**parts, "Token": request.query[name]}
    return parts


def _older_parts(request: web.Request) -> Parts:
    header = request.headers.get("X-Emby-Authorization", "")
    return _parts(header, "MediaBrowser") or _parts(header, "Emby")


def _parts(header: str, scheme: str) -> Parts:
    """Percent-decoded part by part; the quotes are optional. A part that is empty is none."""
    if not header.startswith(f"{scheme} "):
        return {}
    found = {name: unquote(value) for name, value in _PART.findall(header.partition(" ")[2])}
    return {name: value for name, value in found.items() if value}
