"""Tags that want more time or memory than they are worth."""

from __future__ import annotations

import contextlib
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from harmonie_daemon.library import tags
from harmonie_daemon.library.limits import OutOfTime, limited
from harmonie_daemon.library.tag_job import READING, TagsJob, TagsRead
from harmonie_daemon.workers import Budget, Supervisor
from tests.library.hostile import HOSTILE, MIB

SIZE = 1 / 8
"""Of the files and of the limits here, to save time."""
QUADRATIC = "a million frames"


def read_scaled(job: TagsJob) -> TagsRead:
    """In a worker of its own: memory that a process has had and given back is not limited."""
    if QUADRATIC in job.path:
        tags.LONGEST_CPU_S *= 2 * SIZE**2
    tags.MOST_MEMORY_BYTES = round(tags.MOST_MEMORY_BYTES * SIZE)
    return tags.read_tags(job.path)


SCALED = replace(
    READING, target=f"{__name__}:read_scaled", preload=(*READING.preload, __name__), recycle_after=1
)


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_tags_are_left_out_within_the_limits(tmp_path: Path, name: str) -> None:
    hostile = HOSTILE[name]
    path = tmp_path / f"{name}.{hostile.suffix}"
    path.write_bytes(hostile.make(SIZE))
    readers = Supervisor(SCALED, Budget(1))
    try:
        read = await readers.run(TagsJob(str(path)), timeout_s=60)
    finally:
        await readers.close()
    assert (read.left_out is None) == (hostile.left_out is None), read.left_out
    assert (hostile.left_out or "") in (read.left_out or "")
    assert read.tags.title == hostile.title


async def test_what_expands_in_a_worker_costs_neither_the_worker_nor_the_caller(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(HOSTILE["a title that expands"].make(1))
    readers = Supervisor(READING, Budget(1))
    peak_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        for _ in range(2):
            read = await readers.run(TagsJob(str(path)), timeout_s=60)
            assert isinstance(read, TagsRead)
            assert read.left_out == "they take more than 192 MiB to read"
    finally:
        await readers.close()
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak_before
    assert peak_kib < 50 * 1024


def test_time_is_up_even_for_those_who_swallow_errors() -> None:
    with pytest.raises(OutOfTime), limited(cpu_s=0.05, memory_bytes=MIB):
        while True:
            with contextlib.suppress(Exception):
                sum(range(1000))


def test_limits_end_with_what_they_limit() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(MemoryError), limited(cpu_s=60, memory_bytes=64 * MIB):
        bytes(512 * MIB)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert len(bytes(100 * MIB)) == 100 * MIB
