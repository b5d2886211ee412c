"""What a Jellyfin server knows of one user's listening, as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harmonie_daemon.domain.catalogue import UserItem
from harmonie_daemon.mediaservers.errors import GarbledError
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient

MOST_ITEMS = 300_000
"""Of one user: more than anybody has played."""


async def user_items(
    client: JellyfinClient, user_id: str, by_our_clock: Callable[[float | None], float | None]
) -> list[UserItem]:
    """What the user has marked or played; the token must be theirs or an administrator's."""
    found: dict[str, UserItem] = {}
    for kind in ("isFavorite", "isPlayed"):
        async for row in client.user_rows(user_id, kind):
            item = parse_user_item(row)
            found[item.item_id] = replace(item, last_played_at=by_our_clock(item.last_played_at))
            if len(found) > MOST_ITEMS:
                raise GarbledError("Jellyfin lists plays without end; is it one?")
    return list(found.values())


def parse_user_item(fields: Mapping[str, Any]) -> UserItem:
    """Read one item that was asked for with its user data; what is absent is not so."""
    data = fields.get("UserData")
    said: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    plays = said.get("PlayCount")
    return UserItem(
        wire.parse_remote_item(fields).id,
        said.get("IsFavorite") is True,
        plays if isinstance(plays, int) and not isinstance(plays, bool) else 0,
        wire.instant(said.get("LastPlayedDate")),
    )
