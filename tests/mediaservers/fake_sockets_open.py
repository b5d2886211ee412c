"""The sockets that are open at the stand-in, and what came over them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(slots=True)
class Sockets:
    """By the id of the user; an API key has none."""

    open: list[tuple[str, web.WebSocketResponse]] = field(default_factory=list)
    received: list[tuple[str, Any]] = field(default_factory=list)
    """Users and messages."""
    opened: int = 0
    keep_alive_s: float = 60.0

    async def tell(self, user_id: str, kind: str, data: Any) -> None:
        """Send a message to the user's sockets."""
        for owner, socket in list(self.open):
            if owner == user_id:
                await socket.send_json({"MessageType": kind, "Data": data, "MessageId": "0" * 32})

    async def tell_text(self, text: str) -> None:
        """Send this to all of them."""
        for _, socket in list(self.open):
            with contextlib.suppress(ConnectionError):  # whoever finds it too long hangs up
                await socket.send_str(text)

    async def end(self) -> None:
        """Close them."""
        for _, socket in list(self.open):
            await socket.close()
