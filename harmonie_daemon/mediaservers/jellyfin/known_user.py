"""The id of the configured user, once a server has told it; remembered across restarts."""

from __future__ import annotations

import json

from harmonie_daemon.store.meta import Meta

KEY = "jellyfin_user_id"


class KnownUser:
    """What was learnt of one address and one name; other ones are not known."""

    def __init__(self, meta: Meta) -> None:
        self._meta = meta

    async def note(self, url: str, name: str | None, user_id: str) -> None:
        """The server at ``url`` says that this is the id. Raises ``StoreError``."""
        text = json.dumps([url, name, user_id])
        if await self._meta.get(KEY) != text:
            await self._meta.set(KEY, text)

    async def id(self, url: str, name: str | None) -> str | None:
        """The id, if it is known. Raises ``StoreError``."""
        text = await self._meta.get(KEY)
        if text is None:
            return None
        known_url, known_name, user_id = json.loads(text)
        return str(user_id) if (known_url, known_name) == (url, name) else None
