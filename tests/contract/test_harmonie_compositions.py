"""Compositions over HTTP: asked for in words, listed, fetched, deleted."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import pytest

from harmonie_daemon.compose.prompt import parse_prompt
from harmonie_daemon.tasks.composing import studio
from tests.quick_ensemble import QuickEnsemble
from tests.servers import Client, Daemon, daemon

NOBODY = "00000000-0000-4000-8000-000000000000"
ALL = "/api/v1/compositions"
WORDS = {"prompt": "a calm minute of ambient music"}


@dataclass
class Composing:
    """A daemon that composes in no time, or when it may."""

    daemon: Daemon
    ensemble: QuickEnsemble
    data_dir: Path

    @property
    def client(self) -> Client:
        return self.daemon.client

    async def begin(self, **wishes: Any) -> dict[str, Any]:
        answer = await self.client.post(ALL, WORDS | wishes)
        assert answer.status == 200, answer.text
        return dict(answer.json)

    async def until(self, state: str, id_: str) -> dict[str, Any]:
        deadline = time.monotonic() + 10
        while True:
            known = (await self.client.get(f"{ALL}/{id_}")).json
            if known["made"]["state"] == state:
                return dict(known)
            assert time.monotonic() < deadline, known
            await asyncio.sleep(0.01)


@pytest.fixture
async def composing(tmp_path: Path) -> AsyncIterator[Composing]:
    ensemble = QuickEnsemble()
    async with daemon(tmp_path, ensemble=ensemble) as running:
        yield Composing(running, ensemble, tmp_path)


async def test_words_become_sound_and_notes(composing: Composing) -> None:
    begun = await composing.begin(title="Still", seed=5, format="flac")
    assert begun["title"] == "Still"
    assert begun["made"]["state"] in ("waiting", "composing")
    known = await composing.until("composed", begun["id"])
    assert known["prompt"] == WORDS["prompt"]
    assert known["genre"] == parse_prompt(WORDS["prompt"]).genre
    assert (known["made"]["seed"], known["made"]["progress"]) == (5, 1.0)
    assert {file["take"] for file in known["made"]["files"]} == {None, 0}
    for what, kind, name in (("audio", "audio/flac", "Still.flac"), ("midi", "audio/midi", None)):
        answer = await composing.client.get(f"{ALL}/{begun['id']}/{what}?version=1")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Disposition"].startswith(
            f'attachment; filename="{name or "Still.mid"}"'
        )
        part = await composing.client.get(
            f"{ALL}/{begun['id']}/{what}", headers={"Range": "bytes=0-3"}
        )
        assert (part.status, part.text) == (206, answer.text[:4])


async def test_the_same_words_and_seed_are_the_same_wish(composing: Composing) -> None:
    for _ in range(2):
        begun = await composing.begin(seed=9)
        await composing.until("composed", begun["id"])
    first, second = composing.ensemble.played
    assert (first.brief, first.seed) == (second.brief, second.seed)


async def test_how_far_it_is_and_what_went_wrong_is_told(composing: Composing) -> None:
    composing.ensemble.may_play.clear()
    begun = await composing.begin()
    await composing.ensemble.begun.wait()
    known = await composing.until("composing", begun["id"])
    assert 0 < known["made"]["progress"] < 1
    assert known["made"]["stage"] == "playing"
    assert (await composing.client.get(f"{ALL}/{begun['id']}/audio")).status == 404
    composing.ensemble.failure = OSError(28, "No space left on device")
    composing.ensemble.may_play.set()
    known = await composing.until("failed", begun["id"])
    assert known["made"]["error"] == "No space left on device"


async def test_what_is_deleted_is_gone_and_what_makes_it_stops(composing: Composing) -> None:
    begun = await composing.begin()
    await composing.until("composed", begun["id"])
    composing.ensemble.may_play.clear()
    other = await composing.begin()
    for id_ in (begun["id"], other["id"]):
        answer = await composing.client.ask("DELETE", f"{ALL}/{id_}")
        assert (answer.status, answer.text) == (204, "")
        for path in (f"{ALL}/{id_}", f"{ALL}/{id_}/audio"):
            assert (await composing.client.get(path)).status == 404
        assert (await composing.client.ask("DELETE", f"{ALL}/{id_}")).status == 404
    assert (await composing.client.get(ALL)).json["total"] == 0
    left = [path for path in (composing.data_dir / "compositions").rglob("*") if path.is_file()]
    assert left == []


async def test_they_are_listed_in_pages_the_newest_first(composing: Composing) -> None:
    made = [await composing.begin(title=str(number)) for number in range(5)]
    await composing.until("composed", made[-1]["id"])
    answer = await composing.client.get(f"{ALL}?limit=2&offset=1&origin=command")
    assert answer.json["total"] == 5
    assert [item["title"] for item in answer.json["items"]] == ["3", "2"]
    assert all(item["state"] == "composed" for item in answer.json["items"])
    assert all(item["size_bytes"] > 0 for item in answer.json["items"])
    assert (await composing.client.get(f"{ALL}?origin=stalgia")).json["items"] == []


async def test_files_that_vanished_are_said_plainly(composing: Composing) -> None:
    begun = await composing.begin()
    await composing.until("composed", begun["id"])
    shutil.rmtree(composing.data_dir / "compositions")
    answer = await composing.client.get(f"{ALL}/{begun['id']}/audio")
    assert answer.status == 404
    assert "not in the data folder any more" in answer.detail


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("POST", ALL, {}, 422, "prompt"),
        ("POST", ALL, {"prompt": ""}, 422, "prompt"),
        ("POST", ALL, {"prompt": "\0\x1b \n"}, 400, "prompt"),
        ("POST", ALL, {"prompt": "x" * 10_001}, 422, "prompt"),
        ("POST", ALL, {"prompt": "x" * 2_001}, 400, "prompt"),
        ("POST", ALL, WORDS | {"title": "x" * 201}, 422, "title"),
        ("POST", ALL, WORDS | {"seed": -1}, 422, "seed"),
        ("POST", ALL, WORDS | {"seed": 2**63}, 422, "seed"),
        ("POST", ALL, WORDS | {"seed": "7"}, 422, "seed"),
        ("POST", ALL, WORDS | {"format": "exe"}, 422, "format"),
        ("POST", ALL, [], 422, "object"),
        ("GET", f"{ALL}?limit=0", None, 422, "limit"),
        ("GET", f"{ALL}?limit=1001", None, 422, "limit"),
        ("GET", f"{ALL}?origin=nobody", None, 422, "origin"),
        ("GET", f"{ALL}/1", None, 422, "id"),
        ("GET", f"{ALL}/..%2f..%2fetc", None, 422, "id"),
        ("GET", f"{ALL}/{NOBODY}", None, 404, "no composition"),
        ("GET", f"{ALL}/{NOBODY}?version=0", None, 422, "version"),
        ("GET", f"{ALL}/{NOBODY}/audio", None, 404, "no composition"),
        ("DELETE", f"{ALL}/{NOBODY}", None, 404, "no composition"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    composing: Composing, method: str, path: str, body: Any, status: int, says: str
) -> None:
    answer = await composing.client.ask(method, path, **({} if body is None else {"json": body}))
    assert answer.status == status, answer.text
    assert says in answer.detail
    assert (await composing.client.get(ALL)).json["total"] == 0


async def test_a_format_that_cannot_be_written_here_is_refused_before_anything_is_kept(
    composing: Composing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(av, "codecs_available", {"mp3"})
    answer = await composing.client.post(ALL, WORDS | {"format": "aac"})
    assert answer.status == 400
    assert "FFmpeg" in answer.detail
    assert (await composing.client.get(ALL)).json["total"] == 0


async def test_when_too_many_wait_nothing_is_kept_of_one_more(
    composing: Composing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "MOST_WAITING", 1)
    composing.ensemble.may_play.clear()
    await composing.begin()
    answer = await composing.client.post(ALL, WORDS)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
    assert "come back later" in answer.detail
    assert (await composing.client.get(ALL)).json["total"] == 1
