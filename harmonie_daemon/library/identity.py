"""Recognising a file by its content, so that a moved one keeps its track."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from hashlib import blake2b
from typing import TypeVar

from harmonie_daemon.domain.track import AudioFile
from harmonie_daemon.library.scanner import KnownFile

SAMPLE_BYTES = 64 * 1024
"""Of head, middle and tail each; the middle is sound even where the head is a cover picture."""
FINGERPRINT_BYTES = 16

_Item = TypeVar("_Item")


def fingerprint(path: str, size: int) -> bytes | None:
    """Sixteen bytes of BLAKE2b over the size and three samples; small files are read whole.

    :param size: bytes the file had when it was found.
    :return: ``None`` when the file cannot be read, has vanished or is of another size by now.
    """
    digest = blake2b(str(size).encode(), digest_size=FINGERPRINT_BYTES)
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - str
            if os.fstat(file.fileno()).st_size != size:
                return None
            for start, length in _samples(size):
                sample = os.pread(file.fileno(), length, start)
                if len(sample) != length:
                    return None
                digest.update(sample)
    except OSError:
        return None
    return digest.digest()


def match_moves(
    found: Sequence[AudioFile],
    lost: Sequence[KnownFile],
    fingerprint_of: Callable[[AudioFile], bytes | None],
) -> list[tuple[KnownFile, AudioFile]]:
    """Pair each lost file with the one that has its content now, at another path.

    :param found: files of which nothing is known, and those that have changed.
    :param lost: known files that are missing, and those in whose place something has changed.

    Only files of a lost one's size are read. What several of either side share identifies none
    of them, whatever their names say; empty files have no identity.
    """
    identifiable = [row for row in lost if row.fingerprint is not None and row.file.size > 0]
    paths: defaultdict[int, set[str]] = defaultdict(set)
    for row in identifiable:
        paths[row.file.size].add(row.file.path)
    alike = Counter(file.size for file in found)
    candidates = [
        file
        for file in found
        # one that nothing but its own past could be has not moved
        if paths.get(file.size) and (alike[file.size] > 1 or paths[file.size] != {file.path})
    ]
    rows = _unshared((row.fingerprint, row) for row in identifiable)
    files = _unshared((fingerprint_of(file), file) for file in candidates)
    pairs = ((row, files.get(key)) for key, row in rows.items() if key is not None)
    return [(row, file) for row, file in pairs if file and file.path != row.file.path]


def _samples(size: int) -> list[tuple[int, int]]:
    """Where to read: ``(start, length)`` in bytes."""
    if size <= 3 * SAMPLE_BYTES:
        return [(0, size)]
    starts = 0, (size - SAMPLE_BYTES) // 2, size - SAMPLE_BYTES
    return [(start, SAMPLE_BYTES) for start in starts]


def _unshared(items: Iterable[tuple[Hashable, _Item]]) -> dict[Hashable, _Item]:
    """The items whose key no other item has."""
    by_key: defaultdict[Hashable, list[_Item]] = defaultdict(list)
    for key, item in items:
        by_key[key].append(item)
    return {key: group[0] for key, group in by_key.items() if len(group) == 1}
