"""New items at a server, one sync for all that arrive together."""

from __future__ import annotations

import asyncio

from harmonie_daemon.app.listening import Arrivals


async def test_items_that_arrive_together_are_one_sync() -> None:
    synced, done = [0], asyncio.Event()

    async def sync() -> None:
        synced[0] += 1
        done.set()

    arrivals = Arrivals(sync, after_s=0.01)
    running = asyncio.create_task(arrivals.run())
    for wanted in (1, 2):
        for _ in range(3):
            arrivals.note()
        await asyncio.wait_for(done.wait(), 20)
        assert synced == [wanted]
        done.clear()
    running.cancel()
