"""The BeatTeller API: discovery, likeness, stories and moods, as its document has them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.beatteller_server import Beatteller, beatteller
from tests.contract.test_beatteller_trending import play
from tests.standins import gemini as google
from tests.standins.gemini import fake_gemini

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beatteller]:
    async with beatteller(tmp_path_factory.mktemp("told")) as running:
        yield running


async def test_discover_answers_as_documented_and_as_the_frontend_reads(api: Beatteller) -> None:
    asked = {"input": "hard techno for running", "mood": "energetic", "genre": "techno", "limit": 3}
    answer = await api.post("discover", **asked)
    body = answer.json
    assert (answer.status, body["success"]) == (200, True)
    first = body["results"][0]
    assert first["artist"] == "Rotor"
    assert first["category"] == "Music"
    assert first["genre_tags"][0] == "Hard Techno"
    assert "Hard Techno" in first["recommendation_reason"]
    assert 0 < first["relevance_score"] <= 1
    assert (first["types"], first["track_id"]) == (["track"], 9)
    scores = [one["relevance_score"] for one in body["results"]]
    assert scores == sorted(scores, reverse=True)
    assert body["total_results"] == len(body["results"]) <= 3
    metadata = body["query_metadata"]
    assert (metadata["processed_input"], metadata["mood"], metadata["genre"]) == (
        asked["input"], "energetic", "techno",
    )  # fmt: skip
    assert (body["query"], body["total_found"]) == (asked["input"], body["pagination"]["total"])
    assert body["search_metadata"]["timestamp"] == "2025-06-15T15:06:40Z"
    assert body["source"] == "library"
    assert body["sources"]["popularity"] == "listening: no plays are counted in this library yet"


async def test_unknown_moods_and_genres_ask_for_nothing(api: Beatteller) -> None:
    plain = await api.post("discover", input="techno")
    odd = await api.post("discover", input="techno", mood="flurbish", genre="xyzzy")
    assert odd.status == 200
    assert odd.json["results"] == plain.json["results"]


async def test_words_that_mean_nothing_have_no_answer(api: Beatteller) -> None:
    answer = await api.post("discover", input="qwertzuiop")
    assert (answer.status, answer.json["results"], answer.json["total_results"]) == (200, [], 0)


async def test_pages_follow_one_another(api: Beatteller) -> None:
    whole = (await api.post("discover", input="electronic", limit=50)).json["results"]
    first = (await api.post("discover", input="electronic", per_page=2)).json
    second = (await api.post("discover", input="electronic", per_page=2, page=2)).json
    assert [*first["results"], *second["results"]] == whole[:4]
    pages = -(-len(whole) // 2)
    assert second["pagination"] == {
        "page": 2, "per_page": 2, "total": len(whole), "pages": pages,
        "has_next": pages > 2, "has_prev": True,
    }  # fmt: skip
    after = (await api.post("discover", input="electronic", per_page=2, page=1000)).json
    assert (after["results"], after["pagination"]["has_next"]) == ([], False)


@pytest.mark.parametrize(
    ("entity", "taken_for", "types"),
    [
        ("aphex twin", "artist", ["artist"]),
        ("Xtal", "track", ["track"]),
        ("Homework", "album", ["track"]),
        ("House", "genre", ["artist"]),
    ],
)
async def test_recommendations_for_whatever_has_a_name(
    api: Beatteller, entity: str, taken_for: str, types: list[str]
) -> None:
    answer = await api.post("recommendations", seed_entity=entity, limit=3)
    body = answer.json
    assert (answer.status, body["metadata"]["taken_for"]) == (200, taken_for)
    assert body["total_recommendations"] == len(body["recommendations"]) == 3
    assert body["seed"] == body["seed_entity"]
    first = body["recommendations"][0]
    assert (first["types"], first["category"]) == (types, "Music")
    assert entity.casefold() != first["name"].casefold()
    assert "cosine" in first["recommendation_reason"]
    assert {"genre_tags", "popularity"} <= set(first)
    second = await api.post("recommendations", seed_entity=entity, per_page=1, page=2)
    assert second.json["recommendations"] == [body["recommendations"][1]]


async def test_recommendations_without_metadata_are_short(api: Beatteller) -> None:
    answer = await api.post("recommendations", seed_entity="Xtal", include_metadata=False)
    assert set(answer.json["recommendations"][0]) == {
        "name", "artist", "category", "similarity_score", "recommendation_reason", "types",
        "track_id",
    }  # fmt: skip


async def test_what_the_library_does_not_have_is_like_nothing(api: Beatteller) -> None:
    answer = await api.post("recommendations", seed_entity="Radiohead")
    assert (answer.status, answer.json["error"]["code"]) == (404, "NOT_FOUND")
    assert "'Radiohead'" in answer.json["error"]["message"]


async def test_a_story_of_tracks_that_are_here_and_of_others(api: Beatteller) -> None:
    answer = await api.post(
        "story",
        music_preferences=[
            {"name": "Xtal", "artist": "Aphex Twin"},
            {"name": "Drive", "artist": "The Cars"},
        ],
        user_name="Alex",
        story_type="journey",
        theme="inspirational",
        story_length="medium",
    )
    body = answer.json
    assert (answer.status, body["success"], body["source"]) == (200, True, "local")
    metadata = body["metadata"]
    words = len(body["story"].split())
    assert 400 <= words == metadata["word_count"] <= 500
    assert metadata["estimated_reading_time"] == "2 minutes"
    assert (metadata["reading_time_minutes"], metadata["story_length"]) == (2, "medium")
    assert (metadata["story_type"], metadata["theme"]) == ("journey", "inspirational")
    assert (body["story_type"], body["theme"]) == ("journey", "inspirational")
    assert [one["name"] for one in body["music_featured"]] == ["Xtal", "Drive"]
    assert "88 beats a minute" in body["music_featured"][0]["context_in_story"]
    assert "Alex" in body["story"]
    assert "88 beats a minute" in body["story"]


@pytest.mark.parametrize(
    "wish",
    [
        {"story_type": "romantic"},
        {"story_type": "space opera", "theme": "xyzzy", "story_length": "endless"},
        {"story_type": None, "theme": None, "story_length": None},
        {"story_type": "", "theme": "", "story_length": ""},
    ],
)
async def test_unknown_wishes_for_a_story_fall_back(api: Beatteller, wish: dict[str, Any]) -> None:
    story = {"music_preferences": [{"name": "Autumn Leaves"}], "user_name": "John", **wish}
    answer = await api.post("story", **story)
    assert answer.status == 200
    assert answer.json["story_type"] == "journey"
    assert 400 <= answer.json["metadata"]["word_count"] <= 500


async def test_the_mood_of_a_text_and_music_for_it(api: Beatteller) -> None:
    text = "I feel nostalgic and contemplative today, thinking about old memories"
    answer = await api.post("mood-analysis", text=text)
    body = answer.json
    mood = body["mood_analysis"]
    assert (answer.status, body["source"]) == (200, "local")
    assert (mood["primary_mood"], mood["secondary_mood"]) == ("nostalgic", "contemplative")
    assert 0 <= mood["emotional_intensity"] <= 1
    assert -1 <= mood["sentiment_score"] <= 1
    assert mood["mood_intensity"] == 1 + round(9 * mood["emotional_intensity"])
    assert mood["secondary_moods"][0] == "contemplative"
    assert '"nostalgic" (nostalgic)' in mood["explanation"]


async def test_a_text_in_no_known_words_is_calm_and_says_why(api: Beatteller) -> None:
    mood = (await api.post("mood-analysis", text="zwölf Boxkämpfer")).json["mood_analysis"]
    assert (mood["primary_mood"], mood["secondary_mood"]) == ("calm", None)
    assert mood["explanation"].startswith("no word of the text says a mood")


async def test_gemini_finds_words_where_nothing_answers(tmp_path: Path) -> None:
    said = {"words": ["hard techno", "an invented band", "no house"]}
    async with fake_gemini(google.says(json.dumps(said))) as fake:
        gemini = {"api_key": google.KEY, "base_url": fake.url, "failover_model": ""}
        async with beatteller(tmp_path, gemini=gemini) as api:
            body = (await api.post("discover", input="techno")).json
            assert (body["source"], fake.asked) == ("library", [])
            body = (await api.post("discover", input="Stampfende Klänge", per_page=1)).json
            assert body["source"] == "gemini"
            assert "hard techno" in body["query_metadata"]["understood"]
            assert body["query_metadata"]["processed_input"] == "Stampfende Klänge"
            assert body["results"][0]["artist"] == "Rotor"
            more = {"input": "Stampfende Klänge", "per_page": 1, "page": 2}
            second = (await api.post("discover", **more)).json
            assert second["results"][0]["artist"] == "Rotor"
            assert second["results"] != body["results"]
            assert len(fake.asked) == 1
            fake.script(google.says('{"words": []}'))
            body = (await api.post("discover", input="qwertz")).json
            assert (body["results"], body["source"]) == ([], "library")
            fake.script(google.fails(403, "PERMISSION_DENIED", "API key not valid"))
            body = (await api.post("discover", input="asdfgh")).json
            assert (body["success"], body["results"], body["source"]) == (True, [], "library")


async def test_popularity_is_the_rank_by_plays_and_says_so(tmp_path: Path) -> None:
    async with beatteller(tmp_path) as api:
        await api.core.store.plays.record([play(9, 1), play(9, 2), play(10, 3)])
        body = (await api.post("discover", input="hard techno")).json
        ranks = {one["track_id"]: one["popularity"] for one in body["results"]}
        assert (ranks[9], ranks[10]) == (1.0, 0.5)
        assert body["sources"]["popularity"] == "listening: rank by counted plays in this library"
        body = (await api.post("recommendations", seed_entity="Around the World")).json
        assert {one["popularity"] for one in body["recommendations"]} >= {0.0, 1.0}
