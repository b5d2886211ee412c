"""Which answers are packed."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.packing import SMALLEST_BYTES, accepts_gzip
from tests.servers import Client, serving
from tests.web.two_families import two_families

THINGS = "/shared/things?limit="
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
async def raw(tmp_path: Path) -> AsyncIterator[Client]:
    """Gets what is sent, packed as it is."""
    (tmp_path / "1.wav").write_bytes(b"x" * 5000)
    app, _ = two_families(tmp_path, AccessRules(None, ("127.0.0.1",), ("https://music.example",)))
    async with (
        serving(app) as client,
        aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=["Accept-Encoding"]) as bare,
    ):
        yield Client(client.base, bare)


async def received(
    client: Client, path: str, **headers: str
) -> tuple[aiohttp.ClientResponse, bytes]:
    async with client.session.get(client.base + path, headers=headers) as response:
        return response, await response.read()


@pytest.mark.parametrize("limit", [100, 500])
async def test_a_long_answer_is_packed_for_whoever_unpacks_it(raw: Client, limit: int) -> None:
    plain, body = await received(raw, f"{THINGS}{limit}")
    assert "Content-Encoding" not in plain.headers
    assert len(body) > SMALLEST_BYTES
    packed, sent = await received(raw, f"{THINGS}{limit}", **GZIP)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(sent))
    assert len(sent) < len(body) / 3
    assert json.loads(gzip.decompress(sent)) == json.loads(body)
    for response in (plain, packed):
        assert "Accept-Encoding" in response.headers.getall("Vary")


async def test_short_answers_files_and_streams_are_not(raw: Client) -> None:
    for path in (f"{THINGS}5", "/far/files/1", "/far/ticks?count=3", "/far/open/1"):
        response, _ = await received(raw, path, **GZIP)
        assert "Content-Encoding" not in response.headers
        assert "Accept-Encoding" not in response.headers.getall("Vary")


async def test_a_packed_answer_says_the_same_to_head(raw: Client) -> None:
    packed, sent = await received(raw, f"{THINGS}500", **GZIP)
    head = await raw.ask("HEAD", f"{THINGS}500", headers=GZIP)
    assert head.headers["Content-Length"] == str(len(sent))
    assert head.headers["Content-Encoding"] == packed.headers["Content-Encoding"]


async def test_the_document_and_its_page_are_packed(raw: Client) -> None:
    for path in ("/openapi.json", "/docs/assets/swagger-ui-bundle.js"):
        response, sent = await received(raw, path, **GZIP)
        assert response.headers["Content-Encoding"] == "gzip"
        _, body = await received(raw, path)
        assert gzip.decompress(sent) == body


@pytest.mark.parametrize(
    ("header", "is_accepted"),
    [
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("br, gzip", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("gzip; q=x", False),
        ("identity", False),
        ("", False),
        ("xgzip", False),
    ],
)
def test_who_takes_gzip(header: str, is_accepted: bool) -> None:
    assert accepts_gzip([header]) is is_accepted
    assert not accepts_gzip([])
