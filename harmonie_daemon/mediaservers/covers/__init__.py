"""Covers for playlists: the title over a field of colour that follows from how they sound."""

from harmonie_daemon.mediaservers.covers.drawing import (
    MEDIA_TYPE,
    Cover,
    CoverRequest,
    Glyph,
    cover_hash,
    draw,
)
from harmonie_daemon.mediaservers.covers.palette import coordinates

__all__ = ["MEDIA_TYPE", "Cover", "CoverRequest", "Glyph", "coordinates", "cover_hash", "draw"]
