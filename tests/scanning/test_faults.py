"""Trouble of the machine is no fault of the file: it is tried again."""

from __future__ import annotations

import errno
import logging
import os

import pytest

from harmonie_daemon.domain.errors import in_words
from harmonie_daemon.domain.track import AudioFile
from harmonie_daemon.scanning import ear
from harmonie_daemon.scanning.faults import FAULTS_IN_A_ROW, Faults
from tests.scanning.world import World

FILE = AudioFile("/m", "a.flac", 10, 1)


@pytest.mark.parametrize(
    "reason",
    [
        "the worker did not answer within 60 s, twice, the second time alone",
        "the worker crashed with SIGKILL, twice, the second time alone",
        in_words(MemoryError()),
        in_words(OSError(errno.EIO, os.strerror(errno.EIO), "/m/a.flac")),
        "truncated or damaged: Input/output error",
    ],
)
def test_trouble_that_may_pass_is_the_files_own_after_the_third_time(reason: str) -> None:
    faults = Faults()
    tries = [faults.may_pass(FILE, reason) for _ in range(FAULTS_IN_A_ROW)]
    assert tries == [True, True, False]
    faults.may_pass(FILE, reason)
    faults.may_pass(FILE, reason)
    faults.passed(FILE)
    assert faults.may_pass(FILE, reason), "only faults in a row count"
    assert faults.may_pass(AudioFile("/m", "a.flac", 10, 2), reason), "it has changed"


@pytest.mark.parametrize(
    "reason", ["unreadable: permission denied", "the workers have been closed"]
)
def test_what_says_nothing_about_the_content_never_condemns_a_file(reason: str) -> None:
    faults = Faults()
    assert all(faults.may_pass(FILE, reason) for _ in range(10))


@pytest.mark.parametrize(
    "reason",
    [
        "the worker crashed with SIGSEGV, twice, the second time alone",
        "the worker ended with exit code 3, twice, the second time alone",
        "the worker needed more than 1200 MiB of memory, twice, the second time alone",
        "no such chord",
        "truncated or damaged: it ends before the first sound",
        "unreadable: not a regular file",
        "empty file",
    ],
)
def test_what_a_file_does_alone_is_its_own_fault_at_once(reason: str) -> None:
    assert not Faults().may_pass(FILE, reason)


@pytest.mark.parametrize("trouble", ["killed", "bad disk"])
async def test_trouble_is_shown_and_tried_again_until_the_third_time(
    world: World, trouble: str
) -> None:
    world.put("good.flac")
    world.put("bad.flac", trouble)
    for _ in range(FAULTS_IN_A_ROW - 1):
        status = await world.scanned()
        assert status.failed == 1 and status.recent_failures[-1][0].endswith("bad.flac")
        assert await world.tracks.failures() == []
    assert (await world.scanned()).failed == 1
    ((path, _),) = await world.tracks.failures()
    assert path.endswith("bad.flac")
    again = await world.scanned()
    assert (again.failed, again.skipped) == (0, 2)


async def test_trouble_that_passes_leaves_no_trace(world: World) -> None:
    world.put("a.flac", "killed once")
    assert (await world.scanned()).failed == 1
    world.twist("a.flac", "music")
    assert (await world.scanned()).full == 1
    assert await world.tracks.failures() == []


async def test_a_track_outlives_trouble_while_it_is_heard_anew(world: World) -> None:
    world.put("a.flac", "a long text")
    await world.scanned()
    world.twist("a.flac", "locked")
    assert (await world.scanned(force=True)).failed == 1
    assert list(await world.library()) == ["a.flac"]


async def test_a_file_that_hangs_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr(ear, "timeout_s", lambda size: 0.3)
    world.put("a.flac", "slow")
    assert (await world.scanned()).failed == 1
    assert await world.tracks.failures() == []
    assert "did not answer" in caplog.text and "the next scan tries again" in caplog.text
