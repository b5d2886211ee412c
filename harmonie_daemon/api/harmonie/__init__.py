"""The harmonie HTTP API: ``/health`` and ``/api/v1`` (docs/api/harmonie.md)."""

from harmonie_daemon.api.harmonie.deps import HarmonieDeps
from harmonie_daemon.api.harmonie.routes import harmonie_family

__all__ = ["HarmonieDeps", "harmonie_family"]
