"""Snapshots that follow the store."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from harmonie_daemon.domain.errors import NotReadyError
from harmonie_daemon.domain.track import AudioFile, Tags
from harmonie_daemon.similarity.space import Space, Spaces
from tests.playlists.factories import MODEL, unit_rows
from tests.playlists.made_library import DIM, MadeLibrary

ROWS = unit_rows(20, DIM)


async def fresh(library: MadeLibrary) -> Space:
    """What somebody sees who loads everything now."""
    spaces = Spaces(library.vectors)
    await spaces.load()
    try:
        return await spaces.current()
    finally:
        spaces.close()


async def assert_up_to_date(library: MadeLibrary) -> None:
    ours, truth = await library.spaces.current(), await fresh(library)
    assert ours.generation == truth.generation
    assert ours.index.ids.tolist() == truth.index.ids.tolist()
    np.testing.assert_array_equal(
        ours.index.vectors(ours.index.ids), truth.index.vectors(truth.index.ids)
    )
    assert ours.columns.ids.tolist() == truth.columns.ids.tolist()
    np.testing.assert_array_equal(ours.columns.bpm, truth.columns.bpm)
    same_title = ours.columns.title[:, None] == ours.columns.title[None, :]
    assert (same_title == (truth.columns.title[:, None] == truth.columns.title[None, :])).all()


async def test_nobody_is_served_before_the_first_load(library: MadeLibrary) -> None:
    spaces = Spaces(library.vectors)
    with pytest.raises(NotReadyError):
        await spaces.current()
    spaces.close()


async def test_an_empty_library_is_an_empty_space(library: MadeLibrary) -> None:
    space = await library.spaces.current()
    assert space.model is None
    assert len(space.index.ids) == len(space.columns) == 0


async def test_every_change_arrives(library: MadeLibrary) -> None:
    ids = [await library.add(f"{number}.flac", ROWS[number], bpm=100.0) for number in range(5)]
    await assert_up_to_date(library)
    await library.add("1.flac", ROWS[9], bpm=130.0, tags=Tags(artist="a", title="x"))
    await library.add("short.flac", None)
    await assert_up_to_date(library)
    await library.tracks.remove([ids[0]])
    await library.tracks.record_failure(AudioFile("/music", "2.flac", 1, 1), None, "broken")
    await library.add("3.flac", None)
    await assert_up_to_date(library)
    space = await library.spaces.current()
    assert space.index.ids.tolist() == [ids[1], ids[4]]
    assert len(space.columns) == 4


async def test_a_snapshot_in_hand_stays_as_it_was(library: MadeLibrary) -> None:
    ids = await library.fill(30)
    before = await library.spaces.current()
    await library.tracks.remove(ids[:10])
    after = await library.spaces.current()
    assert len(before.index.ids) == len(before.columns) == 30
    assert len(after.index.ids) == len(after.columns) == 20


async def test_callers_at_the_same_time_get_the_same_snapshot(library: MadeLibrary) -> None:
    await library.fill(30)
    seen = await asyncio.gather(*(library.spaces.current() for _ in range(10)))
    assert len({id(space.index) for space in seen}) == 1


async def test_the_model_of_most_tracks_answers_by_default(library: MadeLibrary) -> None:
    await library.add("0.flac", ROWS[0], model="a-rare-one")
    for number in range(1, 4):
        await library.add(f"{number}.flac", ROWS[number])
    usual = await library.spaces.current()
    assert usual.model == MODEL
    rare = await library.spaces.current("a-rare-one")
    assert len(rare.index.ids) == 1
    assert len(rare.columns) == 4
    unheard = await library.spaces.current("unheard-of")
    assert (unheard.model, unheard.index.ids.tolist()) == (usual.model, usual.index.ids.tolist())


async def test_a_model_loaded_on_demand_follows_too(library: MadeLibrary) -> None:
    await library.add("0.flac", ROWS[0], model="other")
    await library.add("1.flac", ROWS[1])
    await library.add("2.flac", ROWS[2])
    await library.spaces.current("other")
    added = await library.add("3.flac", ROWS[3], model="other")
    assert added in (await library.spaces.current("other")).index.ids


async def test_the_active_model_answers_however_few_tracks_have_it(library: MadeLibrary) -> None:
    await library.add("0.flac", ROWS[0], model="new")
    await library.add("1.flac", ROWS[1])
    await library.add("2.flac", ROWS[2])
    assert (await library.spaces.current()).model == MODEL
    await library.vectors.activate("new")
    space = await library.spaces.current()
    assert (space.model, len(space.index.ids), len(space.columns)) == ("new", 1, 3)
    assert len((await library.spaces.current(MODEL)).index.ids) == 2


async def test_an_active_model_without_any_vector_does_not_silence_the_others(
    library: MadeLibrary,
) -> None:
    await library.add("1.flac", ROWS[1])
    await library.vectors.activate("nobody-has-it")
    assert (await library.spaces.current()).model == MODEL
