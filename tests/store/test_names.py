"""What goes by a name."""

from __future__ import annotations

import pytest

from harmonie_daemon.store import names
from harmonie_daemon.store.tracks import Tracks
from tests.factories import make_tags, make_track


async def test_many_tracks_of_one_name_leave_room_for_the_others(
    tracks: Tracks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "MOST_TRACKS", 2)
    for number, artist in enumerate(("Many", "Many", "Many", "Zoe")):
        tags = make_tags(artist=artist, album=f"Album {number}", title=f"Title {number}")
        await make_track(tracks, f"{number}.flac", tags=tags)
    assert "zoe" not in await tracks.named(["many", "zoe"])
    each = await tracks.named_each(["many", "zoe"])
    assert {key: len(one.ids) for key, one in each.items()} == {"many": 2, "zoe": 1}
