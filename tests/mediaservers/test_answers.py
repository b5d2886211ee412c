"""Whatever listens at the address of a media server: its answers are bounded."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
import zlib
from itertools import count

import pytest
from aiohttp import web

from harmonie_daemon.mediaservers.answers import LARGEST_ANSWER_BYTES
from harmonie_daemon.mediaservers.errors import GarbledError, UnavailableError
from harmonie_daemon.mediaservers.jellyfin import wire
from tests.mediaservers.odd_server import serving

MEGABYTE = 2**20


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while sent < 300 * MEGABYTE:
                await response.write(b" " * MEGABYTE)
                sent += MEGABYTE
        except ConnectionError:
            pass
        return response

    async with serving(handler) as client:
        with pytest.raises(GarbledError, match="more than 8 MB"):
            await client.users()
    assert sent < 5 * LARGEST_ANSWER_BYTES


async def test_a_small_answer_that_expands_takes_no_more_memory_than_a_large_one() -> None:
    compress = zlib.compressobj(1, zlib.DEFLATED, 31)
    bomb = b"".join([compress.compress(bytes(MEGABYTE)) for _ in range(64)] + [compress.flush()])

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with serving(handler) as client:
        tracemalloc.start()
        with pytest.raises(GarbledError, match="more than 8 MB"):
            await client.users()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 5 * LARGEST_ANSWER_BYTES


@pytest.mark.parametrize("text", ["[" * 200_000, '{"Items":' * 200_000])
async def test_an_answer_that_is_nested_without_end_is_a_readable_error(text: str) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text=text)

    async with serving(handler) as client:
        with pytest.raises(GarbledError, match="nested too deeply"):
            await client.users()


async def test_an_answer_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harmonie_daemon.mediaservers.jellyfin.connection.REQUEST_TIMEOUT_S", 0.2)

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b" ")
            await asyncio.sleep(0.02)
        return response

    async with serving(handler) as client:
        with pytest.raises(UnavailableError, match="did not answer GET /Users in time"):
            await client.users()


async def test_a_listing_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harmonie_daemon.mediaservers.jellyfin.calls.MOST_ROWS", 1_700)
    numbers = count()

    async def handler(_request: web.Request) -> web.Response:
        rows = [{"Id": f"{next(numbers):032x}", "Name": "x"} for _ in range(500)]
        return web.json_response({"Items": rows, "TotalRecordCount": 10**30})

    async with serving(handler) as client:
        with pytest.raises(GarbledError, match="lists more than 1700 items"):
            await client.music(None)
    assert next(numbers) == 2_000


@pytest.mark.parametrize(
    "fields",
    [
        {"RunTimeTicks": 10**400},
        {"RunTimeTicks": -1},
        {"RunTimeTicks": 1e300, "IndexNumber": 1e300},
        {"Name": [1], "Path": {}, "Artists": {"a": 1}, "AlbumArtist": 3, "ProviderIds": [[]]},
    ],
)
def test_nonsense_in_a_track_is_taken_for_absent(fields: dict[str, object]) -> None:
    body = json.loads(json.dumps({"Id": "0f" * 16, **fields}))
    assert wire.parse_remote_track(body) == wire.RemoteTrack(
        "0f" * 16, None, None, None, (), None, None, frozenset()
    )


@pytest.mark.parametrize("text", ["", "../Users", "0f" * 17, "x", "0f/../..", None, 5])
def test_an_id_that_could_lead_elsewhere_is_none(text: object) -> None:
    with pytest.raises(GarbledError, match="without an id"):
        wire.parse_created_id({"Id": text})
