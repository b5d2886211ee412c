"""The caches of the daemon, as configured."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from harmonie_daemon.caching.cache import AnswerCache
from harmonie_daemon.caching.memory import Memory
from harmonie_daemon.caching.redis_shelf import RedisShelf
from harmonie_daemon.config import Settings

REQUESTS_BYTES = 8 * 1024 * 1024
STORIES_BYTES = 4 * 1024 * 1024
TRENDS_BYTES = 4 * 1024 * 1024
"""The largest ones of every subject and period find room beside each other."""


@dataclass(frozen=True, slots=True)
class Caches:
    """Opened."""

    requests: AnswerCache
    """What services elsewhere answered; they know nothing of the library."""
    stories: AnswerCache
    trends: AnswerCache
    redis: RedisShelf | None

    @property
    def all(self) -> tuple[AnswerCache, ...]:
        """Each of them."""
        return self.requests, self.stories, self.trends


@asynccontextmanager
async def open_caches(
    settings: Settings,
    *,
    version: str,
    library: Callable[[], Awaitable[str]],
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Caches]:
    """Empty ones. ``library`` says another word whenever the library has changed; ``version`` is
    ours: what another one left in a Redis is not read. ``clock`` gives seconds that never go back.
    """
    given = settings.cache
    url = given.redis_url if given.enabled else None
    redis = None if url is None else RedisShelf(url, clock)

    def cache(
        name: str, for_s: float, most_bytes: int, state: Callable[[], Awaitable[str]] | None = None
    ) -> AnswerCache:
        memory = Memory(most_bytes, clock)
        kept_for_s = for_s if given.enabled else 0.0
        spelled = f"harmonie:{version}:{name}"
        if state is None:
            return AnswerCache(spelled, kept_for_s, memory, redis=redis)
        return AnswerCache(spelled, kept_for_s, memory, redis=redis, state=state)

    caches = Caches(
        requests=cache("requests", given.timeout_s, REQUESTS_BYTES),
        stories=cache("stories", given.stories_s, STORIES_BYTES, library),
        trends=cache("trends", given.trends_s, TRENDS_BYTES, library),
        redis=redis,
    )
    async with AsyncExitStack() as stack:
        if redis is not None:
            stack.push_async_callback(redis.close)
        for one in caches.all:
            stack.push_async_callback(one.close)
        yield caches
