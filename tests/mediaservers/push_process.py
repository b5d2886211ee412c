"""Pushes one playlist in a process of its own, which a test ends in the middle of it.

``python -m tests.mediaservers.push_process DATABASE URL TOKEN NAME ID…`` begins when it is told
to by a line on standard input.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.covers.studio import CoverStudio
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.vectors import Vectors
from tests.mediaservers.jellyfin_world import make_keyring
from tests.mediaservers.world import Clock, Store, item


async def push(database: str, url: str, token: str, name: str, *ids: str) -> None:
    store = Store(await Database.open(Path(database)), Clock())
    target = JellyfinTarget(
        make_keyring(url, token, store.meta, store.clock),
        "alice",
        store.tracks,
        store.playlists,
        store.meta,
        store.clock,
        catalogues=store.catalogues,
        studio=CoverStudio(Vectors(store.database)),
    )
    sys.stdin.readline()
    await target.push([item("mix", [TrackId(int(one)) for one in ids], name=name)])


if __name__ == "__main__":
    asyncio.run(push(*sys.argv[1:]))
