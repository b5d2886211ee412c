"""``/socket`` of the stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.mediaservers.fake_tokens import told_by

if TYPE_CHECKING:
    from tests.mediaservers.fake_jellyfin import FakeJellyfin

SOCKET = "/socket"


def socket_routes(fake: FakeJellyfin) -> list[web.RouteDef]:
    """Users get what is addressed to them; an API key belongs to none."""

    async def socket(request: web.Request) -> web.StreamResponse:
        told = told_by(request, allows_older=False, prefers_older=False)
        caller = fake.state.caller(told.get("Token", ""))
        sockets = fake.state.sockets
        if fake.faults.down or fake.faults.starting:
            return web.Response(status=503)
        if caller is None:
            return web.Response(status=401)
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        sockets.opened += 1
        sockets.open.append((caller.id, opened))
        await opened.send_json({"MessageType": "ForceKeepAlive", "Data": sockets.keep_alive_s})
        try:
            async for message in opened:
                if message.type is not WSMsgType.TEXT:
                    break
                said = message.json()
                sockets.received.append((caller.id, said))
                if said["MessageType"] == "KeepAlive":
                    await opened.send_json({"MessageType": "KeepAlive"})
        finally:
            sockets.open.remove((caller.id, opened))
        return opened

    return [web.get(SOCKET, socket)]
