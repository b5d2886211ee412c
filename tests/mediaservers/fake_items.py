"""The editor of the stand-in: a whole item is sent back, and what is left out is blanked."""

from __future__ import annotations

from aiohttp import web

from tests.mediaservers.fake_query import refuse
from tests.mediaservers.fake_routes import CALLER, visible_playlist


def item_routes() -> list[web.RouteDef]:
    return [web.post("/Items/{id}", update_item)]


async def update_item(request: web.Request) -> web.Response:
    """For administrators. The lock of a playlist is passed on to the user's tracks in it."""
    caller = request[CALLER]
    if not caller.is_admin:
        refuse(403)
    playlist = visible_playlist(request, caller)
    body = await request.json()
    looks = playlist.looks
    if bool(body.get("LockData")) != looks.locked:
        raise AssertionError("LockData would lock or unlock the user's tracks")
    playlist.name = body["Name"]
    looks.tags = list(body.get("Tags") or [])
    looks.edited = {key: body[key] for key in looks.edited if body.get(key) is not None}
    return web.Response(status=204)
