"""``ranking``: cosine as the document says unless asked or set otherwise, cosines as scores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio

from harmonie_daemon.domain.playlist import Mode, Ranking, Recipe, RecipeMode, SeededRequest
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.newly_added import newly_added
from harmonie_daemon.playlists.recipes import RECIPE_VARIATION, RecipeKitchen
from tests.factories import make_tags, make_track
from tests.servers import Answer, Daemon, daemon
from tests.similarity.test_proximity import crowded

pytestmark = pytest.mark.asyncio(loop_scope="module")
TRACKS = 90


async def fill(running: Daemon) -> None:
    """A crowded library, each track by an artist of its own."""
    for number, vector in enumerate(crowded(TRACKS, seed=5)):
        tags = make_tags(artist=f"Artist {number}", title=f"Title {number}")
        name = f"{number}.flac"
        await make_track(running.services.tracks, name, vector=vector, tags=tags)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def usual(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    async with daemon(tmp_path_factory.mktemp("usual")) as running:
        await fill(running)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mutual(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    async with daemon(tmp_path_factory.mktemp("mutual"), ranking="mutual") as running:
        await fill(running)
        yield running


async def near(running: Daemon, ranking: str = "") -> list[tuple[int, float]]:
    query = f"limit=40{ranking and '&ranking='}{ranking}"
    answer = await running.client.get(f"/api/v1/tracks/7/similar?{query}")
    return [(match["track_id"], match["score"]) for match in answer.json["matches"]]


async def built(running: Daemon, mode: str, **body: Any) -> Answer:
    return await running.client.post("/api/v1/playlists", {"mode": mode, "seeds": [7], **body})


async def test_similar_ranks_by_cosine_unless_asked(usual: Daemon) -> None:
    by_cosine, asked = await near(usual), await near(usual, "mutual")
    assert by_cosine == await near(usual, "cosine")
    assert [score for _, score in by_cosine] == sorted((s for _, s in by_cosine), reverse=True)
    assert [track for track, _ in asked] != [track for track, _ in by_cosine]
    scores = dict(by_cosine)
    both = [(track, score) for track, score in asked if track in scores]
    assert len(both) > 20
    assert all(scores[track] == score for track, score in both), "the score is the cosine"
    assert [score for _, score in asked] != sorted((s for _, s in asked), reverse=True)


async def test_a_setting_makes_mutual_proximity_the_default(usual: Daemon, mutual: Daemon) -> None:
    assert await near(mutual) == await near(usual, "mutual")
    assert await near(mutual, "cosine") == await near(usual)
    for mode in ("similar", "drift"):
        default, asked = await built(mutual, mode), await built(usual, mode, ranking="mutual")
        assert default.json == asked.json


@pytest.mark.parametrize("mode", ["similar", "drift"])
async def test_playlists_rank_by_cosine_unless_asked(usual: Daemon, mode: str) -> None:
    default, asked = await built(usual, mode), await built(usual, mode, ranking="mutual")
    assert default.json == (await built(usual, mode, ranking="cosine")).json
    assert default.json == (await built(usual, mode, ranking=None)).json
    tracks = [[item["track_id"] for item in answer.json["items"]] for answer in (default, asked)]
    assert tracks[0] != tracks[1]
    assert asked.json["items"][0]["score"] == dict(await near(usual))[tracks[1][0]]


async def test_the_first_of_a_playlist_is_the_nearest_by_the_ranking_asked_for(
    usual: Daemon,
) -> None:
    for ranking in ("cosine", "mutual"):
        answer = await built(usual, "similar", ranking=ranking, n=1)
        assert answer.json["items"][0]["track_id"] == (await near(usual, ranking))[0][0]


async def test_an_unknown_ranking_is_422(usual: Daemon) -> None:
    answer = await usual.client.get("/api/v1/tracks/7/similar?ranking=fair")
    assert answer.status == 422
    assert "cosine" in answer.detail
    assert (await built(usual, "similar", ranking="fair")).status == 422


async def test_our_own_playlists_rank_by_mutual_proximity(usual: Daemon) -> None:
    services = usual.services
    space = await services.spaces.current()
    nearest = {ranking: (await near(usual, ranking))[0][0] for ranking in ("cosine", "mutual")}
    assert nearest["cosine"] != nearest["mutual"]
    added = newly_added(space, [TrackId(7)], space.index.ids, 4)
    assert added[:2] == (7, nearest["mutual"])
    kitchen = RecipeKitchen(services.tracks, services.spaces, services.resolver, services.builder)
    recipe = Recipe("Radio", RecipeMode.SIMILAR, n=12, schedule="0 4 * * *", seeds=("7",))
    (radio,) = await kitchen.make(recipe, now=0.0)
    request = SeededRequest(
        Mode.SIMILAR,
        n=12,
        seeds=(TrackId(7),),
        include_seeds=True,
        variation=RECIPE_VARIATION,
        rng_seed=datetime.fromtimestamp(0.0).date().toordinal(),
        ranking=Ranking.MUTUAL,
    )
    by_cosine = replace(request, ranking=Ranking.COSINE)
    lists = [
        tuple(item.track_id for item in (await services.builder.build(asked)).items)
        for asked in (request, by_cosine)
    ]
    assert radio.track_ids == lists[0] != lists[1]
