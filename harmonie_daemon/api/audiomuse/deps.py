"""What the handlers of this family work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin.credentials import Credential
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.known_user import KnownUser
from harmonie_daemon.scanning.albums import AlbumAnalysis
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.tasks.clustering import Clusterings
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.web.endpoint import BodyT, Call, PathT, QueryT


@dataclass(frozen=True, slots=True)
class AudiomuseDeps:
    """Everything the handlers work with."""

    settings: Settings
    runner: Runner
    analyses: AlbumAnalysis
    clusterings: Clusterings
    playlists: Playlists
    tracks: Tracks
    known_user: KnownUser
    keyring: Keyring | None
    """What we hold for Jellyfin, if one is configured."""
    item_ids: Callable[[Collection[TrackId]], Awaitable[Mapping[TrackId, str]]]
    """Jellyfin's items of our tracks, as far as they are known."""

    async def own_credential(self) -> Credential | None:
        """What Jellyfin is asked with where a request brings nothing.

        Raises ``MediaServerError`` when the logins cannot be read.
        """
        if self.keyring is None:
            return None
        return await self.keyring.usual(self.settings.jellyfin.user)


AudiomuseCall: TypeAlias = Call[AudiomuseDeps, PathT, QueryT, BodyT]
