"""Images of the stand-in's playlists: uploaded in base64, read back, removed."""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

from tests.mediaservers.fake_looks import FakeImage
from tests.mediaservers.fake_query import refuse
from tests.mediaservers.fake_routes import CALLER, STATE, visible_playlist
from tests.mediaservers.fake_state import guid

_BEGINNINGS = {"image/png": b"\x89PNG\r\n", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}


def image_routes() -> list[web.RouteDef]:
    return [
        web.get("/Items/{id}/Images/{type}", get_image, allow_head=False),
        web.post("/Items/{id}/Images/{type}", upload_image),
        web.delete("/Items/{id}/Images/{type}", delete_image),
    ]


async def get_image(request: web.Request) -> web.Response:
    """Whoever knows the id may see it."""
    playlist = request.app[STATE].playlists.get(guid(request.match_info["id"]) or "")
    images = [] if playlist is None else playlist.looks.of_kind(request.match_info["type"])
    if not images:
        refuse(404)
    return web.Response(body=images[0].content, content_type=images[0].media_type)


async def upload_image(request: web.Request) -> web.Response:
    """Base64 text of the file, with the type of the image. Backdrops are put beside others."""
    looks = _looks(request)
    media_type = request.headers.get("Content-Type", "")
    if media_type not in _BEGINNINGS:
        refuse(400)
    try:
        content = base64.b64decode(await request.read(), validate=True)
    except binascii.Error:
        refuse(400)
    if not content.startswith(_BEGINNINGS[media_type]):
        refuse(500)
    image = FakeImage(content, media_type)
    if request.match_info["type"].lower() == "backdrop":
        looks.backdrops.append(image)
    else:
        looks.primary = image
    return web.Response(status=204)


async def delete_image(request: web.Request) -> web.Response:
    looks = _looks(request)
    if request.match_info["type"].lower() == "backdrop":
        del looks.backdrops[:1]
    else:
        looks.primary = None
    return web.Response(status=204)


def _looks(request: web.Request):  # type: ignore[no-untyped-def]
    caller = request[CALLER]
    if not caller.is_admin:
        refuse(403)
    return visible_playlist(request, caller).looks
