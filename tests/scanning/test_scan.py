"""Scans: what they find, follow and forget; how they queue, rest and end."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from harmonie_daemon.domain.quiet_hours import QuietHours
from harmonie_daemon.domain.task import ScanPhase, ScanStatus, TaskState
from harmonie_daemon.scanning.report import outcome_line, progress_line
from harmonie_daemon.scanning.request import ScanRequest
from tests.scanning.world import World, open_world, wait_until

DEADLINE_S = 60.0
"""Long past any wait of ours, and short of for ever, which is what slow files take."""
"""A second, and one more for a test machine that is busy."""


async def test_the_newest_file_is_heard_first_and_can_be_used_at_once(world: World) -> None:
    for number in range(3):
        world.put(f"{number}.flac", age_s=1000 - number)
    world.put("slow.flac", "slow", age_s=5000)
    await world.scan.start()
    await wait_until(lambda: world.scan.status().full == 3)
    assert list(await world.library()) == ["2.flac", "1.flac", "0.flac"]
    assert world.scan.status().phase is ScanPhase.EXTRACTING


async def test_cancelling_waits_for_no_file_and_keeps_what_was_done(world: World) -> None:
    world.put("done.flac", age_s=10)
    world.put("slow.flac", "slow")
    await world.scan.start()
    await wait_until(lambda: world.scan.status().full == 1)
    status = await asyncio.wait_for(world.scan.cancel(), DEADLINE_S)
    assert (status.state, status.phase, status.last_error) == ("idle", None, None)
    assert list(await world.library()) == ["done.flac"]
    assert world.finished == []
    (world.music / "slow.flac").unlink()
    assert (await world.scanned()).skipped == 1


async def test_a_second_scan_of_the_same_changes_nothing(world: World) -> None:
    world.put("a.flac")
    world.put("b.flac", "broken")
    first = await world.scanned()
    assert (first.discovered, first.full, first.failed) == (2, 1, 1)
    assert first.recent_failures == ((str(world.music / "b.flac"), "no audio in it"),)
    second = await world.scanned()
    assert (second.full, second.failed, second.skipped) == (0, 0, 2)
    assert (await world.scanned(force=True)).full == 1


async def test_a_file_that_kills_its_worker_is_the_one_that_is_blamed(world: World) -> None:
    world.put("good.flac")
    world.put("bad.flac", "crash", age_s=10)
    status = await world.scanned()
    assert (status.full, status.failed) == (1, 1)
    ((path, reason),) = status.recent_failures
    assert path.endswith("bad.flac") and "exit code 3" in reason


async def test_a_moved_file_keeps_its_id_and_a_deleted_one_goes(world: World) -> None:
    for name in ("a/1.flac", "a/2.flac", "gone.flac"):
        world.put(name)
    await world.scanned()
    before = {name: track.id for name, track in (await world.library()).items()}
    (world.music / "a").rename(world.music / "b")
    (world.music / "gone.flac").unlink()
    status = await world.scanned()
    assert (status.moved, status.removed, status.full) == (2, 1, 0)
    after = {name: track.id for name, track in (await world.library()).items()}
    assert after == {f"b/{n}.flac": before[f"a/{n}.flac"] for n in (1, 2)}


async def test_a_library_that_is_gone_or_empty_keeps_its_tracks(world: World) -> None:
    world.put("a.flac")
    await world.scanned()
    away = world.music.rename(world.music.with_name("unplugged"))
    status = await world.scanned()
    assert status.missing_roots == (str(world.music),)
    assert list(await world.library()) == ["a.flac"]
    world.music.mkdir()
    assert (await world.scanned()).removed == 0
    world.music.rmdir()
    away.rename(world.music)
    assert (await world.scanned()).skipped == 1


async def with_another_root(world: World, name: str) -> Path:
    """From now on another folder is the library."""
    root = world.music.with_name(name)
    world.scan._tools = replace(world.scan._tools, roots=(str(root),))
    return root


async def test_a_library_configured_under_another_name_keeps_its_ids(world: World) -> None:
    world.put("a.flac")
    world.put("b.flac")
    await world.scanned()
    ids = {track.id for track in (await world.library()).values()}
    root = await with_another_root(world, "renamed")
    world.music.rename(root)
    (root / "b.flac").unlink()
    status = await world.scanned()
    assert (status.moved, status.hidden, status.full) == (1, 1, 0)
    (kept,) = (await world.library()).values()
    assert kept.id in ids and kept.file.root == str(root)


async def test_a_misspelled_library_costs_nothing(world: World) -> None:
    world.put("a.flac")
    await world.scanned()
    await with_another_root(world, "mispelled")
    assert (await world.scanned()).removed == 0
    assert list(await world.library()) == ["a.flac"]


async def test_a_growing_file_waits_until_it_is_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmonie_daemon.scanning.library_scan.RETRY_GROWING_S", 0.05)
    path = world.put("copy.flac", age_s=0)
    status = await world.scanned()
    assert (status.full, status.failed, status.to_do) == (0, 0, 0)
    assert await world.library() == {}
    os.utime(path, (world.clock.now - 100, world.clock.now - 100))
    await wait_until(lambda: sum(status.full for status in world.finished) == 1)
    assert list(await world.library()) == ["copy.flac"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_without_permission_is_tried_again(world: World) -> None:
    path = world.put("secret.flac")
    path.chmod(0)
    status = await world.scanned()
    assert status.failed == 1
    assert status.recent_failures == ((str(path), "cannot be read: no permission to read it"),)
    path.chmod(0o600)
    assert (await world.scanned()).full == 1


async def test_a_paused_scan_begins_no_file_until_it_is_resumed(world: World) -> None:
    world.put("a.flac")
    world.scan.pause()
    idle = world.scan.status()
    assert (idle.state, idle.paused) == ("idle", True)
    await world.scan.start()
    await wait_until(lambda: world.scan.status().to_do == 1)
    status = world.scan.status()
    assert (status.state, status.paused) == ("scanning", True)
    assert status.paused_because == "paused by request"
    assert "paused" in progress_line(status)
    assert world.scan.resume().paused is False
    assert (await world.scan.wait()).full == 1


async def test_cancelling_ends_a_pause(world: World) -> None:
    world.put("a.flac")
    world.scan.pause()
    await world.scan.start()
    await wait_until(lambda: world.scan.status().to_do == 1)
    status = await asyncio.wait_for(world.scan.cancel(), DEADLINE_S)
    assert (status.state, status.paused) == ("idle", False)
    assert (await world.scanned()).full == 1


async def test_nothing_is_begun_in_quiet_hours_though_everything_is_found(tmp_path: Path) -> None:
    async with open_world(tmp_path, quiet_hours=QuietHours.parse("22:00-06:00")) as world:
        world.clock.now = datetime(2027, 1, 15, 23, 30).timestamp()
        world.put("a.flac")
        await world.scan.start()
        await wait_until(lambda: world.scan.status().to_do == 1)
        status = world.scan.status()
        assert (status.state, status.paused) == ("scanning", True)
        assert status.paused_because == "quiet hours until 06:00"
        assert await world.library() == {}
        world.clock.now = datetime(2027, 1, 16, 6, 0).timestamp()
        assert (await world.scan.wait()).full == 1
        assert not world.scan.status().paused


async def test_a_busy_machine_is_left_alone(tmp_path: Path) -> None:
    async with open_world(tmp_path, max_load=1.5) as world:
        world.load[0] = 4.0
        world.put("a.flac")
        await world.scan.start()
        await wait_until(lambda: world.scan.status().to_do == 1)
        status = world.scan.status()
        assert status.paused_because == "others keep the machine busy: their load is 4.0"
        assert status.full == 0
        world.load[0] = 0.5
        assert (await world.scan.wait()).full == 1
        world.load[0] = 9.0
        assert not world.scan.status().paused, "an idle daemon does not rest, it is idle"


async def test_requests_that_wait_become_one_scan(world: World) -> None:
    world.put("slow.flac", "slow")
    await world.scan.start()
    await wait_until(lambda: world.scan.status().phase is ScanPhase.EXTRACTING)
    world.put("a/1.flac")
    world.put("b/2.flac")
    world.put("c/3.flac")
    for folder in ("a", "b"):
        await world.scan.scan_paths(frozenset({str(world.music / folder)}))
    world.put("slow.flac", "fast")
    (running,) = [one for one in world.runner.running() if one.state is not TaskState.QUEUED]
    world.runner.cancel(running.id)
    status = await world.scan.wait()
    assert (status.full, status.discovered) == (2, 2)
    assert set(await world.library()) == {"a/1.flac", "b/2.flac"}


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (
            ScanRequest(only=frozenset("a")),
            ScanRequest(only=frozenset("b")),
            ScanRequest(only=frozenset("ab")),
        ),
        (ScanRequest(only=frozenset("a")), ScanRequest(), ScanRequest()),
        (ScanRequest(force=True), ScanRequest(only=frozenset("a")), ScanRequest(force=True)),
    ],
)
def test_merged_requests_cover_both(
    one: ScanRequest, other: ScanRequest, both: ScanRequest
) -> None:
    assert one.merged(other) == both
    assert other.merged(one) == both


async def test_starting_while_everything_is_scanned_starts_nothing(world: World) -> None:
    world.put("a.flac")
    world.scan.pause()
    await world.scan.start()
    await world.scan.start()
    world.scan.resume()
    await world.scan.wait()
    assert len(world.finished) == 1


async def test_a_long_scan_makes_way_for_a_change_and_goes_on_after_it(world: World) -> None:
    for number in range(3):
        world.put(f"old{number}.flac", age_s=5000 + number)
    world.put("gone.flac", age_s=90_000)
    world.scan.pause()
    await world.scan.start()
    await wait_until(lambda: world.scan.status().to_do == 4)
    world.put("just bought.flac", age_s=10)
    await world.scan.scan_paths(frozenset({str(world.music)}))
    (world.music / "gone.flac").unlink()
    world.clock.now += 3600
    world.scan.resume()
    status = await world.scan.wait()
    assert next(iter(await world.library())) == "just bought.flac"
    assert (status.full, status.to_do, status.skipped, status.failed) == (4, 4, 0, 0)
    assert len(world.finished) == 1, "what followed a scan that made way is the same scan"


async def test_a_scan_does_not_make_way_before_it_has_had_its_share(world: World) -> None:
    world.put("old.flac", age_s=5000)
    world.scan.pause()
    await world.scan.start()
    await wait_until(lambda: world.scan.status().to_do == 1)
    world.put("new.flac", age_s=10)
    await world.scan.scan_paths(frozenset({str(world.music)}))
    world.scan.resume()
    await world.scan.wait()
    assert list(await world.library()) == ["old.flac", "new.flac"]


async def test_the_time_left_is_known_after_the_first_file(world: World) -> None:
    world.put("newest.flac", age_s=10)
    world.put("slow 1.flac", "slow", age_s=3000)
    world.put("slow 2.flac", "slow", age_s=3000)
    world.scan.pause()
    await world.scan.start()
    await wait_until(lambda: world.scan.status().to_do == 3)
    assert world.scan.status().remaining_s is None
    world.clock.step_s = 0.5
    world.scan.resume()
    await wait_until(lambda: world.scan.status().full == 1)
    left_s = world.scan.status().remaining_s
    assert left_s is not None and left_s > 0
    await world.scan.cancel()
    assert world.scan.status().remaining_s is None


async def test_a_store_that_fails_ends_the_scan_with_the_reason(
    world: World, tmp_path: Path
) -> None:
    world.put("a.flac")
    await world.scanned()
    await world.tracks._db.write(
        lambda connection: connection.execute("DROP TABLE style_probabilities")
    )
    world.put("b.flac")
    status = await world.scanned()
    assert status.state == "error"
    assert "style_probabilities" in (status.last_error or "")


def test_a_scan_is_told_in_one_line() -> None:
    status = ScanStatus(
        "scanning", ScanPhase.EXTRACTING, discovered=60, to_do=48, full=12, remaining_s=120.0
    )
    assert progress_line(status) == "scan: analysed 12 of 48, 0 failed, 18 a minute, 2 min left"
    embedding = replace(status, full=8, to_embed=40, embeddings_only=10)
    assert progress_line(embedding).startswith("scan: re-embedding 10 of 40, 0 failed")
    resting = replace(status, paused=True, paused_because="quiet hours until 06:00")
    assert (
        progress_line(resting)
        == "scan: analysed 12 of 48, 0 failed, paused (quiet hours until 06:00)"
    )
    ended = replace(status, descriptors_only=3, moved=1, last_duration_s=61.0)
    assert outcome_line(ended) == (
        "scan: 60 files, 12 analysed, 3 measured anew, 1 moved, 0 failed in 61 s"
    )
