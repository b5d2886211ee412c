"""Worker processes: typed jobs, one at a time each, that can die without the daemon noticing."""

from harmonie_daemon.workers.supervisor import Supervisor

__all__ = ["Supervisor"]
