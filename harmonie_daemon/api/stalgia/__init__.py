"""The API of STALGIA: from words to MIDI and sound (docs/api/stalgia.md)."""

from harmonie_daemon.api.stalgia.deps import StalgiaDeps
from harmonie_daemon.api.stalgia.routes import stalgia_family

__all__ = ["StalgiaDeps", "stalgia_family"]
