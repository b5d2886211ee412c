"""What the handler works with."""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.mediaservers.jellyfin.hook import JellyfinHook


@dataclass(frozen=True, slots=True)
class JellyfinHookDeps:
    """The hook; ``None`` where nothing is to be heard of listening."""

    hook: JellyfinHook | None
