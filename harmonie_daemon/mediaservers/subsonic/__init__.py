"""Subsonic servers: Navidrome, gonic, LMS, Ampache, Funkwhale, supysonic and others."""

from harmonie_daemon.mediaservers.subsonic.target import SubsonicTarget

__all__ = ["SubsonicTarget"]
