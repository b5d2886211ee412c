"""The AudioMuse-AI family over a real store, with made-up ears and a search that waits."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harmonie_daemon.api.audiomuse import AudiomuseDeps, audiomuse_family
from harmonie_daemon.api.harmonie import harmonie_family
from harmonie_daemon.app import Core, access_rules, open_core
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin.known_user import KnownUser
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.keys import PROVIDED
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.scanning import ears
from tests.servers import Answer, Client, serving
from tests.tasks.scripted_search import ScriptedSearch

LONG_AGO = 1_700_000_000
"""When files were written: nobody waits whether they still grow."""
FINAL = ("SUCCESS", "FAILURE", "REVOKED")


@dataclass
class Muse:
    """What runs; ``jellyfin`` is the configured server, if any is."""

    client: Client
    core: Core
    music: Path
    search: ScriptedSearch
    item_ids: dict[TrackId, str]
    jellyfin: FakeJellyfin

    def album(self, name: str, *titles: str, text: str = "") -> None:
        """An album on disk and at the server."""
        for number, title in enumerate(titles, 1):
            path = self.music / name / f"{title}.flac"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text or f"title={title} artist=Band")
            os.utime(path, (LONG_AGO, LONG_AGO))
            facts = {"album": name, "album_artist": "Band", "artists": ("Band",)}
            self.jellyfin.add_item(str(path), title, track_number=number, **facts)

    async def start(self, what: str = "analysis", **body: Any) -> str:
        """Ask for an analysis or a clustering; its id."""
        answer = await self.client.post(f"/api/{what}/start", json=body)
        assert answer.status == 202, answer.text
        assert answer.json["status"] == "queued"
        return str(answer.json["task_id"])

    async def status(self, task_id: str) -> Any:
        """How a task stands."""
        return (await self.client.get(f"/api/status/{task_id}")).json

    async def until(self, task_id: str, *states: str) -> Any:
        """Its status once it is in one of the states, or has ended."""
        deadline = time.monotonic() + 20
        while True:
            now = await self.status(task_id)
            if now["state"] in (states or FINAL):
                return now
            assert now["state"] not in FINAL, now
            assert time.monotonic() < deadline, now

    async def telling(self, task_id: str, detail: str) -> Any:
        """Its status once it has such a detail."""
        deadline = time.monotonic() + 20
        while not (now := await self.status(task_id))["details"].get(detail):
            assert time.monotonic() < deadline, now
        return now

    async def get(self, path: str) -> Answer:
        """One GET."""
        return await self.client.get(path)

    async def post(self, path: str, **options: Any) -> Answer:
        """One POST."""
        return await self.client.post(path, **options)


async def known(item_ids: Mapping[TrackId, str]) -> Mapping[TrackId, str]:
    return item_ids


@asynccontextmanager
async def muse(
    folder: Path,
    *,
    with_jellyfin: bool = True,
    user: str | None = None,
    with_token: bool = True,
    searches: bool = False,
    **settings: Any,
) -> AsyncIterator[Muse]:
    """The family, beside harmonie's; ``searches``: for clusters in earnest.

    ``with_token``: there is a key in the settings; else users may log in.
    """
    music = folder / "music"
    music.mkdir()
    fake = FakeJellyfin()
    await fake.start()
    jellyfin = {"url": fake.url, "user": user} if with_jellyfin else {}
    if with_jellyfin and with_token:
        jellyfin["token"] = fake.api_key
    configured = Settings(
        libraries=(music,),
        data_dir=folder / "data",
        workers=1,
        default_playlists=False,
        jellyfin=jellyfin,
        **settings,
    )
    app = make_application(
        [harmonie_family(), audiomuse_family()], access_rules(configured), title="Two", version="1"
    )
    try:
        search, item_ids = ScriptedSearch(), dict[TrackId, str]()
        async with (
            open_core(
                configured,
                hearing=ears.KIND,
                reading=ears.KIND,
                search=None if searches else search,
            ) as core,
            serving(app) as client,
        ):
            deps = AudiomuseDeps(
                settings=configured,
                runner=core.runner,
                analyses=core.analyses,
                clusterings=core.clusterings,
                playlists=core.playlists,
                tracks=core.store.tracks,
                known_user=KnownUser(core.store.meta),
                keyring=core.keyring,
                item_ids=lambda _: known(item_ids),
            )
            app[PROVIDED].put(core.services, deps)
            yield Muse(client, core, music, search, item_ids, fake)
    finally:
        await fake.stop()
