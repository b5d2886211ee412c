"""The BeatTeller API: what is refused, in the document's words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.beatteller_server import Beatteller, beatteller
from tests.servers import Answer

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOO_LONG = "x" * 501
STORY = {"music_preferences": [{"name": "Xtal"}], "user_name": "Alex"}
BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("discover", {}, "input: is required"),
    ("discover", {"input": ""}, "input: "),
    ("discover", {"input": "  "}, "input: must say something"),
    ("discover", {"input": TOO_LONG}, "input: must have at most 500 characters"),
    ("discover", {"input": 5}, "input: must be a string, not 5"),
    ("discover", {"input": "a\x00b"}, "input: must not hold control characters"),
    ("discover", {"input": "a", "limit": 0}, "limit: must be 1 or more, not 0"),
    ("discover", {"input": "a", "limit": 51}, "limit=51: must be 50 or less"),
    ("discover", {"input": "a", "limit": 501}, "limit: must be 500 or less, not 501"),
    ("discover", {"input": "a", "limit": "ten"}, 'limit: must be a whole number, not "ten"'),
    ("discover", {"input": "a", "limit": 2.5}, "limit: must be a whole number, not 2.5"),
    ("discover", {"input": "a", "page": 0}, "page: must be 1 or more, not 0"),
    ("discover", {"input": "a", "per_page": 51}, "per_page=51: must be 50 or less"),
    ("discover", {"input": "a", "mood": 7}, "mood: must be a string, not 7"),
    ("recommendations", {}, "seed_entity: is required"),
    ("recommendations", {"seed_entity": "x" * 501}, "seed_entity: must have at most 500"),
    ("recommendations", {"seed_entity": "Xtal", "limit": 0}, "limit: must be 1 or more"),
    ("recommendations", {"seed_entity": "Xtal", "limit": 51}, "limit=51: must be 50 or less"),
    ("recommendations", {"seed_entity": "Xtal", "limit": "ten"}, "limit: must be a whole number"),
    ("recommendations", {"seed_entity": "Xtal", "include_metadata": "y"}, "include_metadata: "),
    ("story", {"user_name": "Alex"}, "music_preferences: is required"),
    ("story", {"music_preferences": [{"name": "Xtal"}]}, "user_name: is required"),
    ("story", {**STORY, "music_preferences": []}, "music_preferences: "),
    ("story", {**STORY, "music_preferences": [{}]}, "music_preferences.0.name: is required"),
    ("story", {**STORY, "music_preferences": ["Xtal"]}, "music_preferences.0: must be an object"),
    ("story", {**STORY, "music_preferences": [{"name": "x"}] * 101}, "must have at most 100"),
    ("story", {**STORY, "user_name": "x" * 101}, "user_name: must have at most 100 characters"),
    ("mood-analysis", {}, "text: is required"),
    ("mood-analysis", {"text": " "}, "text: must say something"),
    ("mood-analysis", {"text": "x" * 20_001}, "text: must have at most 20000 characters"),
]
POSTS = sorted({path for path, _, _ in BODIES})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beatteller]:
    async with beatteller(tmp_path_factory.mktemp("refused")) as running:
        yield running


def refused(answer: Answer, status: int, code: str) -> str:
    """The message of an error in the documented body."""
    body = answer.json
    assert answer.status == status, answer.text
    assert set(body) == {"success", "error", "timestamp", "detail"}
    assert set(body["error"]) == {"code", "message", "details"}
    assert (body["success"], body["error"]["code"]) == (False, code)
    assert body["timestamp"] == "2025-06-15T15:06:40Z"
    assert body["detail"] == body["error"]["message"]
    return str(body["detail"])


@pytest.mark.parametrize(("path", "body", "message"), BODIES)
async def test_a_bad_member_is_named(
    api: Beatteller, path: str, body: dict[str, Any], message: str
) -> None:
    assert message in refused(await api.post(path, **body), 400, "INVALID_INPUT")


@pytest.mark.parametrize("path", POSTS)
async def test_what_is_no_object(api: Beatteller, path: str) -> None:
    for data in (b"", b"{", b"[]", b'"text"', b"null", b"\xff\xfe", b"[" * 50_000, b'{"a":NaN}'):
        answer = await api.client.post(f"/api/{path}", data=data)
        refused(answer, 400, "INVALID_INPUT")


async def test_a_story_of_very_many_tracks_is_not_even_read(api: Beatteller) -> None:
    many = b'{"music_preferences":[' + b",".join([b'{"name":"x"}'] * 50_000) + b"]}"
    answer = await api.client.post("/api/story", data=BytesIO(many))
    assert "262144 bytes" in refused(answer, 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("path", POSTS)
async def test_ten_megabytes(api: Beatteller, path: str) -> None:
    answer = await api.client.post(f"/api/{path}", data=BytesIO(b" " * (10 * 2**20)))
    refused(answer, 413, "BODY_TOO_LARGE")


async def test_unknown_addresses_and_methods(api: Beatteller) -> None:
    for path in ("/api/nothing", "/api/v3/tracks", "/api"):
        assert path in refused(await api.client.get(path), 404, "NOT_FOUND")
    answer = await api.client.get("/api/discover")
    refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "POST"


async def test_what_is_configured_is_the_most(tmp_path: Path) -> None:
    few = {"default_limit": 4, "max_results": 2, "max_story_words": 60}
    async with beatteller(tmp_path, discovery=few) as api:
        answer = await api.post("discover", input="electronic", limit=3)
        assert "limit=3: must be 2 or less" in refused(answer, 400, "INVALID_INPUT")
        assert len((await api.post("discover", input="electronic")).json["results"]) == 2
        found = (await api.post("recommendations", seed_entity="Xtal")).json
        assert len(found["recommendations"]) == 2
        story = (await api.post("story", **STORY)).json
        assert story["metadata"]["word_count"] <= 60


async def test_the_key_and_the_limit(tmp_path: Path) -> None:
    limits = {"per_hour": 100, "per_minute": 3}
    async with beatteller(tmp_path, http={"api_key": "k"}, rate_limit=limits) as api:
        answer = await api.post("discover", input="techno")
        refused(answer, 401, "UNAUTHORIZED")
        key = {"X-API-Key": "k"}
        for _ in range(2):
            answer = await api.client.post("/api/discover", json={"input": "a"}, headers=key)
            assert answer.status == 200
        answer = await api.client.post("/api/discover", json={"input": "a"}, headers=key)
        refused(answer, 429, "API_LIMIT_EXCEEDED")
        assert answer.headers["X-RateLimit-Limit"] == "3"
        for _ in range(5):
            assert (await api.client.get("/api/health", headers=key)).status == 200


async def test_another_origin_is_forbidden(tmp_path: Path) -> None:
    async with beatteller(tmp_path) as api:
        answer = await api.client.post(
            "/api/discover", json={"input": "a"}, headers={"Origin": "https://elsewhere.example"}
        )
        refused(answer, 403, "FORBIDDEN")


async def test_a_fault_of_ours_says_nothing_of_its_insides(
    api: Beatteller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("secret insides")

    monkeypatch.setattr(type(api.deps.discovery), "discover", broken)
    answer = await api.post("discover", input="a")
    assert "insides" not in refused(answer, 500, "INTERNAL_ERROR")
