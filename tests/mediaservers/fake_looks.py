"""What a playlist of the stand-in has beside its entries: images, tags, and what people edit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

MADE_AT = "2023-11-14T22:13:20.0000000Z"
"""The time of the tests' clock."""


@dataclass(frozen=True, slots=True)
class FakeImage:
    """An image; its tag says which one it is."""

    content: bytes
    media_type: str

    @property
    def tag(self) -> str:
        return hashlib.md5(self.content).hexdigest()


@dataclass(slots=True)
class FakeLooks:
    """``edited`` is what a person wrote in the editor of the server."""

    tags: list[str] = field(default_factory=list)
    locked: bool = False
    edited: dict[str, Any] = field(
        default_factory=lambda: {
            "Overview": "What I wrote",
            "OriginalTitle": "An original title",
            "OfficialRating": "G",
            "ProductionYear": 1999,
            "PremiereDate": "1999-01-02T00:00:00.0000000Z",
            "Genres": ["Jazz"],
            "CommunityRating": 7.5,
            "ProviderIds": {"Custom": "1"},
        }
    )
    primary: FakeImage | None = None
    backdrops: list[FakeImage] = field(default_factory=list)
    created_at: str = MADE_AT

    def of_kind(self, kind: str) -> list[FakeImage]:
        if kind.lower() == "backdrop":
            return self.backdrops
        return [] if self.primary is None else [self.primary]

    def dto(self, fields: frozenset[str], *, whole: bool) -> dict[str, Any]:
        """On the wire; ``whole``: the item was asked for by itself."""
        shown: dict[str, Any] = {
            "ImageTags": {} if self.primary is None else {"Primary": self.primary.tag},
            "BackdropImageTags": [image.tag for image in self.backdrops],
        }
        if whole or "tags" in fields:
            shown["Tags"] = list(self.tags)
        if whole or "datecreated" in fields:
            shown["DateCreated"] = self.created_at
        return shown | ({**self.edited, "LockData": self.locked} if whole else {})
