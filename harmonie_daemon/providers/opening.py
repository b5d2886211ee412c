"""What is known elsewhere, as configured."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harmonie_daemon.caching.cache import AnswerCache
from harmonie_daemon.config import Settings
from harmonie_daemon.providers.gemini import Gemini, GeminiAccess
from harmonie_daemon.providers.qloo import Qloo, QlooAccess

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


@asynccontextmanager
async def open_qloo(settings: Settings, cache: AnswerCache) -> AsyncIterator[Qloo | None]:
    """The client of Qloo, whose answers are kept in ``cache``; ``None`` without a key."""
    given = settings.qloo
    if given.api_key is None:
        yield None
        return
    access = QlooAccess(given.api_key.get_secret_value(), given.base_url, given.timeout_s)
    qloo = Qloo(access, cache)
    try:
        yield qloo
    finally:
        await qloo.close()
