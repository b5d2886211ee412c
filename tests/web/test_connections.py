"""How long a client may keep us waiting, and how many may do so at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web

from harmonie_daemon.web.bodies import runner_of
from harmonie_daemon.web.connections import Connections, Patience, listening_sockets
from tests.web.toy import toy_application

LONG_S = 60.0
SHORT_S = 0.4
GIVEN_UP_S = 10.0
PATIENT = Patience(head=LONG_S, body=LONG_S, idle=LONG_S, unread=LONG_S)
HELLO = b"GET /toy/hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
ADD = b"POST /toy/add HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\n\r\n"
LARGE_BYTES = 32 << 20


def slow(size: int, more: bytes = b"") -> bytes:
    return b"GET /slow?bytes=%d HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % (size, more)


@dataclass
class Peer:
    """A client that speaks in pieces."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self) -> int:
        """The status of the next answer, which is read to its end."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), GIVEN_UP_S)
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        await self.reader.readexactly(length)
        return int(head.split()[1])

    async def is_let_go(self) -> bool:
        """Waits for the end of the connection."""
        with contextlib.suppress(ConnectionError):
            while await asyncio.wait_for(self.reader.read(1 << 20), GIVEN_UP_S):
                pass
        return True


@dataclass
class Door:
    """A server that takes connections."""

    ports: list[int]
    let_in: asyncio.Event
    """What the requests to /slow wait for."""
    asked: asyncio.Event
    """That one of them has come."""
    peers: list[Peer] = field(default_factory=list)

    async def connect(self, address: int = 0) -> Peer:
        peer = Peer(*await asyncio.open_connection("127.0.0.1", self.ports[address]))
        self.peers.append(peer)
        return peer


Opened = Callable[..., Awaitable[Door]]


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    async with contextlib.AsyncExitStack() as stack:

        async def open_door(
            patience: Patience = PATIENT, most: int = 100, addresses: int = 1
        ) -> Door:
            app = toy_application()
            let_in = asyncio.Event()

            asked = asyncio.Event()

            async def answer(request: web.Request) -> web.Response:
                asked.set()
                await let_in.wait()
                return web.Response(body=b"x" * int(request.query["bytes"]))

            app.router.add_get("/slow", answer)
            connections = Connections(most, patience)
            app.middlewares.insert(0, connections.middleware())
            runner = runner_of(app, shutdown_timeout_s=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            sockets = [listening_sockets("127.0.0.1", 0)[0] for _ in range(addresses)]
            door = Door([one.getsockname()[1] for one in sockets], let_in, asked)
            await stack.enter_async_context(connections.accepted(sockets, runner))
            stack.callback(lambda: [peer.writer.close() for peer in door.peers])
            return door

        yield open_door


async def test_headers_must_be_complete_in_time_however_they_trickle(opened: Opened) -> None:
    door = await opened(replace(PATIENT, head=SHORT_S))
    silent, trickling = await door.connect(), await door.connect()

    async def trickle() -> None:
        with contextlib.suppress(ConnectionError):
            for byte in HELLO * 100:
                await trickling.says(bytes([byte]))
                await asyncio.sleep(SHORT_S / 10)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(trickle())
        assert await silent.is_let_go()
        assert await trickling.is_let_go()
        task.cancel()


async def test_the_headers_of_a_second_request_have_the_same_time(opened: Opened) -> None:
    door = await opened(replace(PATIENT, head=SHORT_S))
    peer = await door.connect()
    await peer.says(HELLO)
    assert await peer.hears() == 200
    await asyncio.sleep(2 * SHORT_S)
    await peer.says(HELLO)
    assert await peer.hears() == 200, "between requests it may be silent"
    await peer.says(HELLO[:-2])
    assert await peer.is_let_go()


async def test_a_body_that_stands_still_ends_the_request(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    door = await opened(replace(PATIENT, body=SHORT_S))
    peer = await door.connect()
    await peer.says(ADD + b'{"count"')
    assert await peer.is_let_go()
    assert not caplog.records, "clients that leave are no news"


async def test_a_body_that_keeps_coming_is_read(opened: Opened) -> None:
    door = await opened(replace(PATIENT, body=5 * SHORT_S))
    peer = await door.connect()
    await peer.says(ADD)
    for byte in b'{"count": 1}':
        await peer.says(bytes([byte]))
        await asyncio.sleep(SHORT_S / 2)
    assert await peer.hears() == 201


async def test_an_idle_connection_is_closed(opened: Opened) -> None:
    door = await opened(replace(PATIENT, idle=SHORT_S))
    peer = await door.connect()
    for _ in range(2):
        await peer.says(HELLO)
        assert await peer.hears() == 200
    assert await peer.is_let_go()


async def test_an_answer_that_nobody_fetches_is_given_up(opened: Opened) -> None:
    door = await opened(replace(PATIENT, unread=SHORT_S, idle=SHORT_S))
    door.let_in.set()
    peer = await door.connect()
    await peer.says(slow(LARGE_BYTES))
    await asyncio.sleep(5 * SHORT_S)
    received = 0
    with contextlib.suppress(ConnectionError):
        while piece := await peer.reader.read(1 << 20):
            received += len(piece)
    assert received < LARGE_BYTES


async def test_whoever_is_being_answered_may_wait(opened: Opened) -> None:
    door = await opened(Patience(SHORT_S, SHORT_S, SHORT_S, LONG_S))
    peer = await door.connect()
    await peer.says(slow(1))
    await asyncio.sleep(3 * SHORT_S)
    door.let_in.set()
    assert await peer.hears() == 200


async def test_the_longest_silent_makes_room_and_it_is_said_once(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    door = await opened(most=3)
    answered, half_sent = await door.connect(), await door.connect()
    await answered.says(slow(1))
    await door.asked.wait()
    await half_sent.says(ADD)
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            peer = await door.connect()
            await peer.says(HELLO)
            assert await peer.hears() == 200
    assert await half_sent.is_let_go()
    door.let_in.set()
    assert await answered.hears() == 200
    assert [record.getMessage() for record in caplog.records] == [
        "3 connections are open; the longest silent make room"
    ]


async def test_the_limit_holds_over_all_addresses(opened: Opened) -> None:
    door = await opened(most=2, addresses=2)
    first, second = await door.connect(0), await door.connect(1)
    for peer in (first, second):
        await peer.says(HELLO)
        assert await peer.hears() == 200
    third = await door.connect(1)
    await third.says(HELLO)
    assert await third.hears() == 200
    assert await first.is_let_go()


async def test_where_everybody_is_being_answered_one_waits(opened: Opened) -> None:
    door = await opened(most=1)
    first = await door.connect()
    await first.says(slow(1, b"Connection: close\r\n"))
    await door.asked.wait()
    second = await door.connect()
    await second.says(HELLO)
    await asyncio.sleep(SHORT_S)
    door.let_in.set()
    assert await first.hears() == 200
    assert await second.hears() == 200


@pytest.mark.parametrize(
    "nonsense",
    [
        b"GET / HTTP/9.x\r\n\r\n",
        b"\x16\x03\x01\x02",
        b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_said_once(
    opened: Opened, caplog: pytest.LogCaptureFixture, nonsense: bytes
) -> None:
    door = await opened()
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            peer = await door.connect()
            await peer.says(nonsense)
            assert await peer.hears() == 400
    assert len(caplog.records) <= 1
    assert "Traceback" not in caplog.text


async def test_a_name_with_two_addresses_has_one_port() -> None:
    sockets = listening_sockets("localhost", 0)
    try:
        assert len({one.getsockname()[1] for one in sockets}) == 1
    finally:
        for one in sockets:
            one.close()
