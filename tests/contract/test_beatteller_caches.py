"""What is answered again for a while, and asked for anew when the library has changed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from harmonie_daemon.discovery.trends import (
    MOST_TRACKS,
    Trend,
    TrendPeriod,
    Trends,
    TrendSubject,
)
from harmonie_daemon.domain.track import TrackId
from tests.beatteller_server import beatteller
from tests.contract.test_beatteller_trending import play
from tests.factories import make_track
from tests.standins import gemini as google
from tests.standins.gemini import fake_gemini

STORY = {"music_preferences": [{"name": "Xtal"}], "user_name": "Alex"}
SAID = {
    "story": "Alex heard Xtal and stayed. " * 60,
    "music_featured": [{"name": "Xtal", "context_in_story": "All through."}],
}


async def test_a_story_of_the_models_is_told_again(tmp_path: Path) -> None:
    async with fake_gemini(google.says(json.dumps(SAID))) as fake:
        gemini = {"api_key": google.KEY, "base_url": fake.url, "failover_model": ""}
        async with beatteller(tmp_path, gemini=gemini) as api:
            ten = await asyncio.gather(*(api.post("story", **STORY) for _ in range(10)))
            assert {one.json["source"] for one in ten} == {"gemini"}
            assert {one.json["story"] for one in ten} == {SAID["story"].strip()}  # type: ignore[attr-defined]
            assert len(fake.asked) == 1
            await api.post("story", **{**STORY, "user_name": "Bo"})
            assert len(fake.asked) == 2
            await make_track(api.core.store.tracks, "new.flac")
            await api.post("story", **STORY)
            assert len(fake.asked) == 3


async def test_what_is_told_without_the_model_is_not_kept_in_its_place(tmp_path: Path) -> None:
    async with fake_gemini(google.fails(404, "NOT_FOUND", "no such model")) as fake:
        gemini = {"api_key": google.KEY, "base_url": fake.url, "failover_model": ""}
        async with beatteller(tmp_path, gemini=gemini) as api:
            assert (await api.post("story", **STORY)).json["source"] == "local"
            fake.script(google.says(json.dumps(SAID)))
            assert (await api.post("story", **STORY)).json["source"] == "gemini"


async def test_trends_are_counted_once_a_while(tmp_path: Path) -> None:
    async with beatteller(tmp_path) as api:
        await api.core.store.plays.record([play(1, 1)])
        assert (await api.get("trending")).json["metadata"]["plays"] == 1
        await api.core.store.plays.record([play(2, 1)])
        assert (await api.get("trending")).json["metadata"]["plays"] == 1
        assert (await api.get("trending?time_period=week")).json["metadata"]["plays"] == 2
        await make_track(api.core.store.tracks, "new.flac")
        assert (await api.get("trending")).json["metadata"]["plays"] == 2


async def test_the_trends_of_a_large_library_are_kept_too(tmp_path: Path) -> None:
    one = Trend(
        "A title as long as most", "An artist", 0.7, "played once, and " * 4, 1, 0, TrackId(1)
    )
    largest = Trends((one,) * MOST_TRACKS, 0.0, 1.0, 1, has_plays=True)
    made = 0

    async def make() -> Trends:
        nonlocal made
        made += 1
        return largest

    async with beatteller(tmp_path) as api:
        trends = api.core.outside.caches.trends
        keys = [[subject, period] for subject in TrendSubject for period in TrendPeriod]
        for key in keys + keys:
            assert await trends.answer(key, make, Trends) == largest
        assert made == len(keys)


async def test_switched_off_everything_is_asked_anew(tmp_path: Path) -> None:
    async with beatteller(tmp_path, cache={"enabled": False}) as api:
        await api.core.store.plays.record([play(1, 1)])
        assert (await api.get("trending")).json["metadata"]["plays"] == 1
        await api.core.store.plays.record([play(2, 1)])
        assert (await api.get("trending")).json["metadata"]["plays"] == 2
