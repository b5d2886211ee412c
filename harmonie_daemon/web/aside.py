"""Work for a request that takes a while, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from aiohttp import web

ResultT = TypeVar("ResultT")

_ASIDE: web.AppKey[ThreadPoolExecutor] = web.AppKey("aside", ThreadPoolExecutor)
"""One thread: several would only take turns at the interpreter, and keep the event loop waiting.
The loop's own threads may all be waiting for slow disks."""


def add_aside(app: web.Application) -> None:
    """Give the application its thread."""
    app[_ASIDE] = ThreadPoolExecutor(1, thread_name_prefix="answers")
    app.on_cleanup.append(_end)


async def aside(app: web.Application, work: Callable[[], ResultT]) -> ResultT:
    """What ``work`` returns, made by the application's thread."""
    return await asyncio.get_running_loop().run_in_executor(app[_ASIDE], work)


async def _end(app: web.Application) -> None:
    app[_ASIDE].shutdown(wait=False, cancel_futures=True)
