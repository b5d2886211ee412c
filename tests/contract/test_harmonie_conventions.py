"""Conventions, authentication and liveness."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from harmonie_daemon.config import Settings
from tests.servers import Client, Daemon, daemon, make_app, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERY_GET = (
    "/api/v1/tracks",
    "/api/v1/tracks/1",
    "/api/v1/tracks/1/similar",
    "/api/v1/tracks/resolve?title=Xtal&artist=Aphex+Twin",
    "/api/v1/genres",
    "/api/v1/styles",
    "/api/v1/playlists",
    "/api/v1/playlists/refresh",
    "/api/v1/compositions",
    "/api/v1/plays",
    "/api/v1/status",
    "/api/v1/scan",
    "/api/v1/doctor",
    "/api/v1/jellyfin",
)
EVERY_POST = (
    "/api/v1/playlists",
    "/api/v1/playlists/refresh",
    "/api/v1/plays",
    "/api/v1/plays/import?listener=alice",
    "/api/v1/scan",
    "/api/v1/scan/cancel",
    "/api/v1/scan/pause",
    "/api/v1/scan/resume",
    "/api/v1/doctor/trial",
    "/api/v1/jellyfin/login",
    "/api/v1/jellyfin/logout",
)
OF_A_LISTENER = ("DELETE",)
"""Operations that need one: test_harmonie_plays.py."""
OF_ONE_COMPOSITION = ("POST", "GET", "DELETE", "GET audio", "GET midi")
"""Operations that need one, or words for one: test_harmonie_compositions.py."""
OF_ONE_PLAYLIST = ("DELETE",)
"""test_generated_playlists.py."""
OF_ONE_LOGIN = ("GET",)
"""test_harmonie_jellyfin.py."""


@pytest_asyncio.fixture(loop_scope="module")
async def starting(tmp_path: Path) -> AsyncIterator[Client]:
    """A daemon that listens and has nothing to answer with yet."""
    async with serving(make_app(Settings(data_dir=tmp_path))) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def locked(tmp_path: Path) -> AsyncIterator[Daemon]:
    """A daemon with a key."""
    async with daemon(tmp_path, api_key="s3cret") as running:
        yield running


async def test_health_answers_always(api: Client, starting: Client, locked: Daemon) -> None:
    for client in (api, starting, locked.client):
        answer = await client.get("/health")
        assert (answer.status, answer.json) == (200, {"status": "ok"})


async def test_every_answer_is_json(api: Client) -> None:
    for path in EVERY_GET:
        answer = await api.get(path)
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("application/json")


async def test_while_the_daemon_starts_everything_else_is_503(starting: Client) -> None:
    for path in EVERY_GET:
        assert (await starting.get(path)).status == 503
    for path in EVERY_POST:
        answer = await starting.post(path, {"mode": "vibe"})
        assert answer.status == 503
        assert "starting" in answer.detail


async def test_with_a_key_set_every_request_needs_it(locked: Daemon) -> None:
    for path in EVERY_GET:
        answer = await locked.client.get(path)
        assert answer.status == 401
        assert "X-API-Key" in answer.detail
        assert (await locked.client.get(path, headers={"X-API-Key": "wrong"})).status == 401
    for path in EVERY_POST:
        assert (await locked.client.post(path, {"mode": "vibe"})).status == 401


async def test_the_key_opens(locked: Daemon) -> None:
    headers = {"X-API-Key": "s3cret"}
    assert (await locked.client.get("/api/v1/status", headers=headers)).status == 200


async def test_an_unknown_path_under_api_is_401_then_404(locked: Daemon) -> None:
    assert (await locked.client.get("/api/v1/nothing")).status == 401
    answer = await locked.client.get("/api/v1/nothing", headers={"X-API-Key": "s3cret"})
    assert answer.status == 404
    assert "/docs" in answer.detail


async def test_a_wrong_method_is_405_with_a_detail(api: Client) -> None:
    for method, path in (("POST", "/api/v1/tracks"), ("DELETE", "/api/v1/playlists")):
        answer = await api.ask(method, path)
        assert answer.status == 405
        assert "use" in answer.detail


async def test_a_body_that_is_too_large_is_413_with_a_detail(api: Client) -> None:
    answer = await api.post("/api/v1/playlists", data=io.BytesIO(b" " * (3 << 20)))
    assert answer.status == 413
    assert "larger than" in answer.detail


async def test_the_document_and_its_page_are_open(locked: Daemon) -> None:
    for path in ("/openapi.json", "/docs"):
        assert (await locked.client.get(path)).status == 200
