"""The queue of scans: failures are tried again, and the status tells the truth in between."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from harmonie_daemon.domain.task import ScanPhase, ScanStatus, TaskState
from harmonie_daemon.scanning import library_scan as scans
from harmonie_daemon.scanning.report import ending_line
from harmonie_daemon.scanning.request import ScanRequest
from harmonie_daemon.store.connection import Connection
from tests.scanning.world import World, open_world, wait_until


def leave_room(connection: Connection, pages: int) -> None:
    """As on a disk that has so much left."""
    used = connection.execute("PRAGMA page_count").get
    connection.execute(f"PRAGMA max_page_count = {used + pages}").fetchall()


async def break_store(world: World) -> None:
    """Nothing can be saved any more, as when the disk is full."""
    await world.tracks._db.write(
        lambda connection: connection.execute("ALTER TABLE style_probabilities RENAME TO away")
    )


async def mend_store(world: World) -> None:
    """Undo it."""
    await world.tracks._db.write(
        lambda connection: connection.execute("ALTER TABLE away RENAME TO style_probabilities")
    )


async def test_a_full_disk_ends_a_scan_with_that_reason_however_many_files_it_hits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_world(tmp_path, workers=2) as world:
        for number in range(4):
            world.put(f"{number}.flac")
        await world.tracks._db.write(lambda connection: leave_room(connection, 0))
        status = await world.scanned()
        await world.tracks._db.write(lambda connection: leave_room(connection, 1000))
        assert status.state == "error"
        assert (status.last_error or "").startswith("the disk that holds ")
        assert (status.last_error or "").endswith("make room and try again")
        (task,) = [one for one in await world.runner.newest() if one.state is TaskState.FAILURE]
        assert task.error == status.last_error
    assert f"scan failed: {status.last_error}" in caplog.text
    assert "Traceback" not in caplog.text, "it is no mystery"


async def test_a_batch_whose_scan_failed_is_scanned_again_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "RETRY_FAILED_S", 0.05)
    await break_store(world)
    path = world.put("a.flac")
    await world.scan.scan_paths(frozenset({str(path)}))
    await wait_until(lambda: world.scan.status().state == "error")
    assert world.finished == []
    await mend_store(world)
    await wait_until(lambda: world.finished)
    assert list(await world.library()) == ["a.flac"]
    assert world.scan.status().last_error is None


async def test_a_failed_scan_is_tried_less_and_less_often(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scans, "RETRY_FAILED_S", 0.01)
    monkeypatch.setattr(scans, "LONGEST_RETRY_S", 0.03)
    caplog.set_level(logging.INFO)

    def delays() -> list[float]:
        said = [record.args for record in caplog.records if "tried again" in record.msg]
        return [args[1] for args in said if isinstance(args, tuple) and isinstance(args[1], float)]

    await break_store(world)
    world.put("a.flac")
    await world.scan.start()
    await wait_until(lambda: len(delays()) >= 4)
    assert delays()[:4] == [0.01, 0.02, 0.03, 0.03]
    await mend_store(world)
    await wait_until(lambda: world.finished)
    before = len(delays())
    await break_store(world)
    world.put("b.flac")
    await world.scan.start()
    await wait_until(lambda: len(delays()) > before)
    assert delays()[before] == 0.01


async def test_a_manual_start_tries_a_failed_scan_at_once_with_all_that_has_come_since(
    world: World,
) -> None:
    await break_store(world)
    world.put("a.flac")
    assert (await world.scanned()).state == "error"
    later = world.put("b.flac")
    await world.scan.scan_paths(frozenset({str(later)}))
    assert world.scan.status().state == "error", "it waits with the failed one"
    await mend_store(world)
    assert (await world.scanned()).full == 2
    assert len(world.finished) == 1


async def test_cancelling_forgets_a_failed_scan(world: World) -> None:
    await break_store(world)
    world.put("a.flac")
    await world.scanned()
    assert world.runner.waiting("scan") != []
    await world.scan.cancel()
    assert world.runner.waiting("scan") == []


async def test_a_scan_cancelled_before_its_first_turn_leaves_an_idle_daemon(world: World) -> None:
    assert (await world.scan.start()).state == "scanning"
    assert (await world.scan.cancel()).state == "idle"
    assert (await world.scanned()).state == "idle"


async def test_between_two_scans_of_the_queue_the_daemon_is_scanning(world: World) -> None:
    seen: list[str] = []

    async def look(status: ScanStatus) -> None:
        if not seen:
            world.scan.request(ScanRequest())
        seen.append(world.scan.status().state)

    world.scan.on_finished = look
    await world.scanned()
    assert seen == ["scanning", "idle"]


async def test_what_goes_wrong_after_a_scan_does_not_drop_the_next(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ends: list[int] = []

    async def stumble(status: ScanStatus) -> None:
        ends.append(status.discovered)
        if len(ends) == 1:
            world.put("b.flac")
            world.scan.request(ScanRequest())
            raise ValueError("a recipe that cannot be cooked")

    world.put("a.flac")
    world.scan.on_finished = stumble
    assert (await world.scanned()).state == "idle"
    assert ends == [1, 2]
    assert "what follows a scan failed" in caplog.text


async def test_the_end_of_a_scan_that_did_not_succeed_is_said(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=scans.__name__)
    world.put("slow.flac", "slow")
    await world.scan.start()
    await wait_until(lambda: world.scan.status().phase is ScanPhase.EXTRACTING)
    await world.scan.cancel()
    assert caplog.messages[-1] == "scan: cancelled after 0 of 1"


def test_a_scan_that_did_not_succeed_is_told_in_one_line() -> None:
    cancelled = ScanStatus(to_do=48, full=12)
    assert ending_line(cancelled) == "scan: cancelled after 12 of 48"
    failed = ScanStatus(state="error", last_error="the disk is full")
    assert ending_line(failed) == "scan: failed: the disk is full"
