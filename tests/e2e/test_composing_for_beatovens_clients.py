"""Beatoven's clients against the real daemon: music is asked for, made, fetched and heard."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import mido
import numpy as np
import pytest
import pytest_asyncio
import soundfile

from tests.contract.beatoven_clients import (
    Asker,
    DocumentClient,
    PresentClient,
    SdkClient,
    UnusableAnswerError,
)
from tests.e2e.harness import Daemon

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "a key for this test"
SILENT_PEAK = 0.01


@pytest.fixture(scope="module")
def composing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon without any music of its own."""
    daemon = Daemon(tmp_path_factory.mktemp("composing"), [], api_key=KEY).start()
    yield daemon
    daemon.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asker(composing: Daemon) -> AsyncIterator[Asker]:
    """Sends the key as the document wants it, and none to files."""
    async with aiohttp.ClientSession() as session:
        yield Asker(composing.url, session, f"api_key {KEY}")


async def heard(asker: Asker, url: str) -> tuple[float, float]:
    """Length in milliseconds and peak of what is behind an address."""
    status, content, media_type = await asker.download(url)
    assert (status, media_type.partition("/")[0]) == (200, "audio"), url
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return 1000 * len(samples) / rate, float(np.abs(samples).max())


async def test_the_documents_flow_makes_music(asker: Asker) -> None:
    client = DocumentClient(asker)
    sections = [
        {"emotion": "calm", "start": "0", "length": "4000"},
        {"emotion": "happy", "start": "4000", "length": "5000"},
    ]
    made = await client.create(
        genre="Indie", tempo="medium", title="demo", duration_ms=9000, sections=sections, seed=5
    )
    meta = await client.compose(made["uuid"])
    assert {status["state"] for status in client.seen} <= {"PENDING", "PROGRESS", "SUCCESS"}
    length_ms, peak = await heard(asker, meta["download_url"])
    assert length_ms == pytest.approx(9000, abs=1)
    assert peak > SILENT_PEAK
    assert meta["seed"] == 5
    assert [len(takes) for takes in meta["section_options"]] == [4, 4]
    for takes, wanted_ms in zip(meta["section_options"], (4000, 5000), strict=True):
        sounds = set()
        for take in takes:
            assert take["section_duration"] == wanted_ms
            assert len(take["instruments"]) == 4
            length_ms, peak = await heard(asker, take["track_url"])
            assert length_ms == pytest.approx(wanted_ms, abs=1)
            assert peak > SILENT_PEAK
            assert (await heard(asker, take["preview_url"]))[0] <= wanted_ms + 1
            sounds.add((await asker.download(take["track_url"]))[1])
        assert len(sounds) == 4, "every take is another one"
    status, midi, _ = await asker.download(meta["midi_url"])
    assert status == 200
    assert mido.MidiFile(file=io.BytesIO(midi)).length == pytest.approx(9, abs=0.5)

    stems = await client.stems(made["uuid"])
    loudest = []
    for (instruments,), wanted_ms in zip(stems, (4000, 5000), strict=True):
        assert list(instruments) == ["percussion", "chords", "bass", "melody"]
        for urls in instruments.values():
            length_ms, peak = await heard(asker, urls["track_url"])
            assert length_ms == pytest.approx(wanted_ms, abs=1)
            loudest.append(peak)
            await heard(asker, urls["preview_url"])
    assert max(loudest) > SILENT_PEAK

    second = await client.compose(made["uuid"])
    assert second["version"] == 2
    first_sound = (await asker.download(meta["download_url"]))[1]
    assert (await asker.download(second["download_url"]))[1] != first_sound
    track = await client.track(made["uuid"], version=1)
    assert track["instrument_urls"]
    status, part, _ = await asker.download(track["download_url"], "bytes=10-19")
    assert (status, part) == (206, first_sound[10:20])


async def test_an_sdk_gets_its_file(asker: Asker) -> None:
    _, url = await SdkClient(asker).make("sdk", 5000, "cinematic", "happy")
    assert (await heard(asker, url))[0] == pytest.approx(5000, abs=1)


async def test_the_present_api_makes_music_with_its_stems(asker: Asker) -> None:
    bearer = Asker(asker.base, asker.session, f"Bearer {KEY}")
    client = PresentClient(bearer)
    meta = await client.compose("5 seconds of upbeat electronic dance music")
    assert client.statuses[-1] == "composed"
    length_ms, peak = await heard(asker, meta["track_url"])
    assert length_ms == pytest.approx(5000, abs=1)
    assert peak > SILENT_PEAK
    for url in meta["stems_url"].values():
        assert (await heard(asker, url))[0] == pytest.approx(length_ms, abs=1)


async def test_others_are_answered_while_one_is_rendered_and_a_restart_breaks_off_but_that(
    asker: Asker, composing: Daemon
) -> None:
    """What was done before is there afterwards, under the addresses of before."""
    client = DocumentClient(asker)
    done = await client.compose((await client.create(duration_ms=5000))["uuid"])
    long = (await client.create(prompt="calm ambient", duration_ms=600000))["uuid"]
    _, first = await asker.ask("POST", f"/api/v2/tracks/{long}/compose")
    tasks = [first["task_id"]]
    for _ in range(5):
        uuid = (await client.create(duration_ms=5000))["uuid"]
        status, started = await asker.ask("POST", f"/api/v2/tracks/{uuid}/compose", {})
        assert status == 200
        tasks.append(started["task_id"])
    states = [(await status_of(asker, task))["state"] for task in tasks]
    assert states[0] in ("PENDING", "PROGRESS"), "it takes longer than all of these"
    assert states[1:] == ["PENDING"] * 5

    composing.stop()
    composing.start()
    moved = Asker(composing.url, asker.session, asker.authorization)
    for task in tasks:
        status = await status_of(moved, task)
        assert (status["state"], status["error"][:11]) == ("FAILURE", "interrupted")
    with pytest.raises(UnusableAnswerError):
        await DocumentClient(moved).finished(tasks[0])
    url = urlsplit(done["download_url"])
    length_ms, _ = await heard(moved, f"{moved.base}{url.path}?{url.query}")
    assert length_ms == pytest.approx(5000, abs=1)


async def status_of(asker: Asker, task_id: str) -> Any:
    status, answer = await asker.ask("GET", f"/api/v2/status/{task_id}")
    assert status == 200
    return answer
