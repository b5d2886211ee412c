"""The filter language, as parameters and as an object."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_analysis, make_file, make_tags, make_vector
from tests.servers import Client, daemon

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILTERS: list[tuple[str, dict[str, Any], list[int]]] = [
    ("bpm=120..130", {"bpm": {"gte": 120, "lte": 130}}, [2, 3, 4]),
    ("bpm=140..", {"bpm": {"gte": 140}}, [5, 8, 9, 10]),
    ("bpm=..88.2", {"bpm": {"lte": 88.2}}, [1, 6]),
    ("bpm=120", {"bpm": 120}, [2]),
    ("danceability=1.85..", {"danceability": {"gte": 1.85, "lte": None}}, [3, 4]),
    ("loudness=..-10", {"loudness": {"lte": -10}}, [1, 2, 6]),
    ("loudness=-8..-6", {"loudness": {"gte": -8, "lte": -6}}, [3, 4, 5]),
    ("key=A&key=B", {"key": ["A", "B"]}, [1, 3, 9]),
    ("key=Db", {"key": ["Db"]}, [6]),
    ("key=A%23", {"key": ["A#"]}, [8]),
    ("scale=major", {"scale": "major"}, [4]),
    ("genre=Electronic", {"genre": ["Electronic"]}, [1, 2, 3, 4, 6, 9, 10]),
    ("genre=Rock&genre=Pop", {"genre": ["Rock", "Pop"]}, [5, 6]),
    ("genre=Hip+Hop", {"genre": ["Hip Hop"]}, [8]),
    ("style=House", {"style": ["House"]}, [3, 4, 10]),
    ("style=House&style=Trap", {"style": ["House", "Trap"]}, [3, 4, 8, 10]),
    (
        "genre=Electronic&style=House",
        {"genre": ["Electronic"], "style": ["House"]},
        [3, 4, 10],
    ),
    ("genre=Rock&style=House", {"genre": ["Rock"], "style": ["House"]}, []),
    ("style=House&style_min=0.8", {"style": ["House"], "style_min": 0.8}, [3, 4]),
    (
        "style=House&style=Hard+Techno&style_mode=all",
        {"style": ["House", "Hard Techno"], "style_mode": "all"},
        [10],
    ),
    (
        "genre=Electronic&genre=Pop&style_mode=all",
        {"genre": ["Electronic", "Pop"], "style_mode": "all"},
        [6],
    ),
    ("genre=electronic&bpm=130..", {"genre": ["electronic"], "bpm": {"gte": 130}}, [9, 10]),
]


@pytest.mark.parametrize(("query", "body", "ids"), FILTERS)
async def test_both_forms_of_a_filter_let_the_same_tracks_pass(
    api: Client, query: str, body: dict[str, Any], ids: list[int]
) -> None:
    listed = await api.get(f"/api/v1/tracks?{query}")
    assert [item["id"] for item in listed.json["items"]] == ids
    assert listed.json["total"] == len(ids)
    built = await api.post("/api/v1/playlists", {"mode": "vibe", "filter": body, "n": 500})
    assert sorted(item["track_id"] for item in built.json["items"]) == ids


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("bpm=fast", "bpm"),
        ("bpm=", "bpm"),
        ("bpm=..", "bpm"),
        ("bpm=120-130", "bpm"),
        ("bpm=120...130...", "bpm"),
        ("bpm=nan", "bpm"),
        ("bpm=130..120", "smaller"),
        ("bpm=" + "%20" * 2_500, "at most 200"),
        ("bpm=%D9%A1%D9%A2%D9%A0", "bpm"),
        ("genre=" + "x" * 201, "at most 200"),
        ("&".join(["style=House"] * 501), "at most 500"),
        ("danceability=1,2", "danceability"),
        ("loudness=quiet", "loudness"),
        ("key=H", "key"),
        ("scale=dorian", "scale"),
        ("genre=Electronic---House", "---"),
        ("style=Electronic---House", "---"),
        ("genre=", "genre"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/tracks", "/api/v1/tracks/1/similar"])
async def test_malformed_filter_syntax_is_400_and_names_the_filter(
    api: Client, path: str, query: str, word: str
) -> None:
    answer = await api.get(f"{path}?{query}")
    assert answer.status == 400
    assert word in answer.detail


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("style_min=high", "style_min"),
        ("style_min=1.1", "style_min"),
        ("style_min=-0.1", "style_min"),
        ("style_min=nan", "style_min"),
        ("style_mode=some", "style_mode"),
        ("bpm=120..&bpm=..130", "bpm"),
    ],
)
async def test_a_filter_member_of_the_wrong_type_is_422(api: Client, query: str, word: str) -> None:
    answer = await api.get(f"/api/v1/tracks?{query}")
    assert answer.status == 422
    assert word in answer.detail


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"bpm": {"gte": 130, "lte": 120}}, 400, "smaller"),
        ({"bpm": {}}, 400, "bpm"),
        ({"key": ["H"]}, 400, "key"),
        ({"scale": "dorian"}, 400, "scale"),
        ({"genre": ["Electronic---House"]}, 400, "---"),
        ({"bpm": "120..130"}, 422, "filter.bpm"),
        ({"bpm": {"gte": "120"}}, 422, "filter.bpm.gte"),
        ({"bpm": [120, 130]}, 422, "filter.bpm"),
        ({"bpm": True}, 422, "filter.bpm"),
        ({"key": "A"}, 422, "filter.key"),
        ({"genre": [5]}, 422, "filter.genre.0"),
        ({"style_min": 1.5}, 422, "filter.style_min"),
        ({"style_mode": "some"}, 422, "filter.style_mode"),
        ({"bmp": {"gte": 120}}, 422, "filter.bmp: is not known here"),
        ({"bpm": {"gte": 120, "lt": 130}}, 422, "filter.bpm.lt: is not known here"),
        ({"genre": ["x"] * 501}, 422, "filter.genre: must have at most 500 entries"),
        ({str(n): n for n in range(2_000)}, 422, "2000 members"),
    ],
)
async def test_a_filter_object_says_what_is_wrong_with_it(
    api: Client, body: dict[str, Any], status: int, word: str
) -> None:
    answer = await api.post("/api/v1/playlists", {"mode": "vibe", "filter": body})
    assert answer.status == status
    assert word in answer.detail


async def test_an_empty_filter_and_null_let_everything_pass(api: Client) -> None:
    for body in ({}, None, {"bpm": None, "genre": None}):
        answer = await api.post("/api/v1/playlists", {"mode": "vibe", "filter": body})
        assert len(answer.json["items"]) == 10


async def test_moods_filter_by_the_scores_that_a_record_shows(tmp_path: Path) -> None:
    """Four tracks from soft to loud; a fifth was too short for any mood."""
    async with daemon(tmp_path) as running:
        for events in (0.5, 2.0, 5.0, 9.0, None):
            features = {} if events is None else {"event_rate": events, "flux": events / 30}
            heard = replace(make_analysis(make_vector(1.0)), features=features)
            name = make_file(f"{events}.flac")
            await running.tracks.save(name, None, make_tags(title=f"{events}"), heard, ())
        records = [(await running.client.get(f"/api/v1/tracks/{n}")).json for n in range(1, 6)]
        arousal = [record["arousal"] and record["arousal"]["value"] for record in records]
        assert arousal[:4] == sorted(arousal[:4])
        assert arousal[4] is None
        for name, scores in {
            "arousal": arousal,
            "party": [record["moods"].get("party") for record in records],
        }.items():
            least = sorted(score for score in scores if score is not None)[2]
            passing = [n for n, score in enumerate(scores, 1) if score and score >= least]
            listed = await running.client.get(f"/api/v1/tracks?{name}={least}..")
            assert [item["id"] for item in listed.json["items"]] == passing
            body = {"mode": "vibe", "filter": {name: {"gte": least}}}
            built = await running.client.post("/api/v1/playlists", body)
            assert sorted(item["track_id"] for item in built.json["items"]) == passing
            assert len(passing) == 2
        answer = await running.client.get("/api/v1/tracks?happy=very")
        assert (answer.status, "happy='very' is not a range" in answer.detail) == (400, True)
