"""From request to playlist, against a real store."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harmonie_daemon.domain.errors import BadRequestError, TrackNotFoundError
from harmonie_daemon.domain.filters import Range, TrackFilter
from harmonie_daemon.domain.playlist import (
    BuiltPlaylist,
    Diversity,
    Mode,
    SeededRequest,
    SeedRef,
    Transitions,
    UnresolvedSeed,
    VibeRequest,
    VibeTarget,
)
from harmonie_daemon.domain.track import Tags, TrackId
from tests.playlists.factories import unit_rows
from tests.playlists.made_library import DIM, MadeLibrary

GOLDEN = Path(__file__).parent / "golden_playlists.json"
SIMILAR = SeededRequest(Mode.SIMILAR)
DRIFT = SeededRequest(Mode.DRIFT)
ONE = TrackId(1)


def ids_of(built: BuiltPlaylist) -> list[int]:
    return [int(item.track_id) for item in built.items]


async def test_similar_stays_with_the_seed_and_leaves_it_out(library: MadeLibrary) -> None:
    await library.fill(160)
    found = ids_of(await library.builder.build(replace(SIMILAR, seeds=(ONE,), n=15)))
    assert len(found) == 15
    assert 1 not in found
    assert all((track_id - 1) // 10 % 8 == 0 for track_id in found)


async def test_included_seeds_come_first_and_count(library: MadeLibrary) -> None:
    await library.fill(40)
    request = replace(SIMILAR, seeds=(TrackId(7), TrackId(3)), include_seeds=True, n=5)
    found = ids_of(await library.builder.build(request))
    assert found[:2] == [7, 3]
    assert len(found) == 5
    assert ids_of(await library.builder.build(replace(request, n=1))) == [7]


async def test_the_songs_of_seeds_do_not_come_back(library: MadeLibrary) -> None:
    rows = unit_rows(3, DIM, clusters=1)
    same = Tags(artist="A", title="Song")
    one = await library.add("1.flac", rows[0], tags=same)
    await library.add("2.flac", rows[1], tags=same)
    other = await library.add("3.flac", rows[2], tags=Tags(artist="B", title="Else"))
    for included in (False, True):
        built = await library.builder.build(replace(SIMILAR, seeds=(one,), include_seeds=included))
        assert ids_of(built) == [one, other][not included :]
    free = replace(SIMILAR, seeds=(one,), diversity=Diversity(dedupe_titles=False))
    assert len(ids_of(await library.builder.build(free))) == 2


async def test_weights_pull_the_centroid_and_repeated_seeds_add_up(library: MadeLibrary) -> None:
    await library.fill(160)
    heavy = replace(SIMILAR, seeds=(ONE, TrackId(11)), seed_weights=(5.0, 1.0), n=10)
    repeated = replace(SIMILAR, seeds=(ONE, TrackId(11), *[ONE] * 4), n=10)
    by_ref = replace(
        SIMILAR,
        seeds=(ONE,),
        seed_refs=(
            SeedRef(path="a1/10.flac"),
            SeedRef(path="/music/a0/0.flac", weight=4.0),
        ),
        n=10,
    )
    lists = [await library.builder.build(request) for request in (heavy, repeated)]
    assert lists[0].items == lists[1].items
    assert sum((i - 1) // 10 % 8 == 0 for i in ids_of(lists[0])) == 10
    assert lists[0].items == (await library.builder.build(by_ref)).items
    even = replace(SIMILAR, seeds=(ONE, TrackId(11)), n=10)
    assert (await library.builder.build(even)).items != lists[0].items


@pytest.mark.parametrize("weights", [(1.0,), (1.0, 0.0), (1.0, -1.0), (float("nan"), 1.0)])
async def test_wrong_weights_are_refused(library: MadeLibrary, weights: tuple[float, ...]) -> None:
    await library.fill(10)
    with pytest.raises(BadRequestError):
        await library.builder.build(replace(SIMILAR, seeds=(ONE, TrackId(2)), seed_weights=weights))


async def test_references_that_lead_nowhere_are_reported(library: MadeLibrary) -> None:
    await library.fill(20)
    lost = SeedRef(artist="Nobody", title="Nothing")
    request = replace(SIMILAR, seed_refs=(lost, SeedRef(path="a0/3.flac")), n=5)
    built = await library.builder.build(request)
    assert built.unresolved == (UnresolvedSeed(lost, "no_match"),)
    assert len(built.items) == 5
    assert 4 not in ids_of(built)


async def test_seeds_without_embedding_are_reported(library: MadeLibrary) -> None:
    await library.fill(20)
    short = await library.add("short.flac", None, tags=Tags(artist="S", title="Short"))
    ref = SeedRef(artist="s", title="short")
    built = await library.builder.build(replace(SIMILAR, seeds=(ONE,), seed_refs=(ref,)))
    assert built.unresolved == (UnresolvedSeed(ref, "no_embedding"),)
    built = await library.builder.build(replace(SIMILAR, seeds=(ONE, short)))
    assert built.unresolved == ()


async def test_without_any_usable_seed_there_is_no_playlist(library: MadeLibrary) -> None:
    await library.fill(5)
    short = await library.add("short.flac", None)
    for request in (
        SIMILAR,
        replace(SIMILAR, seeds=(short,)),
        replace(SIMILAR, seed_refs=(SeedRef(path="gone"),)),
        replace(DRIFT, seeds=(short,), seed_refs=(SeedRef(path="gone"),)),
    ):
        with pytest.raises(BadRequestError):
            await library.builder.build(request)


@pytest.mark.parametrize("unknown", [0, -1, 99, 2**63 - 1, 2**70])
async def test_an_unknown_explicit_seed_is_not_found(library: MadeLibrary, unknown: int) -> None:
    await library.fill(5)
    with pytest.raises(TrackNotFoundError):
        await library.builder.build(replace(SIMILAR, seeds=(ONE, TrackId(unknown))))


async def test_the_filter_gates_everything_but_included_seeds(library: MadeLibrary) -> None:
    await library.fill(120)
    gate = TrackFilter(ranges={"bpm": Range(100, 130)})
    passing = set((await library.tracks.matching_ids(gate)).tolist())
    outside = TrackId(min(set(range(1, 121)) - passing))
    for mode in (Mode.SIMILAR, Mode.DRIFT):
        request = SeededRequest(mode, n=500, seeds=(outside,), filter=gate, include_seeds=True)
        found = ids_of(await library.builder.build(request))
        assert found[0] == outside
        assert set(found[1:]) == passing


@pytest.mark.parametrize("mode", [Mode.SIMILAR, Mode.DRIFT])
async def test_one_folder_without_tags_does_not_fill_the_list(
    library: MadeLibrary, mode: Mode
) -> None:
    """Half of the library is one soundtrack that is a little nearer than anything else."""
    rows = unit_rows(80, DIM, clusters=1)
    rows = rows[np.argsort(-(rows @ rows[0]))]
    seed, *_ = [await library.add(f"game/{number}.ogg", rows[number]) for number in range(40)]
    for number in range(40, 80):
        await library.add(f"singles/{number}/1.ogg", rows[number])
    built = await library.builder.build(SeededRequest(mode, 16, (seed,)))
    is_game = [track_id <= 40 for track_id in ids_of(built)]
    assert not any(all(is_game[place : place + 3]) for place in range(14))
    assert sum(is_game) <= 11


async def test_drift_leaves_the_seeds_sound_when_its_tracks_are_used_up(
    library: MadeLibrary,
) -> None:
    await library.fill(160)
    found = ids_of(await library.builder.build(replace(DRIFT, seeds=(ONE,), n=40)))
    kinds = [(track_id - 1) // 10 % 8 for track_id in found]
    assert set(kinds[:10]) == {0}
    assert len(set(kinds)) > 1


async def test_gates_that_empty_the_pool_widen_it(library: MadeLibrary) -> None:
    """300 near tracks out of tempo hide the 5 far ones that fit."""
    near = unit_rows(300, DIM, clusters=1)
    far = -unit_rows(5, DIM, clusters=1, seed=1)
    seed = await library.add("seed.flac", near[0], bpm=100.0)
    for number, row in enumerate(near):
        await library.add(f"near/{number}.flac", row, bpm=150.0)
    wanted = {
        await library.add(f"far/{number}.flac", row, bpm=100.0) for number, row in enumerate(far)
    }
    for mode in (Mode.SIMILAR, Mode.DRIFT):
        request = SeededRequest(
            mode, 10, (seed,), include_seeds=True, transitions=Transitions(bpm_tolerance=2)
        )
        assert set(ids_of(await library.builder.build(request))) == {seed, *wanted}


async def test_vibe_takes_tracks_without_embedding_too(library: MadeLibrary) -> None:
    await library.fill(10)
    short = await library.add("short.flac", None, bpm=300.0)
    request = VibeRequest(1, target=VibeTarget(bpm=300), shuffle=False)
    assert ids_of(await library.builder.build(request)) == [short]


async def test_vibe_keeps_to_the_filter(library: MadeLibrary) -> None:
    await library.fill(60)
    gate = TrackFilter(ranges={"bpm": Range(100, 120)})
    found = ids_of(await library.builder.build(VibeRequest(500, filter=gate)))
    assert sorted(found) == (await library.tracks.matching_ids(gate)).tolist()


async def test_nothing_is_asked_of_an_empty_library(library: MadeLibrary) -> None:
    assert (await library.builder.build(VibeRequest())).items == ()


REQUESTS = {
    "similar": replace(SIMILAR, seeds=(TrackId(25),)),
    "similar, two seeds": replace(
        SIMILAR, seeds=(TrackId(25), TrackId(117)), seed_weights=(3.0, 1.0), include_seeds=True
    ),
    "similar, smooth": replace(
        SIMILAR,
        seeds=(TrackId(25),),
        include_seeds=True,
        transitions=Transitions(bpm_tolerance=8, key_compatible=True),
    ),
    "similar, varied": replace(SIMILAR, seeds=(TrackId(25),), variation=0.5, rng_seed=1),
    "drift": replace(DRIFT, seeds=(TrackId(25),), n=30),
    "drift, fast": replace(DRIFT, seeds=(TrackId(25),), n=30, chunk_size=1),
    "vibe": VibeRequest(target=VibeTarget(128, 1.5), rng_seed=42),
    "vibe, in order": VibeRequest(target=VibeTarget(128, 1.5), shuffle=False),
}


async def test_golden_playlists(library: MadeLibrary) -> None:
    """A change here changes what people hear: review the difference, delete the file, run again."""
    await library.fill(240)
    lists = {
        name: ids_of(await library.builder.build(request)) for name, request in REQUESTS.items()
    }
    if not GOLDEN.exists():
        rows = (f'  "{name}": {json.dumps(ids)}' for name, ids in lists.items())
        GOLDEN.write_text("{\n" + ",\n".join(rows) + "\n}\n")
        pytest.fail(f"{GOLDEN.name} was missing and is written anew; review it and run again")
    assert lists == json.loads(GOLDEN.read_text())


@pytest.fixture
async def filled(library: MadeLibrary) -> MadeLibrary:
    await library.fill(120)
    return library


seeded = st.builds(
    SeededRequest,
    mode=st.sampled_from([Mode.SIMILAR, Mode.DRIFT]),
    n=st.integers(1, 130),
    seeds=st.lists(st.integers(1, 120), min_size=1, max_size=4).map(tuple),
    include_seeds=st.booleans(),
    diversity=st.builds(Diversity),
    transitions=st.builds(
        Transitions, bpm_tolerance=st.none() | st.floats(1, 50), key_compatible=st.booleans()
    ),
    variation=st.floats(0, 1),
    rng_seed=st.integers(0, 2**63),
    chunk_size=st.integers(1, 100),
)


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(wish=seeded)
async def test_a_seeded_list_is_short_enough_repeats_nothing_and_can_be_had_again(
    filled: MadeLibrary, wish: SeededRequest
) -> None:
    first, again = await filled.builder.build(wish), await filled.builder.build(wish)
    assert first == again
    found = ids_of(first)
    assert len(found) == len(set(found)) <= wish.n
    scores = [item.score for item in first.items]
    assert all(-1 <= score <= 1 for score in scores)
    if wish.include_seeds:
        merged = list(dict.fromkeys(wish.seeds))[: wish.n]
        assert found[: len(merged)] == merged
    else:
        assert not set(found) & set(wish.seeds)
