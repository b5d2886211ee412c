"""STALGIA's document, example by example, without a language model."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from pretty_midi.constants import DRUM_MAP, INSTRUMENT_MAP

from harmonie_daemon.compose.midi import read_midi
from harmonie_daemon.compose.words.brief_text import HEADINGS
from harmonie_daemon.compose.words.examples import example_prompts
from tests.servers import Answer, Client
from tests.stalgia_server import Stalgia, stalgia

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUSTOM = {
    "prompt": "A heroic battle theme",
    "config": {"genre": "Orchestral", "tempo": "120 BPM", "key": "C minor"},
}
LOFI = {
    "prompt": "A chill lo-fi hip hop beat at 80 BPM. Soft, jazzy electric piano seventh chords "
    "playing a relaxed progression, layered over a slow, simple drum beat.",
    "config": {},
}
PROGRAM = (
    "result = piece([C('Am', 4) % (1, 0), drum('K, H, S, H').notes], [5, 1], 90, channels=[0, 9])"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stalgia]:
    async with stalgia(tmp_path_factory.mktemp("stalgia")) as opened:
        yield opened


@pytest.fixture
def api(running: Stalgia) -> Client:
    return running.client


def cookie_of(answer: Answer) -> dict[str, str]:
    """What a client that keeps cookies sends along."""
    return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


async def content(api: Client, path: str, **headers: str) -> tuple[bytes, dict[str, str]]:
    async with api.session.get(api.base + path, headers=headers) as response:
        assert response.status == 200, await response.text()
        return await response.read(), dict(response.headers)


async def test_tags_are_objects_of_categories_and_the_instruments_of_general_midi(
    api: Client,
) -> None:
    tags = (await api.get("/tags")).json
    assert set(tags) == {"genre", "mood", "key", "scale", "structure", "instruments"}
    assert tags["instruments"] == [*INSTRUMENT_MAP, *DRUM_MAP]
    assert len(tags["instruments"]) == 175
    assert "synthwave" in tags["genre"]["Electronic"]
    for kind in ("genre", "mood", "structure"):
        assert all(isinstance(tag, str) for tags in tags[kind].values() for tag in tags)
    for kind in ("key", "scale"):
        entries = [entry for entries in tags[kind].values() for entry in entries]
        assert all(set(entry) == {kind, "description"} for entry in entries)
        names = [entry[kind] for entry in entries]
        assert len(names) == len(set(names))
    assert len([entry for entries in tags["key"].values() for entry in entries]) == 24


async def test_a_custom_generation(api: Client) -> None:
    answer = await api.post("/generate", CUSTOM)
    assert answer.status == 200
    made = answer.json
    assert set(made) == {"brief", "code", "midi_url", "id"}
    assert made["midi_url"] == "/download/midi"
    assert made["code"].startswith("from musicpy import *\n")
    assert [line[4:] for line in made["brief"].splitlines() if line[:4] == "### "] == [*HEADINGS]
    assert "\n120 BPM, " in made["brief"]
    assert "C minor." in made["brief"]
    assert "Orchestral (Cinematic)." in made["brief"]
    midi, headers = await content(api, made["midi_url"], **cookie_of(answer))
    assert headers["Content-Disposition"].startswith('attachment; filename="output.mid"')
    assert headers["Content-Type"] == "audio/midi"
    score = read_midi(midi)
    assert score.tempos[0].microseconds_per_beat == 500_000
    assert (score.key and (score.key.tonic, score.key.mode)) == (0, "minor")


@pytest.mark.parametrize("prompt", [LOFI["prompt"], *example_prompts()])
async def test_an_example_is_answered_at_once(api: Client, prompt: str) -> None:
    answer = await api.post("/generate", {"prompt": f"  {prompt}\n", "config": {}})
    assert answer.status == 200
    assert "Composed by Harmonie, seed" not in answer.json["code"]
    assert answer.json["brief"].startswith("### Title\n")
    assert (await api.post("/generate", {"prompt": prompt})).json["code"] == answer.json["code"]
    other = await api.post("/generate", {"prompt": f"{prompt} Again."})
    assert "Composed by Harmonie, seed" in other.json["code"]


async def test_what_was_generated_can_be_rendered_to_the_same_notes(api: Client) -> None:
    made = await api.post("/generate", CUSTOM)
    again = await api.post("/render-code", {"code": made.json["code"], "brief": "### Mine\nA b."})
    assert again.status == 200
    assert again.json["code"] == made.json["code"]
    assert again.json["brief"] == "### Mine\nA b."
    one, _ = await content(api, "/download/midi", **cookie_of(made))
    other, _ = await content(api, "/download/midi", **cookie_of(again))
    assert [part.notes for part in read_midi(one).parts] == [
        part.notes for part in read_midi(other).parts
    ]


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("", "audio/mpeg"),
        ("wav", "audio/wav"),
        ("mp3", "audio/mpeg"),
        ("flac", "audio/flac"),
        ("ogg", "audio/ogg"),
        ("opus", "audio/ogg"),
    ],
)
async def test_the_sound_is_made_when_it_is_asked_for(
    running: Stalgia, format: str, media_type: str
) -> None:
    made = await running.client.post("/render-code", {"code": PROGRAM})
    query = f"?format={format}&t=1718000000" if format else "?t=1718000000"
    body, headers = await content(running.client, f"/download/audio{query}", **cookie_of(made))
    assert body
    assert headers["Content-Type"] == media_type
    name = f"output.{format or 'mp3'}"
    assert headers["Content-Disposition"].startswith(f'attachment; filename="{name}"')


async def test_whoever_wants_the_same_file_at_once_waits_for_one_rendering(
    running: Stalgia,
) -> None:
    made = await running.client.post("/render-code", {"code": PROGRAM})
    running.ensemble.may_play.clear()
    running.ensemble.begun.clear()
    running.ensemble.sounded = 0
    wanted = [
        asyncio.create_task(
            content(running.client, "/download/audio?format=flac", **cookie_of(made))
        )
        for _ in range(5)
    ]
    await running.ensemble.begun.wait()
    running.ensemble.may_play.set()
    bodies = {body for body, _ in await asyncio.gather(*wanted)}
    await content(running.client, "/download/audio?format=flac", **cookie_of(made))
    assert (len(bodies), running.ensemble.sounded) == (1, 1)


async def test_a_sound_that_cannot_be_made_says_why(running: Stalgia) -> None:
    made = await running.client.post("/render-code", {"code": PROGRAM})
    running.ensemble.failure = OSError(28, "No space left on device", "/srv/secret/place/x.ogg")
    answer = await running.client.get("/download/audio?format=ogg", headers=cookie_of(made))
    running.ensemble.failure = None
    assert answer.status == 500
    assert answer.json == {"error": "the sound could not be made: …: No space left on device"}


async def test_two_callers_do_not_get_each_others_piece(api: Client) -> None:
    one, other = await asyncio.gather(
        api.post("/generate", {"prompt": "a calm evening"}),
        api.post("/generate", {"prompt": "an angry morning"}),
    )
    ours, _ = await content(api, "/download/midi", **cookie_of(one))
    theirs, _ = await content(api, "/download/midi", **cookie_of(other))
    assert ours != theirs
    assert read_midi(ours).title == "A calm evening"
    assert read_midi(theirs).title == "An angry morning"
    by_id, _ = await content(api, f"/download/midi?id={other.json['id']}", **cookie_of(one))
    assert by_id == theirs


async def test_programs_without_cookies_are_told_apart_by_what_they_are(api: Client) -> None:
    curl, wget = {"User-Agent": "curl/8"}, {"User-Agent": "Wget/1.21"}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        plain = Client(api.base, session)
        await plain.post("/generate", {"prompt": "a slow waltz"}, headers=curl)
        assert (await plain.get("/download/midi", headers=wget)).status == 404
        await plain.post("/generate", {"prompt": "a fast polka"}, headers=wget)
        first, _ = await content(plain, "/download/midi", **curl)
        second, _ = await content(plain, "/download/midi", **wget)
    assert read_midi(first).title == "A slow waltz"
    assert read_midi(second).title == "A fast polka"


async def test_a_revision_changes_the_piece_or_makes_another(api: Client) -> None:
    made = (await api.post("/generate", CUSTOM)).json
    asked = {**CUSTOM, "brief": made["brief"], "code": made["code"]}
    slower = await api.post("/revise", {**asked, "request": "at 90 BPM", "mode": "change"})
    assert slower.status == 200
    assert "90 BPM" in slower.json["brief"]
    assert seed_line(slower.json["code"]) == seed_line(made["code"])
    another = await api.post("/revise", {**asked, "request": "", "mode": "regenerate"})
    assert another.status == 200
    assert seed_line(another.json["code"]) != seed_line(made["code"])
    example = {"prompt": LOFI["prompt"], "mode": "regenerate"}
    assert "Composed by" in (await api.post("/revise", example)).json["code"]


def seed_line(code: str) -> str:
    return next(line for line in code.splitlines() if "Composed by Harmonie, seed" in line)


async def test_the_file_is_one_that_every_player_reads(api: Client) -> None:
    made = await api.post("/generate", LOFI)
    midi, _ = await content(api, "/download/midi", **cookie_of(made))
    assert struct.unpack(">4sI", midi[:8]) == (b"MThd", 6)


async def test_pieces_are_kept_with_their_texts(running: Stalgia) -> None:
    made = await running.client.post("/generate", LOFI)
    kept = await running.studio.get(made.json["id"])
    assert kept.origin == "stalgia"
    assert kept.texts == {"brief": made.json["brief"], "code": made.json["code"]}
    assert kept.title == "A chill lo-fi hip hop beat at 80 BPM"
    assert kept.brief.duration_ms == 72_000


async def test_before_anything_was_made_there_is_nothing(tmp_path: Path) -> None:
    async with stalgia(tmp_path) as fresh:
        for path in ("/download/midi", "/download/audio", "/download/audio?format=wav"):
            answer = await fresh.client.get(path)
            assert answer.status == 404
            assert answer.json == {
                "error": "nothing has been made yet; ask /generate for a piece first"
            }
