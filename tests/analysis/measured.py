"""Targets for workers: one that also tells what it took, one with a decoder as bad as can be."""

from __future__ import annotations

import ctypes
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from harmonie_daemon.analysis.job import AnalysisJob, JobFailure, analyse
from harmonie_daemon.domain.track import Analysis

TARGET = "tests.analysis.measured:analyse_measured"
UNRELIABLE_TARGET = "tests.analysis.measured:analyse_unreliably"


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
    return analyse(job)
