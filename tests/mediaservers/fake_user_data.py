"""What the stand-in knows of its users' listening."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class FakeUserData:
    """Of one user and one item."""

    is_favorite: bool = False
    play_count: int = 0
    last_played: str | None = None

    @property
    def is_played(self) -> bool:
        return self.play_count > 0


@dataclass(slots=True)
class Listening:
    """Of every user."""

    data: dict[tuple[str, str], FakeUserData] = field(default_factory=dict)

    def of(self, user_id: str, item_id: str) -> FakeUserData:
        return self.data.setdefault((user_id, item_id), FakeUserData())

    def dto(self, user_id: str, item_id: str) -> dict[str, Any]:
        one = self.data.get((user_id, item_id), FakeUserData())
        said = {} if one.last_played is None else {"LastPlayedDate": one.last_played}
        return {
            "PlaybackPositionTicks": 0,
            "PlayCount": one.play_count,
            "IsFavorite": one.is_favorite,
            "Played": one.is_played,
            "Key": item_id,
            "ItemId": item_id,
            **said,
        }
