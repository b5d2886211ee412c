"""Ways to hear a file in a test: here, in a worker that is measured, in one that fails."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harmonie_daemon.analysis.job import HEARING, AnalysisJob, JobFailure, hear
from harmonie_daemon.domain.track import Analysis
from harmonie_daemon.workers import Budget, Supervisor

MIB = 1024 * 1024
MEASURED_TARGET = "tests.analysis.hearing:analyse_measured"
UNRELIABLE_TARGET = "tests.analysis.hearing:analyse_unreliably"


def outcome(path: Path, *models: str) -> Analysis | JobFailure:
    """What a worker would answer."""
    result = hear(AnalysisJob(str(path), models))
    assert isinstance(result, Analysis | JobFailure)
    return result


def reason(path: Path) -> str:
    """Why a file cannot be heard."""
    failure = outcome(path)
    assert isinstance(failure, JobFailure), f"heard {failure.duration_s} s"
    return failure.reason


def heard(path: Path, *models: str) -> Analysis:
    """What is heard in a file that can be."""
    analysis = outcome(path, *models)
    assert isinstance(analysis, Analysis), analysis.reason
    return analysis


@asynccontextmanager
async def working(target: str, count: int = 1) -> AsyncIterator[Supervisor]:
    """Workers as the daemon starts them, with less memory."""
    kind = replace(HEARING, target=target, memory_limit_bytes=800 * MIB)
    workers = Supervisor(kind, Budget(count))
    try:
        yield workers
    finally:
        await workers.close()


@dataclass(frozen=True, slots=True)
class Measured:
    """What was heard, and the most memory the worker has held."""

    outcome: Analysis | JobFailure
    peak_bytes: int


def analyse_measured(job: AnalysisJob) -> Measured:
    """Run in a worker."""
    return Measured(outcome(Path(job.path), *job.models), _high_water_mark())


def _high_water_mark() -> int:
    """VmHWM of this process, bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def analyse_unreliably(job: AnalysisJob) -> Analysis | JobFailure:
    """Run in a worker: fail as a decoder in C would, if the file's name says so."""
    match Path(job.path).stem:
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "hang":
            ctypes.PyDLL(None).sleep(1_000)
        case "swell":
            hoard = b"x" * (1 << 30)
            ctypes.PyDLL(None).sleep(len(hoard))
    return outcome(Path(job.path), *job.models)
