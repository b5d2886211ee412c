"""What a test in another process may do to the stand-in, below ``/_control``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from tests.mediaservers.fake_faults import Fault, Faults

if TYPE_CHECKING:
    from tests.mediaservers.fake_jellyfin import FakeJellyfin

FAKE: web.AppKey[FakeJellyfin] = web.AppKey("fake")


def control_routes() -> list[web.RouteDef]:
    """What a test in another process may do.

    GET state; DELETE playlists/{id}; POST items {path, name, …}; POST playlists {owner,
    name, entries}; POST library {folder, seen_as?} (adds what is new and forgets what is
    gone); POST faults {down?, starting?, latency_s?, armed?: [{method, path, …}]}.
    """
    return [
        web.get("/_control/state", show_state),
        web.delete("/_control/playlists/{id}", delete_playlist),
        web.post("/_control/playlists", make_playlist),
        web.post("/_control/items", add_item),
        web.post("/_control/library", rescan),
        web.post("/_control/faults", set_faults),
    ]


async def show_state(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    playlists = [
        {
            "id": playlist.id,
            "name": playlist.name,
            "owner": fake.state.users[playlist.owner].name,
            "is_public": playlist.is_public,
            "shares": list(playlist.shares),
            "paths": [fake.state.items[one].path for one in playlist.entries],
        }
        for playlist in fake.playlists.values()
    ]
    return web.json_response(
        {
            "playlists": playlists,
            "items": len(fake.state.items),
            "requests": [f"{r.method} {r.path} {r.status}" for r in fake.requests],
            "is_validating": fake.is_validating,
            "violations": fake.violations,
            "deleted_music": fake.state.deleted_music,
        }
    )


async def delete_playlist(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    fake.playlists.pop(request.match_info["id"], None)
    return web.Response(status=204)


async def make_playlist(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    body = await request.json()
    owner = next(u for u in fake.state.users.values() if u.name == body["owner"])
    made = fake.add_playlist(owner, body["name"], body.get("entries", []))
    return web.json_response({"id": made.id})


async def add_item(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    return web.json_response({"id": fake.add_item(**await request.json())})


async def rescan(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    body = await request.json()
    fake.state.items.clear()
    count = fake.add_library(Path(body["folder"]), seen_as=body.get("seen_as"))
    for playlist in fake.playlists.values():
        playlist.entries[:] = [e for e in playlist.entries if e in fake.state.items]
    return web.json_response({"items": count})


async def set_faults(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    body = await request.json()
    armed = [Fault(**fault) for fault in body.pop("armed", [])]
    fake.faults = Faults(**body, armed=armed)
    return web.Response(status=204)
