"""A small daemon with two hanging workers, started as a process by the tests.

It has no guard around its start on purpose: a worker that imported it again would show up in
the log of imports (and start daemons of its own).
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from harmonie_daemon.workers import Budget, Supervisor, WorkerKind

FOLDER = Path(sys.argv[1])
ENDING = sys.argv[2]

with (FOLDER / "imports").open("a") as log:
    log.write(f"{__name__}\n")


async def run() -> None:
    """Start two jobs, then wait for the end that the test has in mind."""
    kind = WorkerKind("obeying", "tests.workers.targets:obey", preload=("tests.workers.targets",))
    budget = Budget(3)
    workers = Supervisor(kind, budget)
    jobs = [
        asyncio.ensure_future(workers.run({"do": do, "pid_file": str(FOLDER / do)}, timeout_s=60))
        for do in ("hang", "hang_in_c")
    ]
    idle = Supervisor(WorkerKind("idling", "tests.workers.targets:obey"), budget)
    await idle.run({"do": "pid"}, timeout_s=10)
    while not all((FOLDER / do).exists() for do in ("hang", "hang_in_c")):
        await asyncio.sleep(0.01)
    (FOLDER / "ready").touch()
    if ENDING == "returns":
        return
    await asyncio.gather(*jobs)


try:
    asyncio.run(run())
except KeyboardInterrupt:
    sys.exit(130)
