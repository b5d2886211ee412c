"""The AudioMuse-AI HTTP API: analysis and clustering as tasks (docs/api/audiomuse.md)."""

from harmonie_daemon.api.audiomuse.deps import AudiomuseDeps
from harmonie_daemon.api.audiomuse.routes import audiomuse_family

__all__ = ["AudiomuseDeps", "audiomuse_family"]
