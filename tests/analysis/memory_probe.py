"""Run in a worker: hear a file, and say what the process needed at most."""

from __future__ import annotations

from pathlib import Path

from harmonie_daemon.analysis.job import AnalysisJob, hear
from harmonie_daemon.domain.track import Analysis


def peak_bytes(job: AnalysisJob) -> int:
    """Bytes at the worst moment since the process began (VmHWM)."""
    analysis = hear(job)
    assert isinstance(analysis, Analysis), analysis
    assert all(vector is not None for vector in analysis.embeddings.values())
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
