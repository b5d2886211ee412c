"""The requests that the stand-in answers, each with its version's quirks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.mediaservers.fake_filters import passing
from tests.mediaservers.fake_query import Query, page, refuse
from tests.mediaservers.fake_state import (
    Caller,
    FakePlaylist,
    State,
    guid,
    item_dto,
    playlist_dto,
    user_dto,
)

STATE: web.AppKey[State] = web.AppKey("state", State)
CALLER: web.RequestKey[Caller] = web.RequestKey("caller", Caller)


def routes() -> list[web.RouteDef]:
    """Every route of the stand-in."""
    return [
        web.get("/System/Info/Public", public_info),
        web.get("/Users", list_users),
        web.get("/Users/Me", me),
        web.get("/Items", list_items),
        web.get("/Items/{id}", get_item),
        web.get("/Items/{id}/Download", download),
        web.get("/Items/{id}/File", get_file),
        web.delete("/Items/{id}", delete_item),
        web.post("/Playlists", create_playlist),
        web.get("/Playlists/{id}", get_playlist),
        web.post("/Playlists/{id}", update_playlist),
        web.get("/Playlists/{id}/Users", get_playlist_users),
        web.get("/Playlists/{id}/Items", get_entries),
        web.post("/Playlists/{id}/Items", add_entries),
        web.delete("/Playlists/{id}/Items", remove_entries),
        web.post("/Playlists/{id}/Items/{entry}/Move/{index}", move_entry),
    ]


async def public_info(request: web.Request) -> web.Response:
    state = request.app[STATE]
    return web.json_response(
        {
            "LocalAddress": "http://127.0.0.1",
            "ServerName": "stand-in",
            "Version": state.version,
            "ProductName": "Jellyfin Server",
            "OperatingSystem": "",
            "Id": state.server_id,
            "StartupWizardCompleted": True,
        }
    )


async def list_users(request: web.Request) -> web.Response:
    state = request.app[STATE]
    return web.json_response([user_dto(state, user) for user in state.users.values()])


async def me(request: web.Request) -> web.Response:
    user = _caller(request).user
    if user is None:
        return web.json_response({"status": 400}, status=400)
    return web.json_response(user_dto(request.app[STATE], user))


async def list_items(request: web.Request) -> web.Response:
    state, query = request.app[STATE], Query(request)
    user_id = _acting_user(request, query, required=False)
    kinds = [kind.lower() for kind in query.list("includeItemTypes")]
    ids = query.ids("ids") if query.has("ids") else [*state.playlists, *state.items]
    seen = [one for one in ids if (not kinds or _kind(state, one) in kinds)]
    seen = passing(query, state, user_id, [one for one in seen if state.sees(user_id, one)])
    with_data = user_id is not None and query.one("enableUserData") == "true"

    def make(item_id: str) -> dict[str, Any]:
        dto = _dto(state, item_id, query.fields, user_id)
        data = {"UserData": state.listening.dto(user_id or "", item_id)} if with_data else {}
        return {**dto, **data}

    return page(query, seen, make)


def _kind(state: State, item_id: str) -> str:
    return "audio" if item_id in state.items else "playlist"


async def get_item(request: web.Request) -> web.Response:
    state, query = request.app[STATE], Query(request)
    item_id = guid(request.match_info["id"])
    user_id = _acting_user(request, query, required=False)
    if item_id is None or not state.sees(user_id, item_id):
        refuse(404)
    return web.json_response(
        _dto(state, item_id, frozenset({"path", "providerids", "tags"}), whole=True)
    )


async def download(request: web.Request) -> web.Response:
    """The policy "Download" is asked of users."""
    if not (request.app[STATE].may_download or _caller(request).is_key):
        refuse(403)
    return await get_file(request)


async def get_file(request: web.Request) -> web.Response:
    """The file itself."""
    state, item_id = request.app[STATE], guid(request.match_info["id"])
    item = state.items.get(item_id or "")
    viewer = None if _caller(request).is_key else _caller(request).id
    if item is None or not state.sees(viewer, item.id):
        refuse(404)
    body = Path(item.source).read_bytes() if item.source is not None else item.content
    if body is None:
        refuse(404)
    return web.Response(body=body, content_type="audio/flac")


async def delete_item(request: web.Request) -> web.Response:
    """Deletes whatever it is, music included, as the real server does."""
    state, caller = request.app[STATE], _caller(request)
    item_id = guid(request.match_info["id"])
    if item_id is None or not state.sees(None if caller.is_key else caller.id, item_id):
        refuse(404)
    if item_id in state.items:
        if not caller.is_admin:
            refuse(401)
        state.deleted_music.append(state.items.pop(item_id).path)
    elif caller.is_admin or state.playlists[item_id].owner == caller.id:
        del state.playlists[item_id]
    else:
        refuse(401)
    return web.Response(status=204)


async def create_playlist(request: web.Request) -> web.Response:
    state, caller = request.app[STATE], _caller(request)
    body = await request.json()
    owner = guid(body.get("UserId") or "") or caller.id
    if owner not in state.users:
        refuse(400)
    if owner != caller.id and not caller.is_admin:
        refuse(403)
    ids = [found for found in map(guid, body.get("Ids") or []) if found]
    if body.get("MediaType") is None and any(one not in state.items for one in ids):
        refuse(400)
    playlist = state.new_playlist(body["Name"], owner, is_public=body.get("IsPublic", True))
    playlist.shares = _shares(body.get("Users") or [])
    playlist.media_type = body.get("MediaType") or "Audio"
    state.append(playlist, ids, owner)
    return web.json_response({"Id": playlist.id})


async def get_playlist(request: web.Request) -> web.Response:
    caller = _user_only(request)
    playlist = visible_playlist(request, caller)
    shares = [{"UserId": user, "CanEdit": edit} for user, edit in playlist.shares.items()]
    return web.json_response(
        {"OpenAccess": playlist.is_public, "Shares": shares, "ItemIds": playlist.entries}
    )


async def get_playlist_users(request: web.Request) -> web.Response:
    """With whom it is shared: its owner alone is told."""
    caller = _user_only(request)
    playlist = visible_playlist(request, caller)
    if playlist.owner != caller.id:
        refuse(403)
    shares = [{"UserId": user, "CanEdit": edit} for user, edit in playlist.shares.items()]
    return web.json_response(shares)


async def update_playlist(request: web.Request) -> web.Response:
    state, caller = request.app[STATE], _user_only(request)
    playlist = _editable_playlist(request, caller)
    body = await request.json()
    if body.get("Ids") is not None:
        playlist.entries.clear()
        ids = [found for found in map(guid, body["Ids"]) if found]
        state.append(playlist, ids, caller.id)
    if body.get("Name") is not None:
        playlist.name = body["Name"]
    if body.get("Users") is not None:
        playlist.shares = _shares(body["Users"])
    if body.get("IsPublic") is not None:
        playlist.is_public = body["IsPublic"]
    return web.Response(status=204)


async def get_entries(request: web.Request) -> web.Response:
    state, query = request.app[STATE], Query(request)
    user_id = _acting_user(request, query, required=True)
    playlist = state.playlists.get(guid(request.match_info["id"]) or "")
    if playlist is None:
        refuse(404)
    if user_id is None or not playlist.visible_to(user_id):
        refuse(403)
    seen = [one for one in playlist.entries if state.sees(user_id, one)]
    rows = [
        item_dto(state, state.items[one], query.fields) | {"PlaylistItemId": one} for one in seen
    ]
    return page(query, rows)


async def add_entries(request: web.Request) -> web.Response:
    state, query = request.app[STATE], Query(request)
    user_id = _acting_user(request, query, required=True)
    playlist = state.playlists.get(guid(request.match_info["id"]) or "")
    if playlist is None or user_id is None or not playlist.visible_to(user_id):
        refuse(404)
    if not playlist.editable_by(user_id):
        refuse(403)
    state.append(playlist, query.ids("ids"), user_id)
    return web.Response(status=204)


async def remove_entries(request: web.Request) -> web.Response:
    """Compares ids as text: hyphens or capitals match nothing, and that is a 204 too."""
    state, caller = request.app[STATE], _caller(request)
    if caller.is_key and state.release < (10, 11):
        refuse(400)
    playlist = _editable_playlist(request, caller)
    unwanted = set(Query(request).list("entryIds"))
    playlist.entries[:] = [one for one in playlist.entries if one not in unwanted]
    return web.Response(status=204)


async def move_entry(request: web.Request) -> web.Response:
    caller = _user_only(request)
    playlist = _editable_playlist(request, caller)
    entry = request.match_info["entry"]
    if entry in playlist.entries:
        playlist.entries.remove(entry)
        playlist.entries.insert(int(request.match_info["index"]), entry)
    return web.Response(status=204)


def _dto(
    state: State,
    item_id: str,
    fields: frozenset[str],
    user_id: str | None = None,
    *,
    whole: bool = False,
) -> dict[str, Any]:
    if item_id in state.playlists:
        playlist = state.playlists[item_id]
        dto = playlist_dto(state, playlist, fields, whole=whole)
        if "etag" in fields:
            dto["Etag"] = playlist.etag
        if "candelete" in fields:
            user = state.users.get(user_id or "")
            dto["CanDelete"] = user is None or user.is_admin or playlist.owner == user.id
        return dto | {"ChildCount": len(playlist.entries)} if _counts(playlist, fields) else dto
    return item_dto(state, state.items[item_id], fields)


def _counts(playlist: FakePlaylist, fields: frozenset[str]) -> bool:
    """Whether the server says how many entries there are: unasked only where there are any."""
    return bool(playlist.entries) or "childcount" in fields


def _caller(request: web.Request) -> Caller:
    return request[CALLER]


def _user_only(request: web.Request) -> Caller:
    """Calls that read the user from the claim: an API key has the empty GUID there."""
    caller = _caller(request)
    if caller.is_key:
        refuse(400)
    return caller


def _acting_user(request: web.Request, query: Query, *, required: bool) -> str | None:
    """The ``userId`` parameter, by default the caller; another user needs an administrator."""
    state, caller = request.app[STATE], _caller(request)
    given = guid(query.one("userId") or "")
    if given is None:
        if required and caller.is_key:
            refuse(400)
        return None if caller.is_key else caller.id
    if given != caller.id and not caller.is_admin:
        refuse(403)
    if given not in state.users:
        refuse(404)
    return given


def visible_playlist(request: web.Request, caller: Caller) -> FakePlaylist:
    playlist = request.app[STATE].playlists.get(guid(request.match_info["id"]) or "")
    if playlist is None or not (caller.is_key or playlist.visible_to(caller.id)):
        refuse(404)
    return playlist


def _editable_playlist(request: web.Request, caller: Caller) -> FakePlaylist:
    playlist = visible_playlist(request, caller)
    if not (caller.is_key or playlist.editable_by(caller.id)):
        refuse(403)
    return playlist


def _shares(users: Sequence[dict[str, Any]]) -> dict[str, bool]:
    return {guid(user["UserId"]) or "": bool(user.get("CanEdit")) for user in users}
