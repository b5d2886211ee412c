"""The folder that the daemon and its worker share while a clustering is made."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.playlists.clusters.facts import VECTORS, Facts, Sets
from harmonie_daemon.similarity.columns import Codebook, Codes
from harmonie_daemon.similarity.index import positions_of
from harmonie_daemon.similarity.space import Space
from harmonie_daemon.store.records import IdArray, MoodTable

BATCH = 1_000
"""Vectors copied at a time: a millisecond, in which nothing else in the process runs."""


def clear(folder: Path) -> None:
    """Remove it and what is in it, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)


async def furnished(folder: Path, space: Space, ids: IdArray, moods: MoodTable) -> None:
    """Write down what a worker is to know of these tracks (ascending ids with vectors).

    Raises ``StoreError`` when the disk does not take it. When this ends, for whatever reason,
    nobody writes there any more.
    """
    given_up = threading.Event()
    writing = asyncio.ensure_future(asyncio.to_thread(furnish, folder, space, ids, moods, given_up))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        given_up.set()
        await asyncio.wait({writing})
        writing.exception()  # whoever gave up does not want to know
        raise


def furnish(
    folder: Path, space: Space, ids: IdArray, moods: MoodTable, given_up: threading.Event
) -> None:
    """Do that in this thread, until it is done or given up."""
    clear(folder)
    try:
        folder.mkdir(parents=True)
        _write_vectors(folder / VECTORS, space, ids, given_up)
        if not given_up.is_set():
            _facts(space, ids, moods).save(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(
            f"{folder} cannot be written: {reason}; make room and try again"
        ) from error


def _write_vectors(path: Path, space: Space, ids: IdArray, given_up: threading.Event) -> None:
    shape = (len(ids), space.index.dim)
    with path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, len(ids), BATCH):
            if given_up.is_set():
                return
            vectors = space.index.vectors(ids[start : start + BATCH])
            file.write(np.ascontiguousarray(vectors, "<f4").data)


def _facts(space: Space, ids: IdArray, moods: MoodTable) -> Facts:
    columns = space.columns.take(ids)
    at, known = positions_of(moods.ids, ids)
    labels = moods.labels[at]
    labels[~known] = np.nan
    return Facts(
        moods=labels,
        durations_s=np.where(known, moods.durations_s[at], 0.0).astype(np.float32),
        artists=Sets.made(_members(columns.books.artists, columns.artist)),
        songs=Sets.made(_members(columns.books.titles, columns.title)),
    )


def _members(book: Codebook, codes: Codes) -> list[tuple[int, ...]]:
    each: Iterable[int] = codes.tolist()
    return [book.members(code) for code in each]
