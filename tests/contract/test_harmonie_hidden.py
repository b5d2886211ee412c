"""A library that is chosen no more is in no answer of the API and at no target."""

from __future__ import annotations

from pathlib import Path

import pytest

from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.mediaservers.m3u import M3uTarget
from harmonie_daemon.mediaservers.push import PushItem
from tests.contract.conftest import fill
from tests.factories import MODEL
from tests.servers import Daemon, daemon

HIDDEN_ROOT = "/more music"
HIDDEN = 8
"""The id of the one track below it."""

pytestmark = pytest.mark.asyncio(loop_scope="function")


async def everything(running: Daemon) -> dict[str, object]:
    """What each operation that speaks of tracks answers about the track and its labels."""
    client = running.client
    page = (await client.get("/api/v1/tracks?limit=100&order_by=path")).json
    vibe = {"mode": "vibe", "n": 50, "shuffle": False}
    similar = {"mode": "similar", "seeds": [5], "n": 50, "diversity": False}
    status = (await client.get("/api/v1/status")).json
    reference = {
        "mode": "similar",
        "n": 5,
        "seed_refs": [{"artist": "Somebody", "title": "Trap Song"}],
    }
    return {
        "listed": HIDDEN in [item["id"] for item in page["items"]],
        "total": page["total"],
        "by id": (await client.get(f"/api/v1/tracks/{HIDDEN}")).status,
        "its neighbours": (await client.get(f"/api/v1/tracks/{HIDDEN}/similar")).status,
        "a neighbour": HIDDEN
        in [
            match["track_id"]
            for match in (await client.get("/api/v1/tracks/5/similar?limit=50")).json["matches"]
        ],
        "by path": (
            await client.get("/api/v1/tracks/resolve?path=/more%20music/Mix/Trap%20Song.mp3")
        ).status,
        "by tags": (
            await client.get("/api/v1/tracks/resolve?artist=Somebody&title=Trap%20Song")
        ).status,
        "as a seed": (
            await client.post("/api/v1/playlists", {**similar, "seeds": [HIDDEN]})
        ).status,
        "as a reference": (await client.post("/api/v1/playlists", reference)).status,
        "in a vibe": HIDDEN
        in [i["track_id"] for i in (await client.post("/api/v1/playlists", vibe)).json["items"]],
        "near a seed": HIDDEN
        in [i["track_id"] for i in (await client.post("/api/v1/playlists", similar)).json["items"]],
        "its genre": "Hip Hop"
        in [row["genre"] for row in (await client.get("/api/v1/genres")).json["items"]],
        "its style": "Hip Hop---Trap"
        in [row["style"] for row in (await client.get("/api/v1/styles")).json["items"]],
        "filtered": (await client.get("/api/v1/tracks?genre=Hip%20Hop")).json["total"],
        "counted": (status["tracks"], status["by_model"][MODEL], status["hidden"]),
        "saved": [
            playlist["tracks"] for playlist in (await client.get("/api/v1/playlists")).json["items"]
        ],
        "elsewhere": HIDDEN in [key.id for key in await running.tracks.paths_and_ids()],
    }


THERE = {
    "listed": True,
    "total": 10,
    "by id": 200,
    "its neighbours": 200,
    "a neighbour": True,
    "by path": 200,
    "by tags": 200,
    "as a seed": 200,
    "as a reference": 200,
    "in a vibe": True,
    "near a seed": True,
    "its genre": True,
    "its style": True,
    "filtered": 1,
    "counted": (10, 9, 0),
    "saved": [2],
    "elsewhere": True,
}
HIDDEN_AWAY = {
    "listed": False,
    "total": 9,
    "by id": 404,
    "its neighbours": 404,
    "a neighbour": False,
    "by path": 404,
    "by tags": 404,
    "as a seed": 404,
    "as a reference": 400,
    "in a vibe": False,
    "near a seed": False,
    "its genre": False,
    "its style": False,
    "filtered": 0,
    "counted": (9, 8, 1),
    "saved": [1],
    "elsewhere": False,
}


async def test_a_hidden_track_is_in_no_answer_and_in_all_of_them_again(tmp_path: Path) -> None:
    async with daemon(tmp_path / "data") as running:
        await fill(running.tracks)
        playlists = running.services.playlists
        saved = SavedPlaylist("key", "recipe", "Name", (1, HIDDEN), 1.0)  # type: ignore[arg-type]
        await playlists.save(saved)
        folder = tmp_path / "m3u"
        target = M3uTarget(folder, running.tracks, playlists)

        async def written() -> str:
            items = [PushItem(playlist, ()) for playlist in await playlists.all()]
            await target.push(items)
            return "\n".join(file.read_text() for file in folder.iterdir())

        assert await everything(running) == THERE
        assert "Trap Song" in await written()
        await running.tracks.hide([HIDDEN])  # type: ignore[list-item]
        assert await everything(running) == HIDDEN_AWAY
        text = await written()
        assert "Trap Song" not in text and "Xtal" in text
        await running.tracks.show_below([HIDDEN_ROOT])
        assert await everything(running) == THERE
        assert "Trap Song" in await written()
