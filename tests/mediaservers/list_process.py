"""A round that reads own playlists in a process of its own, which a test ends in the middle of it.

``python -m tests.mediaservers.list_process DATABASE URL TOKEN NOW`` begins when it is told to by a
line on standard input.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from harmonie_daemon.mediaservers.jellyfin.own_lists import JellyfinOwnLists
from harmonie_daemon.store.database import Database
from tests.mediaservers.jellyfin_world import make_keyring
from tests.mediaservers.list_world import Reader
from tests.mediaservers.world import Clock, Store


async def one_round(database: str, url: str, token: str, now: str) -> None:
    store = Store(await Database.open(Path(database)), Clock(float(now)))
    keyring = make_keyring(url, token, store.meta, store.clock)
    reader = Reader(store, JellyfinOwnLists(keyring, store.playlists))
    sys.stdin.readline()
    await reader.round()


if __name__ == "__main__":
    asyncio.run(one_round(*sys.argv[1:]))
