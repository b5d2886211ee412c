"""Beatoven's document: create, compose, ask, take apart, fetch."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.compose.blocked import BLOCKED
from harmonie_daemon.domain.brief import Emotion, Genre, TempoWord
from harmonie_daemon.domain.errors import HarmonieError
from tests.beatoven_server import Beatoven, beatoven
from tests.contract.beatoven_clients import DocumentClient, SdkClient, UnusableAnswerError
from tests.servers import NOW


async def test_the_documents_flow(tmp_path: Path) -> None:
    """Two sections, two versions, stems of the first."""
    async with beatoven(tmp_path, api_key="k") as running:
        client = DocumentClient(running.asker)
        sections = [
            {"emotion": "happy", "start": "0", "length": "30000"},
            {"emotion": "angry", "start": "30000", "length": "60000"},
        ]
        made = await client.create(
            genre="Indie", tempo="Fast", title="demo", duration_ms=90000, sections=sections
        )
        assert made == {
            "status": "Created successfully",
            "uuid": made["uuid"],
            "track": {
                "created_at": "Sun, 15 Jun 2025 15:06:40 GMT",
                "duration_ms": 90000,
                "genre": "Indie",
                "sections": [
                    {"emotion": "happy", "length": 30000, "start": 0},
                    {"emotion": "angry", "length": 60000, "start": 30000},
                ],
                "tempo": "fast",
                "title": "demo",
                "version": 0,
            },
        }
        assert parsedate_to_datetime(made["track"]["created_at"]).timestamp() == NOW
        uuid = made["uuid"]

        meta = await client.compose(uuid)
        assert meta["version"] == 1
        options = meta["section_options"]
        assert [len(takes) for takes in options] == [4, 4]
        assert [takes[0]["section_duration"] for takes in options] == [30000, 60000]
        for number, takes in enumerate(options):
            for take, option in enumerate(takes):
                assert len(option["instruments"]) == 4
                assert all("-" in name for name in option["instruments"])
                assert option["seed"] == meta["seed"] + take
                for url, kind in (
                    (option["track_url"], "mix"),
                    (option["preview_url"], "preview"),
                ):
                    status, sound, media_type = await running.asker.download(url)
                    assert (status, media_type) == (200, "audio/mpeg")
                    assert sound.startswith(f"{kind} {number} {take} None\n".encode())
        status, whole, _ = await running.asker.download(meta["download_url"])
        assert (status, whole[:5]) == (200, b"mix N")
        status, part, _ = await running.asker.download(meta["download_url"], "bytes=4-7")
        assert (status, part) == (206, whole[4:8])
        status, _, media_type = await running.asker.download(meta["midi_url"])
        assert (status, media_type) == (200, "audio/midi")

        stems = await client.stems(uuid)
        assert [len(section) for section in stems] == [1, 1]
        for number, (instruments,) in enumerate(stems):
            assert list(instruments) == ["percussion", "chords", "bass", "melody"]
            for urls in instruments.values():
                assert set(urls) == {"preview_url", "track_url"}
                status, sound, _ = await running.asker.download(urls["track_url"])
                assert (status, sound.split()[:2]) == (200, [b"stem", str(number).encode()])
                status, sound, _ = await running.asker.download(urls["preview_url"])
                assert (status, sound.split()[0]) == (200, b"stem_preview")

        second = await client.compose(uuid, tempo="medium")
        assert second["version"] == 2
        assert second["seed"] != meta["seed"]
        assert without_query(second["download_url"]) != without_query(meta["download_url"])
        first = await client.track(uuid, version=1)
        assert without_query(first["download_url"]) == without_query(meta["download_url"])
        assert first["track"] == {**made["track"], "genre": "indie", "version": 1}
        assert first["instrument_urls"]
        newest = await client.track(uuid)
        assert newest["track"] == {
            **made["track"],
            "genre": "indie",
            "tempo": "medium",
            "version": 2,
        }
        assert newest["instrument_urls"] == []
        assert [len(takes) for takes in newest["section_options"]] == [4, 4]
        assert [len(section) for section in await client.stems(uuid, version=2)] == [1, 1]


async def test_an_sdk_that_looks_after_nothing_is_served(tmp_path: Path) -> None:
    async with beatoven(tmp_path, api_key="k") as running:
        client = SdkClient(running.asker)
        _, url = await client.make("demo", 30000, "cinematic", "happy")
        assert (await running.asker.download(url))[0] == 200


async def test_a_task_is_pending_then_in_progress_then_done(tmp_path: Path) -> None:
    async with beatoven(tmp_path) as running:
        running.ensemble.may_play.clear()
        tracks = [(await running.client.post("/api/v2/tracks", {})).json["uuid"] for _ in "12"]
        tasks = [
            (await running.client.post(f"/api/v2/tracks/{uuid}/compose")).json["task_id"]
            for uuid in tracks
        ]
        await running.ensemble.begun.wait()
        assert await statuses(running, tasks) == [
            {
                "meta": {"message": "Playing", "percentage": 48, "generationProgress": 48},
                "state": "PROGRESS",
                "generationProgress": 48,
            },
            {
                "meta": {
                    "message": "Waiting for its turn",
                    "percentage": 0,
                    "generationProgress": 0,
                },
                "state": "PENDING",
            },
        ]
        track = (await running.client.get(f"/api/v2/tracks/{tracks[0]}")).json
        assert track["download_url"] is None
        assert track["section_options"] == track["instrument_urls"] == []
        running.ensemble.failure = DiskFullError("No space left on device")
        running.ensemble.may_play.set()
        client = DocumentClient(running.asker)
        for task in tasks:
            with pytest.raises(UnusableAnswerError):
                await client.finished(task)
        for status in await statuses(running, tasks):
            assert status["state"] == "FAILURE"
            assert status["error"] == status["meta"]["message"] == "No space left on device"
            assert "generationProgress" not in status


async def statuses(running: Beatoven, tasks: list[str]) -> list[Any]:
    return [(await running.client.get(f"/api/v2/status/{task}")).json for task in tasks]


async def test_composing_is_answered_while_another_renders(tmp_path: Path) -> None:
    """The lane is occupied for as long as the test wants; every answer comes all the same."""
    async with beatoven(tmp_path) as running:
        running.ensemble.may_play.clear()
        uuid = (await running.client.post("/api/v2/tracks", {})).json["uuid"]
        for version in range(1, 11):
            answer = await running.client.post(f"/api/v2/tracks/{uuid}/compose", {})
            assert (answer.status, answer.json["version"]) == (200, version)
        await running.ensemble.begun.wait()
        assert len(running.ensemble.played) == 1
        running.ensemble.may_play.set()


async def test_a_cancelled_task_has_failed(tmp_path: Path) -> None:
    async with beatoven(tmp_path) as running:
        running.ensemble.may_play.clear()
        uuid = (await running.client.post("/api/v2/tracks", {})).json["uuid"]
        task = (await running.client.post(f"/api/v2/tracks/{uuid}/compose", {})).json["task_id"]
        await running.ensemble.begun.wait()
        assert running.studio.cancel(uuid, 1)
        status = (await running.client.get(f"/api/v2/status/{task}")).json
        assert (status["state"], status["error"]) == ("FAILURE", "it was cancelled")


async def test_the_seed_that_is_given_is_used_and_answered(tmp_path: Path) -> None:
    """One given at creation holds for the first version: the next one is to be another piece."""
    async with beatoven(tmp_path) as running:
        client = DocumentClient(running.asker)
        uuid = (await client.create(seed=7))["uuid"]
        assert (await client.compose(uuid))["seed"] == 7
        assert (await client.compose(uuid))["seed"] not in (7, 8)
        assert (await client.compose(uuid, seed="9"))["seed"] == 9
        assert [version.seed for version in running.ensemble.played][::2] == [7, 9]
        started = await running.client.post(f"/api/v2/tracks/{uuid}/compose", {})
        assert (await client.finished(started.json["task_id"]))["seed"] == started.json["seed"]
        assert (await client.track(uuid, version=1))["seed"] == 7


async def test_a_prompt_is_composed_and_parameters_win_over_it(tmp_path: Path) -> None:
    async with beatoven(tmp_path) as running:
        client = DocumentClient(running.asker)
        prompt = "Make a 30 second upbeat EDM track for a party"
        track = (await client.create(prompt=prompt))["track"]
        assert track["sections"][0]["start"] == 0
        assert track["title"]
        track = (await client.create(prompt=prompt, genre="indian", duration_ms=45000))["track"]
        assert (track["genre"], track["duration_ms"]) == ("indian", 45000)
        assert track["sections"][0]["length"] == 45000


async def test_what_compose_leaves_out_is_as_it_was(tmp_path: Path) -> None:
    async with beatoven(tmp_path) as running:
        client = DocumentClient(running.asker)
        sections = [
            {"emotion": "calm", "start": 0, "length": 20001},
            {"emotion": "tense", "start": 20001, "length": 10000},
        ]
        uuid = (await client.create(genre="ambient", title="T", sections=sections))["uuid"]

        async def composed(**body: Any) -> Any:
            await client.compose(uuid, **body)
            return (await client.track(uuid))["track"]

        def lengths(track: Any) -> list[int]:
            return [section["length"] for section in track["sections"]]

        before = await composed()
        assert (before["genre"], before["title"], lengths(before)) == (
            "ambient",
            "T",
            [20001, 10000],
        )
        assert lengths(await composed(duration_ms=60002)) == [40002, 20000]
        after = await composed(title="U", tempo="slow", genre=None, sections=[])
        assert (after["genre"], after["tempo"], after["title"]) == ("ambient", "slow", "U")
        after = await composed(prompt="loud pop")
        assert (after["title"], after["genre"]) == ("U", "pop")


async def test_stems_are_made_once_and_need_a_composition(tmp_path: Path) -> None:
    async with beatoven(tmp_path) as running:
        client = DocumentClient(running.asker)
        uuid = (await client.create())["uuid"]
        for query in ("", "?version=0"):
            answer = await running.client.post(f"/api/v2/tracks/{uuid}/instrument_urls{query}")
            assert answer.status in (400, 404)
            assert "compose" in answer.json["error"]
        await client.compose(uuid)
        first = await client.stems(uuid)
        again = await client.stems(uuid)
        assert [[list(urls) for urls in section] for section in first] == [
            [list(urls) for urls in section] for section in again
        ]


@pytest.mark.parametrize("genre", ["indian", "ambient", "pop", "cinematic"])
async def test_four_instruments_stand_under_the_four_names(tmp_path: Path, genre: str) -> None:
    async with beatoven(tmp_path) as running:
        client = DocumentClient(running.asker)
        uuid = (await client.create(genre=genre))["uuid"]
        meta = await client.compose(uuid)
        ((stems,),) = await client.stems(uuid)
        assert list(stems) == ["percussion", "chords", "bass", "melody"]
        files = [without_query(urls["track_url"]) for urls in stems.values()]
        for instrument in meta["section_options"][0][0]["instruments"]:
            assert sum(file.endswith(f"-{instrument}.mp3") for file in files) == 1


async def test_the_options_are_the_documents_to_the_byte(tmp_path: Path) -> None:
    async with beatoven(tmp_path) as running:
        answer = await running.client.get("/api/v2/composition_params")
        assert answer.text == json.dumps(json.loads(OPTIONS), separators=(",", ":"))
        assert len(Genre) * len(Emotion) * len(TempoWord) == 8 * 16 * 3
        assert answer.json["genre"] == list(Genre)
        assert answer.json["emotion"] == list(Emotion)
        assert answer.json["tempo"] == list(TempoWord)


def test_what_is_blocked_is_what_the_options_say() -> None:
    listed = {
        (one["genre"], one["tempo"], emotion)
        for one in json.loads(OPTIONS)["blockedParams"]
        for emotion in one.get("moods", one.get("mood"))
    }
    known = {(one.genre, one.tempo, emotion) for one in BLOCKED for emotion in one.emotions}
    assert known == listed
    assert len(listed) == 16


def without_query(url: str) -> str:
    return url.partition("?")[0]


class DiskFullError(HarmonieError):
    """As the maker of music would say it."""


OPTIONS = """
{
   "genre": ["indian", "pop", "ambient", "indie", "rnb", "cinematic", "hiphop", "electronic"],
   "emotion": ["sad", "calm", "motivational", "happy", "scary", "cheerful", "angry", "triumphant", "relaxing", "depressing", "dreamy", "inspirational", "energetic", "joyful", "tense", "fearful"],
   "tempo": ["slow", "medium", "fast"],
   "blockedParams": [
      {"genre": "rnb", "moods": ["tense", "angry", "scary", "fearful", "sad", "inspirational", "depressing", "motivational", "triumphant"], "tempo": "slow"},
      {"genre": "rnb", "moods": ["inspirational", "motivational", "triumphant"], "tempo": "fast"},
      {"genre": "indie", "moods": ["energetic"], "tempo": "slow"},
      {"genre": "indie", "mood": ["energetic"], "tempo": "medium"},
      {"genre": "cinematic", "moods": ["energetic"], "tempo": "slow"},
      {"genre": "hiphop", "moods": ["energetic"], "tempo": "slow"}
   ]
}
"""  # noqa: E501 - as the document has it
