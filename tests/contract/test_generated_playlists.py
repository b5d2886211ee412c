"""The playlists that appear by themselves, over HTTP (ours, beyond the document)."""

from __future__ import annotations

from pathlib import Path

from harmonie_daemon.domain.playlist import SavedPlaylist
from tests.factories import make_tags, make_track, make_vector
from tests.servers import daemon


async def test_at_first_there_are_none(tmp_path: Path) -> None:
    async with daemon(tmp_path) as empty:
        answer = await empty.client.get("/api/v1/playlists")
        assert answer.json == {"items": [], "total": 0}


async def test_a_refresh_makes_them_and_says_what_it_did(tmp_path: Path) -> None:
    async with daemon(tmp_path) as full:
        for number in range(12):
            await make_track(
                full.tracks,
                f"A/B/{number}.flac",
                vector=make_vector(1, number / 12),
                tags=make_tags(title=f"Song {number}"),
            )
        plan = (await full.client.get("/api/v1/playlists/refresh")).json
        assert (await full.client.get("/api/v1/playlists")).json["total"] == 0
        report = (await full.client.post("/api/v1/playlists/refresh")).json
        assert report["ok"] is plan["ok"] is True
        assert [
            (one["key"], one["change"], one["added"]) for one in plan["targets"][0]["playlists"]
        ] == [(one["key"], "created", one["tracks"]) for one in report["playlists"]]
        assert report["problems"] == {}
        assert [target["target"] for target in report["targets"]] == ["m3u"]
        listed = (await full.client.get("/api/v1/playlists")).json
        assert listed["items"] == report["playlists"]
        assert listed["total"] == len(listed["items"]) >= 2
        for playlist in listed["items"]:
            assert playlist["tracks"] == len(set(playlist["track_ids"])) >= 5
            about = playlist["maker"], playlist["user"], playlist["description"]
            assert about == ("recipes", None, "")
        again = (await full.client.post("/api/v1/playlists/refresh")).json
        assert [p["key"] for p in again["playlists"]] == [p["key"] for p in report["playlists"]]


async def test_one_that_no_recipe_made_says_who_did_and_for_whom(tmp_path: Path) -> None:
    async with daemon(tmp_path) as server:
        saved = SavedPlaylist(
            "mixes:anna", "", "For Anna", (), 5.0, "mixes", "anna", "What she plays"
        )
        await server.services.playlists.save(saved)
        assert (await server.client.get("/api/v1/playlists")).json["items"] == [
            {
                "key": "mixes:anna",
                "name": "For Anna",
                "recipe": "",
                "maker": "mixes",
                "user": "anna",
                "description": "What she plays",
                "tracks": 0,
                "track_ids": [],
                "refreshed_at": 5.0,
            }
        ]


async def test_what_was_kept_on_request_can_be_let_go_and_nothing_else(tmp_path: Path) -> None:
    async with daemon(tmp_path) as server:
        kept = SavedPlaylist("discovery:dinner", "", "Dinner", (), 5.0, "discovery")
        made = SavedPlaylist("daily-mix", "Daily mix", "Daily mix", (), 5.0)
        mine = SavedPlaylist("mixes:anna", "", "For Anna", (), 5.0, "mixes", "anna")
        for playlist in (kept, made, mine):
            await server.services.playlists.save(playlist)

        async def let_go(key: str) -> tuple[int, str]:
            answer = await server.client.ask("DELETE", f"/api/v1/playlists/{key}")
            return answer.status, "" if answer.status == 204 else answer.detail

        assert (await let_go("daily-mix"))[0] == 400
        assert "the recipe 'Daily mix'" in (await let_go("daily-mix"))[1]
        assert "the maker 'mixes'" in (await let_go("mixes:anna"))[1]
        assert (await let_go("discovery:lunch"))[0] == 404
        assert (await let_go("x" * 301))[0] == 422
        assert await let_go("discovery:dinner") == (204, "")
        assert (await let_go("discovery:dinner"))[0] == 404
        left = (await server.client.get("/api/v1/playlists")).json["items"]
        assert [one["key"] for one in left] == ["daily-mix", "mixes:anna"]
