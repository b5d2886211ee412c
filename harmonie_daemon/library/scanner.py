"""Which audio files the library holds, and what has changed since we last looked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harmonie_daemon.domain.remote_files import is_server_root
from harmonie_daemon.domain.track import AudioFile, TrackId
from harmonie_daemon.library.access import reason
from harmonie_daemon.library.roots import (
    Root,
    absolute,
    ancestry,
    folder_identity,
    innermost,
    lies_in,
    open_root,
)
from harmonie_daemon.library.selection import AUDIO_EXTENSIONS, is_audio
from harmonie_daemon.library.traversal import Traversal

__all__ = [
    "AUDIO_EXTENSIONS",
    "Classification",
    "KnownFile",
    "Walk",
    "classify",
    "known_paths",
    "retired",
    "walk",
]


WENT_AWAY = "it went away during the scan"


@dataclass(frozen=True, slots=True)
class Walk:
    """What one walk saw; paths are absolute."""

    files: tuple[AudioFile, ...]
    """Newest modification first, every file once."""
    missing_roots: tuple[str, ...] = ()
    """Roots that are not there, cannot be listed, or went away during the walk."""
    covered: tuple[str, ...] = ()
    """Folders and files about which ``files`` is the whole truth, but for ``uncovered``."""
    uncovered: tuple[str, ...] = ()
    """Folders and files inside ``covered`` that could not be looked into."""
    empty_roots: tuple[str, ...] = ()
    """Roots that are there but hold neither a folder nor an audio file."""
    unreadable: tuple[tuple[str, str], ...] = ()
    """Roots, folders and files that could not be read, and why, by path; a folder stands for
    several of its files."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One file as the store remembers it."""

    id: TrackId
    file: AudioFile
    fingerprint: bytes | None = None
    failure: str | None = None
    """Why the file could not be decoded; ``None`` for an analysed track."""
    descriptor_version: int | None = None
    models: frozenset[str] = frozenset()
    """Embedding models that have answered for this track."""
    tags_version: int | None = None
    """By which version of reading its tags were read."""


@dataclass(frozen=True, slots=True)
class Classification:
    """What a walk means for what we know; each file is in exactly one of the four classes.

    What is known but neither seen nor covered by the walk is in none: nothing was learnt about it.
    """

    new: tuple[AudioFile, ...] = ()
    changed: tuple[tuple[KnownFile, AudioFile], ...] = ()
    unchanged: tuple[KnownFile, ...] = ()
    missing: tuple[KnownFile, ...] = ()
    rerooted: tuple[tuple[KnownFile, AudioFile], ...] = ()
    """Those of ``unchanged`` that another root owns now: same path, other ``root``."""
    retired: tuple[KnownFile, ...] = ()
    """Beside the four: files below folders that are no library any more."""


def never() -> bool:
    """The ``stopped`` of a walk that nobody stops."""
    return False


def walk(
    roots: Sequence[str],
    *,
    exclude: Sequence[str] = (),
    only: Sequence[str] | None = None,
    stopped: Callable[[], bool] = never,
) -> Walk:
    """Find the audio files below the roots.

    A file that can be reached in several ways (links, hard links, overlapping roots) is reported
    once: under a path without symbolic links if there is one, else under the smallest path.

    :param exclude: patterns as ``Selection`` documents them.
    :param only: absolute files and folders to which the walk is limited; one that is not there any
        more is covered, so that its tracks are missing. A hard link to a file outside of ``only``
        goes unnoticed until the next whole walk.
    :param stopped: asked at every entry; once it says ``True`` the walk ends and covers nothing.
    :raises ConfigurationError: a pattern of ``exclude`` is malformed.
    """
    paths = sorted({absolute(root) for root in roots})
    present, missing = _opened(paths, exclude)
    covered = _covered(paths if only is None else [absolute(path) for path in only], paths)
    traversal = Traversal(present, missing, stopped)
    finished = traversal.run(path for path in covered if innermost(path, paths) not in missing)
    missing.update((root.path, WENT_AWAY) for root in present if _has_vanished(root))
    return Walk(
        files=tuple(sorted(traversal.files(), key=lambda file: (-file.mtime_ns, file.path))),
        missing_roots=tuple(sorted(missing)),
        covered=tuple(path for path in covered if innermost(path, paths) not in missing)
        if finished
        else (),
        uncovered=tuple(sorted(traversal.uncovered)),
        empty_roots=tuple(root.path for root in present if root.empty),
        unreadable=(*sorted(missing.items()), *_told(traversal.uncovered)),
    )


