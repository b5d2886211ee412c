"""Recipes: playlists that appear by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.domain.filters import Range, TrackFilter
from harmonie_daemon.domain.playlist import Recipe, RecipeMode, SavedPlaylist, VibeTarget
from harmonie_daemon.domain.recipe_modes import MODES
from harmonie_daemon.playlists.recipes import DEFAULT_RECIPES
from harmonie_daemon.playlists.sequencing import sequenced
from tests.playlists.factories import unit_rows
from tests.playlists.made_library import DIM, MadeLibrary

DAILY, NEW, AREAS = DEFAULT_RECIPES
DAY = 86_400.0
NOON = 1_790_000_000.0


def assert_proper(playlists: Sequence[SavedPlaylist], recipe: Recipe) -> None:
    """What holds for every playlist that is ever made."""
    keys, names = [one.key for one in playlists], [one.name for one in playlists]
    assert len(set(keys)) == len(keys) <= 20
    assert len(set(names)) == len(names)
    for playlist in playlists:
        assert playlist.recipe == recipe.name
        assert playlist.name.strip()
        assert 5 <= len(playlist.track_ids) <= recipe.n
        assert len(set(playlist.track_ids)) == len(playlist.track_ids)


@pytest.mark.parametrize("count", [0, 3])
@pytest.mark.parametrize("recipe", DEFAULT_RECIPES, ids=lambda recipe: recipe.name)
async def test_too_few_tracks_make_no_playlist(
    library: MadeLibrary, recipe: Recipe, count: int
) -> None:
    await library.fill(count)
    assert await library.kitchen.make(recipe, now=NOON) == []


@pytest.mark.parametrize("count", [5, 10, 30])
@pytest.mark.parametrize("recipe", DEFAULT_RECIPES, ids=lambda recipe: recipe.name)
async def test_a_small_library_gives_playlists(
    library: MadeLibrary, recipe: Recipe, count: int
) -> None:
    await library.fill(count, styles=True)
    made = await library.kitchen.make(recipe, now=NOON)
    assert made
    assert_proper(made, recipe)


@pytest.mark.thorough
async def test_two_thousand_tracks_fall_into_their_neighbourhoods(library: MadeLibrary) -> None:
    ids = await library.fill(2000)
    for recipe in DEFAULT_RECIPES:
        made = await library.kitchen.make(recipe, now=NOON)
        assert_proper(made, recipe)
        assert made == await library.kitchen.make(recipe, now=NOON)
    assert len(made) >= 8
    for playlist in made:
        kinds = {ids.index(track_id) // 10 % 8 for track_id in playlist.track_ids}
        assert len(kinds) == 1


async def test_the_daily_mix_is_one_all_day_and_another_tomorrow(library: MadeLibrary) -> None:
    await library.fill(200)
    (today,) = await library.kitchen.make(DAILY, now=NOON)
    (later,) = await library.kitchen.make(DAILY, now=NOON + 600)
    (tomorrow,) = await library.kitchen.make(DAILY, now=NOON + DAY)
    assert today.track_ids == later.track_ids != tomorrow.track_ids
    assert today.key == tomorrow.key == "daily-mix"
    assert len(today.track_ids) == 30


async def test_every_track_opens_a_daily_mix_in_time(library: MadeLibrary) -> None:
    ids = await library.fill(40)
    first = set()
    for day in range(40):
        (mix,) = await library.kitchen.make(DAILY, now=NOON + day * DAY)
        first.add(mix.track_ids[0])
    assert first == set(ids)


async def test_new_tracks_come_newest_first_with_neighbours_between(library: MadeLibrary) -> None:
    ids = await library.fill(160)
    (playlist,) = await library.kitchen.make(NEW, now=NOON)
    leaders = playlist.track_ids[::4]
    assert leaders[:4] == (ids[159], ids[158], ids[149], ids[148])
    assert len(playlist.track_ids) == 40
    for place in range(0, 40, 4):
        kinds = {ids.index(one) // 10 % 8 for one in playlist.track_ids[place : place + 4]}
        assert len(kinds) == 1


@pytest.mark.parametrize(
    ("recipe", "fixed"),
    [
        (DAILY, [0]),
        (AREAS, []),
        (NEW, list(range(0, 40, 4))),
        (Recipe("Near", RecipeMode.SIMILAR, 30, "0 5 * * *", seeds=("3", "40")), [0, 1]),
        (Recipe("Any", RecipeMode.VIBE, 30, "0 5 * * *"), []),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_lists_are_in_an_order_that_cannot_be_bettered(
    library: MadeLibrary, recipe: Recipe, fixed: list[int]
) -> None:
    await library.fill(160)
    space = await library.spaces.current()
    made = await library.kitchen.make(recipe, now=NOON)
    assert made
    for playlist in made:
        assert sequenced(space, playlist.track_ids, fixed) == playlist.track_ids


async def test_one_new_folder_without_tags_does_not_lead_everything_new(
    library: MadeLibrary,
) -> None:
    ids = await library.fill(80)
    rows = unit_rows(30, DIM)
    game = [await library.add(f"game/{number}.ogg", row) for number, row in enumerate(rows)]
    (playlist,) = await library.kitchen.make(NEW, now=NOON)
    assert playlist.track_ids[:1] == (game[29],)
    leaders = playlist.track_ids[::4]
    assert leaders[2:6] == (ids[79], ids[78], ids[69], ids[68])
    assert len(playlist.track_ids) == 40


async def test_a_library_of_one_folder_has_new_tracks_all_the_same(library: MadeLibrary) -> None:
    rows = unit_rows(60, DIM)
    ids = [await library.add(f"all/{number}.ogg", row) for number, row in enumerate(rows)]
    (playlist,) = await library.kitchen.make(NEW, now=NOON)
    assert playlist.track_ids[::4] == tuple(reversed(ids[-10:]))


async def test_large_styles_have_playlists_of_their_own(library: MadeLibrary) -> None:
    await library.fill(320, styles=True)
    made = await library.kitchen.make(AREAS, now=NOON)
    assert_proper(made, AREAS)
    styles = {one.name: one for one in made if "-style-" in one.key}
    assert set(styles) == {"House", "Indie Rock", "Bop", "Ambient"}
    house = TrackFilter(styles=("House",))
    members = set((await library.tracks.matching_ids(house)).tolist())
    assert set(styles["House"].track_ids) <= members
    assert styles["House"].key == "neighbourhoods-style-electronic-house"


async def test_neighbourhoods_keep_key_and_name_as_the_library_grows(
    library: MadeLibrary,
) -> None:
    await library.fill(320)
    before = await library.kitchen.make(AREAS, now=NOON)
    kept = [replace(one, name=f"{one.name}, renamed") for one in before]
    await library.fill(330)
    after = await library.kitchen.make(AREAS, now=NOON + DAY, previous=kept)
    assert_proper(after, AREAS)
    old = {one.key: one for one in kept}
    survivors = [one for one in after if one.key in old]
    assert len(survivors) >= len(before) - 2
    assert all(one.name == old[one.key].name for one in survivors)


async def test_a_new_neighbourhood_takes_no_key_that_was_in_use(library: MadeLibrary) -> None:
    await library.fill(160)
    made = await library.kitchen.make(AREAS, now=NOON)
    strangers = [replace(one, track_ids=(9999,)) for one in made]  # type: ignore[arg-type]
    again = await library.kitchen.make(AREAS, now=NOON, previous=strangers)
    assert not {one.key for one in made} & {one.key for one in again}


async def test_neighbourhoods_are_called_after_who_plays(library: MadeLibrary) -> None:
    await library.fill(160)
    made = await library.kitchen.make(AREAS, now=NOON)
    assert {one.name for one in made} == {f"Artist {kind}" for kind in range(8)}


async def test_tracks_that_cannot_be_told_apart_are_one_neighbourhood(
    library: MadeLibrary,
) -> None:
    same = unit_rows(1, DIM)[0]
    for number in range(60):
        await library.add(f"{number}.flac", same)
    (playlist,) = await library.kitchen.make(AREAS, now=NOON)
    assert playlist.name == "Neighbourhood 1"
    assert len(playlist.track_ids) == 40


@pytest.mark.parametrize("mode", [RecipeMode.SIMILAR, RecipeMode.DRIFT])
async def test_a_recipe_with_seeds_begins_with_those_that_are_there(
    library: MadeLibrary, mode: RecipeMode
) -> None:
    await library.fill(80)
    seeds = ("3", "/elsewhere/a2/21.flac", "Artist 1 - Song 12", "Nobody - Nothing")
    recipe = Recipe("Mine: Ü", mode, n=20, schedule="0 5 * * *", seeds=seeds)
    (playlist,) = await library.kitchen.make(recipe, now=NOON)
    assert playlist.track_ids[:3] == (3, 22, 13)
    assert (playlist.key, playlist.name) == ("mine-ü", "Mine: Ü")
    assert [playlist] == await library.kitchen.make(recipe, now=NOON)


async def test_a_recipe_whose_seeds_are_all_gone_says_so(library: MadeLibrary) -> None:
    await library.fill(30)
    recipe = Recipe("Lost", RecipeMode.SIMILAR, 20, "0 5 * * *", seeds=("Nobody - Nothing",))
    with pytest.raises(BadRequestError, match=r"'Lost'.*'Nobody - Nothing'"):
        await library.kitchen.make(recipe, now=NOON)


async def test_a_vibe_recipe_keeps_to_filter_and_target(library: MadeLibrary) -> None:
    await library.fill(120)
    gate = TrackFilter(ranges={"bpm": Range(100, 140)})
    recipe = Recipe(
        "Run", RecipeMode.VIBE, 10, "0 5 * * *", filter=gate, target=VibeTarget(bpm=130)
    )
    (playlist,) = await library.kitchen.make(recipe, now=NOON)
    assert set(playlist.track_ids) <= set((await library.tracks.matching_ids(gate)).tolist())


@pytest.mark.parametrize("recipe", DEFAULT_RECIPES, ids=lambda recipe: recipe.name)
async def test_recipes_without_seeds_obey_their_filter(
    library: MadeLibrary, recipe: Recipe
) -> None:
    await library.fill(160)
    gate = TrackFilter(ranges={"bpm": Range(100, 140)})
    passing = set((await library.tracks.matching_ids(gate)).tolist())
    for playlist in await library.kitchen.make(replace(recipe, filter=gate), now=NOON):
        assert set(playlist.track_ids) <= passing


def test_every_mode_has_settings_and_a_maker(library: MadeLibrary) -> None:
    left = {RecipeMode.CLUSTERING, RecipeMode.LISTENER_CLUSTERS}
    assert library.kitchen.modes | left == MODES.keys() == set(RecipeMode)


async def test_a_mode_is_made_by_what_is_registered_for_it(library: MadeLibrary) -> None:
    ids = tuple(await library.fill(3))

    async def make(
        recipe: Recipe, now: float, previous: Sequence[SavedPlaylist]
    ) -> list[SavedPlaylist]:
        return [*previous, SavedPlaylist("own", recipe.name, recipe.name, ids, now)]

    library.kitchen.register(RecipeMode.DAILY_MIX, make)
    (first,) = await library.kitchen.make(DAILY, now=NOON)
    assert (first.key, first.track_ids) == ("own", ids)
    assert len(await library.kitchen.make(DAILY, now=NOON, previous=[first])) == 2
