"""Tracks for names."""

from __future__ import annotations

from collections.abc import Sequence

from harmonie_daemon.domain.track import Track, TrackId
from tests.factories import make_descriptors, make_file, make_styles, make_tags


def make_tracks(styles: Sequence[str], date: str | None = None) -> list[Track]:
    """A track of each of these styles."""
    return [
        Track(
            TrackId(number),
            make_file(),
            make_tags(date=date),
            180.0,
            make_descriptors(),
            1,
            0.0,
            0.0,
            styles=make_styles(style),
        )
        for number, style in enumerate(styles, 1)
    ]
