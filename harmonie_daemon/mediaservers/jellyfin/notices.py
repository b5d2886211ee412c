"""What Jellyfin's webhook plugin posts, whatever template the administrator wrote; pure.

Names in any letter case, numbers and truth values also as text, as templates make them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.mediaservers.jellyfin.sessions import seconds, text
from harmonie_daemon.mediaservers.jellyfin.wire import canonical_id
from harmonie_daemon.mediaservers.listening.finding import HeardItem

_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)(?:\.\d{1,7})?", re.ASCII)


class NoticeKind(StrEnum):
    """The notices that we make something of, as the plugin calls them in lower case."""

    START = "playbackstart"
    PROGRESS = "playbackprogress"
    STOP = "playbackstop"
    ADDED = "itemadded"
    USER_DATA = "userdatasaved"


@dataclass(frozen=True, slots=True)
class Notice:
    """One of them; ``None`` for what the template leaves out."""

    kind: NoticeKind
    user_id: str | None
    user_name: str | None
    device: str
    item: HeardItem
    is_music: bool
    """Not said to be anything else."""
    position_s: float | None = None
    was_completed: bool = False
    is_paused: bool = False
    is_favourite: bool | None = None


def parse_notice(body: Mapping[str, Any]) -> Notice | None:
    """Read one; ``None`` for a kind that we make nothing of.

    Raises ``BadRequestError`` for one that lacks its kind or its item.
    """
    fields = {str(name).lower(): value for name, value in body.items()}
    name = text(fields, "notificationtype")
    if name is None:
        raise BadRequestError(
            "NotificationType is missing: let the template send NotificationType, ItemId, UserId, "
            "NotificationUsername, DeviceId, PlaybackPositionTicks, PlayedToCompletion"
        )
    try:
        kind = NoticeKind(name.lower())
    except ValueError:
        return None
    item = _item(fields)
    if not item.id and item.title is None:
        raise BadRequestError("ItemId is missing: let the template send {{ItemId}}")
    user_id = canonical_id(text(fields, "userid") or "")
    return Notice(
        kind,
        user_id or None,
        _first(fields, "notificationusername", "username", "user"),
        _first(fields, "deviceid", "devicename", "clientname") or "",
        item,
        is_music=(text(fields, "itemtype") or "Audio").lower() == "audio",
        position_s=_position(fields),
        was_completed=_truth(fields.get("playedtocompletion")) is True,
        is_paused=_truth(fields.get("ispaused")) is True,
        is_favourite=_truth(fields.get("favorite")),
    )


def _item(fields: Mapping[str, Any]) -> HeardItem:
    return HeardItem(
        id=canonical_id(text(fields, "itemid") or ""),
        path=text(fields, "path"),
        artist=_first(fields, "artist", "albumartist"),
        album=text(fields, "album"),
        title=text(fields, "name"),
        duration_s=seconds(fields.get("runtimeticks")),
    )


def _position(fields: Mapping[str, Any]) -> float | None:
    position_s = seconds(fields.get("playbackpositionticks"))
    if position_s is not None:
        return position_s
    clock = _CLOCK.fullmatch(text(fields, "playbackposition") or "")
    if clock is None:
        return None
    hours, minutes, rest = (int(part) for part in clock.groups())
    return math.fsum((hours * 3600, minutes * 60, rest))


def _first(fields: Mapping[str, Any], *names: str) -> str | None:
    return next((found for name in names if (found := text(fields, name)) is not None), None)


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(value.strip().lower())
    return None
