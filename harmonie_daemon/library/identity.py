"""Recognising a file by its content, so that a moved one keeps its track."""

from __future__ import annotations

import os
from collections import defaultdict
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
    new: Sequence[AudioFile],
    missing: Sequence[KnownFile],
    fingerprint_of: Callable[[AudioFile], bytes | None],
) -> list[tuple[KnownFile, AudioFile]]:
    """Pair each missing file with the new one that has its content.

    Only new files of a missing one's size are read. What several missing or several new files
    share identifies none of them, whatever their names say; empty files have no identity.
    """
    identifiable = [row for row in missing if row.fingerprint is not None and row.file.size > 0]
    sizes = {row.file.size for row in identifiable}
    candidates = [file for file in new if file.size in sizes]
    rows = _unshared((row.fingerprint, row) for row in identifiable)
    files = _unshared((fingerprint_of(file), file) for file in candidates)
    return [(row, files[key]) for key, row in rows.items() if key is not None and key in files]


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
