"""A library of text files, a Jellyfin that knows it by another name, and analyses of both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from harmonie_daemon.domain.task import TaskRecord
from harmonie_daemon.mediaservers.path_mapping import FolderMapping
from harmonie_daemon.scanning.albums import AlbumAnalysis, AnalysisRequest, ServerLogin
from harmonie_daemon.scanning.albums.elsewhere import ServerOnlyTracks
from harmonie_daemon.scanning.albums.hearing import TrackHearing
from harmonie_daemon.scanning.albums.sources import AlbumSources
from harmonie_daemon.store.meta import Meta
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.scanning.world import World, open_world

THEIR_ROOT = "/data/music"


@dataclass
class Scene:
    """The world, the server, and analyses."""

    world: World
    fake: FakeJellyfin
    analyses: AlbumAnalysis
    remote: ServerOnlyTracks
    downloads: Path

    def login(self, **changes: Any) -> ServerLogin:
        """The configured server with its key."""
        known = {"url": self.fake.url, "token": SecretStr(self.fake.api_key), **changes}
        return ServerLogin(**known)

    def album(
        self, name: str, titles: list[str], *, added: str = "2024-01-01", text: str = ""
    ) -> None:
        """An album that is on disk and at the server."""
        for number, title in enumerate(titles, 1):
            self.world.put(f"{name}/{title}.flac", text or f"title={title} artist={name}Band")
            self.at_server(name, title, number=number, added=added)

    def at_server(
        self,
        album: str,
        title: str,
        *,
        number: int = 1,
        added: str = "2024-01-01",
        content: bytes | None = None,
    ) -> str:
        """A track that the server lists; returns its id."""
        return self.fake.add_item(
            f"{THEIR_ROOT}/{album}/{title}.flac",
            title,
            album=album,
            album_artist=f"{album}Band",
            artists=(f"{album}Band",),
            track_number=number,
            created_at=f"{added}T00:00:00.0000000Z",
            content=content,
        )

    async def analysed(
        self, albums: int = 0, *, server: ServerLogin | None = None, moods: int = 5
    ) -> TaskRecord:
        """Analyse and return how it ended."""
        return await self.analyses.submit(AnalysisRequest(albums, moods, server)).wait()

    async def parts(self, main: TaskRecord) -> list[TaskRecord]:
        """Its albums, the first first."""
        parts = await self.world.runner.newest(parent_id=main.id)
        return sorted(parts, key=lambda part: part.arguments["number"])


def lines(record: TaskRecord) -> list[str]:
    """What a task had to say."""
    return [line.text for line in record.log]


@asynccontextmanager
async def open_scene(folder: Path, **rest: Any) -> AsyncIterator[Scene]:
    """A scene with an empty library and an empty server."""
    fake = FakeJellyfin()
    await fake.start()
    try:
        async with open_world(folder, **rest) as world:
            hearing, meta = TrackHearing(world.tools), Meta(world.database)
            downloads = folder / "downloads"
            remote = ServerOnlyTracks(
                tools=world.tools, hearing=hearing, meta=meta, folder=downloads, version="0"
            )
            sources = AlbumSources(
                tools=world.tools,
                remote=remote,
                meta=meta,
                user=None,
                mappings=[FolderMapping(str(world.music), THEIR_ROOT)],
                version="0",
            )
            analyses = AlbumAnalysis(
                tools=world.tools,
                sources=sources,
                hearing=hearing,
                remote=remote,
                runner=world.runner,
            )
            yield Scene(world, fake, analyses, remote, downloads)
    finally:
        await fake.stop()
