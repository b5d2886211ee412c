"""Links in answers lead back to where the question went, and nowhere else."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from harmonie_daemon.web.own_address import OwnAddress
from tests.servers import serving


async def told(request_head: str, *, public_url: str | None = None) -> tuple[str, str]:
    """What a raw request is told, and the address it was sent to."""

    async def tell(request: web.Request) -> web.Response:
        return web.Response(text=OwnAddress(public_url).of("/a%20b?c=1", request))

    app = web.Application()
    app.router.add_get("/", tell)
    async with serving(app) as client:
        place = urlsplit(client.base)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(f"GET / HTTP/1.0\r\n{request_head}\r\n".encode("latin-1"))
        answer = (await reader.read()).decode()
        writer.close()
        await writer.wait_closed()
    return answer.rpartition("\r\n\r\n")[2], client.base


@pytest.mark.parametrize(
    "host", ["nas", "nas.lan:8842", "127.0.0.1:1", "[fe80::1]", "[::1]:8842", "my_nas"]
)
async def test_the_host_that_was_asked_is_repeated(host: str) -> None:
    assert (await told(f"Host: {host}\r\n"))[0] == f"http://{host}/a%20b?c=1"


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "nas/evil",
        "nas@evil.example",
        "nas?x=",
        "nas#x",
        'nas"><script>',
        "nas evil",
        "n\xe4s",
        "nas:port",
        "nas:123456",
        "[::1",
        "n" * 300,
    ],
)
async def test_what_is_no_host_is_never_repeated(host: str | None) -> None:
    link, base = await told("" if host is None else f"Host: {host}\r\n")
    assert link == f"{base}/a%20b?c=1"


async def test_headers_of_proxies_are_not_believed() -> None:
    head = "Host: nas\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n"
    assert (await told(head))[0] == "http://nas/a%20b?c=1"


async def test_the_configured_address_wins() -> None:
    link, _ = await told("Host: nas\r\n", public_url="https://music.example/harmonie")
    assert link == "https://music.example/harmonie/a%20b?c=1"
