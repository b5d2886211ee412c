"""The dialect of Beatoven's present public API, and the path it shares with harmonie."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harmonie_daemon.domain.errors import HarmonieError
from harmonie_daemon.tasks.composing import studio
from tests.beatoven_server import beatoven
from tests.contract.beatoven_clients import PresentClient, UnusableAnswerError

TEXT = "30 seconds peaceful lo-fi chill hop track"


async def test_from_a_prompt_to_a_track_and_its_stems(tmp_path: Path) -> None:
    async with beatoven(tmp_path, api_key="k") as running:
        asker = running.asker
        bearer = type(asker)(asker.base, asker.session, "Bearer k")
        client = PresentClient(bearer)
        meta = await client.compose(TEXT, format="mp3", looping=False)
        assert set(client.statuses[:-1]) <= {"composing"}
        assert client.statuses[-1] == "composed"
        assert meta["prompt"] == {"text": TEXT}
        assert (meta["project_id"], meta["version"]) == (meta["track_id"], 1)
        status, sound, media_type = await asker.download(meta["track_url"])
        assert (status, sound[:5], media_type) == (200, b"mix N", "audio/mpeg")
        heard = set()
        for url in meta["stems_url"].values():
            status, sound, media_type = await asker.download(url)
            assert (status, sound[:11], media_type) == (200, b"stem None N", "audio/mpeg")
            heard.add(sound)
        assert len(heard) == 4


async def test_a_track_that_was_created_is_composed_again_and_again(tmp_path: Path) -> None:
    async with beatoven(tmp_path) as running:
        client = PresentClient(running.asker)
        track = await client.create(TEXT)
        first = await client.compose_known(track)
        again = await client.compose_known(track, format="aac", looping=True)
        assert (first["track_id"], first["version"]) == (track, 1)
        assert (again["track_id"], again["version"]) == (track, 2)
        assert again["prompt"] == {"text": TEXT}
        assert [version.brief.looping for version in running.ensemble.played] == [False, True]
        for meta, media_type in ((first, "audio/wav"), (again, "audio/mp4")):
            status, _, found = await running.asker.download(meta["track_url"])
            assert (status, found) == (200, media_type)
        url = urlsplit(again["track_url"])
        answer = await running.client.ask("HEAD", f"{url.path}?{url.query}")
        assert answer.headers["Content-Disposition"].endswith(".m4a")


async def test_what_is_refused_for_want_of_room_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "MOST_WAITING", 0)
    async with beatoven(tmp_path) as running:
        body = {"prompt": {"text": TEXT}}
        assert (await running.client.post("/api/v1/tracks/compose", body)).status == 503
        assert (await running.client.get("/api/v1/compositions")).json["total"] == 0


async def test_it_is_composing_until_the_stems_are_there_too(tmp_path: Path) -> None:
    """Clients take any other word than this one for the end."""
    async with beatoven(tmp_path) as running:
        ensemble, client = running.ensemble, running.client
        ensemble.may_play.clear()
        body = {"prompt": {"text": TEXT}}
        tasks = [(await client.post("/api/v1/tracks/compose", body)).json["task_id"] for _ in "12"]
        await ensemble.begun.wait()
        for task in tasks:
            assert (await client.get(f"/api/v1/tasks/{task}")).json == {"status": "composing"}
        ensemble.begun.clear()
        ensemble.may_play.set()
        await ensemble.begun.wait()  # the stems of the first
        ensemble.may_play.clear()
        track, _, number = tasks[0].rpartition("_")
        version = await running.studio.version(track, int(number))
        assert version is not None
        if not version.has_stems:
            answer = await client.get(f"/api/v1/tasks/{tasks[0]}")
            assert answer.json == {"status": "composing"}
        ensemble.may_play.set()
        for task in tasks:
            assert (await PresentClient(running.asker).finished(task))["stems_url"]


async def test_what_failed_says_so(tmp_path: Path) -> None:
    async with beatoven(tmp_path) as running:
        running.ensemble.failure = HarmonieError("the disk is full")
        answer = await running.client.post("/api/v1/tracks/compose", {"prompt": {"text": TEXT}})
        with pytest.raises(UnusableAnswerError):
            await PresentClient(running.asker).finished(answer.json["task_id"])
        answer = await running.client.get(f"/api/v1/tasks/{answer.json['task_id']}")
        assert answer.json == {"status": "failed", "error": "the disk is full"}


async def test_one_path_two_families_each_with_its_own_words(tmp_path: Path) -> None:
    async with beatoven(tmp_path, api_key="k") as running:
        headers = {"X-API-Key": "k"}
        client = running.client
        assert "items" in (await client.get("/api/v1/tracks", headers=headers)).json
        for method, path, member in (
            ("GET", "/api/v1/tracks", "detail"),
            ("POST", "/api/v1/tracks", "error"),
            ("POST", "/api/v1/tracks/compose", "error"),
            ("GET", "/api/v1/tracks/compose", "detail"),
            ("GET", "/api/v1/tasks/x_1", "error"),
            ("PATCH", "/api/v1/tracks", "detail"),
            ("PATCH", "/api/v1/tasks/x_1", "error"),
            ("PATCH", "/api/v1/tracks/compose", "error"),
        ):
            answer = await client.ask(method, path)
            assert (answer.status, list(answer.json)) == (401, [member]), path
        answer = await client.get("/api/v1/tracks?limit=none", headers=headers)
        assert (answer.status, list(answer.json)) == (422, ["detail"])
        answer = await client.post("/api/v1/tracks", {"prompt": 5}, headers=headers)
        assert (answer.status, list(answer.json)) == (400, ["error"])
        answer = await client.ask("PATCH", "/api/v1/tracks", headers=headers)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD,POST".replace(",", ", "))
