"""Analyses of albums, opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harmonie_daemon.config import Settings
from harmonie_daemon.mediaservers.path_mapping import FolderMapping
from harmonie_daemon.scanning.albums.analysis import (
    ALBUM_ANALYSIS,
    MAIN_ANALYSIS,
    AlbumAnalysis,
)
from harmonie_daemon.scanning.albums.elsewhere import ServerOnlyTracks
from harmonie_daemon.scanning.albums.hearing import TrackHearing
from harmonie_daemon.scanning.albums.sources import AlbumSources
from harmonie_daemon.scanning.run import ScanTools
from harmonie_daemon.store.opening import Store
from harmonie_daemon.tasks.runner import Runner

FOLDER = "downloads"
"""In the data folder, while tracks that only a server has are heard."""


@asynccontextmanager
async def open_album_analysis(
    settings: Settings, *, store: Store, tools: ScanTools, runner: Runner, version: str
) -> AsyncIterator[AlbumAnalysis]:
    """Ready to be asked; ``tools`` are those of scans, ``version`` is what a server is told."""
    hearing = TrackHearing(tools)
    remote = ServerOnlyTracks(
        tools=tools,
        hearing=hearing,
        meta=store.meta,
        folder=settings.data_dir / FOLDER,
        version=version,
    )
    await remote.clear()
    sources = AlbumSources(
        tools=tools,
        remote=remote,
        meta=store.meta,
        user=settings.jellyfin.user,
        mappings=[FolderMapping(*pair) for pair in settings.jellyfin.path_mapping_pairs],
        version=version,
    )
    try:
        yield AlbumAnalysis(
            tools=tools, sources=sources, hearing=hearing, remote=remote, runner=runner
        )
    finally:
        await runner.retire(MAIN_ANALYSIS)
        await runner.retire(ALBUM_ANALYSIS)
