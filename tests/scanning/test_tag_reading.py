"""What tags do to whoever reads them is no matter of the rest of the file."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from harmonie_daemon.domain.track import Tags
from harmonie_daemon.scanning.faults import FAULTS_IN_A_ROW
from tests.scanning.world import World


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


async def grow_old(world: World) -> None:
    """Let all tags be of a version before there were lists of artists."""
    for name, track in (await world.library()).items():
        tags = Tags(artist="A, B", title=name)
        assert await world.tracks.save_tags(track.id, track.file, tags, (), ())
    await world.tracks._db.write(lambda c: c.execute("UPDATE tracks SET tags_version = 0"))


async def test_tags_of_an_older_version_are_read_anew_and_nothing_is_heard(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.put("a.flac", "title=X artist=A artist=B")
    world.put("b.flac", "title=Y artist=C endless tags")
    await world.scanned()
    await grow_old(world)
    heard_at = {name: track.analyzed_at for name, track in (await world.library()).items()}
    world.clock.now += 100.0
    with caplog.at_level(logging.INFO):
        status = await world.scanned()
    assert (status.full, status.descriptors_only, status.to_do, status.skipped) == (0, 0, 0, 2)
    assert status.tags_read == 2
    assert "2 with tags read anew" in caplog.text
    now = await world.library()
    assert now["a.flac"].tags.artists == ("A", "B")
    assert now["b.flac"].tags.artists == ("A, B",), "what was not read whole replaces nothing"
    assert {name: track.analyzed_at for name, track in now.items()} == heard_at
    assert (await world.scanned()).tags_read == 0


async def test_old_tags_that_cannot_be_read_just_now_stay_and_are_tried_again(
    world: World,
) -> None:
    world.put("a.flac", "title=X artist=A artist=B")
    await world.scanned()
    await grow_old(world)
    world.twist("a.flac", "lost tags")
    status = await world.scanned()
    assert (status.tags_read, status.failed) == (0, 0)
    assert (await world.library())["a.flac"].tags.artists == ("A, B",)
    world.twist("a.flac", "artist=D artist=E")
    assert (await world.scanned()).tags_read == 1
    assert (await world.library())["a.flac"].tags.artists == ("D", "E")


def test_the_daemon_itself_loads_no_reader_of_tags() -> None:
    probe = "import sys, harmonie_daemon.app; sys.exit('mutagen' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
