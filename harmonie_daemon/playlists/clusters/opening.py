"""What makes clusterings, opened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from harmonie_daemon.playlists.clusters.clusterer import Clusterer
from harmonie_daemon.playlists.clusters.workroom import clear
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.opening import Store
from harmonie_daemon.workers import Budget

FOLDER = "clustering"
"""In the data folder, while a clustering is made."""


@asynccontextmanager
async def open_clusterer(
    store: Store, spaces: Spaces, *, budget: Budget, data_dir: Path
) -> AsyncIterator[Clusterer]:
    """Its workers are started when they are needed; what an earlier process left behind goes."""
    folder = data_dir / FOLDER
    await asyncio.to_thread(clear, folder)
    yield Clusterer(
        tracks=store.tracks,
        spaces=spaces,
        budget=budget,
        folder=folder,
    )
