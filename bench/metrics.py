"""What counting requests costs: one endpoint with and without, in turns, in one run; and how much
memory limits and caches take when they are full.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import aiohttp
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1]))

from harmonie_daemon.caching.memory import Memory
from harmonie_daemon.caching.opening import REQUESTS_BYTES
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.metrics import RequestCounts, written
from harmonie_daemon.web.windows import MOST_WINDOWS, Windows
from tests.servers import serving
from tests.web.toy import OPEN_HOUSE, toy_families

PATH = "/toy/hello"


def application(counts: RequestCounts | None) -> web.Application:
    """The toy's families."""
    return make_application(toy_families(), OPEN_HOUSE, title="", version="1", counts=counts)


async def cpu_us(session: aiohttp.ClientSession, url: str, requests: int) -> float:
    """Microseconds of processor time of one request, the client's share among them."""
    began = time.process_time()
    for _ in range(requests):
        async with session.get(url) as response:
            await response.read()
    return (time.process_time() - began) / requests * 1e6


async def main(rounds: int, requests: int) -> None:
    """Alternate, so that a busy machine slows both."""
    counts = RequestCounts()
    plain: list[float] = []
    counted: list[float] = []
    async with serving(application(None)) as without, serving(application(counts)) as with_counts:
        for _ in range(rounds):
            plain.append(await cpu_us(without.session, without.base + PATH, requests))
            counted.append(await cpu_us(with_counts.session, with_counts.base + PATH, requests))
    ratios = [b / a for a, b in zip(plain, counted, strict=True)]
    print(
        f"{PATH}: {statistics.median(plain):.0f} us of CPU without, "
        f"{statistics.median(counted):.0f} us with; ratio {statistics.median(ratios):.3f} "
        f"({min(ratios):.3f} to {max(ratios):.3f}) over {rounds} rounds"
    )
    began = time.process_time()
    text = written(list(counts.families()))
    print(
        f"a scrape of {len(text.splitlines())} lines: {(time.process_time() - began) * 1e3:.1f} ms"
    )


def traced_mb(fill: Callable[[], object]) -> float:
    """Megabytes that what ``fill`` makes takes up."""
    tracemalloc.start()
    try:
        kept = fill()
        used, _ = tracemalloc.get_traced_memory()
        del kept
        return used / 1e6
    finally:
        tracemalloc.stop()


def full_windows() -> Windows:
    """As many as may be, with as many requests as may be."""
    windows = Windows(lambda: 0.0)
    for number in range(MOST_WINDOWS):
        windows.acquire_entry(f"LIMITER/198.51.{number:x}/100/1/hour", 100, 3600, amount=50)
    return windows


def full_memory() -> Memory:
    """The largest of the caches, with answers of one kilobyte."""
    memory = Memory(REQUESTS_BYTES, lambda: 0.0)
    for number in range(20_000):
        memory.put(f"harmonie:0:requests:{number:064x}", bytes(1000), 60)
    return memory


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=400)
    given = parser.parse_args()
    asyncio.run(main(given.rounds, given.requests))
    print(
        f"limits at their bounds: {traced_mb(full_windows):.1f} MB, "
        f"a cache of {REQUESTS_BYTES / 1e6:.1f} MB: {traced_mb(full_memory):.1f} MB"
    )
