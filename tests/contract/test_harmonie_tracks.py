"""Tracks: list, get, similar, resolve."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.servers import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

XTAL = {
    "id": 1,
    "path": "/music/Aphex Twin/SAW/01 Xtal.flac",
    "library_root": "/music",
    "relative_path": "Aphex Twin/SAW/01 Xtal.flac",
    "duration": 312.4,
    "model": "timbre316-2",
    "artist": "Aphex Twin",
    "album": "Selected Ambient Works",
    "title": "Xtal",
    "track_number": 1,
    "bpm": 88.2,
    "key": "A",
    "scale": "minor",
    "danceability": 1.31,
    "loudness": -16.4,
    "styles": [{"style": "Electronic---Ambient", "probability": 0.71}],
}
MORE = {
    "size": 1_048_576,
    "mtime": 1_700_000_000.5,
    "embedding_dim": 316,
    "descriptor_version": 1,
    "bpm_confidence": 3.2,
    "tempo_known": True,
    "key_strength": 0.8,
    "onset_rate": 3.5,
    "energy": None,
    "valence": None,
    "arousal": None,
    "moods": {},
    "analyzed_at": 1_750_000_000.0,
}


def ids(page: Any) -> list[int]:
    return [item["id"] for item in page["items"]]


async def test_a_page_has_items_total_limit_and_offset(api: Client) -> None:
    page = (await api.get("/api/v1/tracks")).json
    assert {name: page[name] for name in page if name != "items"} == {
        "total": 10, "limit": 100, "offset": 0,
    }  # fmt: skip
    assert page["items"][0] == XTAL


async def test_a_track_without_tags_or_embedding_is_listed_with_nulls(api: Client) -> None:
    item = (await api.get("/api/v1/tracks?limit=1&offset=6")).json["items"][0]
    nulls = [name for name, value in item.items() if value is None]
    assert (item["id"], item["styles"]) == (7, [])
    assert nulls == [
        "artist", "album", "title", "track_number", "model",
        "bpm", "key", "scale", "danceability", "loudness",
    ]  # fmt: skip


async def test_limit_and_offset_cut_a_page(api: Client) -> None:
    page = (await api.get("/api/v1/tracks?limit=3&offset=8")).json
    assert (ids(page), page["total"], page["limit"], page["offset"]) == ([9, 10], 10, 3, 8)
    beyond = (await api.get("/api/v1/tracks?offset=99")).json
    assert (beyond["items"], beyond["total"]) == ([], 10)


@pytest.mark.parametrize("limit", [1, 1000])
async def test_a_limit_from_1_to_1000_is_accepted(api: Client, limit: int) -> None:
    assert (await api.get(f"/api/v1/tracks?limit={limit}")).json["limit"] == limit


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=ten", "offset=-1", "offset=1e3", "order_by=title"],
)
async def test_paging_that_does_not_fit_is_422(api: Client, query: str) -> None:
    answer = await api.get(f"/api/v1/tracks?{query}")
    assert answer.status == 422
    assert answer.detail.startswith(query.partition("=")[0])


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ("id", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("path", [8, 1, 2, 6, 4, 3, 5, 9, 10, 7]),
        ("bpm", [6, 1, 2, 3, 4, 8, 10, 9, 5, 7]),
        ("duration", [7, 8, 9, 10, 6, 1, 4, 5, 3, 2]),
        ("analyzed_at", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ],
)
async def test_order_by_sorts_ascending_with_missing_values_last(
    api: Client, order_by: str, expected: list[int]
) -> None:
    answer = await api.get(f"/api/v1/tracks?order_by={order_by}")
    found = ids(answer.json)
    if order_by == "path":
        paths = [item["path"].encode() for item in answer.json["items"]]
        assert paths == sorted(paths)
    else:
        assert found == expected


async def test_model_keeps_the_tracks_that_have_it(api: Client) -> None:
    known = (await api.get("/api/v1/tracks?model=timbre316-2")).json
    assert (known["total"], 7 in ids(known)) == (9, False)
    unknown = await api.get("/api/v1/tracks?model=discogs-effnet-bs64-1")
    assert (unknown.status, unknown.json["items"], unknown.json["total"]) == (200, [], 0)


async def test_a_track_has_everything_its_list_entry_has_and_more(api: Client) -> None:
    assert (await api.get("/api/v1/tracks/1")).json == {**XTAL, **MORE}


@pytest.mark.parametrize(
    ("track", "status"),
    [
        ("999", 404),
        ("0", 404),
        ("-1", 404),
        ("9223372036854775807", 404),
        ("abc", 422),
        ("1.5", 422),
        ("9223372036854775808", 422),
        ("%20", 422),
    ],
)
async def test_an_unknown_id_is_404_and_a_wrong_one_422(
    api: Client, track: str, status: int
) -> None:
    for path in (f"/api/v1/tracks/{track}", f"/api/v1/tracks/{track}/similar"):
        answer = await api.get(path)
        assert answer.status == status
        assert answer.detail


async def test_similar_ranks_by_cosine_without_the_track_itself(api: Client) -> None:
    answer = (await api.get("/api/v1/tracks/1/similar")).json
    scores = [match["score"] for match in answer["matches"]]
    assert answer["query_id"] == 1
    assert [match["track_id"] for match in answer["matches"]][:3] == [2, 6, 8]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(0.95 / (0.95**2 + 0.3**2) ** 0.5, abs=1e-6)
    assert len(scores) == 8
    assert answer["matches"][0] == {
        "track_id": 2,
        "path": "/music/Aphex Twin/SAW/02 Tha.flac",
        "score": scores[0],
        "library_root": "/music",
        "relative_path": "Aphex Twin/SAW/02 Tha.flac",
        "artist": "Aphex Twin",
        "album": "Selected Ambient Works",
        "title": "Tha",
        "track_number": 2,
        "styles": [{"style": "Electronic---Ambient", "probability": 0.5}],
    }


async def test_include_self_puts_the_track_first(api: Client) -> None:
    answer = (await api.get("/api/v1/tracks/1/similar?include_self=true&limit=2")).json
    assert [match["track_id"] for match in answer["matches"]] == [1, 2]
    assert answer["matches"][0]["score"] == pytest.approx(1.0, abs=1e-6)


async def test_similar_obeys_every_filter(api: Client) -> None:
    query = "limit=20&bpm=120..130&genre=Electronic"
    answer = (await api.get(f"/api/v1/tracks/1/similar?{query}")).json
    assert [match["track_id"] for match in answer["matches"]] == [2, 4, 3]


async def test_a_track_without_an_embedding_has_no_matches(api: Client) -> None:
    answer = await api.get("/api/v1/tracks/7/similar")
    assert (answer.status, answer.json) == (200, {"query_id": 7, "matches": []})


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=1", 200),
        ("limit=500", 200),
        ("limit=0", 422),
        ("limit=501", 422),
        ("include_self=maybe", 422),
    ],
)
async def test_similar_has_limits_of_its_own(api: Client, query: str, status: int) -> None:
    assert (await api.get(f"/api/v1/tracks/1/similar?{query}")).status == status


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("path=/music/Aphex Twin/SAW/01 Xtal.flac", 1),
        ("path=Aphex Twin/SAW/01 Xtal.flac", 1),
        ("artist=Aphex Twin&album=Selected Ambient Works&title=Xtal", 1),
        ("artist=APHEX TWIN&title=xtal", 1),
        ("album=selected ambient works&title=Xtal", 1),
        ("artist=Aphex Twin&album=another album&title=Xtal", 1),
        ("artist=BJÖRK&title=jo\u0301ga", 6),
        ("path=/nowhere/x.flac&artist=Björk&title=Jóga", 6),
        ("path=D:\\media\\Daft Punk\\Homework\\07 Around the World.flac", 3),
        ("path=/srv/media/Daft Punk/Homework/07 Around the World.flac", 3),
        ("path=&artist=Björk&title=Jóga", 6),
    ],
)
async def test_resolve_climbs_the_ladder(api: Client, query: str, found: int) -> None:
    answer = await api.get("/api/v1/tracks/resolve?" + quote(query, safe="=&"))
    assert answer.status == 200
    assert answer.json["id"] == found
    assert answer.json == (await api.get(f"/api/v1/tracks/{found}")).json


@pytest.mark.parametrize(
    "query", ["path=/music/none.flac", "title=Nothing", "artist=Aphex+Twin", "title=%00&artist=%FF"]
)
async def test_resolve_without_a_match_is_404(api: Client, query: str) -> None:
    answer = await api.get(f"/api/v1/tracks/resolve?{query}")
    assert (answer.status, answer.detail) == (404, "no matching track")


@pytest.mark.parametrize("query", ["", "?", "?colour=red", "?path=&artist=+"])
async def test_resolve_with_nothing_to_go_by_is_400(api: Client, query: str) -> None:
    answer = await api.get(f"/api/v1/tracks/resolve{query}")
    assert answer.status == 400
    assert "path, artist, album and title" in answer.detail
