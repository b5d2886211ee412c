"""Playlists that no recipe made live beside the recipes', at every target, until retired."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from harmonie_daemon.app import Core
from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.domain.playlist import RECIPES, SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.makers import Maker
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakePlaylist
from tests.scanning.world import Clock
from tests.tasks.test_schedule import DAILY, TUESDAY_NOON, WEEKLY, opened

MADE_BY_RECIPES = {DAILY, WEEKLY}


@pytest.fixture
async def fake() -> AsyncIterator[FakeJellyfin]:
    fake = FakeJellyfin("12.0.0")
    await fake.start()
    fake.add_user("alice")
    fake.add_user("bob")
    for number in range(8):
        artists = (f"Artist {number}",)
        fake.add_item(f"/{number}.flac", f"Title {number}", artists=artists, duration_s=200.0)
    yield fake
    await fake.stop()
    assert fake.violations == []


@pytest.fixture
async def core(tmp_path: Path, fake: FakeJellyfin) -> AsyncIterator[Core]:
    async with opened(
        tmp_path,
        Clock(TUESDAY_NOON),
        jellyfin_url=fake.url,
        jellyfin_token=fake.api_key,
        jellyfin_user="alice",
    ) as core:
        yield core


def made(maker: Maker, name: str, *ids: int, user: str | None = None) -> SavedPlaylist:
    return SavedPlaylist(
        maker.key(user or "", name),
        "",
        name,
        tuple(TrackId(one) for one in ids),
        TUESDAY_NOON,
        user=user,
        description="Made up\nfor a test",
    )


def at_jellyfin(fake: FakeJellyfin) -> dict[str, FakePlaylist]:
    return {playlist.name: playlist for playlist in fake.playlists.values()}


def as_files(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "playlists").iterdir()}


async def test_a_made_up_makers_playlist_survives_a_refresh_and_goes_when_retired(
    core: Core, fake: FakeJellyfin, tmp_path: Path
) -> None:
    maker = Maker("clusters", core.playlists)
    await maker.put([made(maker, "Dusk", 3, 1, 2)])

    for report in (
        await core.refresher.refresh(),
        await core.refresher.refresh(force=True),
        await core.refresher.push(),
    ):
        assert report.ok
        assert {playlist.name for playlist in report.playlists} == MADE_BY_RECIPES | {"Dusk"}
        assert set(at_jellyfin(fake)) == as_files(tmp_path) == MADE_BY_RECIPES | {"Dusk"}
    assert len(at_jellyfin(fake)["Dusk"].entries) == 3
    (kept,) = await maker.playlists()
    assert (kept.maker, kept.track_ids) == ("clusters", (3, 1, 2))

    await maker.retire([kept.key])
    report = await core.refresher.push()

    assert report.ok
    assert set(at_jellyfin(fake)) == as_files(tmp_path) == MADE_BY_RECIPES


async def test_a_playlist_for_one_user_is_that_users(core: Core, fake: FakeJellyfin) -> None:
    maker = Maker("mixes", core.playlists)
    await maker.put([made(maker, "For Bob", 1, 2, user="Bob")])
    assert (await core.refresher.refresh()).ok
    users = {user.name: user.id for user in fake.state.users.values()}
    owners = {name: playlist.owner for name, playlist in at_jellyfin(fake).items()}
    assert owners == {**dict.fromkeys(MADE_BY_RECIPES, users["alice"]), "For Bob": users["bob"]}


async def test_a_playlist_for_one_user_is_no_file_for_everybody(core: Core, tmp_path: Path) -> None:
    maker = Maker("mixes", core.playlists)
    await maker.put([made(maker, "For Bob", 1, 2, user="Bob")])
    recipe = replace(core.refresher.recipes[0], name="Of Alice's", users=("alice",))
    asked = replace(recipe, name="As a file", servers=("m3u",))
    core.refresher._making.recipes = (*core.refresher.recipes, recipe, asked)
    assert (await core.refresher.refresh()).ok
    assert as_files(tmp_path) == MADE_BY_RECIPES | {"As a file"}


async def test_it_is_one_where_that_is_wanted(tmp_path: Path) -> None:
    clock = Clock(TUESDAY_NOON)
    async with opened(tmp_path, clock, m3u={"personal": True}) as core:
        maker = Maker("mixes", core.playlists)
        await maker.put([made(maker, "For Bob", 1, 2, user="Bob")])
        await core.refresher.refresh()
    assert as_files(tmp_path) == MADE_BY_RECIPES | {"For Bob"}


async def test_who_listens_elsewhere_is_no_problem_at_a_server(
    core: Core, fake: FakeJellyfin
) -> None:
    maker = Maker("mixes", core.playlists)
    await maker.put([made(maker, "For Carol", 1, 2, user="Carol")])
    assert (await core.refresher.refresh()).ok
    assert set(at_jellyfin(fake)) == MADE_BY_RECIPES


async def test_a_description_stands_in_the_file_on_one_line(core: Core, tmp_path: Path) -> None:
    maker = Maker("clusters", core.playlists)
    await maker.put([made(maker, "Dusk", 3)])
    await core.refresher.push()
    lines = (tmp_path / "playlists" / "Dusk.m3u8").read_text().splitlines()
    assert lines[2:4] == ["#PLAYLIST:Dusk", "# Made up for a test"]


async def test_a_recipe_that_is_taken_away_takes_no_other_makers_playlists_along(
    core: Core, tmp_path: Path
) -> None:
    maker = Maker("clusters", core.playlists)
    await maker.put([made(maker, DAILY, 3, 1, 2)])
    await core.refresher.refresh()
    core.refresher._making.recipes = core.refresher.recipes[1:]

    assert (await core.refresher.refresh()).ok

    left = [(saved.maker, saved.name) for saved in await core.playlists.all()]
    assert left == [("clusters", DAILY), (RECIPES, WEEKLY)]


async def test_a_maker_retires_and_replaces_only_its_own(core: Core) -> None:
    one, other = Maker("clusters", core.playlists), Maker("mixes", core.playlists)
    dusk, dawn = made(one, "Dusk", 1), made(one, "Dawn", 2)
    await one.put([dusk, dawn])
    await other.put([made(other, "Dusk", 3)])

    await other.retire([dusk.key, dawn.key])
    with pytest.raises(StoreError, match=r"'clusters::Dusk' is another maker's, not mixes's"):
        await other.put([dusk])
    await one.put([dawn], instead_of=await one.playlists())

    assert [saved.name for saved in await one.playlists()] == ["Dawn"]
    assert [saved.name for saved in await other.playlists()] == ["Dusk"]
