"""A made-up week of listening, and the playlists that follow from it, track by track.

In the real daemon, at a Jellyfin stand-in of each version: what is for Alice is shown to her alone,
and what she asks for by the name of a playlist is filled.
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from harmonie_daemon.domain.listening import PlaySource, PlayTotal
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.tracks import Tracks
from tests.e2e.harness import Daemon, wait_until
from tests.factories import make_styles, make_tags, make_track, make_vector
from tests.mediaservers.fake_jellyfin import VERSIONS, FakeJellyfin
from tests.mediaservers.fake_state import FakePlaylist
from tests.mediaservers.made_up_week import (
    ALBUMS,
    DAY_S,
    FAVOURITES,
    LENGTH_S,
    PER_ALBUM,
    START,
    path_of,
    plays_of,
    track_of,
)

ROOT, THEIR_ROOT = "/srv/music", "/media/music"
STYLES = ("Electronic---House", "Jazz---Bop", "Rock---Indie Rock", "Electronic---Ambient")
"""Two albums each."""
FORGOTTEN = {"alice": ("4-3", "4-4", "4-5", "6-3", "6-4"), "bob": ("7-2",)}
"""Played nine times each, half a year ago, before anybody listened to what is played."""
OWN_LISTS = {"Evening": ("2-5",), "Night": ("2-5", "1-2")}
"""Alice's, made by hand."""
OWN_COUNTS = {"alice": 2, "bob": 1}
MIXES = [{"name": "Personal mixes", "mode": "personal_mixes", "n": 6, "count": 2, "variation": 0}]

EXPECTED = {
    # three counted plays each; the one unheard for longest first
    "alice's On Repeat": ["1-3", "0-1", "0-2", "0-4", "1-1", "1-2"],
    "bob's On Repeat": ["5-1", "5-2", "5-3", "5-4", "5-5"],
    "alice's Forgotten Favourites": ["4-3", "4-4", "4-5", "6-3", "6-4"],
    # two that are known best, then what is near and not heard, without 0-3, which she skips; there
    # is no more of that kind, so that others that are known fill it up
    "alice's Mix · House": ["0-1", "0-5", "1-1", "1-2", "1-4", "1-5"],
    # 2-5 was heard as often as 2-3 and earlier, but is in two playlists of hers
    "alice's Mix · Bop": ["2-2", "2-3", "2-5", "3-3", "3-4", "3-5"],
    "bob's Mix · Indie Rock": ["4-2", "4-3", "4-4", "4-5", "5-1", "5-5"],
    # with 7-5, which is in a playlist of his, what he likes is two kinds of music
    "bob's Mix · Ambient": ["6-2", "6-3", "6-4", "7-1", "7-2", "7-3"],
}


