"""The files in a real player: MPD, where it is installed (``apt install mpd mpc``)."""

from __future__ import annotations

import asyncio
import os
import shutil
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from harmonie_daemon.mediaservers.m3u import M3uTarget
from harmonie_daemon.mediaservers.m3u_format import M3uStyle
from tests.mediaservers.world import Store, item

pytestmark = pytest.mark.skipif(
    not (shutil.which("mpd") and shutil.which("mpc")), reason="mpd and mpc are not installed"
)

SONGS = ("Björk/Début/01 Human Behaviour.wav", "#1 hit.wav", "Artist/Album/a.wav")
CONFIGURATION = """
music_directory "{folder}/music"
playlist_directory "{folder}/playlists"
db_file "{folder}/database"
bind_to_address "{folder}/socket"
filesystem_charset "UTF-8"
audio_output {{
  type "null"
  name "none"
}}
"""


async def test_mpd_plays_files_in_its_playlist_folder(store: Store, tmp_path: Path) -> None:
    """With the ending .m3u and paths relative to its music folder, as the README says."""
    ids = await add_songs(store, tmp_path / "music")
    style = M3uStyle("m3u", mappings=((str(tmp_path / "music"), ""),))
    folder = tmp_path / "playlists"
    place = M3uTarget(folder, store.tracks, store.playlists, store.clock, style=style)
    await place.push([item("mix", ids, name="Mix ü")])

    async with mpd(tmp_path):
        assert await mpc(tmp_path, "lsplaylists") == ["Mix ü"]
        await mpc(tmp_path, "load", "Mix ü")
        assert await mpc(tmp_path, "-f", "%file%", "playlist") == list(SONGS)


@pytest.mark.parametrize("extension", ["m3u8", "m3u"])
async def test_mpd_plays_files_below_its_music_folder(
    store: Store, tmp_path: Path, extension: str
) -> None:
    """As they are without any setting but the folder."""
    ids = await add_songs(store, tmp_path / "music")
    style = M3uStyle(extension)  # type: ignore[arg-type]
    folder = tmp_path / "music" / "Playlists"
    place = M3uTarget(folder, store.tracks, store.playlists, store.clock, style=style)
    await place.push([item("mix", ids)])

    async with mpd(tmp_path):
        await mpc(tmp_path, "load", f"Playlists/Mix.{extension}")
        assert await mpc(tmp_path, "-f", "%file%", "playlist") == list(SONGS)


async def add_songs(store: Store, music: Path) -> list[int]:
    ids = []
    for song in SONGS:
        path = music / song
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(16_000))
        ids.append(await store.add(song, root=str(music), duration_s=1.0))
    return ids  # type: ignore[return-value]


@asynccontextmanager
async def mpd(folder: Path) -> AsyncIterator[None]:
    """A player of its own, which has looked at the music."""
    (folder / "playlists").mkdir(exist_ok=True)
    configuration = folder / "mpd.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder), "utf-8")
    process = await asyncio.create_subprocess_exec(
        "mpd", "--no-daemon", "--stderr", str(configuration),
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(20):
            while not await is_listening(folder / "socket"):
                await asyncio.sleep(0.02)
        await mpc(folder, "--wait", "update")
        yield
    finally:
        process.terminate()
        await process.wait()


async def is_listening(socket: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def mpc(folder: Path, *arguments: str) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        "mpc", "--quiet", *arguments,
        env={**os.environ, "MPD_HOST": str(folder / "socket")},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, arguments
    return output.decode().splitlines()
