"""The most memory that one of our workers needs for a file, measured in a real worker.

Run by analysis.py: ``worker_memory.py PATH MODEL [WEIGHTS_DIR]``. Prints bytes (VmHWM). A worker
is forked from a process that has imported everything, and what it never touches counts for
nothing there, so a process started by itself would show 40 MB more.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

import sides

from harmonie_daemon.analysis.job import HEARING, AnalysisJob, hear
from harmonie_daemon.domain.track import Analysis
from harmonie_daemon.workers import Budget, Supervisor

PATIENCE_S = 600.0


def peak_bytes(job: AnalysisJob) -> int:
    """Run in the worker."""
    analysis = hear(job)
    if not isinstance(analysis, Analysis):
        raise sides.CannotHearError(analysis.reason)
    return sides.peak_bytes()


async def measured(job: AnalysisJob) -> int:
    """The worker's peak."""
    workers = Supervisor(replace(HEARING, target="worker_memory:peak_bytes"), Budget(1))
    await workers.start()
    try:
        peak: int = await workers.run(job, timeout_s=PATIENCE_S)
        return peak
    finally:
        await workers.close()


if __name__ == "__main__":
    path, model, *weights_dir = sys.argv[1:]
    print(asyncio.run(measured(AnalysisJob(path, (model,), *weights_dir))))
