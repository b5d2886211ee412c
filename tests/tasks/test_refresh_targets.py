"""Which targets a playlist goes to."""

from __future__ import annotations

import pytest

from harmonie_daemon.tasks.refresh import is_named


@pytest.mark.parametrize(
    ("target", "servers", "named"),
    [
        ("m3u", (), True),
        ("m3u:kodi", (), True),
        ("m3u:kodi", ("m3u",), True),
        ("m3u:kodi", ("m3u:kodi",), True),
        ("m3u", ("m3u:kodi",), False),
        ("m3u:mpd", ("m3u:kodi",), False),
        ("jellyfin", ("m3u", "subsonic"), False),
    ],
)
def test_a_kind_names_all_of_it(target: str, servers: tuple[str, ...], named: bool) -> None:
    assert is_named(target, servers) is named
