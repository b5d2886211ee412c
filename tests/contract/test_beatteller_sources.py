"""Every number says where it comes from, unless it counts what stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.beatteller_server import beatteller
from tests.contract.test_beatteller_trending import play
from tests.factories import make_tags, make_track
from tests.standins import qloo as other
from tests.standins.qloo import fake_qloo

COUNTS = frozenset({
    "total_results", "total_found", "total_recommendations", "total_trends", "total", "page",
    "per_page", "pages", "track_id", "position", "track_count", "total_tracks", "interactions",
    "positive", "negative", "unknown", "not_looked_for", "analyzed_text_length",
    "total_duration_minutes", "total_duration_seconds", "target_duration_minutes",
})  # fmt: skip
"""Of what is shown, of its places and pages, and what was asked for."""
LIKED = {"entity": "Xtal", "interaction_type": "like"}
ASKED: dict[str, dict[str, Any] | None] = {
    "discover": {"input": "energetic techno", "mood": "happy"},
    "recommendations": {"seed_entity": "Aphex Twin"},
    "trending": None,
    "playlist-generator": {"theme": "techno"},
    "profile": {"user_interactions": [LIKED]},
    "cross-domain": {"music_entity": "Pink Floyd"},
    "mood-analysis": {"text": "so happy today"},
}


def numbers(value: Any, name: str = "") -> Iterator[str]:
    """The names of the members that hold numbers."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from numbers(member, name if name == "genre_shares" else key)
    elif isinstance(value, list):
        for member in value:
            yield from numbers(member, name)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name


async def test_every_number_says_where_it_comes_from(tmp_path: Path) -> None:
    async with fake_qloo() as qloo:
        given = {"api_key": other.KEY, "base_url": qloo.url}
        async with beatteller(tmp_path, qloo=given) as api:
            await api.core.store.plays.record([play(1, 1)])
            await make_track(api.core.store.tracks, tags=make_tags(title="Happy Song"))
            for path, body in ASKED.items():
                answer = await (api.get(path) if body is None else api.post(path, **body))
                assert answer.status == 200, answer.text
                found = set(numbers(answer.json)) - COUNTS
                assert found, path
                assert found <= set(answer.json["sources"]), path


async def test_the_frontends_cards_of_a_mood_are_filled(tmp_path: Path) -> None:
    async with beatteller(tmp_path) as api:
        await make_track(api.core.store.tracks, tags=make_tags(title="Happy Song"))
        body = (await api.post("mood-analysis", text="so happy today")).json
        assert body["metadata"] == {
            "analyzed_text_length": 14, "generated_at": "2025-06-15T15:06:40Z",
        }  # fmt: skip
        (card,) = body["recommended_music"]
        assert (card["category"], card["types"], card["popularity"]) == ("Music", ["track"], 0)
        assert card["mood_match_reason"] == card["match_reason"] == "title Happy Song"
