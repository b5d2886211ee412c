"""A worker's target that also tells what it took."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harmonie_daemon.analysis.job import AnalysisJob, JobFailure, analyse
from harmonie_daemon.domain.track import Analysis

TARGET = "tests.analysis.measured:analyse_measured"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was heard, and the most memory the worker has held."""

    outcome: Analysis | JobFailure
    peak_bytes: int


def analyse_measured(job: AnalysisJob) -> Measured:
    """Run in a worker."""
    outcome = analyse(job)
    return Measured(outcome, _high_water_mark())


def _high_water_mark() -> int:
    """VmHWM of this process, bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
