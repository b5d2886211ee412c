"""Status and scan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harmonie_daemon.analysis.descriptors import DESCRIPTOR_VERSION
from harmonie_daemon.domain.task import ScanPhase, ScanStatus
from tests.servers import Client, Daemon

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCAN = {
    "state": "idle",
    "phase": None,
    "started_at": None,
    "finished_at": None,
    "last_duration_sec": None,
    "last_error": None,
    "discovered": 0,
    "full": 0,
    "descriptors_only": 0,
    "skipped": 0,
    "failed": 0,
    "removed": 0,
    "recent_failures": [],
}
EXTRA = {
    "to_do": 0,
    "embeddings_only": 0,
    "to_embed": 0,
    "moved": 0,
    "remaining_sec": None,
    "paused": False,
    "paused_because": None,
    "missing_roots": [],
    "unreadable": [],
    "unreadable_count": 0,
    "hidden": 0,
    "returned": 0,
}


async def test_status_describes_configuration_and_library(ten: Daemon) -> None:
    status = (await ten.client.get("/api/v1/status")).json
    assert status.pop("db_size_bytes") > 0
    assert status.pop("db_path") == str(ten.services.settings.database)
    assert status.pop("schema_version") >= 1
    assert status.pop("total_duration_sec") == pytest.approx(
        312.4 + 540 + 429 + 320 + 370 + 305 + 1.5 + 3 * 200
    )
    (note,) = status.pop("model_notes")
    assert "discogs-effnet-bs64-1" in note and "harmonie models download" in note
    assert status == {
        "version": "0.1.0",
        "embedding_dim": 316,
        "libraries": ["/music", "/more music"],
        "workers": 1,
        "descriptor_version": DESCRIPTOR_VERSION,
        "tracks": 10,
        "by_model": {"timbre316-2": 9},
        "active_model": "timbre316-2",
        "jellyfin_notes": [],
        "media_servers": [],
        "failed": 0,
        "hidden": 0,
        "doubtful_tempos": 0,
        "unmapped_genres": [{"tag": "Field Recording", "track_count": 1}],
        "started_at": 1_750_000_000.0,
    }


async def test_before_the_first_scan_everything_is_there_and_empty(ten: Daemon) -> None:
    assert (await ten.client.get("/api/v1/scan")).json == {**SCAN, **EXTRA}


async def test_a_running_scan_shows_phase_counters_and_failures(ten: Daemon) -> None:
    ten.scan.state = ScanStatus(
        state="scanning",
        phase=ScanPhase.EXTRACTING,
        started_at=1_716_470_000.0,
        discovered=48_033,
        to_do=20,
        full=12,
        descriptors_only=8,
        skipped=47_013,
        failed=1,
        moved=3,
        paused=True,
        paused_because="quiet hours until 23:00",
        remaining_s=12.2,
        missing_roots=("/gone",),
        unreadable=(("/gone", "it is not there"), ("/music/\udcff", "no permission to read it")),
        unreadable_count=31,
        recent_failures=(("/path/bad\udcff.flac", "decode error"),),
    )
    assert (await ten.client.get("/api/v1/scan")).json == {
        **SCAN,
        "state": "scanning",
        "phase": "extracting",
        "started_at": 1_716_470_000.0,
        "discovered": 48_033,
        "to_do": 20,
        "full": 12,
        "descriptors_only": 8,
        "skipped": 47_013,
        "failed": 1,
        "embeddings_only": 0,
        "to_embed": 0,
        "moved": 3,
        "remaining_sec": 13,
        "paused": True,
        "paused_because": "quiet hours until 23:00",
        "missing_roots": ["/gone"],
        "unreadable": [
            ["/gone", "it is not there"],
            ["/music/\ufffd", "no permission to read it"],
        ],
        "unreadable_count": 31,
        "hidden": 0,
        "returned": 0,
        "recent_failures": [["/path/bad\ufffd.flac", "decode error"]],
    }


async def test_a_failed_scan_is_an_error_with_its_reason(ten: Daemon) -> None:
    ten.scan.state = replace(
        ScanStatus(), state="error", last_error="disk full", last_duration_s=3.5, finished_at=9.0
    )
    answer = (await ten.client.get("/api/v1/scan")).json
    assert (answer["state"], answer["last_error"]) == ("error", "disk full")
    assert (answer["last_duration_sec"], answer["finished_at"]) == (3.5, 9.0)


@pytest.mark.parametrize(
    ("query", "force"), [("", False), ("?force=true", True), ("?force=false", False)]
)
async def test_post_scan_starts_one_and_answers_with_its_state(
    ten: Daemon, query: str, force: bool
) -> None:
    answer = await ten.client.post(f"/api/v1/scan{query}")
    assert (answer.status, answer.json["state"]) == (200, "scanning")
    assert set(answer.json) == {*SCAN, *EXTRA}
    assert ten.scan.forced == [force]


async def test_post_scan_while_one_runs_changes_nothing(ten: Daemon) -> None:
    first = await ten.client.post("/api/v1/scan")
    second = await ten.client.post("/api/v1/scan?force=true")
    assert second.json == first.json
    assert ten.scan.forced == [False]


async def test_force_must_be_true_or_false(api: Client) -> None:
    answer = await api.post("/api/v1/scan?force=maybe")
    assert (answer.status, answer.detail) == (422, 'force: must be true or false, not "maybe"')


async def test_a_scan_can_be_paused_resumed_and_cancelled(ten: Daemon) -> None:
    await ten.client.post("/api/v1/scan")
    paused = (await ten.client.post("/api/v1/scan/pause")).json
    assert (paused["state"], paused["paused"]) == ("scanning", True)
    assert (await ten.client.post("/api/v1/scan/resume")).json["paused"] is False
    assert (await ten.client.post("/api/v1/scan/cancel")).json["state"] == "idle"


async def test_the_doctor_says_what_needs_a_hand(ten: Daemon) -> None:
    report = (await ten.client.get("/api/v1/doctor")).json
    problems = [one for one in report["findings"] if one["verdict"] == "problem"]
    assert report["ok"] is not bool(problems)
    unread = {one["said"].split(" cannot be read")[0] for one in problems}
    assert unread >= {"/music", "/more music"}
    assert all(one["advice"] for one in problems)
    areas = {one["area"] for one in report["findings"]}
    assert areas >= {"folders", "disk", "access", "models", "library", "m3u"}


async def test_a_trial_leaves_nothing_behind(ten: Daemon) -> None:
    folder = ten.services.settings.m3u_folder
    before = sorted(folder.iterdir()) if folder.exists() else []
    report = (await ten.client.post("/api/v1/doctor/trial")).json
    assert [one["said"] for one in report["findings"] if "was written to" in one["said"]]
    assert sorted(folder.iterdir()) == before
