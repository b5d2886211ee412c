"""The made-up week against what is kept of it, play by play."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource, PlayTotal
from harmonie_daemon.domain.playlist import SeedRef
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin.watching import SessionWatcher
from harmonie_daemon.mediaservers.listening.finding import HeardItem
from harmonie_daemon.mediaservers.listening.keeper import PlayKeeper
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.store.plays import Plays
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakeSession, FakeUser
from tests.mediaservers.jellyfin_world import THEIR_ROOT, make_keyring
from tests.mediaservers.made_up_player import on_at
from tests.mediaservers.made_up_week import (
    ALBUMS,
    DAY_S,
    START,
    WEEK,
    counted,
    outcome_of,
    path_of,
    plays_of,
    started,
    track_of,
)
from tests.mediaservers.world import Store

EVERY_S = 15.0
DEVICES = {"phone": "alice", "kitchen": "alice", "desk": "bob"}


@dataclass
class Week:
    """The stand-in plays the week, and is looked at."""

    fake: FakeJellyfin
    store: Store
    plays: Plays
    users: Mapping[str, FakeUser]
    ids: Mapping[str, TrackId]
    watcher: SessionWatcher = field(init=False)

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """As a daemon that was killed: nothing is known but what is in the store."""
        resolver = Resolver(self.store.tracks)

        async def find(item: HeardItem) -> TrackId | None:
            ref = SeedRef(path=item.path, artist=item.artist, album=item.album, title=item.title)
            return await resolver.resolve(ref)

        keyring = make_keyring(self.fake.url, self.fake.api_key, self.store.meta, self.store.clock)
        self.keyring = keyring
        keeper = PlayKeeper(PlaySource.SESSIONS, self.plays, self.store.clock)
        self.watcher = SessionWatcher(keyring, keeper, find, every_s=EVERY_S)

    def show(self, at: float) -> None:
        """The sessions as they are at this moment."""
        on = {one.device: one for one in on_at(WEEK, at)}
        paths = {track_of(item.path): item.id for item in self.fake.state.items.values()}
        self.fake.state.sessions = [
            FakeSession(self.users[user], device, paths[on[device].track], *on[device].shown(at))
            if device in on
            else FakeSession(self.users[user], device)
            for device, user in DEVICES.items()
        ]

    async def look(self, at: float) -> None:
        """Look once, at this time."""
        self.store.clock.now = at
        self.show(at)
        await self.watcher.look()

    async def kept(self, listener: str) -> list[Play]:
        """In their order."""
        return (await self.plays.between(START, START + 8 * DAY_S, listener))[::-1]


def moments() -> Iterator[float]:
    """Looks while somebody plays, and a minute before and after; nobody looks at silence here."""
    at = START
    while at < START + 7 * DAY_S:
        nearest = min((one.at - at for one in WEEK if one.ends_at >= at - 60), default=DAY_S)
        if nearest > 120:
            at += (nearest - 60) // EVERY_S * EVERY_S
        yield at
        at += EVERY_S
        if not any(one.ends_at >= at - 60 for one in WEEK):
            return


@pytest.fixture
async def week(fake: FakeJellyfin, store: Store) -> Week:
    fake.is_validating = fake.state.release == (12, 0)
    users = {name: fake.add_user(name) for name in ("alice", "bob")}
    await store.add_albums(ALBUMS)
    ids = {}
    for key in await store.tracks.paths_and_ids():
        name = track_of(key.relative_path)
        fake.add_item(f"{THEIR_ROOT}/{key.relative_path}", name, artists=("x",))
        ids[name] = key.id
    return Week(fake, store, Plays(store.database, store.clock), users, ids)


async def test_the_week_is_kept_play_by_play(week: Week) -> None:
    """With a crash of ours on the third day, a restart of the server on the fifth, and Jellyfin's
    own counters read every evening."""
    names = {track_id: name for name, track_id in week.ids.items()}
    crash = START + 2.75 * DAY_S + 400
    restart = START + 4.75 * DAY_S + 200
    day = 0
    for at in moments():
        if at >= crash:
            crash = float("inf")
            await week.keyring.close()
            week.begin_anew()
            continue
        if restart <= at < restart + 60:
            week.store.clock.now = at
            week.fake.state.sessions = []
            await week.watcher.look()
            continue
        if (at - START) // DAY_S > day:
            day = int((at - START) // DAY_S)
            await _count(week, at)
        await week.look(at)
    await _count(week, at)
    await week.keyring.close()

    for listener in ("alice", "bob"):
        kept = await week.kept(listener)
        expected = [one for one in plays_of(week.ids) if one.listener == listener]
        assert [(names[one.track_id], one.outcome) for one in kept] == [
            (names[one.track_id], one.outcome) for one in expected
        ]
        for one, truth in zip(kept, expected, strict=True):
            assert one.source is PlaySource.SESSIONS
            assert one.started_at == pytest.approx(truth.started_at, abs=1.0)
            assert one.ended_at == pytest.approx(truth.ended_at, abs=EVERY_S)
            assert one.heard_s == pytest.approx(truth.heard_s, abs=EVERY_S)
        found = Counter(
            {names[id_]: n for id_, n in (await week.plays.counts(0, listener)).items()}
        )
        assert found == counted(listener)
    assert await week.plays.open(PlaySource.SESSIONS) == []


async def _count(week: Week, at: float) -> None:
    """What Jellyfin's counters say: it counts whatever was put on."""
    for listener in ("alice", "bob"):
        totals = {
            week.ids[track]: PlayTotal(
                number,
                max(
                    o.at for o in WEEK if o.track == track and o.listener == listener and o.at < at
                ),
            )
            for track, number in started(listener, at).items()
        }
        new = await week.plays.note_totals(listener, totals, at, PlaySource.JELLYFIN_COUNT)
        assert new == 0


def test_the_week_has_everything_in_it() -> None:
    outcomes = Counter(outcome_of(one) for one in WEEK)
    assert outcomes[PlayOutcome.COUNTED] > 30
    assert outcomes[PlayOutcome.SKIPPED] > 5
    assert outcomes[PlayOutcome.PARTIAL] == 3
    for listener in ("alice", "bob"):
        assert sum(number >= 3 for number in counted(listener).values()) >= 5
    assert {path_of(one.track) for one in WEEK}
    assert {track_of(path_of(one.track)) for one in WEEK} == {one.track for one in WEEK}
