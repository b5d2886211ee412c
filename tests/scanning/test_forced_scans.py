"""Asking for a scan while one is on; what each scan counts; cancelling and making way."""

from __future__ import annotations

from harmonie_daemon.domain.task import ScanPhase, ScanStatus
from harmonie_daemon.scanning.request import ScanRequest
from tests.scanning.world import World, wait_until

A_LONG_TIME_S = 3600.0


async def begin(world: World, *, to_do: int, force: bool = False) -> None:
    """A scan that has found what there is to do and begins nothing yet."""
    world.scan.pause()
    await world.scan.start(force=force)
    await wait_until(lambda: world.scan.status().to_do == to_do)


async def test_a_forced_scan_is_not_started_while_everything_is_being_scanned(
    world: World,
) -> None:
    world.put("known.flac")
    world.put("broken.flac", "broken", age_s=2000)
    await world.scanned()
    world.put("new.flac")
    await begin(world, to_do=1)
    before = world.scan.status()
    assert await world.scan.start(force=True) == before
    world.clock.now += A_LONG_TIME_S
    world.scan.resume()
    status = await world.scan.wait()
    assert (status.full, status.failed, status.skipped) == (1, 0, 2)
    assert len(world.finished) == 2
    assert [path for path, _ in status.recent_failures] == [str(world.music / "broken.flac")]


async def test_nor_while_a_scan_of_everything_is_about_to_begin(world: World) -> None:
    world.put("a.flac")
    await world.scanned()
    await world.scan.start()
    await world.scan.start(force=True)
    assert (await world.scan.wait()).full == 0


async def test_a_scan_of_a_change_is_followed_by_the_forced_one_with_counters_of_its_own(
    world: World,
) -> None:
    world.put("known.flac", age_s=3000)
    await world.scanned()
    changed = [world.put(f"{name}.flac", "broken", age_s=2000) for name in ("a", "b")]
    world.scan.pause()
    await world.scan.scan_paths(frozenset(map(str, changed)))
    await wait_until(lambda: world.scan.status().to_do == 2)
    await world.scan.start(force=True)
    world.clock.step_s = 8.0  # one file is within the fair share, two are not
    world.scan.resume()
    status = await world.scan.wait()
    assert [(one.full, one.failed) for one in world.finished[1:]] == [(0, 1), (1, 2)]
    assert (status.discovered, status.to_do) == (3, 3)
    named = [path for path, _ in status.recent_failures]
    assert sorted(named) == sorted(map(str, changed))


async def test_a_failure_is_listed_once_however_often_it_happens(world: World) -> None:
    world.put("a.flac", "locked")
    world.put("b.flac", "locked", age_s=2000)
    for _ in range(3):
        status = await world.scanned()
        assert status.failed == 2
        assert len(status.recent_failures) == 2


async def test_what_is_heard_at_last_or_gone_is_no_failure_any_more(world: World) -> None:
    mended = world.put("mended.flac", "broken")
    gone = world.put("gone.flac", "broken")
    assert len((await world.scanned()).recent_failures) == 2
    world.put("mended.flac", "whole", age_s=500)
    gone.unlink()
    world.put("other.flac")
    assert mended.exists()
    assert (await world.scanned()).recent_failures == ()


async def test_a_scan_has_a_phase_from_its_first_moment_to_its_last(world: World) -> None:
    world.put("a.flac")
    seen: list[ScanStatus] = [await world.scan.start()]
    while world.scan.status().state == "scanning":
        seen.append(world.scan.status())
        await wait_until(lambda: world.scan.status() != seen[-1])
    assert {status.state for status in seen} == {"scanning"}
    assert None not in [status.phase for status in seen]
    assert seen[0].phase is ScanPhase.ENUMERATING


async def test_a_forced_scan_makes_way_for_nothing(world: World) -> None:
    """It would begin from the start again."""
    world.put("old.flac", age_s=5000)
    world.put("older.flac", age_s=6000)
    await world.scanned()
    await begin(world, to_do=2, force=True)
    new = world.put("new.flac", age_s=10)
    await world.scan.scan_paths(frozenset({str(new)}))
    world.clock.now += A_LONG_TIME_S
    world.scan.resume()
    await world.scan.wait()
    assert [status.full for status in world.finished] == [1 + 1, 2, 1]


async def test_cancelling_forgets_the_scans_that_wait(world: World) -> None:
    world.put("a.flac")
    await begin(world, to_do=1)
    await world.scan.scan_paths(frozenset({str(world.music / "b.flac")}))
    status = await world.scan.cancel()
    assert (status.state, status.full) == ("idle", 0)
    assert world.finished == []
    assert await world.library() == {}


async def test_cancelling_forgets_the_files_that_were_to_be_looked_at_again(
    world: World,
) -> None:
    world.put("growing.flac", age_s=0)
    await world.scanned()
    assert world.runner.waiting("scan") != []
    await world.scan.cancel()
    assert world.runner.waiting("scan") == []


async def test_every_growing_file_of_several_scans_is_looked_at_again(
    world: World,
) -> None:
    for name in ("a.flac", "b.flac"):
        path = world.put(name, age_s=0)
        await world.scan.scan_paths(frozenset({str(path)}))
        await world.scan.wait()
    (later,) = world.runner.waiting("scan")
    assert sorted(later.arguments["only"]) == [str(world.music / n) for n in ("a.flac", "b.flac")]


async def test_a_scan_of_as_much_is_one_that_is_gone_on_with() -> None:
    everything, change = ScanRequest(), ScanRequest(only=frozenset("a"))
    assert change.covers_as_much_as(ScanRequest(only=frozenset("b")))
    assert not change.covers_as_much_as(everything)
    assert not everything.covers_as_much_as(ScanRequest(force=True))
