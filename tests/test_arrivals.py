"""New items at a server, one sync for all that arrive together."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from harmonie_daemon.app import listening
from harmonie_daemon.app.listening import Arrivals, Listening


async def test_a_fault_of_ours_does_not_end_listening(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listening, "BROKEN_PAUSE_S", 0.01)
    synced = asyncio.Event()

    async def sync() -> None:
        if not caplog.records:
            raise KeyError("a bug")
        synced.set()

    arrivals = Arrivals(sync, after_s=0.01)
    async with AsyncExitStack() as stack:
        Listening(None, float, 1.0, arrivals=arrivals).begin(stack)  # type: ignore[arg-type]
        async with asyncio.timeout(20):
            while not synced.is_set():
                arrivals.note()
                await asyncio.sleep(0.01)
    assert caplog.messages == ["listening broke, and goes on: new items at Jellyfin"]


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
