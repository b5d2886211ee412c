"""Playlists in Jellyfin, through its REST interface."""

from harmonie_daemon.mediaservers.jellyfin.target import JellyfinTarget

__all__ = ["JellyfinTarget"]
