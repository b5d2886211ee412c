"""What the sessions of a Jellyfin server play, as it tells over HTTP and over its socket; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harmonie_daemon.mediaservers.errors import GarbledError
from harmonie_daemon.mediaservers.jellyfin.wire import TICKS_PER_SECOND, canonical_id
from harmonie_daemon.mediaservers.listening.finding import HeardItem

MOST_SESSIONS = 1_000
"""Of one answer that are looked at."""
LONGEST_TEXT = 2_000
LARGEST_TICKS = 2**53
"""28 years; beyond it, a number of ticks is nonsense."""


@dataclass(frozen=True, slots=True)
class SeenSession:
    """One user at one device."""

    key: str
    """The same while the user stays at the device, also when the server restarts."""
    user: str
    """The user's name."""
    item: HeardItem | None
    """What plays; ``None``: nothing."""
    is_music: bool = False
    position_s: float = 0.0
    is_paused: bool = False


def parse_sessions(body: object) -> list[SeenSession]:
    """Read ``/Sessions``, or the data of the socket's message; sessions without a user are left
    out. Raises ``MediaServerError``."""
    if not isinstance(body, list):
        raise GarbledError("Jellyfin sent something else than a list of sessions")
    found = (_session(row) for row in body[:MOST_SESSIONS])
    return [one for one in found if one is not None]


def session_key(user_id: str, device: str) -> str:
    """What stands for a user at a device."""
    return hashlib.sha256(f"{canonical_id(user_id)}\n{device}".encode()).hexdigest()[:32]


def seconds(ticks: object) -> float | None:
    """Ticks, also as text, as seconds; ``None`` for what is none."""
    if isinstance(ticks, str) and ticks.isascii() and ticks.isdigit() and len(ticks) < 20:
        ticks = int(ticks)
    if not isinstance(ticks, int) or isinstance(ticks, bool) or not 0 <= ticks < LARGEST_TICKS:
        return None
    return ticks / TICKS_PER_SECOND


def text(fields: Mapping[str, Any], name: str) -> str | None:
    """A text that is not blank, cut at a length that no name has."""
    value = fields.get(name)
    if not isinstance(value, str):
        return None
    return value[:LONGEST_TEXT].encode("utf-8", "replace").decode().strip() or None


def _session(row: object) -> SeenSession | None:
    if not isinstance(row, Mapping):
        return None
    user, user_id = text(row, "UserName"), text(row, "UserId")
    device = text(row, "DeviceId") or text(row, "Id")
    if user is None or user_id is None or device is None:
        return None
    key = session_key(user_id, f"{device}\n{text(row, 'Client') or ''}")
    playing, state = row.get("NowPlayingItem"), row.get("PlayState")
    if not isinstance(playing, Mapping):
        return SeenSession(key, user, None)
    state = state if isinstance(state, Mapping) else {}
    return SeenSession(
        key,
        user,
        _item(playing),
        is_music=playing.get("Type") == "Audio",
        position_s=seconds(state.get("PositionTicks")) or 0.0,
        is_paused=state.get("IsPaused") is True,
    )


def _item(fields: Mapping[str, Any]) -> HeardItem:
    artists = fields.get("Artists")
    first = artists[0] if isinstance(artists, list) and artists else fields.get("AlbumArtist")
    return HeardItem(
        id=canonical_id(text(fields, "Id") or ""),
        path=text(fields, "Path"),
        artist=text({"Artist": first}, "Artist"),
        album=text(fields, "Album"),
        title=text(fields, "Name"),
        duration_s=seconds(fields.get("RunTimeTicks")),
    )
