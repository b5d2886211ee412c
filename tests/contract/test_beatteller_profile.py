"""Taste profiles: out of what is sent, or of what was played here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.beatteller_server import Beatteller, beatteller
from tests.contract.test_beatteller_refusals import refused
from tests.contract.test_beatteller_trending import play

pytestmark = pytest.mark.asyncio(loop_scope="module")


def did(entity: str, kind: str = "play", day: int = 1) -> dict[str, str]:
    """An interaction."""
    return {"entity": entity, "interaction_type": kind, "timestamp": f"2025-06-{day:02}T12:00:00Z"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beatteller]:
    async with beatteller(tmp_path_factory.mktemp("taste")) as running:
        yield running


async def test_interactions_and_preferences(api: Beatteller) -> None:
    answer = await api.post(
        "profile",
        user_interactions=[
            did("Aphex Twin", "like", 1), did("Jóga", "play", 2), did("Homework", "play", 3),
            did("Darkthrone - Transilvanian Hunger", "dislike", 4), did("Nobody", "like", 5),
        ],
        preferences={"genres": ["trip hop"], "moods": ["calm"], "activities": ["study"]},
    )  # fmt: skip
    body = answer.json
    assert (answer.status, body["success"], body["source"]) == (200, True, "library")
    assert body["sources"]["mood_preferences"] == (
        "library: moods, weighed by the interactions that were sent and what is said"
    )
    taste = body["taste_profile"]
    assert taste["primary_genres"][:2] == ["trip hop", "Ambient"]
    assert "Black Metal" not in taste["primary_genres"]
    assert taste["mood_preferences"][0] == "calm"
    assert taste["discovery_openness"] == 4 / 5
    assert taste["popularity_preference"] == 0.0
    assert 0 < taste["diversity_score"] < 1
    analytics = body["analytics"]
    assert (analytics["positive"], analytics["negative"]) == (3, 1)
    assert (analytics["unknown"], analytics["unknown_names"]) == (1, ["Nobody"])
    assert sum(analytics["genre_shares"].values()) == pytest.approx(1, abs=0.01)
    first = body["recommendations"][0]
    assert first["name"] not in ("Aphex Twin", "Björk", "Daft Punk", "Darkthrone")
    assert "sounds like what you like (cosine" in first["reason"]
    assert body["insights"]
    assert body["profile"] == {}


async def test_interests_as_the_frontend_sends_them(api: Beatteller) -> None:
    answer = await api.post("profile", interests=["hard techno", "Aphex Twin", "xyzzy"])
    body = answer.json
    assert answer.status == 200
    assert list(body["profile"]) == ["hard techno", "Aphex Twin", "xyzzy"]
    techno = body["profile"]["hard techno"]
    assert set(techno["Music"][:2]) == {"Hard", "Harder"}
    assert techno["Artist"][0] == "Rotor"
    assert body["profile"]["xyzzy"] == {"Music": [], "Artist": [], "Genre": []}
    assert body["analytics"]["unknown_names"] == ["xyzzy"]
    assert body["analytics"]["interactions"] == 0
    assert body["sources"]["primary_genres"] == "library: styles, weighed by what is said"
    assert "sent" not in body["sources"]["discovery_openness"]
    assert len(body["insights"]) > 1


async def test_of_nothing_it_says_that_nothing_is_known(api: Beatteller) -> None:
    for sent in ({}, {"user_interactions": []}, {"interests": []}, {"preferences": {}}):
        answer = await api.client.post("/api/profile", json=sent)
        body = answer.json
        assert answer.status == 200
        assert body["taste_profile"] == {
            "primary_genres": [], "mood_preferences": [], "discovery_openness": 0.5,
            "popularity_preference": 0.0, "diversity_score": 0.0,
        }  # fmt: skip
        assert body["recommendations"] == []
        assert "sent" not in " ".join(body["sources"].values())
        assert body["insights"][0].startswith("nothing is known yet")


async def test_what_is_unknown_here_is_no_source(api: Beatteller) -> None:
    body = (await api.post("profile", user_interactions=[did("Nobody", "like", 5)])).json
    assert body["analytics"]["unknown_names"] == ["Nobody"]
    assert body["taste_profile"]["discovery_openness"] == 0.5
    assert body["sources"]["discovery_openness"] == "nothing: no interaction is known"


async def test_what_was_played_here_where_nothing_is_sent(tmp_path: Path) -> None:
    async with beatteller(tmp_path) as api:
        plays = [play(3, 1), play(4, 2), play(3, 3), play(9, 1, "bob"),
                 play(5, 4, skipped=True)]  # fmt: skip
        await api.core.store.plays.record(plays)
        body = (await api.post("profile", listener="ann")).json
        assert body["source"] == "listening"
        assert body["sources"]["discovery_openness"] == "listening: plays that count, and skips"
        assert body["taste_profile"]["primary_genres"] == ["House"]
        assert body["taste_profile"]["discovery_openness"] == 2 / 5
        assert body["taste_profile"]["popularity_preference"] > 0.5
        analytics = body["analytics"]
        assert (analytics["positive"], analytics["negative"]) == (3, 1)
        assert body["recommendations"][0]["name"] == "Rotor"
        body = (await api.client.post("/api/profile", json={})).json
        assert body["analytics"]["positive"] == 4
        answer = await api.post("profile", listener="x\x00")
        refused(answer, 400, "INVALID_INPUT")


@pytest.mark.parametrize(
    "timestamp",
    ["2025-01-31T12:00:00Z", "2025-01-31T12:00:00+02:00", "2025-01-31", "2025-01-31 12:00:00.5",
     "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"],
)  # fmt: skip
async def test_times_that_are_some(api: Beatteller, timestamp: str) -> None:
    one = {**did("Xtal"), "timestamp": timestamp}
    assert (await api.post("profile", user_interactions=[one])).status == 200


BAD: list[tuple[dict[str, Any], str]] = [
    ({"user_interactions": [{"interaction_type": "like"}]}, "0.entity: is required"),
    ({"user_interactions": [{"entity": "x"}]}, "0.interaction_type: is required"),
    ({"user_interactions": [did("x", "hum")]}, "'like', 'dislike', 'play' or 'skip'"),
    ({"user_interactions": [did("x" * 501)]}, "must have at most 500 characters"),
    ({"user_interactions": [did("")]}, "0.entity: "),
    ({"user_interactions": "Xtal"}, "user_interactions: must be a list"),
    ({"user_interactions": [did("Xtal")] * 10_001}, "must have at most 10000 entries"),
    ({"preferences": []}, "preferences: must be an object"),
    ({"preferences": {"genres": ["x"] * 21}}, "preferences.genres: must have at most 20 entries"),
    ({"preferences": {"moods": [5]}}, "preferences.moods.0: must be a string"),
    ({"interests": ["x" * 101]}, "interests.0: must have at most 100 characters"),
    *(
        ({"user_interactions": [{**did("x"), "timestamp": text}]}, "must be an ISO time such as")
        for text in ("yesterday", "", "1700000000", "2025-13-01", "2025-01-31T25:00:00Z",
                     "20250131", "2025-W05-1", "2025-01-31T12:00:00+99:99")
    ),
    ({"user_interactions": [{**did("x"), "timestamp": 1700000000}]}, "must be a string"),
    ({"user_interactions": [{**did("x"), "timestamp": "9" * 60}]}, "must have at most 50"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "message"), BAD)
async def test_refusals(api: Beatteller, body: dict[str, Any], message: str) -> None:
    assert message in refused(await api.post("profile", **body), 400, "INVALID_INPUT")


async def test_interactions_by_the_hundred_thousand(api: Beatteller) -> None:
    many = b'{"user_interactions":[' + b",".join([b"{}"] * 100_000) + b"]}"
    answer = await api.client.post("/api/profile", data=BytesIO(many))
    refused(answer, 400, "INVALID_INPUT")
    small = b'{"entity":"x","interaction_type":"play"}'
    many = b'{"user_interactions":[' + b",".join([small] * 100_000) + b"]}"
    answer = await api.client.post("/api/profile", data=BytesIO(many))
    refused(answer, 413, "BODY_TOO_LARGE")


async def test_ten_thousand_interactions_with_as_many_names(api: Beatteller) -> None:
    many = [did(f"Nobody {number}") for number in range(9_000)] + [did("House")] * 1_000
    answer = await api.post("profile", user_interactions=many)
    body = answer.json
    assert answer.status == 200
    assert body["analytics"]["positive"] == 1_000
    assert body["taste_profile"]["primary_genres"][0] == "House"
    assert body["analytics"]["unknown"] == 999
    assert body["analytics"]["not_looked_for"] == 8_001
