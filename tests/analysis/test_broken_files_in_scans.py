"""Broken files and broken decoders, through real workers and real scans."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from harmonie_daemon.analysis.job import HEARING, AnalysisJob
from harmonie_daemon.app import Core, open_core
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.domain.task import ScanStatus
from harmonie_daemon.domain.track import Analysis
from tests.analysis.broken import (
    FAILING,
    HEARD,
    damaged_middle,
    lay_out,
    whole,
)
from tests.analysis.hearing import UNRELIABLE_TARGET, working

LONG_AGO = 1_600_000_000.0


def good_files(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"good {number}.flac" for number in range(count)]
    for path in paths:
        path.write_bytes(whole("flac"))
    return paths


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("crash.flac", "the worker crashed with SIGSEGV"),
        ("hang.flac", "the worker did not answer within 1 s"),
        ("swell.flac", "the worker needed more than 800 MiB of memory"),
    ],
)
async def test_a_decoder_that_fails_costs_its_own_file_only(
    tmp_path: Path, name: str, said: str
) -> None:
    bad = tmp_path / name
    bad.write_bytes(whole("flac"))
    paths = [*good_files(tmp_path, 2), bad, *good_files(tmp_path, 2)]
    async with working(UNRELIABLE_TARGET, 2) as workers:
        await workers.start()
        jobs = [AnalysisJob(str(path), ()) for path in paths]
        limits_s = [1.0 if name == "hang.flac" and path == bad else 60.0 for path in paths]
        running = [
            workers.run(job, timeout_s=limit_s) for job, limit_s in zip(jobs, limits_s, strict=True)
        ]
        results = await asyncio.gather(*running, return_exceptions=True)
    for path, result in zip(paths, results, strict=True):
        if path == bad:
            assert isinstance(result, WorkerError)
            assert str(result).startswith(said)
        else:
            assert isinstance(result, Analysis), result


def age(folder: Path) -> None:
    """Make everything look as if it had been there for long."""
    for path in folder.iterdir():
        os.utime(path, (LONG_AGO, LONG_AGO))


async def scanned(core: Core) -> ScanStatus:
    await core.scan.start()
    return await core.scan.wait()


async def test_a_scan_records_each_broken_file_once(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    good_files(folder, 2)
    lay_out(folder, [*FAILING, *HEARD])
    os.mkfifo(folder / "pipe.mp3")
    (folder / "device.mp3").symlink_to("/dev/zero")
    (folder / "folder.mp3").mkdir()
    for path in folder.iterdir():
        if path.suffix and path.is_file():
            os.utime(path, (LONG_AGO, LONG_AGO))
    settings = Settings(libraries=(folder,), data_dir=tmp_path / "data", workers=2)
    async with open_core(settings) as core:
        first = await scanned(core)
        failures = dict(await core.services.tracks.failures(100))
        second = await scanned(core)
        counts = await core.services.tracks.counts()
    assert (first.full, first.failed) == (2 + len(HEARD), len(FAILING))
    assert {Path(path).name for path in failures} == set(FAILING)
    for path, text in failures.items():
        assert text.startswith(FAILING[Path(path).name][1])
    assert (second.full, second.failed, second.skipped) == (0, 0, first.full + first.failed)
    assert (counts.tracks, counts.failed) == (first.full, first.failed)


async def test_a_scan_survives_a_decoder_that_crashes(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    good_files(folder, 3)
    (folder / "crash.flac").write_bytes(damaged_middle("flac"))
    age(folder)
    settings = Settings(libraries=(folder,), data_dir=tmp_path / "data", workers=2)
    async with open_core(settings, hearing=replace(HEARING, target=UNRELIABLE_TARGET)) as core:
        first = await scanned(core)
        ((path, text),) = await core.services.tracks.failures(100)
        second = await scanned(core)
    assert (first.full, first.failed) == (3, 1)
    assert Path(path).name == "crash.flac"
    assert "SIGSEGV" in text
    assert (second.full, second.failed, second.skipped) == (0, 0, 4)
