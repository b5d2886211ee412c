"""What tags do to whoever reads them is no matter of the rest of the file."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from harmonie_daemon.tasks.faults import FAULTS_IN_A_ROW
from tests.tasks.world import World


async def test_a_file_whose_tags_kill_their_reader_is_heard_without_them(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.put("deadly.flac", "title=X deadly tags")
    world.put("endless.flac", "title=Y endless tags")
    with caplog.at_level(logging.WARNING):
        status = await world.scanned()
    assert (status.full, status.failed) == (2, 0)
    titles = {name: track.tags.title for name, track in (await world.library()).items()}
    assert titles == {"deadly.flac": None, "endless.flac": "Y"}
    assert "deadly.flac: its tags were not read whole: the worker ended with" in caplog.text
    assert "endless.flac: its tags were not read whole: there is no end to them" in caplog.text


async def test_tags_that_the_machine_could_not_read_are_tried_again(world: World) -> None:
    path = world.put("a.flac", "title=X lost tags")
    for _ in range(FAULTS_IN_A_ROW - 1):
        status = await world.scanned()
        assert (status.full, status.failed) == (0, 1)
    world.twist("a.flac", "title=X found")
    assert (await world.scanned()).full == 1
    assert (await world.library())[path.name].tags.title == "X"


async def test_a_file_that_costs_its_reader_every_time_is_heard_at_last(world: World) -> None:
    world.put("a.flac", "lost tags")
    heard = [(await world.scanned()).full for _ in range(FAULTS_IN_A_ROW)]
    assert heard == [0] * (FAULTS_IN_A_ROW - 1) + [1]


def test_the_daemon_itself_loads_no_reader_of_tags() -> None:
    probe = "import sys, harmonie_daemon.app; sys.exit('mutagen' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
