"""Clusterings of what each listener hears: as tasks, whose playlists are saved and pushed."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.domain.errors import TooFewTracksError
from harmonie_daemon.domain.listening import listener_key
from harmonie_daemon.domain.playlist import Recipe, SavedPlaylist
from harmonie_daemon.domain.task import Lane
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.clusters.clustering import ClusterProgress
from harmonie_daemon.playlists.for_listeners import chosen_listeners
from harmonie_daemon.playlists.makers import Maker
from harmonie_daemon.playlists.naming import somebodys
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.tasks.clustering import ClusterSearch
from harmonie_daemon.tasks.context import TaskContext, TaskHandle
from harmonie_daemon.tasks.kind import NoProgress, TaskKind
from harmonie_daemon.tasks.refresh import Refresher
from harmonie_daemon.tasks.runner import Runner

LISTENER_CLUSTERING = "listener_clustering"
LISTENER_MAKER = "listener clusters"
WEEK_S = 7 * 86_400.0

_log = logging.getLogger(__name__)


class Tastes(Protocol):
    """What is known of everybody's taste."""

    async def listeners(self) -> Sequence[str]:
        """Everybody of whom anything is known."""

    async def of(self, listener: str, now: float) -> Sequence[TrackId]:
        """The tracks to divide for one of them; none where too little is known."""


@dataclass(frozen=True, slots=True)
class ListenerClustering:
    """For whom, and how."""

    users: tuple[str, ...]
    """Names of listeners; none: everybody."""
    request: ClusterRequest


Context = TaskContext[ListenerClustering, NoProgress]


class ListenerClusterings:
    """One task for all listeners, in the lane of clusterings; a refresh does not wait for it."""

    def __init__(
        self,
        *,
        search: ClusterSearch,
        tastes: Tastes,
        playlists: Playlists,
        refresher: Refresher,
        runner: Runner,
        clock: Callable[[], float],
    ) -> None:
        self._search = search
        self._tastes = tastes
        self._maker = Maker(LISTENER_MAKER, playlists)
        self._refresher = refresher
        self._runner = runner
        self._clock = clock
        self._kind: TaskKind[ListenerClustering, NoProgress] = runner.register(
            TaskKind(LISTENER_CLUSTERING, Lane.MAIN, self._work)
        )

    def begin(self, recipe: Recipe) -> TaskHandle | None:
        """Ask for the clusterings of a recipe whose time has come."""
        request = recipe.clustering or ClusterRequest()
        if recipe.variation:  # other groups each week, of the same listening
            request = replace(request, seed=int(self._clock() // WEEK_S))
        return self._runner.submit(self._kind, ListenerClustering(recipe.users, request))

    async def retire_all(self) -> None:
        """Let all of them go, for nobody asks for them any more."""
        await self._maker.retire(one.key for one in await self._maker.playlists())

    async def _work(self, context: Context) -> Mapping[str, Any]:
        """One listener after the other; of whom nothing is known any more, the playlists go."""
        wish = context.arguments
        present = await self._maker.playlists()
        made = 0
        listeners = chosen_listeners(await self._tastes.listeners(), wish.users)
        for listener in listeners:
            own = [one for one in present if _is_of(one, listener)]
            fresh = await self._for_one(listener, wish.request, own)
            if fresh is not None:
                await self._maker.put(fresh, instead_of=own)
                made += len(fresh)
        left = [p.key for p in present if not any(_is_of(p, one) for one in listeners)]
        await self._maker.retire(left)
        if made or left:
            await self._refresher.push()
        return {"playlists": made, "listeners": len(listeners)}

    async def _for_one(
        self, listener: str, request: ClusterRequest, present: Sequence[SavedPlaylist]
    ) -> list[SavedPlaylist] | None:
        """A listener's playlists, ``None`` where the present ones stay."""
        tracks = await self._tastes.of(listener, self._clock())
        if not tracks:
            return None
        begin = somebodys(listener, "")
        earlier = [replace(one, name=one.name.partition(_mark(one))[2]) for one in present]
        try:
            found = await self._search.cluster(
                request, previous=earlier, report=_silent, among=tracks
            )
        except TooFewTracksError:
            return None
        taken = {one.key for one in present}
        key = listener_key(listener)
        fresh = (k for n in itertools.count(1) if (k := self._maker.key(key, str(n))) not in taken)
        return [
            SavedPlaylist(
                one.key if one.continues else next(fresh),
                "",
                f"{begin}{one.name}",
                one.track_ids,
                self._clock(),
                user=listener,
            )
            for one in found.playlists
        ]


def _mark(playlist: SavedPlaylist) -> str:
    """What stands before the name that the clustering gave."""
    return somebodys(playlist.user or "", "")


def _is_of(playlist: SavedPlaylist, listener: str) -> bool:
    return playlist.user is not None and listener_key(playlist.user) == listener_key(listener)


async def _silent(now: ClusterProgress) -> None:
    """Nobody waits for it."""
