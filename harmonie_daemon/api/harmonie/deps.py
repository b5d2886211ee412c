"""What the handlers of this family work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.task import ScanStatus
from harmonie_daemon.mediaservers.catalogues import ServerCatalogues
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.playlists.builder import PlaylistBuilder
from harmonie_daemon.scanning.models import Models
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.search import Search
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.tasks.doctor import Doctor
from harmonie_daemon.tasks.refresh import Refresher
from harmonie_daemon.web.endpoint import BodyT, Call, PathT, QueryT


class ScanControl(Protocol):
    """Whoever runs scans. Every call answers with the state after it."""

    def status(self) -> ScanStatus:
        """The current scan, or the outcome of the last one."""

    async def start(self, force: bool = False) -> ScanStatus:
        """Start a scan; nothing happens when one is running. ``force`` analyses every file."""

    async def cancel(self) -> ScanStatus:
        """End the running scan in under a second."""

    def pause(self) -> ScanStatus:
        """Let a running scan rest after the files its workers hold."""

    def resume(self) -> ScanStatus:
        """Let a paused scan go on."""


@dataclass(frozen=True, slots=True)
class HarmonieDeps:
    """Everything the handlers work with."""

    version: str
    """The daemon's own."""
    settings: Settings
    database: Database
    tracks: Tracks
    vectors: Vectors
    playlists: Playlists
    plays: Plays
    spaces: Spaces
    search: Search
    resolver: Resolver
    builder: PlaylistBuilder
    scan: ScanControl
    models: Models
    refresher: Refresher
    studio: Studio
    catalogues: ServerCatalogues
    doctor: Doctor
    keyring: Keyring | None
    """What we hold for Jellyfin, if one is configured."""
    started: float
    """Unix time at which the daemon was started."""
    clock: Callable[[], float]
    """Unix time."""


HarmonieCall: TypeAlias = Call[HarmonieDeps, PathT, QueryT, BodyT]
