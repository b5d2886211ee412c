"""The tags on a playlist by which we know it again, where a credential may set them."""

from __future__ import annotations

from collections.abc import Sequence

_PREFIX = "harmonie:"


class TagMarks:
    """Two tags: the playlist's key, and which installation it is of: a server may serve several."""

    def __init__(self, device_id: str) -> None:
        self._installation = f"harmonie@{device_id.replace('-', '')[:8]}"

    def tags(self, key: str) -> tuple[str, str]:
        """What is written on the playlist of this key."""
        return f"{_PREFIX}{key}", self._installation

    def key(self, tags: Sequence[str]) -> str | None:
        """The key of the playlist with these tags; ``None`` where they are not ours."""
        if self._installation not in tags:
            return None
        keys = (tag.removeprefix(_PREFIX) for tag in tags if tag.startswith(_PREFIX))
        return next(keys, None)

    @staticmethod
    def are_on(tags: Sequence[str]) -> bool:
        """Whether any installation made the playlist with these tags."""
        return any(tag.startswith(_PREFIX) for tag in tags)

    def added(self, tags: Sequence[str], key: str) -> tuple[str, ...] | None:
        """The tags with ours for this key, others' as they are; ``None``: they are there."""
        if self.key(tags) == key:
            return None
        others = (tag for tag in tags if not self._is_ours(tag, tags))
        return (*others, *self.tags(key))

    def _is_ours(self, tag: str, tags: Sequence[str]) -> bool:
        return self._installation in tags and tag.startswith((_PREFIX, self._installation))
