"""What a Jellyfin server calls here: its webhook plugin."""

from harmonie_daemon.api.jellyfin.deps import JellyfinHookDeps
from harmonie_daemon.api.jellyfin.routes import jellyfin_family

__all__ = ["JellyfinHookDeps", "jellyfin_family"]
