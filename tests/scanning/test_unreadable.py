"""What a scan could not read stands in its outcome, its status and the log, and why."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from harmonie_daemon.scanning.report import outcome_line
from harmonie_daemon.scanning.unreadable import NAMED
from tests.scanning.world import World

NO_LINK = "its link leads nowhere"


def lose(world: World, name: str) -> Path:
    """A folder on a disk that is not mounted."""
    link = world.music / name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(f"/not mounted/{name}")
    return link


async def test_folders_and_roots_that_cannot_be_read_are_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.put("a.flac")
    gone = str(world.music.with_name("gone"))
    tools = world.scan._tools
    world.scan._tools = replace(tools, roots=(*tools.roots, gone))
    lost = str(lose(world, "usb"))
    status = await world.scanned()
    assert status.unreadable == ((gone, "it is not there"), (lost, NO_LINK))
    assert status.unreadable_count == 2
    assert (status.state, status.full, status.missing_roots) == ("idle", 1, (gone,))
    assert f"{gone} cannot be read: it is not there" in caplog.text
    assert f"{lost} cannot be read: {NO_LINK}" in caplog.text
    assert "1 analysed, 0 failed, 2 could not be read" in outcome_line(status)


async def test_of_very_many_some_are_named_and_all_are_counted(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(50):
        lose(world, f"{number:02}")
    caplog.set_level(logging.WARNING)
    status = await world.scanned()
    assert (len(status.unreadable), status.unreadable_count) == (NAMED, 50)
    assert caplog.messages[-1] == f"and {50 - NAMED} more cannot be read"
    assert len(caplog.messages) == NAMED + 1


async def test_a_scan_of_a_change_speaks_for_what_it_looked_at_alone(world: World) -> None:
    one, other = lose(world, "one/usb"), lose(world, "other/usb")
    assert (await world.scanned()).unreadable_count == 2
    one.unlink()
    await world.scan.scan_paths(frozenset({str(world.music / "one")}))
    status = await world.scan.wait()
    assert (status.unreadable, status.unreadable_count) == (((str(other), NO_LINK),), 1)
    other.unlink()
    assert (await world.scanned()).unreadable_count == 0
