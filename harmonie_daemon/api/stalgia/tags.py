"""What can be chosen."""

from __future__ import annotations

import asyncio

from harmonie_daemon.api.stalgia.deps import StalgiaCall
from harmonie_daemon.api.stalgia.tag_folder import TagLists
from harmonie_daemon.web.endpoint import Nothing


async def list_tags(call: StalgiaCall[Nothing, Nothing, Nothing]) -> TagLists:
    """Our own lists and the user's, as they are now."""
    return await asyncio.to_thread(call.deps.tags.read)
