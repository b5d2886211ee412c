"""Worker processes: typed jobs, one at a time each, that can die without the daemon noticing."""

from harmonie_daemon.workers.budget import Budget
from harmonie_daemon.workers.kind import Start, WorkerKind
from harmonie_daemon.workers.supervisor import Supervisor

__all__ = ["Budget", "Start", "Supervisor", "WorkerKind"]
