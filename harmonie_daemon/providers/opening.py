"""What is known elsewhere, as configured."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harmonie_daemon.config import Settings
from harmonie_daemon.providers.gemini import Gemini, GeminiAccess

SHARE_OF_ONE_REQUEST = 2 / 3
"""Of the time for an answer, so that some is left for another model."""


@asynccontextmanager
async def open_gemini(settings: Settings) -> AsyncIterator[Gemini | None]:
    """The client of Gemini; ``None`` without a key."""
    given = settings.gemini
    if given.api_key is None:
        yield None
        return
    gemini = Gemini(
        GeminiAccess(
            given.api_key.get_secret_value(),
            given.models,
            given.base_url,
            given.api_version,
            request_timeout_s=given.timeout_s * SHARE_OF_ONE_REQUEST,
            deadline_s=given.timeout_s,
        )
    )
    try:
        yield gemini
    finally:
        await gemini.close()
