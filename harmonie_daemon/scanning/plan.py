"""What a scan has to hear, given what it found; pure, and slow for a large library."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from harmonie_daemon.analysis.descriptors import DESCRIPTOR_VERSION
from harmonie_daemon.domain.track import AudioFile
from harmonie_daemon.library.scanner import Classification, KnownFile
from harmonie_daemon.library.tag_job import TAGS_VERSION
from harmonie_daemon.scanning.assignment import Assignment

Move = tuple[KnownFile, AudioFile]
"""A known file, and what it is on disk now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, in the order in which to do it, and how many files need nothing."""

    works: tuple[Assignment, ...]
    current: int


def plan(
    classified: Classification,
    moves: Sequence[Move],
    wanted: Sequence[str],
    *,
    force: bool = False,
    leave: Set[AudioFile] = frozenset(),
) -> Plan:
    """Files that are not known yet first, then tags to be read and files to be heard anew.

    The newest come first each.

    :param moves: what has its new path in the store already.
    :param wanted: the models that every track is to be heard with.
    :param force: hear everything.
    :param leave: files that need not be tried now.
    """
    elsewhere = {known.id: file for known, file in moves}
    changed = (known for known, _ in classified.changed)
    lost = (*classified.missing, *classified.retired, *changed)
    present = [
        replace(known, file=elsewhere.get(known.id, known.file))
        for known in (*classified.unchanged, *(one for one in lost if one.id in elsewhere))
    ]
    taken = {file.path for file in elsewhere.values()}
    fresh = [
        Assignment(file)
        for file in (*classified.new, *(file for _, file in classified.changed))
        if file.path not in taken and file not in leave
    ]
    if force:
        again = [Assignment(known.file) for known in present]
    else:
        due = (_redo(known, wanted) for known in present if known.file not in leave)
        again = [work for work in due if work is not None]
    heard = {work.file for work in again if work.track_id is None}
    tags = [
        Assignment(known.file, known.id, tags=True)
        for known in present
        if _has_old_tags(known) and known.file not in heard and known.file not in leave
    ]
    works = tuple(
        work for works in (fresh, tags, again) for work in sorted(works, key=_newest_first)
    )
    return Plan(works, len(present) - len(again))


def _redo(known: KnownFile, wanted: Sequence[str]) -> Assignment | None:
    """What a newer pipeline or another model would hear in a known file; ``None``: no more."""
    if known.failure is not None:
        return None
    lacking = tuple(name for name in wanted if name not in known.models)
    if known.descriptor_version != DESCRIPTOR_VERSION:
        return Assignment(known.file, None if lacking else known.id)
    return Assignment(known.file, known.id, lacking) if lacking else None


def _has_old_tags(known: KnownFile) -> bool:
    return known.failure is None and known.tags_version != TAGS_VERSION


def _newest_first(work: Assignment) -> tuple[int, str]:
    return -work.file.mtime_ns, work.file.path
