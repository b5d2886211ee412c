"""The AudioMuse-AI API: tasks asked for, followed and cancelled."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from harmonie_daemon.app.background import analyse_newest
from tests.audiomuse_server import LONG_AGO, Muse, muse
from tests.tasks.scripted_search import playlist

NOBODY = "a1b2c3d4-e5f6-7890-1234-567890abcdef"
OVER = "Task could not be cancelled (e.g., already completed or not found in active state)."


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Muse]:
    async with muse(tmp_path) as running:
        yield running


@pytest.mark.parametrize("what", ["analysis", "clustering"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"json": {}},
        {"data": b"{}", "headers": {"Content-Type": "text/plain"}},
        {"data": b" "},
        {"json": {"num_recent_albums": None, "clustering_method": None, "nobody_knows": [1]}},
    ],
)
async def test_a_start_without_words_means_the_defaults(
    api: Muse, what: str, options: dict[str, object]
) -> None:
    answer = await api.post(f"/api/{what}/start", **options)
    assert answer.status == 202
    assert set(answer.json) == {"task_id", "task_type", "status"}
    assert (answer.json["task_type"], answer.json["status"]) == (f"main_{what}", "queued")
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.json["task_id"])


@pytest.mark.parametrize(
    ("what", "member"), [("analysis", "num_recent_albums"), ("clustering", "clustering_runs")]
)
async def test_only_so_many_different_ones_wait(api: Muse, what: str, member: str) -> None:
    starts = await asyncio.gather(
        *(api.post(f"/api/{what}/start", json={member: number}) for number in range(1, 91))
    )
    refused = [one for one in starts if one.status != 202]
    assert {one.status for one in refused} == {503}
    assert "come back later" in refused[-1].json["error"]
    await api.post(f"/api/cancel_all/main_{what}")


async def test_an_analysis_goes_from_queued_to_success(api: Muse) -> None:
    api.album("A", "x", "y")
    task = await api.start(num_recent_albums=1, top_n_moods=2)
    status = await api.until(task)
    assert status == {
        "task_id": task,
        "state": "SUCCESS",
        "status_message": "Main analysis complete. Successful albums: 1, Failed albums: 0. "
        "Total tracks analyzed: 2.",
        "progress": 100,
        "details": status["details"],
        "task_type_from_db": "main_analysis",
    }
    part = await api.status(status["details"]["album_task_ids"][0])
    assert (part["state"], part["task_type_from_db"]) == ("SUCCESS", "album_analysis")
    assert part["status_message"] == "Album 'A' analysis complete. Analyzed 2/2 tracks."
    assert part["details"]["current_track"] == "y by Band"
    assert api.jellyfin.violations == []


async def test_an_analysis_is_made_with_the_login_of_a_user(tmp_path: Path) -> None:
    async with muse(tmp_path, with_token=False) as api:
        api.album("A", "x")
        assert (await api.get("/api/config")).json["jellyfin_token"] == ""
        api.jellyfin.add_user("alice", password="correct horse")
        assert api.core.signing_in is not None
        kept = await api.core.signing_in.with_password("alice", "correct horse")
        assert (await api.get("/api/config")).json["jellyfin_token"] == "********"
        assert (await api.until(await api.start()))["state"] == "SUCCESS"
        (asked, *_) = api.jellyfin.seen("GET", "/Items")
        assert f'Token="{kept.token}"' in asked.authorization
        assert f'DeviceId="{kept.device_id}"' in asked.authorization


async def test_while_it_runs_it_shows_what_its_album_does(api: Muse) -> None:
    api.album("A", "x", "y")
    slow = api.music / "A/y.flac"
    slow.write_text("slow")
    os.utime(slow, (LONG_AGO, LONG_AGO))
    task = await api.start()
    now = await api.telling(task, "current_track_analysis")
    details = now["details"]
    assert (now["state"], now["progress"]) == ("PROGRESS", 0)
    assert details["album_name"] == "A"
    assert details["current_track_analysis"]["name"] == "x by Band"
    assert (details["albums_completed"], details["total_albums"]) == (0, 1)
    for line in details["log"]:
        assert re.match(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \w", line)
    active = (await api.get("/api/active_tasks")).json
    assert set(active) == {
        "task_id", "parent_task_id", "task_type", "sub_type_identifier", "status", "progress",
        "details", "timestamp",
    }  # fmt: skip
    assert (active["task_id"], active["parent_task_id"]) == (task, None)
    changed = datetime.fromisoformat(active["timestamp"]).timestamp()
    assert abs(changed - time.time()) < 60
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", active["timestamp"])


async def test_a_clustering_shows_its_best_so_far_and_then_its_playlists(api: Muse) -> None:
    task = await api.start("clustering", clustering_runs=20, num_clusters_min=4)
    now = await api.telling(task, "best_score")
    assert now["status_message"] == (
        "Batch Jobs Launched: 2/2. Active Batch Jobs: 1. Iterations Completed: 10/20. "
        "Best Score: 0.75"
    )
    (asked,) = api.search.asked
    assert (asked.runs, asked.num_clusters_min, asked.num_clusters_max) == (20, 4, 10)
    api.search.go.set()
    await api.until(task)
    last = (await api.get("/api/last_task")).json
    said = "Playlists generated and updated on Jellyfin! Best diversity score: 0.75."
    assert (last["task_type"], last["status"], last["progress"]) == (
        "main_clustering", "SUCCESS", 100,
    )  # fmt: skip
    assert last["details"]["message"] == said
    assert last["details"]["log"] == [f"Task completed successfully. Final status: {said}"]
    assert last["details"]["best_params"] == {
        "clustering_method_config": {"method": "kmeans", "params": {"n_clusters": 5}},
        "pca_config": {"enabled": True, "components": 3},
        "max_songs_per_cluster": 20,
        "run_id": 42,
    }


async def test_a_clustering_that_cannot_be_is_a_failure_with_the_reason(api: Muse) -> None:
    api.search.error = "there are 19 tracks; 20 are needed"
    status = await api.until(await api.start("clustering"))
    assert (status["state"], status["progress"]) == ("FAILURE", 100)
    assert status["details"]["error"] == "there are 19 tracks; 20 are needed"
    assert status["status_message"] == "Task failed: there are 19 tracks; 20 are needed"


async def test_a_task_that_nobody_knows_is_unknown(api: Muse) -> None:
    await api.core.scan.start()
    (scan,) = api.core.runner.running()
    for task in (NOBODY, "x", "%00", "%FF", scan.id):
        answer = await api.get(f"/api/status/{task}")
        assert answer.status == 404
        assert answer.json["state"] == "UNKNOWN"
        assert (answer.json["progress"], answer.json["details"]) == (0, {})
        assert answer.json["task_type_from_db"] is None
        assert answer.json["status_message"]
    answer = await api.post(f"/api/cancel/{scan.id}")
    assert (answer.status, answer.json) == (
        404,
        {"message": f"Task {scan.id} not found in database.", "task_id": scan.id},
    )
    await api.core.scan.wait()


async def test_cancelling_counts_the_task_and_its_parts(api: Muse) -> None:
    api.album("A", "x", text="slow")
    task = await api.start()
    await api.telling(task, "current_track")
    answer = await api.post(f"/api/cancel/{task}")
    assert (answer.status, answer.json) == (
        200,
        {
            "message": f"Task {task} and its children cancellation initiated. "
            "2 total jobs affected.",
            "task_id": task,
            "cancelled_jobs_count": 2,
        },
    )
    status = await api.until(task)
    assert (status["state"], status["status_message"]) == ("REVOKED", "Task revoked.")
    (part,) = status["details"]["album_task_ids"]
    assert (await api.until(part))["state"] == "REVOKED"
    assert (await api.get("/api/active_tasks")).json == {}


@pytest.mark.parametrize("outcome", ["SUCCESS", "FAILURE", "REVOKED"])
async def test_cancelling_what_has_ended_is_400_and_changes_nothing(
    api: Muse, outcome: str
) -> None:
    match outcome:
        case "SUCCESS":
            task = await api.start()
        case "FAILURE":
            api.search.error = "no"
            task = await api.start("clustering")
        case _:
            task = await api.start("clustering")
            await api.until(task, "PROGRESS")
            await api.post(f"/api/cancel/{task}")
    before = await api.until(task)
    await api.core.runner.wait(before["task_id"])
    row = await api.core.store.tasks.get(before["task_id"])
    answer = await api.post(f"/api/cancel/{task}")
    assert (answer.status, answer.json) == (400, {"message": OVER, "task_id": task})
    assert before["state"] == outcome
    assert await api.status(task) == before
    assert await api.core.store.tasks.get(before["task_id"]) == row
    answer = await api.post(f"/api/cancel_all/{before['task_type_from_db']}")
    assert answer.status == 404
    assert await api.core.store.tasks.get(before["task_id"]) == row


async def test_cancel_all_takes_mains_that_begin_like_this(api: Muse) -> None:
    api.album("A", "x", text="slow")
    analyses = [await api.start(), await api.start(num_recent_albums=1)]
    clustering = await api.start("clustering")
    await api.telling(analyses[0], "current_track")
    for prefix in ("album_analysis", "mains", "scan", "main_analysis_", "%25"):
        answer = await api.post(f"/api/cancel_all/{prefix}")
        shown = prefix.replace("%25", "%")
        assert (answer.status, answer.json) == (
            404,
            {"message": f"No active tasks of type '{shown}' found to cancel."},
        )
    answer = await api.post("/api/cancel_all/main_analysis")
    assert (answer.status, answer.json) == (
        200,
        {
            "message": "Cancellation initiated for 2 main tasks of type 'main_analysis' and their "
            "children. Total jobs affected: 3.",
            "cancelled_main_tasks": analyses,
        },
    )
    assert (await api.status(clustering))["state"] not in ("REVOKED", "FAILURE")
    answer = await api.post("/api/cancel_all/main")
    assert answer.json["cancelled_main_tasks"] == [clustering]


async def test_a_second_start_waits_for_the_first_and_the_same_again_is_the_same(
    api: Muse,
) -> None:
    api.album("A", "x", text="slow")
    first = await api.start()
    await api.telling(first, "current_track")
    second = await api.start()
    assert second != first
    assert await api.start() == second
    assert (await api.status(second))["state"] == "QUEUED"
    assert (await api.status(second))["status_message"] == "Task enqueued."
    assert (await api.get("/api/active_tasks")).json["task_id"] == second
    assert (await api.get("/api/last_task")).json["task_id"] == second
    await api.post(f"/api/cancel/{second}")
    assert (await api.get("/api/active_tasks")).json["task_id"] == first
    last = (await api.get("/api/last_task")).json
    assert (last["task_id"], last["status"]) == (second, "REVOKED")


async def test_before_anything_was_asked_for(api: Muse) -> None:
    assert (await api.get("/api/active_tasks")).json == {}
    assert (await api.get("/api/last_task")).json == {
        "task_id": None,
        "task_type": None,
        "status": "NO_PREVIOUS_MAIN_TASK",
        "details": {"log": ["No previous main task found."]},
    }
    assert (await api.get("/api/playlists")).json == {}


async def test_tasks_of_others_are_not_among_them(api: Muse) -> None:
    await api.core.scan.start()
    assert (await api.get("/api/active_tasks")).json == {}
    assert (await api.get("/api/last_task")).json["task_id"] is None
    await api.core.scan.wait()


async def test_playlists_are_in_the_order_of_playing(api: Muse) -> None:
    api.album("A", "x", "y", "z")
    await api.until(await api.start())
    ids = [track.id for track in await api.core.store.tracks.get_many([1, 2, 3])]  # type: ignore[list-item]
    api.item_ids[ids[0]] = "f" * 32
    api.search.playlists = (
        playlist("Relaxed_Slow_automatic", ids[2], ids[0], ids[1]),
        playlist("Energetic_Medium_automatic", ids[1]),
    )
    api.search.go.set()
    await api.until(await api.start("clustering"))
    shown = (await api.get("/api/playlists")).json
    assert set(shown) == {"Relaxed_Slow_automatic", "Energetic_Medium_automatic"}
    songs = shown["Relaxed_Slow_automatic"]
    assert [set(song) for song in songs] == [{"item_id", "title", "author"}] * 3
    assert [song["item_id"] for song in songs] == [str(ids[2]), "f" * 32, str(ids[1])]
    assert {song["author"] for song in songs} == {"Band"}
    assert sorted(song["title"] for song in songs) == ["x", "y", "z"]


async def test_what_the_clock_asks_for_is_a_task_that_clients_see(tmp_path: Path) -> None:
    usual = {"num_recent_albums": 1, "schedule": "0 2 * * *"}
    async with muse(tmp_path, analysis=usual) as api:
        api.album("A", "x")
        api.album("B", "y")
        await analyse_newest(api.core)
        active = (await api.get("/api/active_tasks")).json
        assert active["task_type"] == "main_analysis"
        status = await api.until(active["task_id"])
        assert (status["state"], status["details"]["total_albums"]) == ("SUCCESS", 1)
        assert api.jellyfin.requests