def _opened(paths: Sequence[str], exclude: Sequence[str]) -> tuple[list[Root], dict[str, str]]:
    """The roots that are there, and why the others are missing."""
    present, missing = [], {}
    for path in paths:
        try:
            present.append(open_root(path, exclude))
        except OSError as error:
            missing[path] = reason(error)
    return present, missing


def _told(uncovered: Mapping[str, str]) -> list[tuple[str, str]]:
    """What could not be read, with its folder in place of several files."""
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for path, why in uncovered.items():
        alike[path.rpartition("/")[0] if is_audio(path) else path, why].append(path)
    return sorted(
        (folder if len(paths) > 1 else paths[0], why) for (folder, why), paths in alike.items()
    )


def _covered(starts: Iterable[str], roots: Sequence[str]) -> list[str]:
    """Where to walk: the parts of ``starts`` inside the roots, and the roots inside of those."""
    asked = {start for start in starts if innermost(start, roots) is not None}
    return sorted(asked | {root for root in roots if any(lies_in(root, start) for start in starts)})


def _has_vanished(root: Root) -> bool:
    """Whether a root went away, or was unmounted, since it was looked at."""
    try:
        return folder_identity(root.path) != root.identity
    except OSError:
        return True


def classify(walk: Walk, known: Sequence[KnownFile]) -> Classification:
    """Compare what a walk saw with what we remember, by path, size and modification time.

    A known file is missing only where the walk can tell: not under a missing root, not in a
    folder that could not be read, and not under a root that held tracks and is empty now, which
    is what an unmounted disk looks like.
    """
    seen = {file.path: file for file in walk.files}
    remembered = [(row, seen.pop(row.file.path, None)) for row in known]
    can_tell = _coverage(walk)
    changed, unchanged, missing, rerooted = [], [], [], []
    for row, file in remembered:
        if file is None:
            if can_tell(row.file.path):
                missing.append(row)
        elif (file.size, file.mtime_ns) != (row.file.size, row.file.mtime_ns):
            changed.append((row, file))
        else:
            unchanged.append(row)
            if file.root != row.file.root:
                rerooted.append((row, file))
    return Classification(
        new=tuple(seen.values()),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        missing=tuple(missing),
        rerooted=tuple(rerooted),
    )


def retired(walk: Walk, known: Iterable[KnownFile], roots: Sequence[str]) -> list[KnownFile]:
    """Files below folders that are no library any more: moved along, or to be hidden.

    Only a whole walk that finds every configured root says so: a misspelled root must not cost
    the analysis of the right one. What only a media server has is below no folder anyway.
    """
    if walk.missing_roots or not walk.files:
        return []
    present = {file.path for file in walk.files}
    return [
        one
        for one in known
        if one.file.path not in present
        and not is_server_root(one.file.root)
        and not any(lies_in(one.file.path, root) for root in roots)
    ]


def known_paths(walk: Walk) -> list[str]:
    """At or below which paths a file must be known for ``classify`` to need it."""
    covered = set(walk.covered)
    elsewhere = (
        file.path
        for file in walk.files
        if not any(parent in covered for parent in ancestry(file.path))
    )
    return [*walk.covered, *elsewhere]


def _coverage(walk: Walk) -> Callable[[str], bool]:
    """The question whether a walk would have seen a file: the nearest marked parent decides."""
    marks = dict.fromkeys(walk.covered, True)
    marks.update(dict.fromkeys((*walk.uncovered, *walk.missing_roots), False))

    def can_tell(path: str) -> bool:
        if any(lies_in(path, root) for root in walk.empty_roots):
            return False
        return next((marks[parent] for parent in ancestry(path) if parent in marks), False)

    return can_tell
