"""What is listened to now, counted; and what was added last where nobody listens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource
from harmonie_daemon.domain.track import TrackId
from tests.beatteller_server import Beatteller, beatteller
from tests.servers import NOW

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY_S = 86_400.0


def play(track: int, days_ago: float, listener: str = "ann", *, skipped: bool = False) -> Play:
    """One play of a track."""
    start = NOW - days_ago * DAY_S
    outcome = PlayOutcome.SKIPPED if skipped else PlayOutcome.COUNTED
    track_id = TrackId(track)
    return Play(listener, track_id, start, start + 200, 200, outcome, PlaySource.PLAYER)


PLAYS = [
    *(play(3, days, who) for days in (0.5, 1, 1.5, 2) for who in ("ann", "bob")),
    *(play(1, days) for days in (0.5, 1, 4, 5)),
    *(play(2, days) for days in (1.1, 20, 21)),
    *(play(5, days, skipped=True) for days in (0.1, 0.2)),
    play(10, 29.5),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beatteller]:
    async with beatteller(tmp_path_factory.mktemp("heard")) as running:
        await running.core.store.plays.record(PLAYS)
        yield running


async def test_plays_of_three_days_beside_the_three_before(api: Beatteller) -> None:
    answer = await api.get("trending?limit=15&category=music")
    body = answer.json
    assert (answer.status, body["success"], body["source"]) == (200, True, "listening")
    found = [(one["track_id"], one["plays"], one["plays_before"]) for one in body["trending"]]
    assert found == [(3, 8, 0), (2, 1, 0), (1, 2, 2)]
    first = body["trending"][0]
    assert (first["name"], first["artist"]) == ("Around the World", "Daft Punk")
    assert (first["trend_score"], first["category"]) == (1.0, "Music")
    assert first["trend_reason"] == "played 8 times in the last 3 days, never in the 3 before"
    assert body["trending"][2]["trend_score"] == round(0.7 * 2 / 8 + 0.3 * 0.5, 4)
    assert body["last_updated"] == "2025-06-15T15:06:40Z"
    assert body["total_trends"] == 3
    assert (body["metadata"]["plays"], body["metadata"]["note"]) == (11, None)
    assert body["metadata"]["since"] == "2025-06-12T15:06:40Z"


@pytest.mark.parametrize(
    ("period", "counted"), [("current", 11), ("week", 13), ("month", 16), ("MONTH", 16)]
)
async def test_how_far_back_plays_count(api: Beatteller, period: str, counted: int) -> None:
    body = (await api.get(f"trending?time_period={period}")).json
    assert body["metadata"]["plays"] == counted


async def test_artists_and_genres_gather_the_plays_of_their_tracks(api: Beatteller) -> None:
    artists = (await api.get("trending?category=artist&time_period=month")).json["trending"]
    assert [(one["name"], one["plays"]) for one in artists] == [
        ("Daft Punk", 8), ("Aphex Twin", 7), ("Rotor", 1),
    ]  # fmt: skip
    assert {one["category"] for one in artists} == {"Artist"}
    genres = (await api.get("trending?category=genre&time_period=month")).json["trending"]
    assert [(one["name"], one["plays"]) for one in genres] == [
        ("House", 8), ("Ambient", 7), ("Hard Techno", 1),
    ]  # fmt: skip


async def test_pages(api: Beatteller) -> None:
    body = (await api.get("trending?per_page=2&page=2")).json
    assert [one["track_id"] for one in body["trending"]] == [1]
    assert body["pagination"] == {
        "page": 2, "per_page": 2, "total": 3, "pages": 2, "has_next": False, "has_prev": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=0", "limit: must be 1 or more, not 0"),
        ("limit=51", "limit=51: must be 50 or less"),
        ("limit=ten", 'limit: must be a whole number, not "ten"'),
        ("limit=5&limit=6", "limit was given 2 times"),
        ("category=films", "category: must be 'music', 'artist' or 'genre'"),
        ("category=", "category: must be"),
        ("time_period=decade", "time_period: must be 'current', 'week' or 'month'"),
    ],
)
async def test_refusals(api: Beatteller, query: str, message: str) -> None:
    answer = await api.get(f"trending?{query}")
    assert (answer.status, answer.json["error"]["code"]) == (400, "INVALID_INPUT")
    assert message in answer.json["error"]["message"]


async def test_where_nobody_listens_it_says_so(tmp_path: Path) -> None:
    async with beatteller(tmp_path) as api:
        body = (await api.get("trending")).json
        assert (body["source"], body["metadata"]["plays"]) == ("library", 0)
        assert body["metadata"]["note"] == (
            "nothing was played in this time; these were added last"
        )
        assert body["total_trends"] == 10
        assert {one["plays"] for one in body["trending"]} == {0}
        assert {one["trend_score"] for one in body["trending"]} == {1.0}
        assert body["trending"][0]["trend_reason"] == "added on 2025-06-15"
        api.clock.now += 30 * DAY_S
        body = (await api.get("trending?category=artist")).json
        assert {one["trend_score"] for one in body["trending"]} == {0.5}
