"""What is known elsewhere of people's taste, and the caches of answers that take long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from harmonie_daemon.caching.opening import Caches, open_caches
from harmonie_daemon.config import Settings
from harmonie_daemon.providers.opening import open_qloo
from harmonie_daemon.providers.qloo import Qloo
from harmonie_daemon.store.opening import Store


@dataclass(frozen=True, slots=True)
class Outside:
    """Opened."""

    caches: Caches
    qloo: Qloo | None
    """Without a key there is none."""


@asynccontextmanager
async def open_outside(settings: Settings, store: Store, *, version: str) -> AsyncIterator[Outside]:
    """Nothing is asked before it is needed."""
    library = await _library_state(store)
    async with (
        open_caches(settings, version=version, library=library) as caches,
        open_qloo(settings, caches.requests) as qloo,
    ):
        yield Outside(caches, qloo)


async def _library_state(store: Store) -> Callable[[], Awaitable[str]]:
    """What says another word whenever a track or a vector has changed, in any library."""
    ours = await store.meta.device_id()

    async def state() -> str:
        return f"{ours}:{await store.vectors.generation()}"

    return state
