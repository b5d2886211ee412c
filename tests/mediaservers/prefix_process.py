"""One round in a process of its own, which a test ends in the middle of it.

``python -m tests.mediaservers.prefix_process DATABASE URL TOKEN FOLDER`` begins when it is told
to by a line on standard input. An empty token: those of the logins in the folder.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from harmonie_daemon.store.database import Database
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakeItem
from tests.mediaservers.prefix_world import PrefixWorld
from tests.mediaservers.world import Clock, Store


class There(FakeJellyfin):
    """The stand-in of the other process, as far as its address goes."""

    at = ""

    @property
    def url(self) -> str:
        return self.at


async def one_round(database: str, url: str, token: str, folder: str) -> None:
    store = Store(await Database.open(Path(database)), Clock())
    there = There(validate=False)
    there.at = url
    world = PrefixWorld(there, store, Path(folder), token or None, turn=7)
    for key in await store.tracks.paths_and_ids():
        world.tracks.append(key.id)
        world.items.append(FakeItem(f"/their/{key.relative_path}", "").id)
    sys.stdin.readline()
    await world.round()


if __name__ == "__main__":
    asyncio.run(one_round(*sys.argv[1:]))
