"""The whole core on real sound: weights arrive, are used, and the answers change hands."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.weights import EFFNET_MODEL, WeightStore
from harmonie_daemon.app import Core, open_core
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.task import ScanStatus
from tests.analysis import sounds
from tests.standins.build import build_tiny


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """Two short pieces of music, heard by the built-in model."""
    music = tmp_path / "music"
    music.mkdir()
    for name, seconds in (("a.flac", 5.0), ("b.flac", 6.0)):
        path = sounds.write(music / name, sounds.music(seconds))
        os.utime(path, (1_700_000_000, 1_700_000_000))
    settings = Settings(libraries=(music,), data_dir=tmp_path / "data", workers=1)
    async with open_core(settings) as core:
        await core.services.spaces.load()
        assert (await scanned(core)).full == 2
        yield core


async def scanned(core: Core) -> ScanStatus:
    await core.scan.start()
    return await core.scan.wait()


def add_standins(folder: Path, weights: Path) -> None:
    files = build_tiny(folder)
    store = WeightStore(weights)
    for file, name in (
        (files.effnet_onnx, "discogs-effnet-bsdynamic-1.onnx"),
        (files.head_pb, "genre_discogs400-discogs-effnet-1.pb"),
    ):
        named = shutil.copyfile(file, folder / name)
        store.add(named, trust=True)


async def test_weights_that_arrive_give_every_track_another_vector_and_nothing_else(
    core: Core, tmp_path: Path
) -> None:
    services = core.services
    before = await services.tracks.get_many([1, 2])  # type: ignore[list-item]
    assert (await services.spaces.current()).model == BUILTIN_MODEL
    add_standins(tmp_path / "standins", services.settings.weights_folder)
    status = await scanned(core)
    assert (status.embeddings_only, status.full, status.failed) == (2, 0, 0)
    space = await services.spaces.current()
    assert (space.model, space.index.dim, len(space.index.ids)) == (EFFNET_MODEL, 1280, 2)
    assert await services.models.notes() == []
    for old, new in zip(before, await services.tracks.get_many([1, 2]), strict=True):  # type: ignore[list-item]
        assert (new.descriptors, new.duration_s) == (old.descriptors, old.duration_s)
        assert (old.model, new.model) == (BUILTIN_MODEL, EFFNET_MODEL)
        assert old.styles == () and len(new.styles) >= 10
        kept = await services.tracks.style_probabilities(new.id)
        assert kept is not None and kept.shape == (400,)
    found = await services.search.similar(before[0].id)
    assert [item.track_id for item in found.matches] == [before[1].id]


async def test_a_torn_file_of_weights_leaves_everything_as_it_is(
    core: Core, tmp_path: Path
) -> None:
    folder = core.services.settings.weights_folder
    add_standins(tmp_path / "standins", folder)
    (folder / "discogs-effnet-bsdynamic-1.onnx").write_bytes(b"half a file")
    status = await scanned(core)
    assert (status.to_do, status.failed, status.skipped) == (0, 0, 2)
    assert core.services.models.active == BUILTIN_MODEL
    (note,) = await core.services.models.notes()
    assert "discogs-effnet-bsdynamic-1.onnx" in note
