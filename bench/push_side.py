"""The daemon's side of ``push.py``: its store, its target and its /health in one event loop.

``python push_side.py TRACKS URL KEY FOLDER`` prints one JSON line a measurement.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from load import percentile
from push_library import OUR_ROOT, THEIR_ROOT, fill

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.mediaservers.opening import open_keyring, open_targets
from harmonie_daemon.mediaservers.push import PushItem
from harmonie_daemon.mediaservers.rematching import Rematching
from harmonie_daemon.store.opening import Store, open_store

PLAYLISTS, LENGTH = 30, 100


class Side:
    """What is measured, and with what."""

    def __init__(self, tracks: int, url: str, store: Store, target: JellyfinTarget) -> None:
        self.tracks = tracks
        self.url = url
        self.store = store
        self.target = target
        self.health = ""

    async def measure(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Print seconds, requests, memory above what there was, and waits for /health."""
        before, requests = _memory(reset=True)["VmRSS"], await self._requests()
        async with self._health_asked() as waits:
            began, cpu = time.perf_counter(), time.process_time()
            said = await work()
            elapsed, cpu = time.perf_counter() - began, time.process_time() - cpu
        row = {
            "name": name,
            "seconds": elapsed,
            "CPU s": cpu,
            "requests": await self._requests() - requests,
            "peak MiB": (_memory()["VmHWM"] - before) / 1024,
            "/health p99 ms": percentile(waits, 99) * 1e3,
            "/health longest ms": percentile(waits, 100) * 1e3,
            "said": "" if said is None else str(said),
        }
        print(json.dumps(row), flush=True)

    async def _requests(self) -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/_control/state") as answer,
        ):
            return len((await answer.json())["requests"])

    @asynccontextmanager
    async def _health_asked(self) -> AsyncIterator[list[float]]:
        asking = await asyncio.create_subprocess_exec(
            sys.executable, str(Path(__file__).with_name("health.py")), self.health,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert asking.stdout is not None
        await asking.stdout.readline()
        waits: list[float] = []
        yield waits
        said, _ = await asking.communicate(b"")
        waits += json.loads(said)

    async def joined(self) -> str:
        """The baseline: paths in a dictionary, looked up one by one."""
        ours = [(one.id, one.path) for one in await self.store.tracks.paths_and_ids()]
        state = await self._state()
        theirs = await self.store.catalogues.look(state, lambda view: view.places(0, self.tracks))
        began = time.perf_counter()
        by_path = {path: number for number, path, _ in theirs}
        found = {id_: by_path.get(THEIR_ROOT + path[len(OUR_ROOT) :]) for id_, path in ours}
        joined = time.perf_counter() - began
        return f"{sum(one is not None for one in found.values())} matched; join {joined:.2f} s"

    async def matched(self) -> str:
        """All of ours with all of theirs, as if for the first time."""
        state = replace(await self._state(), basis="", learned=(), misses=0, generation=None)
        await Rematching(self.store.catalogues, ()).rematch(state)
        report = await self.target.catalogue.report()
        assert report is not None
        return str([dict(root.matched) for root in report.roots])

    async def _state(self) -> Any:
        state = await self.store.catalogues.latest("jellyfin", self.url)
        assert state is not None
        return state

    async def added(self, count: int) -> None:
        """New tracks over there."""
        async with aiohttp.ClientSession() as session:
            for n in range(count):
                item = {"path": f"{THEIR_ROOT}/New/{time.time()}/{n}.flac", "name": "New"}
                await session.post(f"{self.url}/_control/items", json=item)

    def items(self, shift: int, changed: int) -> list[PushItem]:
        """Playlists, so many of them moved along."""
        return [self._playlist(n, shift if n < changed else 0) for n in range(PLAYLISTS)]

    def _playlist(self, n: int, shift: int) -> PushItem:
        places = ((n * 997 + k * 13 + shift) % self.tracks for k in range(LENGTH))
        ids = tuple(TrackId(1 + place) for place in places)
        return PushItem(SavedPlaylist(f"bench-{n}", "bench", f"Bench {n}", ids, 0.0))


async def main(tracks: int, url: str, key: str, folder: Path) -> None:
    """Measure everything."""
    os.environ |= {
        "HARMONIE_DATA_DIR": str(folder), "HARMONIE_JELLYFIN_URL": url,
        "HARMONIE_JELLYFIN_TOKEN": key, "HARMONIE_JELLYFIN_USER": "alice",
        "HARMONIE_LIBRARIES": OUR_ROOT,
    }  # fmt: skip
    settings = Settings()
    async with (
        open_store(settings.database, time.time) as store,
        open_keyring(settings, store, time.time, version="bench") as keyring,
        open_targets(settings, store, time.time, keyring) as targets,
    ):
        await fill(store.database, tracks)
        target = next(one for one in targets if isinstance(one, JellyfinTarget))
        side = Side(tracks, url, store, target)
        async with _health_served() as address:
            side.health = address
            await _measure_all(side)


async def _measure_all(side: Side) -> None:
    target = side.target
    await side.measure("first sync and matching", target.sync)
    await side.measure("plain join of the paths", side.joined)
    await side.measure("matching all anew", side.matched)
    await side.measure("sync: nothing new", target.sync)
    await side.added(100)
    await side.measure("sync: 100 new tracks", target.sync)
    await side.measure("push: 30 new playlists", lambda: target.push(side.items(0, 0)))
    await side.measure("push: nothing changed", lambda: target.push(side.items(0, 0)))
    await side.measure("push: 3 of 30 changed", lambda: target.push(side.items(7, 3)))
    await side.measure("push: all 30 changed", lambda: target.push(side.items(9, PLAYLISTS)))


@asynccontextmanager
async def _health_served() -> AsyncIterator[str]:
    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application()
    app.router.add_get("/health", health)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def _memory(*, reset: bool = False) -> dict[str, int]:
    """Resident now and at most since the last reset, KiB."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return {
        line.split(":")[0]: int(line.split()[1])
        for line in lines
        if line.startswith("VmR") or line.startswith("VmH")
    }


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])))
