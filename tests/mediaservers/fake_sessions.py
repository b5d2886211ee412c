"""What the stand-in plays: ``/Sessions``, and how a test sets it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.mediaservers.fake_query import Query
from tests.mediaservers.fake_routes import CALLER, STATE
from tests.mediaservers.fake_state import FakeSession, State, item_dto

NEVER = "0001-01-01T00:00:00.0000000Z"


def session_routes() -> list[web.RouteDef]:
    """``/Sessions``, and ``POST /_control/sessions``: the list of all that there are now."""
    return [web.get("/Sessions", list_sessions), web.post("/_control/sessions", set_sessions)]


async def list_sessions(request: web.Request) -> web.Response:
    """Administrators see all, others their own."""
    state, caller, query = request.app[STATE], request[CALLER], Query(request)
    query.number("activeWithinSeconds")
    shown = [one for one in state.sessions if caller.is_admin or one.user.id == caller.id]
    return web.json_response([session_dto(state, one) for one in shown])


async def set_sessions(request: web.Request) -> web.Response:
    """Each is {user, device, item? (path), position_s?, is_paused?}."""
    request.app[STATE].sessions = [
        named_session(request.app[STATE], **one) for one in await request.json()
    ]
    return web.Response(status=204)


def named_session(
    state: State, user: str, device: str, item: str | None = None, **facts: Any
) -> FakeSession:
    """A session by the name of its user and the path of its item."""
    users = {one.name: one for one in state.users.values()}
    paths = {one.path: one.id for one in state.items.values()}
    return FakeSession(users[user], device, None if item is None else paths[item], **facts)


def session_dto(state: State, session: FakeSession) -> dict[str, object]:
    """A session on the wire."""
    dto: dict[str, object] = {
        "Id": f"{session.user.id}{session.device}",
        "UserId": session.user.id,
        "UserName": session.user.name,
        "Client": "Made-up Player",
        "DeviceId": session.device,
        "DeviceName": session.device,
        "ApplicationVersion": "1.0",
        "ServerId": state.server_id,
        "LastActivityDate": "2026-11-25T12:00:00.0000000Z",
        "LastPlaybackCheckIn": NEVER,
        "IsActive": True,
        "SupportsMediaControl": False,
        "SupportsRemoteControl": False,
        "HasCustomDeviceName": False,
        "PlayableMediaTypes": ["Audio"],
        "SupportedCommands": [],
        "AdditionalUsers": [],
        "NowPlayingQueue": [],
        "PlayState": {
            "CanSeek": session.item_id is not None,
            "IsPaused": session.is_paused,
            "IsMuted": False,
            "RepeatMode": "RepeatNone",
            "PlaybackOrder": "Default",
        },
    }
    if session.item_id is not None:
        item = state.items[session.item_id]
        dto["NowPlayingItem"] = item_dto(state, item, frozenset({"path"}))
        state_dto = dto["PlayState"]
        assert isinstance(state_dto, dict)
        state_dto["PositionTicks"] = round(session.position_s * 10_000_000)
    return dto
