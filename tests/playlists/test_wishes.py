"""What wishes of names are filled with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harmonie_daemon.domain.errors import BadRequestError, TrackNotFoundError
from harmonie_daemon.domain.track import StyleScore, TrackId
from harmonie_daemon.playlists.prefixes import PlaylistWish, wish_of
from harmonie_daemon.playlists.wishes import WishKitchen
from tests.playlists.made_library import MadeLibrary
from tests.playlists.test_listening_recipes import DAY_S, NOW, hear


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kitchen(library: MadeLibrary, clock: Clock) -> WishKitchen:
    return WishKitchen(
        library.plays, library.tracks, library.spaces, library.builder, clock, variation=0.2
    )


def wish(name: str) -> PlaylistWish:
    found = wish_of(name)
    assert found is not None
    return found


def kinds(ids: Sequence[TrackId], tracks: Sequence[TrackId]) -> set[int]:
    return {ids.index(track) // 10 % 8 for track in tracks}


async def test_a_radio_sounds_like_its_first_seed_most(
    library: MadeLibrary, kitchen: WishKitchen
) -> None:
    ids = await library.fill(400)
    found = await kitchen.fill(wish("[RADIO n=12] x"), [ids[0], ids[1], ids[25]], "alice")
    assert len(found) == len(set(found)) == 12
    assert not {ids[0], ids[1], ids[25]} & set(found)
    assert kinds(ids, found) == {0}
    unknown = await kitchen.fill(wish("[RADIO n=12] x"), [None, ids[25]], "alice")
    assert kinds(ids, unknown) == {2}


async def test_a_wish_is_the_same_all_day_and_varies_as_it_says(
    library: MadeLibrary, kitchen: WishKitchen, clock: Clock
) -> None:
    ids = await library.fill(400)
    adventurous = wish("[RADIO n=10 variation=1] x")
    steady = wish("[RADIO n=10 variation=0] x")
    style = replace(wish("[STYLE n=10 variation=0] House"), style_min=0.1)
    await library.add("x.flac", None, styles=(StyleScore("Electronic", "House", 0.9),))

    async def filled(one: PlaylistWish) -> set[TrackId]:
        return set(await kitchen.fill(one, [ids[0]], "alice"))

    before = [await filled(one) for one in (adventurous, steady, style)]
    clock.now += 60
    assert [await filled(one) for one in (adventurous, steady, style)] == before
    clock.now += DAY_S
    after = [await filled(one) for one in (adventurous, steady, style)]
    assert after[0] != before[0]
    assert after[1:] == before[1:]


async def test_a_drift_is_a_walk(library: MadeLibrary, kitchen: WishKitchen) -> None:
    ids = await library.fill(400)
    found = await kitchen.fill(wish("[DRIFT n=15] x"), [ids[0]], "alice")
    assert len(found) == 15
    assert ids[0] not in found


async def test_a_mix_follows_what_was_heard(library: MadeLibrary, kitchen: WishKitchen) -> None:
    ids = await library.fill(400)
    await hear(library, "alice", ids[0:4], days_ago=2)
    await hear(library, "alice", ids[10:14], days_ago=20, times=9)
    await hear(library, "bob", ids[20:24])
    assert kinds(ids, await kitchen.fill(wish("[MIX] x"), [], "Alice")) == {0}
    month = await kitchen.fill(wish("[MIX days=30 top=2] x"), [], "alice")
    assert kinds(ids, month) == {1}
    walk = await kitchen.fill(wish("[MIX drift n=5] x"), [], "bob")
    assert len(walk) == 5


async def test_styles_and_genres_are_filters(library: MadeLibrary, kitchen: WishKitchen) -> None:
    ids = await library.fill(80, styles=True)
    doubtful = await library.add("y.flac", None, styles=(StyleScore("Jazz", "Bop", 0.5),))
    bop = await kitchen.fill(wish("[STYLE n=500] bop"), [], "alice")
    assert set(bop) == {track for track in ids if ids.index(track) // 10 % 4 == 2}
    assert doubtful in await kitchen.fill(wish("[STYLE style_min=0.5 n=500] Bop"), [], "alice")
    electronic = await kitchen.fill(wish("[GENRE n=500] Electronic"), [], "alice")
    assert set(electronic) == {track for track in ids if ids.index(track) // 10 % 4 in (0, 3)}


@pytest.mark.parametrize(
    ("name", "seeds", "why"),
    [
        ("[RADIO] x", [], "it is empty"),
        ("[DRIFT] x", [None], "none of the tracks"),
        ("[MIX] x", [], "heard in the last 7 days"),
        ("[STYLE] Polka", [], "no track is 'Polka' for certain"),
        ("[GENRE] Polka---Rock", [], "no track is"),
    ],
)
async def test_what_there_is_nothing_for_is_said(
    library: MadeLibrary, kitchen: WishKitchen, name: str, seeds: list[TrackId | None], why: str
) -> None:
    await library.fill(20, styles=True)
    with pytest.raises(BadRequestError, match=why):
        await kitchen.fill(wish(name), seeds, "alice")


async def test_a_seed_that_went_meanwhile_is_said(
    library: MadeLibrary, kitchen: WishKitchen
) -> None:
    await library.fill(20)
    with pytest.raises(TrackNotFoundError):
        await kitchen.fill(wish("[RADIO] x"), [TrackId(999)], "alice")
