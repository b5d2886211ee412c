"""Reading a file's tags as a worker's job. Light to import: the daemon never loads a tag reader.

Tags are the easiest part of a file to make hostile: a megabyte may expand to gigabytes, and a
million small frames keep a reader busy for ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.domain.track import Tags
from harmonie_daemon.workers.kind import MIB, WorkerKind

READING = WorkerKind(
    name="reading tags",
    target="harmonie_daemon.library.tag_job:read",
    preload=("harmonie_daemon.library.tags",),
    memory_limit_bytes=512 * MIB,
)
"""What is read beyond the limits of ``library.limits`` costs the worker."""
TIMEOUT_S = 60.0
"""For a disk that is asleep; the work itself is limited in processor time."""
TAGS_VERSION = 1
"""Bump when more is read out of a file: tracks of before get their tags read anew."""


@dataclass(frozen=True, slots=True)
class TagsJob:
    """A file whose tags are wanted."""

    path: str


@dataclass(frozen=True, slots=True)
class TagsRead:
    """What could be read, and why that is not all."""

    tags: Tags
    left_out: str | None = None
    """For a person; ``None`` if nothing was out of bounds. Damage is none of it."""


def read(job: TagsJob) -> TagsRead:
    """Run in a worker: the tags of one file."""
    from harmonie_daemon.library.tags import read_tags  # noqa: PLC0415 - only workers need it

    return read_tags(job.path)
