"""Everything that hears what is played: opened, begun and ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.listening import PlaySource
from harmonie_daemon.domain.playlist import SeedRef
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.catalogues import ServerCatalogues
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.mediaservers.jellyfin.facts import JellyfinFacts
from harmonie_daemon.mediaservers.jellyfin.hearing import SocketHearing
from harmonie_daemon.mediaservers.jellyfin.hook import JellyfinHook
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.socket import JellyfinSockets
from harmonie_daemon.mediaservers.jellyfin.watching import SessionWatcher
from harmonie_daemon.mediaservers.listening.counters import Counters
from harmonie_daemon.mediaservers.listening.finding import Find, HeardItem
from harmonie_daemon.mediaservers.listening.keeper import PlayKeeper
from harmonie_daemon.mediaservers.listening.list_reading import ListReading
from harmonie_daemon.mediaservers.push import Target
from harmonie_daemon.mediaservers.subsonic import SubsonicTarget
from harmonie_daemon.playlists.clusters.names import SUFFIX
from harmonie_daemon.playlists.prefixes import wish_of
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.store.listener_lists import ListenerLists
from harmonie_daemon.store.opening import Store
from harmonie_daemon.tasks.schedule import has_come

DAY_S = 86_400.0
SETTLED_S = 60.0
"""A server that scans tells of one item after another."""
BROKEN_PAUSE_S = 60.0
LISTS_AT = "0 4 * * *"
"""When own playlists of listeners are looked at again: before those that are made of them."""
GENERATED = (SUFFIX, "-fingerprint")
"""How names of playlists end that AudioMuse and we make of themselves."""
_COUNTERS: Mapping[type[JellyfinTarget | SubsonicTarget], PlaySource] = {
    JellyfinTarget: PlaySource.JELLYFIN_COUNT,
    SubsonicTarget: PlaySource.SUBSONIC_COUNT,
}

_log = logging.getLogger(__name__)


class Arrivals:
    """Has the catalogues brought up to date some time after a server said that it has new items."""

    def __init__(self, sync: Callable[[], Awaitable[None]], *, after_s: float = SETTLED_S) -> None:
        """``after_s``: more items may arrive for so long, for one sync together."""
        self._sync = sync
        self._after_s = after_s
        self._came = asyncio.Event()

    def note(self) -> None:
        """There is a new one."""
        self._came.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._came.wait()
            await asyncio.sleep(self._after_s)
            self._came.clear()
            await self._sync()


@dataclass(frozen=True, slots=True)
class Listening:
    """What listens; ``None`` for what is not configured or switched off."""

    store: Store
    clock: Callable[[], float]
    keep_days: float
    hook: JellyfinHook | None = None
    watcher: SessionWatcher | None = None
    sockets: JellyfinSockets | None = None
    arrivals: Arrivals | None = None
    counters: Sequence[Counters] = ()
    lists: Sequence[ListReading] = ()

    def begin(self, stack: AsyncExitStack) -> None:
        """Begin to look; ``stack`` ends it."""
        if self.watcher is not None:
            _begin("what Jellyfin plays", self.watcher.run, stack)
        if self.arrivals is not None:
            _begin("new items at Jellyfin", self.arrivals.run, stack)
        if self.sockets is not None:
            _begin("what Jellyfin tells", self.sockets.run, stack)
        for one in self.lists:
            _begin("own playlists of listeners", one.run, stack)

    async def take_in(self) -> None:
        """Take in what servers have counted and marked, as their catalogues have it."""
        new = 0
        for one in self.counters:
            new += await one.take_in()
        if new:
            _log.info("listening: %d plays that only the counters of servers tell of", new)

    async def prune(self) -> None:
        """Forget plays that are older than they are to be kept."""
        gone = await self.store.plays.prune(self.clock() - self.keep_days * DAY_S)
        if gone:
            _log.info("listening: %d plays were too old to be kept", gone)


def open_listening(
    settings: Settings,
    *,
    store: Store,
    keyring: Keyring | None,
    targets: Sequence[Target],
    resolver: Resolver,
    clock: Callable[[], float],
) -> Listening:
    """As configured; nothing is begun yet."""
    wanted = settings.listening
    if not wanted.enabled:
        return Listening(store, clock, wanted.keep_days)

    def keeper(source: PlaySource) -> PlayKeeper:
        return PlayKeeper(source, store.plays, clock, ignored=wanted.ignored)

    find = _finder(targets, resolver)
    facts = JellyfinFacts(keyring, clock)
    watcher, sockets = None, None
    if keyring is not None:
        watcher = SessionWatcher(keyring, keeper(PlaySource.SESSIONS), find, every_s=wanted.every_s)
        hearing = SocketHearing(watcher, facts, find, store.plays, clock, ignored=wanted.ignored)
        sockets = JellyfinSockets(keyring, hearing.hear)
    arrivals = Arrivals(ServerCatalogues(targets).sync)
    hook = JellyfinHook(
        keeper(PlaySource.HOOK),
        facts,
        find,
        store.plays,
        store.tracks,
        clock,
        ignored=wanted.ignored,
        on_start=_nothing if watcher is None else watcher.wake,
        on_added=arrivals.note,
    )
    counters = [
        Counters(target.catalogue, store.plays, source, place=target.name, ignored=wanted.ignored)
        for target in targets
        for kind, source in _COUNTERS.items()
        if isinstance(target, kind)
    ]
    lists = [
        ListReading(
            target.own_lists(),
            ListenerLists(store.database, target.name),
            store.playlists,
            clock,
            ignored=wanted.ignored,
            is_due=lambda since: has_come(LISTS_AT, since, clock()),
            is_wanted=is_chosen_by_hand,
        )
        for target in targets
        if isinstance(target, (JellyfinTarget, SubsonicTarget))
    ]
    return Listening(
        store, clock, wanted.keep_days, hook, watcher, sockets, arrivals, counters, lists
    )


def is_chosen_by_hand(name: str) -> bool:
    """Whether somebody put the tracks of a playlist of this name into it."""
    return wish_of(name) is None and not name.endswith(GENERATED)


def _finder(targets: Sequence[Target], resolver: Resolver) -> Find:
    """By the catalogue, where the item is in it; else by path and names."""
    jellyfin = next((one for one in targets if isinstance(one, JellyfinTarget)), None)

    async def find(item: HeardItem) -> TrackId | None:
        if jellyfin is not None and item.id:
            known = await jellyfin.catalogue.track_of(item.id)
            if known is not None:
                return known
        ref = SeedRef(path=item.path, artist=item.artist, album=item.album, title=item.title)
        return await resolver.resolve(ref)

    return find


def _begin(name: str, run: Callable[[], Awaitable[None]], stack: AsyncExitStack) -> None:
    """Until ``stack`` ends it; a fault of ours does not end listening until the next restart."""

    async def until_cancelled() -> None:
        while True:
            try:
                await run()
            except Exception:  # noqa: BLE001 - the border between this and everything else
                _log.exception("listening broke, and goes on: %s", name)
            await asyncio.sleep(BROKEN_PAUSE_S)

    task = asyncio.create_task(until_cancelled(), name=name)

    async def end() -> None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


def _nothing() -> None:
    """Nobody is to be told."""
