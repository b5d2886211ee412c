"""Genres and styles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import make_styles, make_track
from tests.servers import Client, daemon

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_genres_count_rows_styles_and_probabilities(api: Client) -> None:
    answer = (await api.get("/api/v1/genres")).json
    by_name = {item.pop("genre"): item for item in answer["items"]}
    assert answer["total"] == len(answer["items"]) == 4
    assert set(by_name) == {"Electronic", "Rock", "Pop", "Hip Hop"}
    electronic = by_name["Electronic"]
    assert electronic["track_count"] == 8, "a track with two styles counts twice"
    assert electronic["style_count"] == 4
    assert electronic["max_probability"] == 0.9
    assert electronic["mean_probability"] == pytest.approx(
        (0.71 + 0.5 + 0.9 + 0.8 + 0.5 + 0.88 + 0.4 + 0.3) / 8
    )


async def test_style_min_leaves_out_what_lies_below_it(api: Client) -> None:
    answer = (await api.get("/api/v1/genres?style_min=0.5")).json
    counts = {item["genre"]: item["track_count"] for item in answer["items"]}
    assert counts == {"Electronic": 6, "Rock": 1, "Hip Hop": 1}
    assert answer["total"] == 3


async def test_styles_are_whole_labels(api: Client) -> None:
    answer = (await api.get("/api/v1/styles")).json
    assert answer["total"] == len(answer["items"]) == 7
    house = next(item for item in answer["items"] if item["style"] == "Electronic---House")
    assert house == {
        "style": "Electronic---House",
        "track_count": 3,
        "mean_probability": pytest.approx((0.9 + 0.8 + 0.3) / 3),
        "max_probability": 0.9,
    }


async def test_only_labels_of_discogs_are_styles(tmp_path: Path) -> None:
    """A file that is tagged with a genre alone has a row for it."""
    labels = ("Electronic---Electronic", "Electronic---House", "Reggae---Reggae")
    async with daemon(tmp_path) as running:
        await make_track(running.tracks, styles=make_styles(*labels))
        styles = (await running.client.get("/api/v1/styles")).json
        assert {item["style"] for item in styles["items"]} == set(labels[1:])
        assert styles["total"] == 2
        genres = (await running.client.get("/api/v1/genres")).json
        assert {item["genre"] for item in genres["items"]} == {"Electronic", "Reggae"}


async def test_styles_of_one_genre(api: Client) -> None:
    answer = (await api.get("/api/v1/styles?genre=Hip+Hop")).json
    assert [item["style"] for item in answer["items"]] == ["Hip Hop---Trap"]
    assert (await api.get("/api/v1/styles?genre=Jazz")).json == {"items": [], "total": 0}


async def test_a_whole_label_is_no_genre(api: Client) -> None:
    answer = await api.get("/api/v1/styles?genre=Electronic---House")
    assert answer.status == 400
    assert "---" in answer.detail


@pytest.mark.parametrize("path", ["genres", "styles"])
@pytest.mark.parametrize("style_min", ["-0.1", "1.01", "much", "inf"])
async def test_style_min_lies_between_0_and_1(api: Client, path: str, style_min: str) -> None:
    answer = await api.get(f"/api/v1/{path}?style_min={style_min}")
    assert answer.status == 422
    assert answer.detail.startswith("style_min: ")
