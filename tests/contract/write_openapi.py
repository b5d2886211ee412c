"""Make the golden document anew: ``python -m tests.contract.write_openapi``; then read the diff."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from harmonie_daemon.config import Settings
from tests.contract.test_openapi import GOLDEN, printed
from tests.servers import make_app, serving


async def write() -> None:
    """Ask a daemon and keep the answer."""
    with TemporaryDirectory() as folder:
        async with serving(make_app(Settings(data_dir=Path(folder)))) as client:
            GOLDEN.write_text(printed((await client.get("/openapi.json")).json), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(write())
