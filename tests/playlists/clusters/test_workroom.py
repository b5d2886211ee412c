"""The folder that is shared with a worker: filled, given up, cleared."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.playlists.clusters.facts import VECTORS, Facts
from harmonie_daemon.playlists.clusters.workroom import clear, furnished
from harmonie_daemon.similarity.index import FlatIndex, Floats
from harmonie_daemon.similarity.space import Space
from harmonie_daemon.store.records import IdArray, MoodTable
from tests.playlists.factories import library, make_space, unit_rows


class Halting(FlatIndex):
    """An index whose vectors are waited for."""

    def __init__(self, ids: IdArray, vectors: Floats) -> None:
        super().__init__(ids, vectors)
        self.asked, self.go = threading.Event(), threading.Event()

    def vectors(self, ids: IdArray) -> Floats:
        self.asked.set()
        assert self.go.wait(30)
        return super().vectors(ids)


def moods_of(space: Space) -> MoodTable:
    """Of all of them but the last."""
    count = len(space.index.ids) - 1
    moods = np.random.default_rng(0).random((count, 17)).astype(np.float32)
    return MoodTable(space.index.ids[:-1], np.full(count, 180, np.float32), moods)


async def test_rows_are_the_same_tracks_in_every_file(tmp_path: Path) -> None:
    space = make_space(library(1_500), unit_rows(1_500))
    ids = space.index.ids[3:]
    await furnished(tmp_path / "room", space, ids, moods_of(space))
    vectors = np.load(tmp_path / "room" / VECTORS, mmap_mode="r")
    facts = Facts.read(tmp_path / "room")
    assert np.array_equal(vectors, space.index.vectors(ids))
    assert np.array_equal(facts.moods[:-1], moods_of(space).labels[3:])
    assert np.isnan(facts.moods[-1]).all()
    assert len(facts.artists.offsets) == len(facts.songs.offsets) == len(ids) + 1


async def test_who_gives_up_waits_until_nobody_writes_there_any_more(tmp_path: Path) -> None:
    usual = make_space(library(3_000), unit_rows(3_000))
    index = Halting(usual.index.ids, unit_rows(3_000))
    space, room = replace(usual, index=index), tmp_path / "room"
    filling = asyncio.create_task(furnished(room, space, index.ids, moods_of(space)))
    await asyncio.to_thread(index.asked.wait, 30)
    filling.cancel()
    await asyncio.wait({filling}, timeout=0.05)
    assert not filling.done()
    index.go.set()
    with pytest.raises(asyncio.CancelledError):
        await filling
    assert [path.name for path in room.iterdir()] == [VECTORS]
    clear(room)
    clear(room)
    assert not room.exists()


def test_a_worker_loads_no_store_no_server_and_no_large_library() -> None:
    probe = (
        "import sys, harmonie_daemon.playlists.clusters.job; "
        "print(*sorted(name for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    ours = ("store", "similarity", "web", "config", "tasks", "api")
    assert not {
        name for name in loaded if name.startswith(tuple(f"harmonie_daemon.{o}" for o in ours))
    }
    assert not loaded & {"aiohttp", "pydantic", "apsw", "sklearn", "scipy"}
