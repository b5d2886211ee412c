"""Files that only a media server has: below a root of its own, which no folder can have."""

from __future__ import annotations

SCHEME = "jellyfin:"
"""Paths of folders begin with a slash."""


def server_root(server_id: str) -> str:
    """The root of what is known of a server's own tracks; below it each is called by its item."""
    return SCHEME + server_id


def is_server_root(root: str) -> bool:
    """Whether what is below this root is on a server, and not on this machine."""
    return root.startswith(SCHEME)
