"""What is in a listener's own playlists counts in all that is made of their taste."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.playlists.tastes import TasteReach
from harmonie_daemon.playlists.wishes import WishKitchen
from tests.playlists.listed import put_in_lists
from tests.playlists.made_library import MadeLibrary
from tests.playlists.test_listening_recipes import DAY_S, FORGOTTEN, MIXES, NOW, hear, kinds
from tests.playlists.test_wishes import wish


async def test_playlists_alone_are_a_taste_for_mixes_and_clusters(library: MadeLibrary) -> None:
    ids = await library.fill(200)
    await put_in_lists(library.database, "alice", ids[20:26])
    (made,) = await library.kitchen.make(MIXES, now=NOW)
    assert (made.user, kinds(ids, made)) == ("alice", {2})
    reach = TasteReach(library.plays, library.tracks, library.spaces)
    found = await reach.of("alice", NOW)
    assert set(ids[20:26]) <= set(found)
    assert await reach.of("bob", NOW) == ()


async def test_of_what_was_heard_alike_a_mix_follows_what_is_in_more_playlists(
    library: MadeLibrary,
) -> None:
    ids = await library.fill(200)
    await hear(library, "alice", [*ids[0:5], *ids[20:25]])
    kitchen = WishKitchen(
        library.plays, library.tracks, library.spaces, library.builder, lambda: NOW, variation=0.0
    )
    asked = wish("[MIX top=1 variation=0] x")
    assert {ids.index(one) // 10 % 8 for one in await kitchen.fill(asked, [], "alice")} == {0}
    await put_in_lists(library.database, "alice", ids[20:25], ids[22:25], ids[60:70], ids[60:70])
    assert {ids.index(one) // 10 % 8 for one in await kitchen.fill(asked, [], "alice")} == {2}
    with pytest.raises(BadRequestError, match="nothing is known that was heard"):
        await put_in_lists(library.database, "bob", ids[0:9])
        await kitchen.fill(asked, [], "bob")


async def test_the_forgotten_favourites_offered_first_are_in_playlists(
    library: MadeLibrary,
) -> None:
    ids = await library.fill(40)
    await hear(library, "alice", ids[0:12], times=5, days_ago=100)
    await put_in_lists(library.database, "alice", ids[6:12], ids[20:30])
    recipe = replace(FORGOTTEN, n=6, variation=0.0)
    (made,) = await library.kitchen.make(recipe, now=NOW + DAY_S)
    assert set(made.track_ids) == set(ids[6:12])
