"""What a Jellyfin server sends over its socket; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from harmonie_daemon.domain.catalogue import UserItem
from harmonie_daemon.mediaservers.jellyfin.sessions import text
from harmonie_daemon.mediaservers.jellyfin.wire import canonical_id, instant

KEEP_ALIVE = json.dumps({"MessageType": "KeepAlive"})
SESSIONS_START = json.dumps({"MessageType": "SessionsStart", "Data": "0,1500"})
"""Asks to be told of all sessions when they change; answered to administrators alone."""
LONGEST_KEEP_ALIVE_S = 600.0
MOST_ITEMS = 10_000
"""Of one message that are looked at."""
LARGEST_COUNT = 2**31


@dataclass(frozen=True, slots=True)
class SocketMessage:
    """Its kind, as Jellyfin calls it, and whatever comes with it."""

    kind: str
    data: object


@dataclass(frozen=True, slots=True)
class UserChange:
    """What has changed for one user."""

    user_id: str
    items: tuple[UserItem, ...]


def parse_message(raw: str) -> SocketMessage | None:
    """Read one; ``None`` for what is none."""
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    kind = text(fields, "MessageType") if isinstance(fields, Mapping) else None
    return None if kind is None else SocketMessage(kind, fields.get("Data"))


def keep_alive_s(data: object) -> float | None:
    """After so many seconds of silence the server lets go; ``None`` where it does not say."""
    if isinstance(data, int | float) and 1 <= data <= LONGEST_KEEP_ALIVE_S:
        return float(data)
    return None


def parse_user_change(data: object) -> UserChange | None:
    """Read the data of ``UserDataChanged``; ``None`` for what is none."""
    if not isinstance(data, Mapping):
        return None
    user_id, rows = text(data, "UserId"), data.get("UserDataList")
    if user_id is None or not isinstance(rows, list):
        return None
    items = (_user_item(row) for row in rows[:MOST_ITEMS])
    return UserChange(canonical_id(user_id), tuple(one for one in items if one is not None))


def _user_item(row: object) -> UserItem | None:
    item_id = text(row, "ItemId") if isinstance(row, Mapping) else None
    if item_id is None or not isinstance(row, Mapping):
        return None
    given = row.get("PlayCount")
    plays = given if isinstance(given, int) and not isinstance(given, bool) else 0
    return UserItem(
        canonical_id(item_id),
        row.get("IsFavorite") is True,
        min(max(0, plays), LARGEST_COUNT),
        instant(row.get("LastPlayedDate")),
    )
