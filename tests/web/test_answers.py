"""Every kind of answer: arrays, other statuses, text, nothing, files in parts, streams."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.bodies import runner_of
from harmonie_daemon.web.connections import Connections, Patience, listening_sockets
from harmonie_daemon.web.endpoint import Endpoint
from harmonie_daemon.web.streams import MOST_STREAMS
from tests.servers import Client, serving
from tests.web.toy import toy_application
from tests.web.two_families import FarDeps, breaking_ticks, tell_wrong_type, two_families

OPEN_HOUSE = AccessRules(None, ("127.0.0.1",))
FILE = "/far/files/1"
CONTENT = bytes(range(48, 58)) * 10
GIVEN_UP_S = 10.0
LARGE_BYTES = 64 << 20


@dataclass(frozen=True)
class House:
    """Two families and a file of 100 bytes."""

    client: Client
    deps: FarDeps
    file: Path


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Without a key."""
    file = tmp_path / "1.wav"
    file.write_bytes(CONTENT)
    wrong = Endpoint(
        "GET", "/far/wrong", tell_wrong_type, summary="Wrong", media_types=("audio/wav",)
    )
    app, deps = two_families(tmp_path, OPEN_HOUSE, wrong)
    async with serving(app) as client:
        yield House(client, deps, file)


async def test_one_handler_has_several_statuses(house: House) -> None:
    refused = await house.client.post("/shared/things", {"count": 0})
    assert (refused.status, refused.json) == (409, {"message": "none at all?", "count": 0})
    assert (await house.client.post("/shared/things", {"count": 1})).status == 202


async def test_who_was_answered_can_be_known_again() -> None:
    async with serving(toy_application()) as client:
        first = await client.post("/toy/greet")
        cookie = first.headers["Set-Cookie"]
        assert first.json == {"count": 0, "name": ""}
        assert cookie.startswith('who="a guest"; ')
        assert {"HttpOnly", "Max-Age=60", "Path=/toy", "SameSite=Lax"} < set(cookie.split("; "))
        again = await client.post("/toy/greet", headers={"Cookie": cookie.partition(";")[0]})
        assert again.json == {"count": 1, "name": "a guest"}


async def test_nothing_is_an_answer(house: House) -> None:
    answer = await house.client.ask("DELETE", "/shared/things/1")
    assert (answer.status, answer.text) == (204, "")
    assert "Content-Type" not in answer.headers


async def test_text_is_sent_as_it_is(house: House) -> None:
    answer = await house.client.get("/far/report?limit=1")
    assert answer.text == "things_total 1\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


async def test_a_file_says_what_it_is_and_what_it_is_called(house: House) -> None:
    answer = await house.client.get(FILE)
    assert (answer.status, answer.text) == (200, CONTENT.decode())
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Length"] == "100"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"G_ttlich _1_.wav\"; filename*=UTF-8''G%C3%B6ttlich%20%221%22.wav"
    )
    assert "Content-Encoding" not in answer.headers
    head = await house.client.ask("HEAD", FILE)
    assert (head.status, head.text, head.headers["Content-Length"]) == (200, "", "100")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=90-", 90, 100),
        ("bytes=90-1000", 90, 100),
        ("bytes=-7", 93, 100),
        ("bytes=-1000", 0, 100),
    ],
)
async def test_a_part_of_a_file_can_be_asked_for(
    house: House, asked: str, start: int, end: int
) -> None:
    answer = await house.client.get(FILE, headers={"Range": asked})
    assert (answer.status, answer.text) == (206, CONTENT[start:end].decode())
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/100"
    assert answer.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=", "nonsense"])
async def test_what_is_no_range_of_bytes_is_the_whole_file(house: House, asked: str) -> None:
    answer = await house.client.get(FILE, headers={"Range": asked})
    assert (answer.status, len(answer.text)) == (200, 100)


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=1000-2000"])
async def test_a_part_beyond_the_end_is_refused_in_the_familys_words(
    house: House, asked: str
) -> None:
    answer = await house.client.get(FILE, headers={"Range": asked})
    assert (answer.status, answer.json) == (416, {"error": "the file ends at byte 100"})
    assert answer.headers["Content-Range"] == "bytes */100"


async def test_a_part_of_a_file_that_has_changed_is_all_of_it(house: House) -> None:
    first = await house.client.get(FILE)
    for tag in (first.headers["ETag"], first.headers["Last-Modified"]):
        headers = {"Range": "bytes=0-9", "If-Range": tag}
        assert (await house.client.get(FILE, headers=headers)).status == 206
        os.utime(house.file, (1, 1))
        assert (await house.client.get(FILE, headers=headers)).status == 200
        os.utime(house.file, ns=(0, int(first.headers["ETag"][1:].partition("-")[0], 16)))


