"""A process of its own that is killed in the middle of what it asks of a server."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin

ROOT = Path(__file__).parents[2]


async def be_killed(fake: FakeJellyfin, fault: Fault, module: str, *arguments: str) -> None:
    """Let a module of this folder begin, and kill it where the fault is."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"tests.mediaservers.{module}", *arguments,
        cwd=ROOT, stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip
    fault.kill = process.pid
    fake.faults.armed = [fault]
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    assert await process.wait() == -signal.SIGKILL
    assert fault.hit
    fake.faults.armed = []
