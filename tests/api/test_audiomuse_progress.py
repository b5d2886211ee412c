"""From a task's record to the words that clients of AudioMuse-AI know."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import pytest

from harmonie_daemon.api.audiomuse.progress import details, message, percent, timestamp
from harmonie_daemon.domain.task import LogLine, TaskId, TaskRecord, TaskState
from harmonie_daemon.scanning.albums.request import AnalysisProgress, TrackSummary

ONE_SONG = TrackSummary(
    "Song Name by Artist", 120.5, "C", "major", {"energetic": 0.85, "happy": 0.72}
)
AT = datetime(2023, 10, 27, 10, 0, 0).timestamp()


def make_record(kind: str = "main_analysis", **members: Any) -> TaskRecord:
    base = TaskRecord(TaskId("a1"), kind, TaskState.PROGRESS, AT, AT, 0.3)
    return replace(base, **members)


def analysis(**members: Any) -> dict[str, Any]:
    return asdict(AnalysisProgress(10, 10, **members))


def test_the_example_of_the_document_is_literally_so() -> None:
    record = make_record(
        details=analysis(
            albums_completed=3,
            album_name="Album Title Example",
            current_track="Song Name by Artist",
            current_track_analysis=ONE_SONG,
        ),
        log=(
            LogLine(AT, "Main analysis task started."),
            LogLine(AT + 5, "Found 10 albums to process."),
        ),
    )
    shown = details(record)
    assert (percent(record), message(record)) == (30, "Processing albums: 3/10 completed.")
    wanted = {
        "album_name": "Album Title Example",
        "current_track": "Song Name by Artist",
        "current_track_analysis": {
            "name": "Song Name by Artist",
            "tempo": 120.5,
            "key": "C",
            "scale": "major",
            "moods": {"mood/energetic": 0.85, "mood/happy": 0.72},
        },
        "log": [
            "[2023-10-27 10:00:00] Main analysis task started.",
            "[2023-10-27 10:00:05] Found 10 albums to process.",
        ],
        "albums_completed": 3,
        "total_albums": 10,
        "status_message": "Processing albums: 3/10 completed.",
    }
    assert {name: shown[name] for name in wanted} == wanted


def test_a_clustering_that_ended_well_is_the_other_example() -> None:
    record = make_record(
        "main_clustering",
        state=TaskState.SUCCESS,
        progress=1.0,
        details={
            "step": "done",
            "best_score": 0.7512,
            "best_draw": {
                "method": "kmeans",
                "params": {"n_clusters": 5},
                "components": 3,
                "run_id": 42,
            },
            "num_playlists_created": 8,
            "targets": {"m3u": "ok", "jellyfin": "ok"},
        },
        arguments={"max_songs_per_cluster": 20},
        log=(LogLine(AT, "something"),),
    )
    said = "Playlists generated and updated on Jellyfin! Best diversity score: 0.75."
    shown = details(record)
    wanted = {
        "message": said,
        "best_score": 0.75,
        "best_params": {
            "clustering_method_config": {"method": "kmeans", "params": {"n_clusters": 5}},
            "pca_config": {"enabled": True, "components": 3},
            "max_songs_per_cluster": 20,
            "run_id": 42,
        },
        "num_playlists_created": 8,
        "log": [f"Task completed successfully. Final status: {said}"],
    }
    assert {name: shown[name] for name in wanted} == wanted
    assert percent(record) == 100


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (make_record(state=TaskState.QUEUED), "Task enqueued."),
        (make_record(state=TaskState.STARTED), "Main analysis task started."),
        (make_record(), "Fetching recent albums."),
        (make_record(details=analysis(resting="quiet hours until 23:00")),
         "Waiting: quiet hours until 23:00."),
        (make_record(state=TaskState.REVOKED), "Task revoked."),
        (make_record(state=TaskState.FAILURE, error="no disk"), "Task failed: no disk"),
        (make_record(state=TaskState.SUCCESS, details=asdict(AnalysisProgress(0, 0))),
         "No new albums to analyze."),
        (make_record(state=TaskState.SUCCESS,
                     details=analysis(successful_albums=9, failed_albums=1,
                                      total_tracks_analyzed=80)),
         "Main analysis complete. Successful albums: 9, Failed albums: 1. "
         "Total tracks analyzed: 80."),
        (make_record("main_clustering"), "Fetching tracks."),
        (make_record("main_clustering", details={
            "step": "searching", "batch_jobs_launched": 3, "total_batch_jobs": 10,
            "active_runs_count": 2, "runs_completed": 20, "total_runs": 100, "best_score": 0.614}),
         "Batch Jobs Launched: 3/10. Active Batch Jobs: 2. Iterations Completed: 20/100. "
         "Best Score: 0.61"),
        (make_record("main_clustering", state=TaskState.SUCCESS,
                     details={"best_score": 0.5, "targets": {"m3u": "ok"}}),
         "Playlists generated! Best diversity score: 0.50."),
        (make_record("main_clustering", state=TaskState.SUCCESS,
                     details={"best_score": 0.5, "targets": {"jellyfin": "failed"}}),
         "Playlists generated! Updating them on Jellyfin failed. Best diversity score: 0.50."),
        (make_record("clustering_batch", details={"runs": 10}), "Trying 10 iterations."),
    ],
)  # fmt: skip
def test_every_state_has_its_sentence(record: TaskRecord, said: str) -> None:
    assert message(record) == said
    shown = details(record)
    assert shown["message"] == shown["status_message"] == said


def test_of_a_long_log_the_last_ten_lines_are_shown() -> None:
    lines = tuple(LogLine(AT + n, f"line {n}") for n in range(25))
    shown = details(make_record(log=lines))
    assert shown["log"][0] == "[2023-10-27 10:00:15] line 15"
    assert (len(shown["log"]), shown["log_total"]) == (10, 25)
    assert shown["log_storage_info"] == (
        "Log in DB truncated to last 10 entries. Original length: 25."
    )
    assert "log_storage_info" not in details(make_record(log=lines[:10]))


def test_a_failure_keeps_its_log_and_its_reason() -> None:
    shown = details(
        make_record(state=TaskState.FAILURE, error="no disk", log=(LogLine(AT, "begun"),))
    )
    assert (shown["error"], shown["error_message"]) == ("no disk", "no disk")
    assert shown["log"] == ["[2023-10-27 10:00:00] begun"]


def test_words_of_others_are_made_fit_to_be_sent() -> None:
    torn = "redirects to \ud800\0"
    shown = details(make_record(state=TaskState.FAILURE, error=torn, log=(LogLine(AT, torn),)))
    json.dumps(shown, ensure_ascii=False).encode()
    assert shown["error"] == "redirects to \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("done", range(101))
def test_of_a_hundred_albums_each_is_one_per_cent(done: int) -> None:
    assert percent(make_record(progress=done / 100)) == done


def test_whatever_has_ended_has_nothing_left_to_do() -> None:
    for state in TaskState:
        shown = percent(make_record(state=state, progress=0.3))
        assert shown == (100 if state.is_final else 30)


def test_times_are_local_with_microseconds() -> None:
    assert re.fullmatch(r"2023-10-27T10:00:00\.\d{6}", timestamp(AT))