async def test_a_file_that_is_gone_or_no_file_is_404_in_the_familys_words(house: House) -> None:
    house.file.unlink()
    for make in (lambda: None, house.file.mkdir):
        make()
        answer = await house.client.get(FILE)
        assert (answer.status, list(answer.json)) == (404, ["error"])


async def test_a_pipe_keeps_nobody_waiting(house: House) -> None:
    house.file.unlink()
    os.mkfifo(house.file)
    async with asyncio.timeout(GIVEN_UP_S):
        assert (await house.client.get(FILE)).status == 404


async def test_a_kind_of_file_that_is_not_declared_is_not_sent(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await house.client.get("/far/wrong")).status == 500
    assert "/far/wrong sent text/html" in caplog.text


async def test_a_file_nobody_fetches_is_given_up(tmp_path: Path) -> None:
    with (tmp_path / "1.wav").open("wb") as file:
        file.truncate(LARGE_BYTES)
    app, _ = two_families(tmp_path, OPEN_HOUSE)
    connections = Connections(10, Patience(unread=0.4, idle=0.4))
    app.middlewares.insert(0, connections.middleware())
    runner = runner_of(app, shutdown_timeout_s=0.1)
    await runner.setup()
    sockets = listening_sockets("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    async with connections.accepted(sockets, runner):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {FILE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        received = 0
        await asyncio.sleep(1)
        with contextlib.suppress(ConnectionError):
            while piece := await asyncio.wait_for(reader.read(1 << 20), GIVEN_UP_S):
                received += len(piece)
        writer.close()
    await runner.cleanup()
    assert received < LARGE_BYTES


async def lines_of(response: aiohttp.ClientResponse, count: int) -> list[bytes]:
    async with asyncio.timeout(GIVEN_UP_S):
        return [await response.content.readline() for _ in range(count)]


async def test_events_come_one_by_one_until_there_are_no_more(house: House) -> None:
    answer = await house.client.get("/far/ticks?count=2")
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in answer.headers
    assert answer.text == ('event: tick\ndata: {"number":0}\n\nevent: tick\ndata: {"number":1}\n\n')


async def test_a_stream_ends_when_its_client_leaves(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmonie_daemon.web.streams.KEEP_ALIVE_S", 0.05)
    async with house.client.session.get(f"{house.client.base}/far/ticks?count=0") as response:
        assert await lines_of(response, 4) == [
            b"event: tick\n", b'data: {"number":0}\n', b"\n", b":\n",
        ]  # fmt: skip
        assert not house.deps.streams_ended.is_set()
        response.close()
    async with asyncio.timeout(GIVEN_UP_S):
        await house.deps.streams_ended.wait()


async def test_a_stream_ends_when_the_daemon_stops(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app, deps = two_families(tmp_path, OPEN_HOUSE)
    runner = runner_of(app, shutdown_timeout_s=3600)
    await runner.setup()
    sockets = listening_sockets("127.0.0.1", 0)
    connections = Connections(10)
    async with (
        connections.accepted(sockets, runner),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{sockets[0].getsockname()[1]}/far/ticks?count=0") as answer,
    ):
        await lines_of(answer, 3)
        async with asyncio.timeout(GIVEN_UP_S):
            await runner.cleanup()
            assert await answer.content.read() == b""
            await deps.streams_ended.wait()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_stream_that_breaks_off_ends_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Endpoint("GET", "/far/broken", breaking_ticks, summary="Breaks")
    async with serving(two_families(tmp_path, OPEN_HOUSE, broken)[0]) as client:
        answer = await client.get("/far/broken")
        assert answer.text == 'data: {"number":1}\n\n'
        assert (await client.get("/far/open/1")).status == 200
    assert "ZeroDivisionError" in caplog.text


async def test_there_is_an_end_to_how_many_streams_there_are(house: House) -> None:
    url = f"{house.client.base}/far/ticks?count=0"
    connector = aiohttp.TCPConnector(limit=MOST_STREAMS)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        contextlib.AsyncExitStack() as stack,
    ):
        for _ in range(MOST_STREAMS):
            await lines_of(await stack.enter_async_context(session.get(url)), 1)
        async with asyncio.timeout(GIVEN_UP_S):
            refused = await house.client.get("/far/ticks?count=0")
        assert (refused.status, list(refused.json)) == (503, ["error"])
        assert "Retry-After" in refused.headers
