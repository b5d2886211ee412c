"""Playlists that the account of a Subsonic server asks for by their names."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from harmonie_daemon.app.asked import TargetItems
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.prefixes import PlaylistWish
from harmonie_daemon.store.prefix_lists import PrefixLists
from harmonie_daemon.tasks.prefix_rounds import PrefixRounds
from tests.mediaservers.fake_subsonic import (
    KINDS,
    NAVIDROME,
    PASSWORD,
    SUPYSONIC,
    USER,
    FakeSubsonic,
    Held,
    Kind,
)
from tests.mediaservers.test_subsonic import World, make_target
from tests.mediaservers.world import Store, item

RADIO = "[RADIO n=4] Sunday"


@dataclass
class Asked(World):
    """``turn`` is where what wishes are filled with begins."""

    tracks: list[TrackId] = field(default_factory=list)
    songs: list[str] = field(default_factory=list)
    turn: int = 10

    async def fill_library(self) -> None:
        self.tracks = await self.store.add_albums(6)
        await self.mirror()
        self.songs = await self.expected(self.tracks)

    def made(self, name: str, *places: int, owner: str = USER, public: bool = False) -> Held:
        number = str(900 + len(self.fake.playlists))
        held = Held(number, name, owner, "mine", public, [self.songs[one] for one in places])
        self.fake.playlists[number] = held
        return held

    def numbers(self, held: Held) -> list[int]:
        return [self.songs.index(one) for one in held.songs]

    async def round(self, after_s: float = 120.0) -> int:
        self.store.clock.now += after_s
        return await self.rounds.round()

    async def fill(
        self, wish: PlaylistWish, seeds: Sequence[TrackId | None], listener: str
    ) -> Sequence[TrackId]:
        assert listener == USER
        rest = self.tracks[self.turn :] + self.tracks[: self.turn]
        return [one for one in rest if one not in seeds][: wish.n]

    def __post_init__(self) -> None:
        self.rounds = PrefixRounds(
            self.target.own_lists(),
            PrefixLists(self.store.database),
            TargetItems(self.target, self.store.clock),
            self.fill,
            self.store.clock,
            is_missed=lambda refreshed_at: False,
            settle=self._settle,
        )

    async def _settle(self) -> None:
        """What changes has settled."""


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
async def asked(
    request: pytest.FixtureRequest, store: Store, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Asked]:
    caplog.set_level(logging.DEBUG)
    kind: Kind = request.param
    fake = FakeSubsonic(kind)
    await fake.start()
    made = Asked(fake, store, make_target(fake, store))
    await made.fill_library()
    yield made
    await made.target.close()
    await fake.stop()
    assert PASSWORD not in caplog.text


async def test_a_radio_is_filled_and_an_edit_followed(asked: Asked) -> None:
    radio, other = asked.made(RADIO, 1, 3), asked.made("Mine", 5)
    assert await asked.round() == 1
    assert asked.numbers(radio) == [1, 3, 10, 11, 12, 13]
    assert await asked.round() == 0
    radio.songs.append(asked.songs[0])
    asked.turn = 20
    assert await asked.round() == 1
    assert asked.numbers(radio) == [1, 3, 0, 20, 21, 22, 23]
    assert await asked.round() == 0
    assert asked.numbers(other) == [5]
    assert (radio.name, radio.comment, radio.public) == (RADIO, "mine", False)
    assert len(asked.fake.playlists) == 2


async def test_others_lists_and_those_we_pushed_are_never_touched(asked: Asked) -> None:
    public = asked.made(RADIO, 1, 3, owner="bob", public=True)
    await asked.target.push([item("mix", asked.tracks[:5], name=RADIO)])
    before = {one.id: list(one.songs) for one in asked.fake.playlists.values()}
    asked.fake.requests.clear()
    assert await asked.round() == 0
    assert not {"getPlaylist", "createPlaylist", "updatePlaylist"} & set(asked.fake.requests)
    assert {one.id: list(one.songs) for one in asked.fake.playlists.values()} == before
    assert asked.numbers(public) == [1, 3]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("asked", [NAVIDROME, SUPYSONIC], indirect=True, ids=lambda k: k.name)
@pytest.mark.parametrize("fault", ["500", "drop", "lose", "garble", "50", "40"])
@pytest.mark.parametrize("method", ["ping", "getPlaylists", "getPlaylist", "createPlaylist"])
async def test_no_fault_of_any_call_loses_or_doubles_anything(
    asked: Asked, method: str, fault: str
) -> None:
    radio = asked.made(RADIO, 1, 3)
    await asked.round()
    radio.songs.append(asked.songs[0])
    asked.turn = 20
    asked.fake.fail(method, *[fault] * 3)
    for _ in range(3):
        await asked.round(400)
        assert asked.numbers(radio)[:2] == [1, 3]
        assert 0 in asked.numbers(radio)
    asked.fake.faults.clear()
    for _ in range(2):
        await asked.round(8 * 3600)
    assert asked.numbers(radio) == [1, 3, 0, 20, 21, 22, 23]
    assert len(asked.fake.playlists) == 1


async def test_a_server_that_empties_a_list_and_stops_is_told_the_seeds_again(
    asked: Asked,
) -> None:
    radio = asked.made(RADIO, 1, 3)
    asked.fake.fail("createPlaylist", "500")
    await asked.round()
    radio.songs.clear()
    await asked.round(400)
    assert asked.numbers(radio) == [1, 3, 10, 11, 12, 13]