async def heard_week(folder: Path) -> Mapping[str, TrackId]:
    """A database with the library and the week, which ended yesterday."""
    database = await Database.open(folder / "harmonie.db")
    tracks, plays = Tracks(database, lambda: START), Plays(database, lambda: START)
    ids = {}
    for album in range(ALBUMS):
        for number in range(1, PER_ALBUM + 1):
            name = f"{album}-{number}"
            sound = [0.0] * 4
            sound[album // 2] = 1.0
            ids[name] = await make_track(
                tracks, path_of(name), root=ROOT,
                vector=make_vector(*sound, 0.02 * album, 0.03 * number),
                tags=make_tags(artist=f"Artist {album}", album=f"Album {album}", title=name),
                styles=make_styles(STYLES[album // 2]), duration_s=LENGTH_S,
            )  # fmt: skip
    shift = time.time() - (START + 8 * DAY_S)
    week = [
        replace(one, started_at=one.started_at + shift, ended_at=one.ended_at + shift)
        for one in plays_of(ids)
    ]
    assert await plays.record(week) == len(week)
    for listener, marked in FAVOURITES.items():
        await plays.set_favourites(listener, [ids[one] for one in marked], START)
        once = {ids[one]: PlayTotal(9, time.time() - 180 * DAY_S) for one in FORGOTTEN[listener]}
        await plays.note_totals(listener, once, START, PlaySource.JELLYFIN_COUNT)
    await database.close()
    return ids


@pytest.fixture(
    params=[
        *(pytest.param(one, marks=pytest.mark.thorough) for one in VERSIONS[:2]),
        VERSIONS[2],
    ]
)
async def jellyfin(request: pytest.FixtureRequest) -> AsyncIterator[FakeJellyfin]:
    fake = FakeJellyfin(request.param)
    await fake.start()
    for name in ("alice", "bob"):
        fake.add_user(name)
    for album in range(ALBUMS):
        for number in range(1, PER_ALBUM + 1):
            path = path_of(f"{album}-{number}")
            fake.add_item(f"{THEIR_ROOT}/{path}", f"{album}-{number}", artists=(f"Artist {album}",))
    yield fake
    await fake.stop()
    assert fake.violations == []
    assert fake.state.deleted_music == []


def names(fake: FakeJellyfin, playlist: FakePlaylist) -> list[str]:
    return [track_of(fake.state.items[one].path) for one in playlist.entries]


def named(fake: FakeJellyfin, name: str) -> FakePlaylist:
    (found,) = [one for one in fake.playlists.values() if one.name == name]
    return found


async def until(condition: Callable[[], object], what: str) -> None:
    await asyncio.to_thread(wait_until, condition, timeout_s=60, what=what)


@dataclass
class Week:
    """The daemon after the week, and what Alice had asked for by then."""

    daemon: Daemon
    fake: FakeJellyfin
    items: Mapping[str, str]
    radio: FakePlaylist
    other: FakePlaylist
    mix: FakePlaylist = field(init=False)
    """Asked for when playlists of her own are known."""

    @property
    def fills(self) -> bool:
        """Whether an API key may change what is Alice's."""
        return self.fake.state.release >= (10, 11)

    def contents(self) -> dict[str, tuple[str, list[str]]]:
        """Name and tracks of every playlist, by its id."""
        return {one.id: (one.name, names(self.fake, one)) for one in self.fake.playlists.values()}

    async def until_lists_are_read(self) -> None:
        """Own playlists of both are known, and say so."""

        def told() -> bool:
            listeners = self.daemon.get("/api/v1/plays")["listeners"]
            return {one["listener"]: one["own_playlists"] for one in listeners} == OWN_COUNTS

        await until(told, "own playlists to be read")

    async def push(self) -> None:
        done = await asyncio.to_thread(self.daemon.command, "push")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
async def week(tmp_path: Path, jellyfin: FakeJellyfin) -> AsyncIterator[Week]:
    data = tmp_path / "data"
    data.mkdir()
    await heard_week(data)
    alice, bob = jellyfin.state.users.values()
    items = {track_of(item.path): item.id for item in jellyfin.state.items.values()}
    radio = jellyfin.add_playlist(alice, "[radio n=4] like this", [items["6-1"]])
    other = jellyfin.add_playlist(bob, "Not asked for", [items["0-1"], items["7-5"]])
    for name, held in OWN_LISTS.items():
        jellyfin.add_playlist(alice, name, [items[one] for one in held])
    daemon = Daemon(
        tmp_path,
        [Path(ROOT)],
        scan_on_startup="false",
        scan_watch="false",
        default_playlists="false",
        playlist=json.dumps(MIXES),
        personal_variation="0",
        personal_clusters="false",
        prefix_variation="0",
        jellyfin_url=jellyfin.url,
        jellyfin_token=jellyfin.api_key,
        jellyfin_user="alice",
    )
    await asyncio.to_thread(daemon.start)
    week = Week(daemon, jellyfin, items, radio, other)
    await week.until_lists_are_read()
    if week.fills:  # then it is known, too, which of our tracks are in them
        await until(lambda: len(radio.entries) == 5, "the radio")
    week.mix = jellyfin.add_playlist(alice, "[MIX n=3 top=2] my week", [])
    yield week
    await asyncio.to_thread(daemon.stop)
    assert jellyfin.api_key not in daemon.log.read_text(encoding="utf-8")


async def test_the_playlists_that_follow_from_the_week(week: Week, tmp_path: Path) -> None:
    fake = week.fake
    by_hand = 3 + len(OWN_LISTS)
    # whether Bob's playlist is read before all of these are first made is a race
    await until(lambda: len(fake.playlists) >= by_hand + len(EXPECTED) - 1, "the playlists")
    await week.push()
    made = {one.name: one for one in fake.playlists.values() if "'s " in one.name}
    assert made.keys() == EXPECTED.keys()
    for name, tracks in EXPECTED.items():
        found = names(fake, made[name])
        # mixes and what is forgotten are in the order of the smallest jumps
        assert (found if name.endswith("On Repeat") else sorted(found)) == tracks
    users = {user.name: user.id for user in fake.state.users.values()}
    for name, one in made.items():
        assert one.owner == users[name.partition("'")[0]]
        assert (one.is_public, one.shares) == (False, {})
    assert not list((tmp_path / "data" / "playlists").glob("*"))

    if week.fills:
        await until(lambda: len(week.radio.entries) == 5, "the radio")
        assert names(fake, week.radio) == ["6-1", "7-1", "6-2", "7-2", "6-3"]
        await until(lambda: week.mix.entries, "the mix")
        # the two strongest are 1-2 and 2-5, for they are in playlists of hers
        assert names(fake, week.mix) == ["1-5", "0-5", "1-4"]
    else:
        log = week.daemon.log.read_text(encoding="utf-8")
        assert log.count("lets an API key change no playlist") == 1
        assert (names(fake, week.radio), week.mix.entries) == (["6-1"], [])
    assert names(fake, week.other) == ["0-1", "7-5"]


@pytest.mark.thorough
@pytest.mark.parametrize("jellyfin", VERSIONS[-1:], indirect=True)
async def test_an_edit_is_followed_and_a_killed_daemon_takes_nothing_for_one(week: Week) -> None:
    fake = week.fake
    await week.push()
    await until(lambda: week.mix.entries, "the mix")
    week.radio.entries.append(week.items["0-1"])
    await week.push()
    await until(lambda: names(fake, week.radio)[1] == "0-1", "the edit to be followed")
    await until(lambda: len(week.radio.entries) == 6, "the radio")
    await week.push()
    before = week.contents()
    assert before[week.radio.id][1][:2] == ["6-1", "0-1"]

    writes = len(fake.seen("POST|DELETE", "/Playlists/.*"))
    week.daemon.signal(signal.SIGKILL)
    await asyncio.to_thread(week.daemon.start)
    await week.push()
    assert week.contents() == before
    assert len(fake.seen("POST|DELETE", "/Playlists/.*")) == writes
