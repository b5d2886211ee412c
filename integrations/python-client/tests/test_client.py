"""The client against a real daemon: that of ``HARMONIE_TEST_URL``, else one of its own."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
from harmonie_client import (
    AsyncClient,
    Client,
    HarmonieApiError,
    HarmonieUnreachableError,
)

KEY = "a-key-of-the-tests-é"


@dataclass(frozen=True)
class Running:
    url: str
    key: str | None


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    given = os.environ.get("HARMONIE_TEST_URL")
    if given:
        yield Running(given, os.environ.get("HARMONIE_API_KEY"))
        return
    if importlib.util.find_spec("harmonie_daemon") is None:
        pytest.skip("no daemon: set HARMONIE_TEST_URL, or install harmonie-daemon beside this")
    folder = tmp_path_factory.mktemp("daemon")
    environment = {
        **{name: value for name, value in os.environ.items() if "HARMONIE_" not in name},
        "HARMONIE_DATA_DIR": str(folder / "data"),
        "HARMONIE_PORT": "0",
        "HARMONIE_API_KEY": KEY,
    }
    command = [sys.executable, "-m", "harmonie_daemon", "serve"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        yield Running(_address(process, folder), KEY)
    finally:
        process.terminate()
        process.wait(30)


def _address(process: subprocess.Popen[bytes], folder: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, (folder / "log").read_text()
        try:
            url = str(json.loads((folder / "data" / "daemon.json").read_text())["url"])
            with Client(url, api_key=KEY) as client:
                client.harmonie.get_status()
        except (OSError, ValueError, HarmonieApiError, HarmonieUnreachableError):
            time.sleep(0.1)
        else:
            return url
    raise AssertionError("the daemon does not start")


@pytest.fixture
def client(daemon: Running) -> Iterator[Client]:
    with Client(daemon.url, api_key=daemon.key) as client:
        yield client


def test_every_family_answers(client: Client) -> None:
    assert client.harmonie.health() == {"status": "ok"}
    assert client.harmonie.list_tracks(limit=5)["items"] == []
    assert "clustering_runs" in json.dumps(client.audiomuse.get_config()).lower()
    assert client.beatteller.get_health()["status"] == "healthy"
    assert client.stalgia.list_tags()
    assert client.beatoven.get_composition_params()


def test_a_refusal_is_an_error_with_the_daemons_own_words(client: Client, daemon: Running) -> None:
    with pytest.raises(HarmonieApiError, match="9999") as refused:
        client.harmonie.get_track(9999)
    assert refused.value.status == 404
    with pytest.raises(HarmonieApiError) as wrong:
        client.harmonie.list_tracks(bpm="fast")
    assert wrong.value.status == 400
    if daemon.key:
        with (
            Client(daemon.url, api_key="another-key…") as stranger,
            pytest.raises(HarmonieApiError) as locked,
        ):
            stranger.audiomuse.get_config()
        assert locked.value.status == 401
        assert "another-key" not in str(locked.value)


def test_what_is_composed_is_written_into_a_file(client: Client) -> None:
    made = client.harmonie.compose({"prompt": "five seconds of calm ambient"})
    deadline = time.monotonic() + 120
    while (version := client.harmonie.get_composition(made["id"])["made"])["state"] != "composed":
        assert version["error"] is None
        assert time.monotonic() < deadline
        time.sleep(0.2)
    file = io.BytesIO()
    size = client.harmonie.get_midi(made["id"], file)
    assert file.getvalue()[:4] == b"MThd"
    assert size == len(file.getvalue())
    client.harmonie.delete_composition(made["id"])
    with pytest.raises(HarmonieApiError, match=made["id"]):
        client.harmonie.get_midi(made["id"], io.BytesIO())


async def test_awaited_side_by_side(daemon: Running) -> None:
    async with AsyncClient(daemon.url, api_key=daemon.key) as client:
        answers = await asyncio.gather(*(client.harmonie.list_tracks(limit=1) for _ in range(20)))
        assert all(answer["total"] == 0 for answer in answers)
        with pytest.raises(HarmonieApiError):
            await client.harmonie.get_track(9999)
        made = await client.harmonie.list_compositions()
        assert isinstance(made["items"], list)


def test_nobody_there() -> None:
    with (
        Client("http://127.0.0.1:1") as client,
        pytest.raises(HarmonieUnreachableError, match="no answer"),
    ):
        client.harmonie.health()


@contextlib.contextmanager
def odd(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """The address of a server that gives the same answer to everything."""

    class Odd(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Odd)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


JSON = {"Content_Type": "application/json"}
HTML = {"Content_Type": "text/html"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "words"),
    [
        (200, b"{", JSON, "cannot be read"),
        (200, b" " * (65 << 20), JSON, "too long"),
        (200, b"<h1>Welcome to nginx!</h1>", HTML, "cannot be read"),
        (301, b"<h1>Moved</h1>", {**HTML, "Location": "https://nas/health"}, "https://nas/health"),
    ],
)
async def test_an_answer_that_is_not_ours(
    status: int, body: bytes, headers: dict[str, str], words: str
) -> None:
    with odd(status, body, **headers) as url:
        with Client(url) as client, pytest.raises(HarmonieUnreachableError, match=words):
            client.harmonie.health()
        async with AsyncClient(url) as waiting:
            with pytest.raises(HarmonieUnreachableError, match=words):
                await asyncio.wait_for(waiting.harmonie.health(), 20)


async def test_nothing_is_written_of_a_file_that_is_elsewhere_or_refused() -> None:
    elsewhere = {**HTML, "Location": "https://nas/"}
    for status, error in ((302, HarmonieUnreachableError), (502, HarmonieApiError)):
        with odd(status, b"<h1>Not here</h1>", **elsewhere) as url:
            file = io.BytesIO()
            with Client(url) as client, pytest.raises(error):
                client.harmonie.get_midi("1", file)
            async with AsyncClient(url) as waiting:
                with pytest.raises(error):
                    await waiting.harmonie.get_midi("1", file)
            assert file.getvalue() == b""


def test_metrics_are_text(client: Client) -> None:
    assert "api_requests_total" in client.harmonie.get_metrics()
