"""The stand-in's libraries, and files that it is asked to look at."""

from __future__ import annotations

from aiohttp import web

from tests.mediaservers.fake_query import refuse
from tests.mediaservers.fake_routes import CALLER, STATE


def file_routes() -> list[web.RouteDef]:
    """Its part of the stand-in's routes."""
    return [
        web.get("/Library/VirtualFolders", virtual_folders),
        web.post("/Library/Media/Updated", media_updated),
    ]


async def virtual_folders(request: web.Request) -> web.Response:
    """For administrators alone."""
    user = request[CALLER].user
    if user is not None and not user.is_admin:
        refuse(403)
    folders = request.app[STATE].music_folders
    return web.json_response(
        [
            {"Name": "Films", "Locations": ["/media/films"], "CollectionType": "movies"},
            {"Name": "Music", "Locations": list(folders), "CollectionType": "music"},
        ]
    )


async def media_updated(request: web.Request) -> web.Response:
    """Paths that may have changed."""
    body = await request.json()
    told = [(one["Path"], one["UpdateType"]) for one in body["Updates"]]
    request.app[STATE].looked_at.extend(told)
    return web.Response(status=204)
