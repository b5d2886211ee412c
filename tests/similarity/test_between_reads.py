"""An answer takes several reads of the store; it is whole whatever is written between them."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from harmonie_daemon.domain.filters import Range, TrackFilter
from harmonie_daemon.domain.playlist import Mode, Recipe, RecipeMode, SeededRequest, VibeRequest
from harmonie_daemon.domain.track import TrackId
from tests.interruption import interrupted
from tests.playlists.factories import MODEL
from tests.playlists.made_library import MadeLibrary, open_library

COUNT = 8
LATER = "test-2"
"""The model whose vectors take the place of those of ``MODEL``."""
PASSES_ALL = TrackFilter(ranges={"bpm": Range(1.0, 1_000.0)})

Question = Callable[[MadeLibrary, TrackId], Awaitable[int]]


async def similar(library: MadeLibrary, seed: TrackId) -> int:
    return len((await library.search.similar(seed)).matches)


async def similar_under_a_filter(library: MadeLibrary, seed: TrackId) -> int:
    return len((await library.search.similar(seed, filter=PASSES_ALL)).matches)


async def playlist(library: MadeLibrary, seed: TrackId) -> int:
    request = SeededRequest(Mode.SIMILAR, n=COUNT, seeds=(seed,), filter=PASSES_ALL)
    return len((await library.builder.build(request)).items)


async def drift(library: MadeLibrary, seed: TrackId) -> int:
    request = SeededRequest(Mode.DRIFT, n=COUNT, seeds=(seed,), rng_seed=1)
    return len((await library.builder.build(request)).items)


async def vibe(library: MadeLibrary, seed: TrackId) -> int:
    del seed
    request = VibeRequest(n=COUNT - 1, filter=PASSES_ALL, rng_seed=1)
    return len((await library.builder.build(request)).items)


async def daily_mix(library: MadeLibrary, seed: TrackId) -> int:
    del seed
    recipe = Recipe("Mix", RecipeMode.DAILY_MIX, COUNT - 1, "0 5 * * *", filter=PASSES_ALL)
    return sum(len(made.track_ids) for made in await library.kitchen.make(recipe, now=0.0))


@pytest.mark.parametrize("behind", [False, True], ids=["up to date", "a change behind"])
@pytest.mark.parametrize(
    "question", [similar, similar_under_a_filter, playlist, drift, vibe, daily_mix]
)
async def test_a_model_may_give_way_to_its_successor_at_any_moment(
    tmp_path: Path, question: Question, *, behind: bool
) -> None:
    for reads in itertools.count(1):
        (folder := tmp_path / str(reads)).mkdir()
        async with open_library(folder) as library:
            ids = await library.fill(COUNT)
            await library.vectors.activate(MODEL)
            await library.spaces.current()
            if behind:
                _, rows = await library.vectors.load(MODEL)
                await library.add("a0/0.flac", rows[0], bpm=120.0)
            with interrupted(reads, partial(succeed, library)) as interruption:
                found = await question(library, ids[0])
            assert found == COUNT - 1, f"when it happens before read {reads}"
            if not interruption.happened:
                assert reads > 2
                return
            assert await question(library, ids[0]) == COUNT - 1
            assert (await library.spaces.current()).model == LATER


async def succeed(library: MadeLibrary) -> None:
    """All vectors are turned, and the earlier model goes."""
    await library.vectors.turn(MODEL, LATER, lambda vectors: -vectors, limit=COUNT)
    await library.vectors.conclude(MODEL, LATER)
