"""Playlists that users ask for by their names: what fills them, wired."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeGuard

from harmonie_daemon.config import PrefixSettings
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.mediaservers.push import Target
from harmonie_daemon.mediaservers.subsonic import SubsonicTarget
from harmonie_daemon.playlists.builder import PlaylistBuilder
from harmonie_daemon.playlists.wishes import WishKitchen
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.opening import Store
from harmonie_daemon.tasks.prefix_rounds import PrefixRounds
from harmonie_daemon.tasks.prefix_watch import PrefixWatch
from harmonie_daemon.tasks.schedule import has_come

RENEWED_S = 600.0
"""For so long a server is not asked again what it has of our tracks."""

Server = JellyfinTarget | SubsonicTarget


class TargetItems:
    """What is known of a target's items; see ``KnownItems``."""

    def __init__(self, target: Server, clock: Callable[[], float]) -> None:
        self._target = target
        self._clock = clock
        self._renewed_at = 0.0

    async def track_of(self, remote_id: str) -> TrackId | None:
        """Our track that is this item."""
        return await self._target.catalogue.track_of(remote_id)

    async def remote_ids(self, track_ids: Collection[TrackId]) -> Mapping[TrackId, str]:
        """The items of those of our tracks that the server has."""
        return await self._target.catalogue.remote_ids(track_ids)

    async def renew(self) -> None:
        """Ask the server what it has, unless that was done a while ago."""
        if self._clock() - self._renewed_at > RENEWED_S:
            await self._target.sync()
            self._renewed_at = self._clock()


def prefix_watch(
    settings: PrefixSettings,
    targets: Sequence[Target],
    store: Store,
    spaces: Spaces,
    builder: PlaylistBuilder,
    clock: Callable[[], float],
) -> PrefixWatch:
    """Goes round the playlists at every server that tells users apart."""
    kitchen = WishKitchen(
        store.plays, store.tracks, spaces, builder, clock, variation=settings.variation
    )
    rounds = [
        PrefixRounds(
            target.own_lists(),
            store.prefix_lists,
            TargetItems(target, clock),
            kitchen.fill,
            clock,
            is_missed=lambda since: has_come(settings.schedule, since, clock()),
            users=settings.users,
            most_seeds=settings.seeds,
        )
        for target in targets
        if settings.enabled and _is_server(target)
    ]
    return PrefixWatch(rounds, every_s=60.0 * settings.poll_minutes)


def _is_server(target: Target) -> TypeGuard[Server]:
    return isinstance(target, Server)
