"""Playlists that follow from what somebody hears: private, in slots that stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harmonie_daemon.config import PersonalSettings
from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource, PlayTotal
from harmonie_daemon.domain.playlist import Recipe, RecipeMode, SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.listening_recipes import listening_recipes
from harmonie_daemon.playlists.taste import DAY_S
from tests.playlists.made_library import MadeLibrary

NOW = 1_790_000_000.0
MIXES, REPEAT, FORGOTTEN, _CLUSTERS = listening_recipes(PersonalSettings())


async def hear(
    library: MadeLibrary,
    listener: str,
    tracks: Sequence[TrackId],
    *,
    times: int = 1,
    days_ago: float = 1.0,
    outcome: PlayOutcome = PlayOutcome.COUNTED,
) -> None:
    """Somebody plays these to their end, hours apart."""
    plays = [
        Play(listener, track, at := NOW - days_ago * DAY_S + 3600 * turn, at + 180, 180.0, outcome,
             PlaySource.PLAYER)
        for turn in range(times)
        for track in tracks
    ]  # fmt: skip
    await library.plays.record(plays)


def kinds(ids: Sequence[TrackId], playlist: SavedPlaylist) -> set[int]:
    """Which of the eight kinds of sound are in it."""
    return {ids.index(track) // 10 % 8 for track in playlist.track_ids}


async def test_each_kind_that_somebody_hears_becomes_a_mix_of_their_own(
    library: MadeLibrary,
) -> None:
    ids = await library.fill(400, styles=True)
    for kind in (0, 2, 5):
        await hear(library, "Alice", [*ids[10 * kind : 10 * kind + 5]])
    made = await library.kitchen.make(replace(MIXES, count=3), now=NOW)
    assert sorted(one.name for one in made) == [
        "Alice's Mix · Bop", "Alice's Mix · House", "Alice's Mix · Indie Rock",
    ]  # fmt: skip
    assert {kind for one in made for kind in kinds(ids, one)} == {0, 2, 5}
    for one in made:
        assert len(kinds(ids, one)) == 1
        assert len(set(one.track_ids)) == 20
        assert (one.user, one.recipe) == ("Alice", MIXES.name)
        known = [t for t in one.track_ids if ids.index(t) % 80 < 60 and ids.index(t) < 80]
        assert 5 <= sum(ids.index(t) % 10 < 5 for t in known) <= 7
    tracks = [track for one in made for track in one.track_ids]
    assert len(set(tracks)) == len(tracks), "what is in one mix is in no other"
    assert made == await library.kitchen.make(replace(MIXES, count=3), now=NOW)


async def test_a_slot_stays_while_taste_shifts_and_is_renamed(library: MadeLibrary) -> None:
    ids = await library.fill(400, styles=True)
    await hear(library, "alice", [*ids[0:5], *ids[20:25]], days_ago=40)
    two = replace(MIXES, count=2)
    before = await library.kitchen.make(two, now=NOW - 39 * DAY_S)
    names = {one.key: one.name for one in before}
    assert sorted(names) == ["personal-mixes:alice:1", "personal-mixes:alice:2"]
    house = next(key for key, name in names.items() if name.endswith("House"))

    await hear(library, "ALICE", [*ids[0:5], *ids[10:15]])
    after = await library.kitchen.make(two, now=NOW, previous=before)
    renamed = {one.key: one.name for one in after}
    assert renamed.keys() == names.keys()
    assert renamed[house] == "ALICE's Mix · House"
    assert sorted(renamed.values()) == ["ALICE's Mix · House", "ALICE's Mix · Indie Rock"]


async def test_slots_that_are_too_many_go_and_new_ones_are_added(library: MadeLibrary) -> None:
    ids = await library.fill(400)
    for kind in range(4):
        await hear(library, "alice", ids[10 * kind : 10 * kind + 6])
    four = await library.kitchen.make(replace(MIXES, count=4), now=NOW)
    assert len(four) == 4
    two = await library.kitchen.make(replace(MIXES, count=2), now=NOW, previous=four)
    assert {one.key for one in two} < {one.key for one in four}
    again = await library.kitchen.make(replace(MIXES, count=4), now=NOW, previous=two)
    assert len(again) == 4
    assert {one.key for one in two} < {one.key for one in again}


async def test_who_hears_nothing_for_a_month_keeps_their_mixes_and_who_is_forgotten_does_not(
    library: MadeLibrary,
) -> None:
    ids = await library.fill(200)
    for listener in ("alice", "bob"):
        await hear(library, listener, ids[:10])
    before = await library.kitchen.make(MIXES, now=NOW)
    assert {one.user for one in before} == {"alice", "bob"}
    later = NOW + 60 * DAY_S
    kept = await library.kitchen.make(MIXES, now=later, previous=before)
    assert [(one.key, one.track_ids) for one in kept] == [(o.key, o.track_ids) for o in before]
    await library.plays.forget("bob")
    left = await library.kitchen.make(MIXES, now=later, previous=before)
    assert {one.user for one in left} == {"alice"}


async def test_variation_makes_other_mixes_of_the_same_listening(library: MadeLibrary) -> None:
    ids = await library.fill(400)
    await hear(library, "alice", ids[0:9])

    async def mix(variation: float, day: int) -> tuple[TrackId, ...]:
        one = replace(MIXES, count=1, variation=variation)
        (made,) = await library.kitchen.make(one, now=NOW + day * DAY_S)
        return made.track_ids

    assert set(await mix(0.0, 0)) == set(await mix(0.0, 1))
    assert set(await mix(1.0, 0)) != set(await mix(1.0, 1))


async def test_favourites_alone_are_a_taste_and_skips_are_none(library: MadeLibrary) -> None:
    ids = await library.fill(200)
    await hear(library, "alice", ids[:10], outcome=PlayOutcome.SKIPPED)
    assert await library.kitchen.make(MIXES, now=NOW) == []
    await library.plays.set_favourites("alice", ids[20:26], NOW)
    (made,) = await library.kitchen.make(MIXES, now=NOW)
    assert kinds(ids, made) == {2}


async def test_on_repeat_and_forgotten_favourites_of_two_people(library: MadeLibrary) -> None:
    ids = await library.fill(60)
    await hear(library, "alice", ids[0:6], times=3)
    await hear(library, "bob", ids[6:12], times=2)
    await hear(library, "bob", ids[12:18], times=5, days_ago=100)
    await library.plays.set_favourites("bob", ids[18:20], NOW)
    (repeat,) = await library.kitchen.make(REPEAT, now=NOW)
    assert (repeat.user, repeat.key) == ("alice", "on-repeat:alice")
    assert repeat.name == "alice's On Repeat"
    assert repeat.track_ids == tuple(ids[0:6])
    (loved,) = await library.kitchen.make(FORGOTTEN, now=NOW)
    assert (loved.user, loved.name) == ("bob", "bob's Forgotten Favourites")
    assert set(loved.track_ids) == {*ids[12:18], *ids[18:20]}


async def test_what_a_server_had_counted_is_a_favourite_of_once(library: MadeLibrary) -> None:
    ids = await library.fill(30)
    counted = {track: PlayTotal(7, NOW - 200 * DAY_S) for track in ids[:6]}
    counted |= {ids[6]: PlayTotal(7, NOW - DAY_S), ids[7]: PlayTotal(7, None)}
    await library.plays.note_totals("alice", counted, NOW, PlaySource.JELLYFIN_COUNT)
    (loved,) = await library.kitchen.make(FORGOTTEN, now=NOW)
    assert set(loved.track_ids) == {*ids[:6], ids[7]}


async def test_only_listeners_that_are_named_get_playlists(library: MadeLibrary) -> None:
    ids = await library.fill(60)
    for listener in ("alice", "bob"):
        await hear(library, listener, ids[0:6], times=3)
    made = await library.kitchen.make(replace(REPEAT, users=("BOB", "\n")), now=NOW)
    assert [one.user for one in made] == ["bob"]


async def test_whoever_has_none_gets_theirs_and_the_others_keep_what_they_have(
    library: MadeLibrary,
) -> None:
    ids = await library.fill(80)
    await hear(library, "alice", ids[0:6], times=3)
    before = await library.kitchen.make(REPEAT, now=NOW)
    for listener, tracks in (("alice", ids[6:12]), ("bob", ids[0:6]), ("carol", ids[0:4])):
        await hear(library, listener, tracks, times=3)
    after = await library.kitchen.make_first(REPEAT, now=NOW + DAY_S, previous=before)
    assert [one.user for one in after] == ["alice", "bob"]
    assert after[:1] == before
    assert set(after[1].track_ids) == set(ids[0:6])


@pytest.mark.parametrize("recipe", [MIXES, REPEAT, FORGOTTEN], ids=lambda recipe: recipe.name)
async def test_nobody_who_listens_no_playlist(library: MadeLibrary, recipe: Recipe) -> None:
    await library.fill(60)
    assert await library.kitchen.make(recipe, now=NOW) == []


def test_each_kind_has_a_switch() -> None:
    assert (
        listening_recipes(
            PersonalSettings(mixes=0, on_repeat=False, forgotten_favourites=False, clusters=False)
        )
        == ()
    )
    (one,) = listening_recipes(
        PersonalSettings(
            mixes=3, on_repeat=False, forgotten_favourites=False, clusters=False, users=("a",)
        )
    )
    assert (one.mode, one.count, one.users) == (RecipeMode.PERSONAL_MIXES, 3, ("a",))
