"""Logging in at the stand-in, by password or Quick Connect, and out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from aiohttp import web

from tests.mediaservers.fake_query import Query, refuse
from tests.mediaservers.fake_routes import STATE
from tests.mediaservers.fake_state import FakeLogin, FakeUser, State, new_id, user_dto
from tests.mediaservers.fake_tokens import Parts

TOLD: web.RequestKey[Parts] = web.RequestKey("told", dict)
"""What a request says of who asks."""
OPEN_PATHS = frozenset(
    {
        "/System/Info/Public",
        "/Users/AuthenticateByName",
        "/Users/AuthenticateWithQuickConnect",
        "/QuickConnect/Enabled",
        "/QuickConnect/Initiate",
        "/QuickConnect/Connect",
    }
)
"""What is answered without a token."""


@dataclass(slots=True)
class PendingCode:
    """A code that was asked for."""

    code: str
    secret: str
    device: Parts
    user: FakeUser | None = None
    """Who typed it in."""
    token: str | None = None
    """What it was redeemed for."""


@dataclass(slots=True)
class SigningInDesk:
    """What the server knows of logins under way."""

    is_enabled: bool = True
    """Whether Quick Connect is switched on."""
    pending: dict[str, PendingCode] = field(default_factory=dict)
    """By secret."""

    def type_in(self, code: str, user: FakeUser) -> None:
        """A user types a code into their own player."""
        next(one for one in self.pending.values() if one.code == code).user = user

    def expire(self) -> None:
        """Ten minutes pass."""
        self.pending.clear()


DESK: web.AppKey[SigningInDesk] = web.AppKey("desk", SigningInDesk)


def signing_in_routes() -> list[web.RouteDef]:
    """Its part of the stand-in's routes."""
    return [
        web.get("/QuickConnect/Enabled", is_enabled),
        web.post("/QuickConnect/Initiate", initiate),
        web.get("/QuickConnect/Connect", connect),
        web.post("/Users/AuthenticateWithQuickConnect", redeem),
        web.post("/Users/AuthenticateByName", by_name),
        web.post("/Sessions/Logout", log_out),
    ]


async def is_enabled(request: web.Request) -> web.Response:
    return web.json_response(request.app[DESK].is_enabled)


async def initiate(request: web.Request) -> web.Response:
    desk = request.app[DESK]
    if not desk.is_enabled:
        return web.json_response({"status": 401}, status=401)
    pending = PendingCode(f"{secrets.randbelow(10**6):06}", secrets.token_hex(32), _device(request))
    desk.pending[pending.secret] = pending
    return web.json_response(_result(pending))


async def connect(request: web.Request) -> web.Response:
    desk = _open_desk(request)
    pending = desk.pending.get(Query(request).one("secret") or "")
    if pending is None:
        refuse(404)
    return web.json_response(_result(pending))


async def redeem(request: web.Request) -> web.Response:
    """The same secret gives the same token until it expires."""
    desk, body = _open_desk(request), await request.json()
    if not body.get("Secret"):
        refuse(400)
    pending = desk.pending.get(body["Secret"])
    if pending is None or pending.user is None:
        refuse(404)
    state = request.app[STATE]
    if pending.token is None:
        pending.token = _log_in(state, pending.user, pending.device)
    return _answered(state, pending.user, pending.token)


async def by_name(request: web.Request) -> web.Response:
    state, body, device = request.app[STATE], await request.json(), _device(request)
    name = str(body.get("Username") or "").casefold()
    user = next((one for one in state.users.values() if one.name.casefold() == name), None)
    if user is None or user.password != (body.get("Pw") or ""):
        refuse(401)
    if user.is_disabled:
        refuse(403)
    return _answered(state, user, _log_in(state, user, device))


async def log_out(request: web.Request) -> web.Response:
    """Ends the session of the token."""
    request.app[STATE].end(request[TOLD]["Token"])
    return web.Response(status=204)


def _open_desk(request: web.Request) -> SigningInDesk:
    """Quick Connect, unless it is switched off."""
    desk = request.app[DESK]
    if not desk.is_enabled:
        refuse(401)
    return desk


def _device(request: web.Request) -> Parts:
    """What asks: each part must be there, or an ArgumentException is."""
    told = request[TOLD]
    if not all(told.get(part) for part in ("Client", "Device", "DeviceId", "Version")):
        refuse(400)
    return told


def _log_in(state: State, user: FakeUser, device: Parts) -> str:
    """A new token; a former login of the user from the same device ends."""
    for token, login in list(state.logins.items()):
        if (login.user_id, login.device_id) == (user.id, device["DeviceId"]):
            state.end(token)
    token = new_id()
    state.logins[token] = FakeLogin(user.id, device["DeviceId"])
    return token


def _result(pending: PendingCode) -> dict[str, object]:
    return {
        "Authenticated": pending.user is not None,
        "Secret": pending.secret,
        "Code": pending.code,
        "DeviceId": pending.device["DeviceId"],
        "DeviceName": pending.device["Device"],
        "AppName": pending.device["Client"],
        "AppVersion": pending.device["Version"],
        "DateAdded": "2026-01-01T00:00:00.0000000Z",
    }


def _answered(state: State, user: FakeUser, token: str) -> web.Response:
    return web.json_response(
        {"User": user_dto(state, user), "AccessToken": token, "ServerId": state.server_id}
    )
