"""What Beatoven's families refuse, and that each refusal says what to change."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.beatoven_server import Beatoven, beatoven
from tests.contract.beatoven_clients import DocumentClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRACKS = "/api/v2/tracks"
TEN_HOURS_MS = 36_000_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beatoven]:
    """One daemon for all of them."""
    async with beatoven(tmp_path_factory.mktemp("beatoven")) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def track(running: Beatoven) -> str:
    """A track that is composed once."""
    client = DocumentClient(running.asker)
    uuid: str = (await client.create(title="demo/../x"))["uuid"]
    await client.compose(uuid)
    return uuid


def sections(*spans: tuple[object, object], emotion: object = "calm") -> list[dict[str, object]]:
    return [{"emotion": emotion, "start": start, "length": length} for start, length in spans]


def body(
    *spans: tuple[object, object], emotion: str = "calm", **members: object
) -> dict[str, object]:
    return {"sections": sections(*spans, emotion=emotion), **members}


BLOCKED = body((0, 9000), emotion="Energetic", genre="Indie", tempo="medium")
ALSO_BLOCKED = body((0, 9000), emotion="tense", genre="rnb", tempo="SLOW")
CONTROLS = "".join(map(chr, range(1, 9)))
WRONG_TRACKS: list[tuple[str, Any, str]] = [
    ("a gap", body((0, 30000), (40000, 20000)), "gap from 30000 to 40000 ms before section 2"),
    ("a gap at the beginning", body((1000, 30000)), "gap from 0 to 1000 ms before section 1"),
    ("an overlap", body((0, 30000), (20000, 20000)), "section 2 overlaps the one before"),
    ("another order", body((30000, 30000), (0, 30000)), "gap from 0 to 30000 ms before section 1"),
    ("not covering", body((0, 30000), duration_ms=60000), "gap from 30000 to 60000 ms, the end"),
    ("longer than the track", body((0, 30000), duration_ms="20000"), "longer than duration_ms"),
    ("a negative start", body((-1, 30000)), "sections.0.start: must be 0 or more"),
    ("a negative length", body((0, "-30000")), "sections.0.length: must be 1000 or more"),
    ("no length", body((0, 0)), "sections.0.length: must be 1000 or more"),
    ("ten hours in a section", body((0, TEN_HOURS_MS)), "sections.0.length: must be 600000"),
    ("eleven minutes in sections", body((0, 330000), (330000, 330000)), "660000 ms in all"),
    ("four seconds in sections", body((0, 2000), (2000, 2000)), "4000 ms in all"),
    ("no emotion", {"sections": [{"start": 0, "length": 9000}]}, "0.emotion: is required"),
    ("no start", {"sections": [{"emotion": "sad", "length": 9000}]}, "0.start: is required"),
    ("too many sections", body(*((n * 9000, 9000) for n in range(21))), "at most 20 entries"),
    ("ten thousand sections", body(*((0, 0) for _ in range(10_000))), "sections"),
    ("a section that is text", {"sections": ["happy"]}, "sections.0: must be an object"),
    ("sections that are an object", {"sections": {"emotion": "sad"}}, "sections: must be a list"),
    ("a negative duration", {"duration_ms": -1}, "duration_ms: must be 5000 or more"),
    ("no duration", {"duration_ms": 0}, "duration_ms: must be 5000 or more"),
    ("a short duration", {"duration_ms": 4999}, "duration_ms: must be 5000 or more"),
    ("a long duration", {"duration_ms": 600001}, "duration_ms: must be 600000 or less"),
    ("ten hours", {"duration_ms": TEN_HOURS_MS}, "duration_ms: must be 600000 or less"),
    ("half a millisecond", {"duration_ms": 5000.5}, "duration_ms: must be a whole number"),
    ("a duration in words", {"duration_ms": "a minute"}, "duration_ms: must be a whole number"),
    ("a duration with spaces", {"duration_ms": " 60000 "}, "duration_ms: must be a whole number"),
    ("a duration in Arabic digits", {"duration_ms": "٦٠٠٠٠"}, "must be a whole number"),
    ("a duration that is true", {"duration_ms": True}, "duration_ms: must be a whole number"),
    ("a duration that is a list", {"duration_ms": [60000]}, "duration_ms: must be a whole number"),
    ("a huge number", '{"duration_ms": 1e300}', "duration_ms: must be"),
    ("a number of 5000 digits", '{"duration_ms": ' + "9" * 5000 + "}", "not valid JSON"),
    ("NaN", '{"duration_ms": NaN}', "duration_ms: must be a whole number"),
    ("Infinity", '{"duration_ms": Infinity}', "duration_ms: must be a whole number"),
    ("an unknown genre", {"genre": "polka"}, "genre: must be one of indian, pop, ambient"),
    ("an empty genre", {"genre": ""}, "genre: must be one of"),
    ("a genre that is a number", {"genre": 5}, "genre: must be a string"),
    ("an unknown emotion", body((0, 9000), emotion="meh"), "0.emotion: must be one of sad, calm"),
    ("an unknown tempo", {"tempo": "allegro"}, "tempo: must be one of slow, medium, fast"),
    ("a tempo in beats", {"tempo": 120}, "tempo: must be a string"),
    ("a blocked combination", BLOCKED, "indie cannot be energetic at the tempo medium"),
    ("another", ALSO_BLOCKED, "rnb cannot be tense at the tempo slow"),
    ("a prompt of 10 KB", {"prompt": "happy " * 1700}, "prompt: must have at most 2000 characters"),
    ("a prompt of control characters", {"prompt": CONTROLS}, "must not hold control characters"),
    ("a prompt of nothing that is seen", {"prompt": "\u200b\u200b"}, "the prompt is empty"),
    ("a prompt that is an object", {"prompt": {"text": "happy"}}, "prompt: must be a string"),
    ("a long title", {"title": "x" * 201}, "title: must have at most 200 characters"),
    ("a title of control characters", {"title": "a\x00b"}, "must not hold control characters"),
    ("a negative seed", {"seed": -1}, "seed: must be 0 or more"),
    ("a seed that no number holds", {"seed": 2**63}, "seed: must be 9223372036854775807 or less"),
    ("half a surrogate", '{"prompt": "\\ud800"}', "not valid JSON"),
    ("a list", [], "must be an object"),
    ("a text", '"happy"', "must be an object"),
    ("a number", "5", "must be an object"),
    ("null", "null", "must be an object"),
    ("NaN alone", "NaN", "must be an object"),
    ("nothing that is JSON", "{", "not valid JSON"),
    ("a deep list", "[" * 100_000, "not valid JSON"),
    ("bytes that are no text", b"\xff\xfe", "not valid JSON"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "words"), [row[1:] for row in WRONG_TRACKS], ids=[row[0] for row in WRONG_TRACKS]
)
async def test_a_wrong_track_is_refused_in_words(
    running: Beatoven, track: str, sent: Any, words: str
) -> None:
    data = sent if isinstance(sent, str | bytes) else json.dumps(sent)
    for path in (TRACKS, f"{TRACKS}/{track}/compose"):
        answer = await running.client.post(path, data=data)
        assert answer.status == 400, answer.text
        assert list(answer.json) == ["error"]
        assert words in answer.json["error"]
        assert len(answer.json["error"]) < 500
    newest = await running.client.get(f"{TRACKS}/{track}")
    assert newest.json["track"]["version"] == 1, "a refusal begins nothing"


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("POST", f"{TRACKS}/none/compose", 404, "no composition none"),
        ("POST", f"{TRACKS}/%00%ff/compose", 404, "no composition"),
        ("POST", f"{TRACKS}/none/instrument_urls", 404, "no composition none"),
        ("GET", f"{TRACKS}/none", 404, "no composition none"),
        ("GET", f"{TRACKS}/{'9' * 4000}", 404, "no composition"),
        ("GET", f"{TRACKS}/TRACK?version=2", 404, "no version 2"),
        ("GET", f"{TRACKS}/TRACK?version=-1", 400, "version: must be 0 or more"),
        ("GET", f"{TRACKS}/TRACK?version=one", 400, "version: must be a whole number"),
        ("GET", f"{TRACKS}/TRACK?version=99999999999999999999", 400, "version: must be"),
        ("GET", f"{TRACKS}/TRACK?version=1&version=2", 400, "give it once"),
        ("POST", f"{TRACKS}/TRACK/instrument_urls?version=7", 404, "no version 7"),
        ("POST", f"{TRACKS}/TRACK/instrument_urls?version=0", 400, "compose it first"),
        ("GET", "/api/v2/status/none", 404, "no task has this id"),
        ("GET", "/api/v2/status/%00%ff", 404, "no task has this id"),
        ("GET", "/api/v1/tasks/none", 404, "<track>_<version>"),
        ("GET", "/api/v1/tasks/none_1", 404, "no composition none"),
        ("GET", "/api/v1/tasks/TRACK_2", 404, "no version 2"),
        ("GET", "/api/v1/tasks/TRACK_0", 404, "no version 0"),
        ("GET", "/api/v1/tasks/TRACK_" + "9" * 5000, 404, "<track>_<version>"),
        ("GET", "/api/v1/tasks/TRACK_%D9%A1", 404, "<track>_<version>"),
        ("POST", "/api/v1/tracks/compose/none", 404, "no composition none"),
        ("DELETE", f"{TRACKS}/TRACK", 405, "use GET"),
        ("GET", "/api/v2/nothing", 404, "/docs"),
        ("GET", "/files/compositions/TRACK", 404, "/docs"),
    ],
)
async def test_what_there_is_not_is_said_so(
    running: Beatoven, track: str, method: str, path: str, status: int, words: str
) -> None:
    answer = await running.client.ask(method, path.replace("TRACK", track))
    assert answer.status == status, answer.text
    assert list(answer.json) == ["error"]
    assert words in answer.json["error"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, '{"prompt": {"text": "…"}}'),
        ({"prompt": "happy"}, '{"prompt": {"text": "…"}}'),
        ({"title": "demo", "genre": "pop", "duration_ms": 30000}, "/api/v2/tracks"),
        ({"prompt": {}}, "prompt.text: is required"),
        ({"prompt": {"text": ""}}, "the prompt is empty"),
        ({"prompt": {"text": 5}}, "prompt.text: must be a string"),
        ({"prompt": {"text": "x" * 10_000}}, "prompt.text: must have at most 2000 characters"),
        ({"prompt": {"text": CONTROLS}}, "prompt.text: must not hold control characters"),
        ([], "must be an object"),
    ],
)
async def test_a_wrong_prompt_of_the_present_api_is_refused(
    running: Beatoven, sent: Any, words: str
) -> None:
    for path in ("/api/v1/tracks", "/api/v1/tracks/compose"):
        answer = await running.client.post(path, data=json.dumps(sent))
        assert answer.status == 400
        assert words in answer.json["error"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"format": "flac"}, "format: must be 'wav', 'mp3' or 'aac'"),
        ({"format": 5}, "format: must be"),
        ({"looping": "yes"}, "looping: must be true or false"),
        ({"looping": 1}, "looping: must be true or false"),
        ([], "must be an object"),
    ],
)
async def test_a_wrong_sound_of_the_present_api_is_refused(
    running: Beatoven, track: str, sent: Any, words: str
) -> None:
    answer = await running.client.post(f"/api/v1/tracks/compose/{track}", data=json.dumps(sent))
    assert answer.status == 400
    assert words in answer.json["error"]


async def test_aac_without_ffmpeg_is_refused_before_anything_is_kept(
    running: Beatoven, track: str
) -> None:
    running.has_ffmpeg = False
    before = (await running.studio.page()).total
    for path in ("/api/v1/tracks/compose", f"/api/v1/tracks/compose/{track}"):
        answer = await running.client.post(path, {"prompt": {"text": "calm"}, "format": "aac"})
        assert answer.status == 400
        assert "FFmpeg" in answer.json["error"]
    assert (await running.studio.page()).total == before
    running.has_ffmpeg = True


async def test_a_body_that_is_too_large_is_refused(running: Beatoven) -> None:
    answer = await running.client.post(TRACKS, data=io.BytesIO(b" " * (3 << 20)))
    assert (answer.status, list(answer.json)) == (413, ["error"])


async def test_an_address_opens_itself_and_nothing_else(tmp_path: Path) -> None:
    """Forged, for another file, without its signature, and too late."""
    async with beatoven(tmp_path, api_key="k") as running:
        client = DocumentClient(running.asker)
        uuid = (await client.create(title="a/b\\c"))["uuid"]
        meta = await client.compose(uuid)
        url = urlsplit(meta["download_url"])
        good = f"{url.path}?{url.query}"
        assert url.path == f"/files/compositions/{uuid}/1/mix.mp3"
        answer = await running.client.get(good)
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith('inline; filename="a-b-c.mp3"')
        assert (await running.client.ask("HEAD", good)).status == 200
        letter = "A" if url.query[-1] != "A" else "B"
        for path, words in (
            (f"{url.path}?{url.query[:-2]}{letter}", "signature of this address is wrong"),
            (good.replace("/1/", "/2/"), "signature of this address is wrong"),
            (good.replace("mix.mp3", "piece.mid"), "signature of this address is wrong"),
            (f"{good}&a=1", "signature of this address is wrong"),
            (f"{url.path}?signature=x", "not signed"),
        ):
            answer = await running.client.get(path)
            assert (answer.status, list(answer.json)) == (403, ["error"]), path
            assert words in answer.json["error"]
        assert (await running.client.get(url.path)).status == 401
        running.clock.now += 24 * 3600 + 2
        answer = await running.client.get(good)
        assert (answer.status, "expired" in answer.json["error"]) == (403, True)
        again = urlsplit((await client.track(uuid))["download_url"])
        assert (await running.client.get(f"{again.path}?{again.query}")).status == 200


async def test_a_file_that_is_gone_is_404(tmp_path: Path) -> None:
    async with beatoven(tmp_path) as running:
        client = DocumentClient(running.asker)
        uuid = (await client.create())["uuid"]
        url = (await client.compose(uuid))["download_url"]
        (mix,) = tmp_path.glob("compositions/*/v1/mix.mp3")
        mix.unlink()
        status, sound, _ = await running.asker.download(url)
        assert (status, b"compose it again" in sound) == (404, True)
        await running.studio.delete(uuid)
        assert (await running.asker.download(url))[0] == 404
        for path in (f"{TRACKS}/{uuid}", f"/api/v1/tasks/{uuid}_1"):
            assert (await running.client.get(path)).status == 404
