"""Everything that lives as long as the daemon, in the order in which it is opened."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed_version

from harmonie_daemon.analysis.job import HEARING
from harmonie_daemon.api.harmonie import HarmonieDeps
from harmonie_daemon.app.asked import prefix_watch
from harmonie_daemon.app.environs import Environs
from harmonie_daemon.app.listening import Listening, open_listening
from harmonie_daemon.app.listmaking import open_listmaking
from harmonie_daemon.app.outside import Outside, open_outside
from harmonie_daemon.app.words import Words, open_words
from harmonie_daemon.compose.renderer import open_renderer
from harmonie_daemon.config import Settings
from harmonie_daemon.discovery.discovery import Discovery
from harmonie_daemon.discovery.popularity import CountedPlays
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.library.tag_job import READING
from harmonie_daemon.mediaservers.catalogues import ServerCatalogues
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.signing_in import SigningIn
from harmonie_daemon.mediaservers.push import Target
from harmonie_daemon.scanning import LibraryScan, open_scanning
from harmonie_daemon.scanning.albums import AlbumAnalysis, open_album_analysis
from harmonie_daemon.similarity.opening import open_similarity
from harmonie_daemon.similarity.process import compute_calmly
from harmonie_daemon.store.opening import Store, open_store
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.tasks.clustering import Clusterings, ClusterSearch
from harmonie_daemon.tasks.composing.commission import Ensemble
from harmonie_daemon.tasks.composing.opening import open_studio
from harmonie_daemon.tasks.composing.orchestra import Orchestra
from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.tasks.doctor import open_doctor
from harmonie_daemon.tasks.opening import open_runner
from harmonie_daemon.tasks.prefix_watch import PrefixWatch
from harmonie_daemon.tasks.refresh import Refresher
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.workers import Budget, WorkerKind

VERSION = installed_version("harmonie-daemon")
Clock = Callable[[], float]
ItemIds = Callable[[Collection[TrackId]], Awaitable[Mapping[TrackId, str]]]


@dataclass(frozen=True, slots=True)
class Core:
    """What the daemon is made of."""

    settings: Settings
    asked: PrefixWatch
    """Playlists that users ask for by their names."""
    store: Store
    runner: Runner
    scan: LibraryScan
    analyses: AlbumAnalysis
    refresher: Refresher
    clusterings: Clusterings
    studio: Studio
    words: Words
    environs: Environs
    discovery: Discovery
    keyring: Keyring | None
    """What we hold for the configured Jellyfin."""
    outside: Outside
    signing_in: SigningIn | None
    """Logins there."""
    item_ids: ItemIds
    """Jellyfin's items of some of our tracks, as of the last look; none without a Jellyfin."""
    listening: Listening
    services: HarmonieDeps
    """What the API of the same name works with."""

    @property
    def playlists(self) -> Playlists:
        """The repository of saved playlists."""
        return self.store.playlists


@asynccontextmanager
async def open_core(
    settings: Settings,
    clock: Clock = time.time,
    *,
    hearing: WorkerKind = HEARING,
    reading: WorkerKind = READING,
    ensemble: Ensemble | None = None,
    search: ClusterSearch | None = None,
) -> AsyncIterator[Core]:
    """Open the store and what works on it; closed in reverse order.

    ``ensemble`` makes music, and ``search`` finds clusters, instead of our own.

    Raises ``StoreError`` when the database is in use, damaged or cannot be written.
    """
    compute_calmly()
    budget = Budget(settings.workers)
    async with AsyncExitStack() as stack:
        opened = stack.enter_async_context
        store = await opened(open_store(settings.database, clock))
        runner = await opened(open_runner(store, clock))
        scanning = await opened(
            open_scanning(
                settings,
                store=store,
                runner=runner,
                budget=budget,
                clock=clock,
                hearing=hearing,
                reading=reading,
            )
        )
        analyses = await opened(
            open_album_analysis(
                settings, store=store, tools=scanning.tools, runner=runner, version=VERSION
            )
        )
        similarity = stack.enter_context(open_similarity(store))
        spaces, resolver = similarity.spaces, similarity.resolver
        making = await opened(
            open_listmaking(
                settings,
                store=store,
                similarity=similarity,
                runner=runner,
                budget=budget,
                clock=clock,
                search=search,
                version=VERSION,
            )
        )
        targets, keyring = making.targets, making.keyring
        if ensemble is None:
            renderer = await opened(open_renderer(settings.compose.soundfont, budget))
            ensemble = Orchestra(renderer)
        studio = await opened(
            open_studio(settings, store=store, runner=runner, ensemble=ensemble, clock=clock)
        )
        words = await opened(open_words(settings))
        environs = Environs(settings, scanning.models, store.tracks)
        outside = await opened(open_outside(settings, store, version=VERSION))
        services = HarmonieDeps(
            version=VERSION,
            settings=settings,
            database=store.database,
            tracks=store.tracks,
            vectors=store.vectors,
            playlists=store.playlists,
            plays=store.plays,
            spaces=spaces,
            search=similarity.search,
            resolver=resolver,
            builder=making.builder,
            scan=scanning.scan,
            models=scanning.models,
            refresher=making.refresher,
            studio=studio,
            catalogues=ServerCatalogues(targets),
            doctor=open_doctor(settings, targets, environs.unwatched, environs.looks),
            keyring=keyring,
            started=clock(),
            clock=clock,
        )
        yield Core(
            settings=settings,
            asked=prefix_watch(settings.prefix, targets, store, spaces, making.builder, clock),
            store=store,
            runner=runner,
            scan=scanning.scan,
            analyses=analyses,
            refresher=making.refresher,
            clusterings=making.clusterings,
            studio=studio,
            words=words,
            environs=environs,
            discovery=Discovery(
                store.tracks, store.vectors, spaces, resolver, CountedPlays(store.plays)
            ),
            keyring=keyring,
            outside=outside,
            signing_in=None if keyring is None else SigningIn(keyring, clock),
            item_ids=_item_ids(targets),
            listening=open_listening(
                settings,
                store=store,
                keyring=keyring,
                targets=targets,
                resolver=resolver,
                clock=clock,
            ),
            services=services,
        )


def _item_ids(targets: Sequence[Target]) -> ItemIds:
    for target in targets:
        if isinstance(target, JellyfinTarget):
            return target.catalogue.remote_ids
    return _none_known


async def _none_known(_: Collection[TrackId]) -> Mapping[TrackId, str]:
    return {}
