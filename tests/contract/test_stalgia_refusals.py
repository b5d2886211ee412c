"""Bad input in STALGIA's family, in one table, and what bounds it."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from harmonie_daemon.compose.prompt import parse_prompt
from harmonie_daemon.domain.composition import Origin
from tests.servers import Client
from tests.stalgia_server import Stalgia, stalgia

pytestmark = pytest.mark.asyncio(loop_scope="module")

MB = "x" * 1_000_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stalgia]:
    async with stalgia(tmp_path_factory.mktemp("stalgia")) as opened:
        yield opened


@pytest.fixture
def api(running: Stalgia) -> Client:
    return running.client


def raw(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/generate", b"", 400, "empty"),
        ("/generate", b"{", 400, "not valid JSON"),
        ("/generate", b"prompt=a+song", 400, "not valid JSON"),
        ("/generate", b'{"prompt": "a\0b"}', 400, "not valid JSON"),
        ("/generate", b'{"prompt": "\xff"}', 400, "not valid JSON"),
        ("/generate", [], 400, "object"),
        ("/generate", {}, 400, "prompt: is required"),
        ("/generate", {"prompt": ""}, 400, "there is no prompt"),
        ("/generate", {"prompt": " \n\t"}, 400, "there is no prompt"),
        ("/generate", {"prompt": "\0\0"}, 400, "there is no prompt"),
        ("/generate", {"prompt": None}, 400, "prompt: must be a string"),
        ("/generate", {"prompt": 7}, 400, "prompt: must be a string"),
        ("/generate", {"prompt": ["a"]}, 400, "prompt: must be a string"),
        ("/generate", {"prompt": MB}, 400, "10000 characters"),
        ("/generate", {"prompt": "x" * 3_000_000}, 413, "larger"),
        ("/generate", {"prompt": "a", "config": []}, 400, "config: must be an object"),
        ("/generate", {"prompt": "a", "config": "fast"}, 400, "config: must be an object"),
        ("/generate", {"prompt": "a", "config": {"genre": ["a"]}}, 400, "config.genre"),
        ("/generate", {"prompt": "a", "config": {"tempo": 120}}, 400, "config.tempo"),
        ("/generate", {"prompt": "a", "config": {"key": {}}}, 400, "config.key"),
        ("/generate", {"prompt": "a", "config": {"mood": MB}}, 400, "config.mood"),
        ("/generate", {"prompt": "a", "variation_request": 1}, 400, "variation_request"),
        ("/render-code", {}, 400, "code: is required"),
        ("/render-code", {"code": " \n"}, 400, "there is no code"),
        ("/render-code", {"code": None}, 400, "code: must be a string"),
        ("/render-code", {"code": MB}, 400, "600000 characters"),
        ("/render-code", {"code": "result = 1", "brief": MB}, 400, "brief"),
        ("/revise", {"code": "x", "mode": "change"}, 400, "prompt: is required"),
        ("/revise", {"prompt": "", "code": "x"}, 400, "there is no prompt"),
        ("/revise", {"prompt": "a"}, 400, "there is no code to change"),
        ("/revise", {"prompt": "a", "code": " "}, 400, "there is no code to change"),
        ("/revise", {"prompt": "a", "mode": "delete"}, 400, "mode: must be 'change' or 'regen"),
        ("/revise", {"prompt": "a", "request": MB}, 400, "request"),
    ],
)  # fmt: skip
async def test_bad_bodies_are_refused_in_words(
    api: Client, path: str, body: Any, status: int, words: str
) -> None:
    answer = await api.post(path, data=io.BytesIO(raw(body)))
    assert answer.status == status, answer.text
    assert list(answer.json) == ["error"]
    assert words in answer.json["error"]
    assert len(answer.json["error"]) < 400


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("?format=exe", 400, "format: must be 'mp3', 'wav', 'flac', 'ogg' or 'opus'"),
        ("?format=aac", 400, "format: must be"),
        ("?format=", 400, "format: must be"),
        ("?format=MP3", 400, "format: must be"),
        ("?format=../../etc/passwd", 400, "format: must be"),
        ("?format=wav%00", 400, "format: must be"),
        ("?id=x", 404, "no piece has this id"),
        ("?id=%00", 404, "no piece has this id"),
        ("?id=../../harmonie.db", 404, "no piece has this id"),
        ("?id=00000000-0000-4000-8000-000000000000", 404, "there is no composition"),
        ("?t=1&unknown=2", 404, "nothing has been made yet"),
        ("?format=wav&format=exe", 404, "nothing has been made yet"),
    ],
)
async def test_bad_questions_for_sound(api: Client, query: str, status: int, words: str) -> None:
    headers = {"User-Agent": "somebody who has made nothing"}
    answer = await api.get(f"/download/audio{query}", headers=headers)
    assert answer.status == status, answer.text
    assert words in answer.json["error"]


async def test_a_cookie_that_was_made_up_opens_nothing(api: Client) -> None:
    for cookie in ("x", "'; DROP TABLE compositions", "00000000-0000-4000-8000-000000000000"):
        headers = {"Cookie": f'stalgia_latest="{cookie}"', "User-Agent": "a guesser"}
        assert (await api.get("/download/midi", headers=headers)).status == 404


async def test_pieces_of_other_families_are_none_of_this_one(running: Stalgia) -> None:
    made = await running.studio.create(
        parse_prompt("a song"), title="x", origin=Origin.BEATOVEN, prompt="a song"
    )
    answer = await running.client.get(f"/download/midi?id={made.id}")
    assert (answer.status, answer.json) == (404, {"error": "no piece has this id"})


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("import os\nresult = 1", "line 1: ", "import"),
        ("x = 1\n\nresult = open('/etc/passwd')", "line 3: ", "open"),
        ("result = ().__class__", "line 1: ", "_"),
        ("a = 1\nwhile True:\n    pass", "line 2: ", "while"),
        ("result = 9**9**9", "line 1: ", "exponent"),
        ("x = 'a\0b'", "line 1: ", "NUL"),
        ("result = piece([chord('C4')], [1], 9000)", "line 1: ", "bpm"),
        ("x = 2", "", "result"),
    ],
)
async def test_a_program_that_is_refused_says_the_line_and_why(
    api: Client, code: str, line: str, words: str
) -> None:
    answer = await api.post("/render-code", {"code": code})
    assert answer.status == 500, answer.text
    assert set(answer.json) == {"error", "code"}
    assert answer.json["error"].startswith(line)
    assert words in answer.json["error"]
    assert answer.json["code"] == code


async def test_strange_signs_in_a_wish_do_no_harm(api: Client) -> None:
    strange = (
        "a\0b \u202e \x1b[31m $ {x} %s <script>alert(1)</script> \U0001f3b5 'quoted' \"twice\""
    )
    body = {"prompt": strange, "config": {"genre": strange, "key": "H# dur", "tempo": "-1e9 BPM"}}
    answer = await api.post("/generate", body)
    assert answer.status == 200, answer.text
    assert "\0" not in answer.json["brief"]
    again = await api.post("/render-code", {"code": answer.json["code"]})
    assert again.status == 200, again.text


async def test_a_longer_wish_than_the_composer_reads_is_still_a_wish(api: Client) -> None:
    wish = {"prompt": "a calm song " * 800, "config": {"notes": "y" * 4_000, "genre": "z" * 500}}
    assert (await api.post("/generate", wish)).status == 200
