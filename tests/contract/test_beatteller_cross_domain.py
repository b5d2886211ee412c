"""From music to films, books, restaurants and fashion, by whom is asked elsewhere."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.beatteller_server import Beatteller, beatteller
from tests.contract.test_beatteller_refusals import refused
from tests.standins import gemini as google
from tests.standins import qloo as tastes
from tests.standins.gemini import FakeGemini, fake_gemini
from tests.standins.qloo import FakeQloo, fake_qloo

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLE = {"music_entity": "Pink Floyd", "target_domains": ["movies", "books"],
           "limit_per_domain": 5}  # fmt: skip
SAID = {
    "domains": [
        {"domain": "movies", "items": [
            {"name": "The Wall", "connection_reason": "Its film.", "relevance_score": 0.4},
            {"name": "the wall", "connection_reason": "Twice.", "relevance_score": 0.3},
        ]},
        {"domain": "movies", "items": [
            {"name": "Live at Pompeii", "connection_reason": "A concert.", "relevance_score": 0.9},
        ]},
        {"domain": "fashion", "items": [
            {"name": "Unasked", "connection_reason": "No.", "relevance_score": 1.0},
        ]},
    ]
}  # fmt: skip


def with_qloo(fake: FakeQloo, key: str = tastes.KEY) -> dict[str, Any]:
    """Its settings; nothing is kept, so that each request is asked."""
    return {"qloo": {"api_key": key, "base_url": fake.url}, "cache": {"enabled": False}}


def with_gemini(fake: FakeGemini) -> dict[str, Any]:
    """Its settings."""
    return {"gemini": {"api_key": google.KEY, "base_url": fake.url, "failover_model": ""}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beatteller]:
    async with beatteller(tmp_path_factory.mktemp("alone")) as running:
        yield running


async def test_qloo_says_what_its_people_like(tmp_path: Path) -> None:
    async with fake_qloo() as fake, beatteller(tmp_path, **with_qloo(fake)) as api:
        answer = await api.post("cross-domain", **EXAMPLE)
        body = answer.json
        assert (answer.status, body["success"], body["source"]) == (200, True, "qloo")
        found = body["cross_domain_recommendations"]
        assert {domain: [one["name"] for one in found[domain]] for domain in found} == {
            "movies": ["The Wall", "Koyaanisqatsi", "Stalker"],
            "books": ["A Book of Pigs", "Echoes in Print"],
        }
        first = found["movies"][0]
        assert 0 < first["relevance_score"] <= 1
        assert "people who like Pink Floyd" in first["connection_reason"]
        assert f"{first['relevance_score']:.2f}" in first["connection_reason"]
        assert (body["source_entity"], body["seed"]) == ("Pink Floyd", "Pink Floyd")
        assert body["cross_domain_results"] == found
        assert body["metadata"]["total_found"] == 5
        kinds = [query.get("filter.type") for path, query in fake.asked if "insights" in path]
        assert kinds == ["urn:entity:movie", "urn:entity:book"]
        assert tastes.KEY not in answer.text
        theirs = {"seed_entity": "Pink Floyd", "domains": ["MOVIES", "movies"], "limit": 1}
        body = (await api.post("cross-domain", **theirs)).json
        assert [one["name"] for one in body["cross_domain_results"]["movies"]] == ["The Wall"]
        body = (await api.post("cross-domain", music_entity="Pink Floyd")).json
        domains = ["movies", "books", "restaurants", "fashion"]
        assert list(body["cross_domain_recommendations"]) == domains
        health = (await api.get("health")).json
        assert health["services"]["qloo_api"] == "connected"


async def test_a_track_of_the_library_stands_for_its_artist(tmp_path: Path) -> None:
    async with fake_qloo() as fake, beatteller(tmp_path, **with_qloo(fake)) as api:
        body = (await api.post("cross-domain", music_entity="joga", target_domains=["movies"])).json
        assert fake.asked[0][1]["query"] == "Björk"
        movies = body["cross_domain_recommendations"]["movies"]
        assert [one["name"] for one in movies] == ["Dancer in the Dark"]
        assert body["source_entity"] == "joga"


async def test_whom_qloo_does_not_know_is_404(tmp_path: Path) -> None:
    async with fake_qloo() as fake, beatteller(tmp_path, **with_qloo(fake)) as api:
        answer = await api.post("cross-domain", music_entity="Nobody At All")
        assert "'Nobody At All'" in refused(answer, 404, "NOT_FOUND")


async def test_gemini_answers_where_there_is_no_qloo(tmp_path: Path) -> None:
    async with (
        fake_gemini(google.says(json.dumps(SAID))) as fake,
        beatteller(tmp_path, **with_gemini(fake)) as api,
    ):
        body = (await api.post("cross-domain", **EXAMPLE)).json
        assert body["source"] == "gemini"
        found = body["cross_domain_recommendations"]
        assert list(found) == ["movies", "books"]
        assert [one["name"] for one in found["movies"]] == ["Live at Pompeii", "The Wall"]
        assert found["books"] == []
        assert "Pink Floyd" in fake.asked[0].text
        schema = fake.asked[0].body["generationConfig"]["responseJsonSchema"]
        assert "domains" in schema["properties"]


async def test_one_item_of_geminis_that_is_out_of_bounds_spoils_no_other(tmp_path: Path) -> None:
    items = [
        {"name": "Too sure", "connection_reason": "x" * 2_000, "relevance_score": 9},
        {"name": "A name " * 100, "connection_reason": "", "relevance_score": 0.9},
        {"name": "", "connection_reason": "nothing", "relevance_score": 0.8},
        {"name": "Against", "connection_reason": "of course", "relevance_score": -1},
    ]
    said = {"domains": [{"domain": "books", "items": items}]}
    async with (
        fake_gemini(google.says(json.dumps(said))) as fake,
        beatteller(tmp_path, **with_gemini(fake)) as api,
    ):
        body = (await api.post("cross-domain", **EXAMPLE)).json
        books = body["cross_domain_recommendations"]["books"]
        assert [(one["name"], one["relevance_score"]) for one in books] == [
            ("Too sure", 1.0), ("Against", 0.0),
        ]  # fmt: skip
        assert len(books[0]["connection_reason"]) == 1_000


async def test_gemini_answers_where_qloo_fails(tmp_path: Path) -> None:
    async with fake_qloo() as qloo, fake_gemini(google.says(json.dumps(SAID))) as gemini:
        settings = {**with_qloo(qloo, "wrong"), **with_gemini(gemini)}
        async with beatteller(tmp_path, **settings) as api:
            body = (await api.post("cross-domain", **EXAMPLE)).json
            assert body["source"] == "gemini"
            health = (await api.get("health")).json
            assert health["services"]["qloo_api"] == "unauthorized"
            assert health["status"] == "degraded"


async def test_where_all_fail_it_is_502(tmp_path: Path) -> None:
    async with fake_qloo() as qloo, fake_gemini(google.says('{"domains": []}')) as gemini:
        async with beatteller(tmp_path / "one", **with_qloo(qloo, "wrong")) as api:
            message = refused(
                await api.post("cross-domain", **EXAMPLE), 502, "EXTERNAL_SERVICE_ERROR"
            )
            assert "Qloo" in message
            assert "wrong" not in message
        async with beatteller(tmp_path / "two", **with_gemini(gemini)) as api:
            answer = await api.post("cross-domain", **EXAMPLE)
            assert "Gemini named nothing" in refused(answer, 502, "EXTERNAL_SERVICE_ERROR")
            gemini.script(google.fails(400, "INVALID_ARGUMENT", "API key not valid"))
            answer = await api.post("cross-domain", **EXAMPLE)
            refused(answer, 502, "EXTERNAL_SERVICE_ERROR")
            assert google.KEY not in answer.text


async def test_without_keys_it_names_the_variables(alone: Beatteller) -> None:
    message = refused(await alone.post("cross-domain", **EXAMPLE), 503, "SERVICE_UNAVAILABLE")
    assert "QLOO_API_KEY" in message
    assert "GEMINI_API_KEY" in message


async def test_switched_off_it_says_how_to_switch_it_on(tmp_path: Path) -> None:
    async with fake_qloo() as fake:
        settings = {**with_qloo(fake), "discovery": {"cross_domain": False}}
        async with beatteller(tmp_path, **settings) as api:
            answer = await api.post("cross-domain", **EXAMPLE)
            assert "ENABLE_CROSS_DOMAIN" in refused(answer, 503, "SERVICE_UNAVAILABLE")
            assert fake.asked == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "music_entity: is required"),
        ({"music_entity": " "}, "music_entity: must say something"),
        ({"music_entity": "x" * 501}, "music_entity: must have at most 500 characters"),
        ({**EXAMPLE, "target_domains": ["games"]}, "must be 'movies', 'books', 'restaurants' or"),
        ({**EXAMPLE, "target_domains": "movies"}, "target_domains: must be a list"),
        ({**EXAMPLE, "target_domains": ["movies"] * 21}, "must have at most 20 entries"),
        ({**EXAMPLE, "target_domains": [7]}, "target_domains.0: must be"),
        ({"seed_entity": "x", "domains": ["games"]}, "domains.0: must be 'movies'"),
        ({**EXAMPLE, "limit_per_domain": 0}, "limit_per_domain: must be 1 or more, not 0"),
        ({**EXAMPLE, "limit_per_domain": 51}, "limit_per_domain=51: must be 50 or less"),
        ({**EXAMPLE, "limit_per_domain": "ten"}, "limit_per_domain: must be a whole number"),
        ({"seed_entity": "x", "limit": 51}, "limit=51: must be 50 or less"),
    ],
)
async def test_refusals(alone: Beatteller, body: dict[str, Any], message: str) -> None:
    assert message in refused(await alone.post("cross-domain", **body), 400, "INVALID_INPUT")
