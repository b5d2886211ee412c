"""What Jellyfin's webhook plugin posts, in the templates that people write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin.facts import JellyfinFacts
from harmonie_daemon.mediaservers.jellyfin.hook import JellyfinHook, NoticeTaken
from harmonie_daemon.mediaservers.jellyfin.notices import parse_notice
from harmonie_daemon.mediaservers.listening.finding import HeardItem
from harmonie_daemon.mediaservers.listening.keeper import PlayKeeper
from harmonie_daemon.store.plays import Plays
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakeUser
from tests.mediaservers.jellyfin_world import make_keyring
from tests.mediaservers.world import Store

ITEM = "0123456789abcdef0123456789abcdef"
TAKEN = NoticeTaken(True)


@dataclass
class Hooked:
    """A hook, and the track that ``ITEM`` is."""

    fake: FakeJellyfin
    store: Store
    plays: Plays
    alice: FakeUser
    track_id: TrackId
    hook: JellyfinHook
    told: list[str] = field(default_factory=list)

    async def post(self, kind: str, **fields: Any) -> NoticeTaken:
        body = {"NotificationType": kind, "ItemId": ITEM, "UserId": self.alice.id, "DeviceId": "p"}
        return await self.hook.take({**body, **fields})

    async def kept(self) -> list[Play]:
        return await self.plays.between(0, self.store.clock.now + 1)


@pytest.fixture
async def hooked(fake: FakeJellyfin, store: Store) -> Any:
    alice = fake.add_user("Alice")
    track_id = await store.add("a.flac", title="A")
    plays, told = Plays(store.database, store.clock), list[str]()

    async def find(item: HeardItem) -> TrackId | None:
        return track_id if item.id == ITEM else None

    def says(what: str) -> Callable[[], None]:
        return lambda: told.append(what)

    keyring = make_keyring(fake.url, fake.api_key, store.meta, store.clock)
    hook = JellyfinHook(
        PlayKeeper(PlaySource.HOOK, plays, store.clock),
        JellyfinFacts(keyring, store.clock),
        find,
        plays,
        store.tracks,
        store.clock,
        ignored=frozenset({"guest"}),  # type: ignore[arg-type]
        on_start=says("start"),
        on_added=says("added"),
    )
    yield Hooked(fake, store, plays, alice, track_id, hook, told)
    await keyring.close()


async def test_a_start_and_a_stop_are_a_play(hooked: Hooked) -> None:
    began = hooked.store.clock.now
    assert await hooked.post("PlaybackStart") == TAKEN
    hooked.store.clock.now += 180
    assert await hooked.post("PlaybackStop", PlaybackPositionTicks=1_800_000_000) == TAKEN
    assert await hooked.kept() == [
        Play("Alice", hooked.track_id, began, began + 180, 180.0, PlayOutcome.COUNTED,
             PlaySource.HOOK)
    ]  # fmt: skip
    assert hooked.told == ["start"]


@pytest.mark.parametrize(
    ("stop", "outcome"),
    [
        ({"PlaybackPositionTicks": "90000000"}, PlayOutcome.SKIPPED),
        ({"PlaybackPosition": "00:00:09"}, PlayOutcome.SKIPPED),
        ({"playedtocompletion": "True", "PlaybackPositionTicks": 0}, PlayOutcome.PARTIAL),
        ({"PlaybackPositionTicks": "{{PlaybackPositionTicks}}"}, PlayOutcome.SKIPPED),
        ({"PlaybackPositionTicks": -5}, PlayOutcome.SKIPPED),
        ({"PlaybackPositionTicks": 10**40}, PlayOutcome.SKIPPED),
        ({"PlaybackPositionTicks": float("nan")}, PlayOutcome.SKIPPED),
    ],
)
async def test_templates_differ(hooked: Hooked, stop: dict[str, Any], outcome: PlayOutcome) -> None:
    """Nine seconds after the start."""
    await hooked.post("playbackstart")
    hooked.store.clock.now += 9
    assert await hooked.post("PLAYBACKSTOP", **stop) == TAKEN
    assert [play.outcome for play in await hooked.kept()] == [outcome]


async def test_notices_that_come_twice_or_late_make_one_play(hooked: Hooked) -> None:
    for _ in range(2):
        await hooked.post("PlaybackStart")
    hooked.store.clock.now += 180
    for _ in range(2):
        await hooked.post("PlaybackStop", PlaybackPositionTicks=1_800_000_000)
    assert len(await hooked.kept()) == 1


async def test_the_user_is_who_the_server_says(hooked: Hooked) -> None:
    unknown = NoticeTaken(False, "Jellyfin has no such user")
    assert await hooked.post("PlaybackStart", UserId="f" * 32, NotificationUsername="x") == unknown
    hyphens = "-".join(
        hooked.alice.id[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
    )
    assert await hooked.post("PlaybackStart", UserId=hyphens.upper()) == TAKEN
    asked = len(hooked.fake.seen("GET", "/Users"))
    assert asked <= 2
    hooked.fake.faults.armed = [Fault("GET", "/.*", status=500, times=99)]
    hooked.store.clock.now += 3_600
    assert await hooked.post("PlaybackStop", NotificationUsername="alice",
                             PlaybackPositionTicks=1_800_000_000) == TAKEN  # fmt: skip
    assert [play.listener for play in await hooked.kept()] == ["Alice"]
    assert await hooked.post("PlaybackStart") == unknown


async def test_a_clock_that_was_put_back_makes_nobody_unknown(hooked: Hooked) -> None:
    assert await hooked.post("PlaybackStart") == TAKEN
    hooked.store.clock.now -= 3_600
    assert await hooked.post("PlaybackStart", UserId=hooked.fake.add_user("bob").id) == TAKEN


async def test_what_nothing_is_made_of_is_said(hooked: Hooked) -> None:
    for kind, fields, reason in [
        ("PluginInstalled", {}, "nothing is made of notices of this type"),
        ("PlaybackStart", {"ItemType": "Episode"}, "the item is no music"),
        ("PlaybackStop", {"ItemId": "0" * 32}, "the item is no track of ours"),
    ]:
        assert await hooked.post(kind, **fields) == NoticeTaken(False, reason)
    guest = hooked.fake.add_user("Guest")
    hooked.store.clock.now += 60
    taken = await hooked.post("PlaybackStart", UserId=guest.id)
    assert taken == NoticeTaken(False, "nothing is kept of this user")
    assert await hooked.post("ItemAdded") == TAKEN
    assert hooked.told == ["added"]
    assert await hooked.plays.open(PlaySource.HOOK) == []


async def test_favourites_come_at_once(hooked: Hooked) -> None:
    assert await hooked.post("UserDataSaved", Favorite="True") == TAKEN
    assert list(await hooked.plays.favourites("alice")) == [hooked.track_id]
    assert await hooked.post("UserDataSaved", Favorite=False) == TAKEN
    assert await hooked.plays.favourites("alice") == {}
    assert await hooked.post("UserDataSaved", SaveReason="PlaybackFinished") == TAKEN


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "NotificationType is missing: let the template send NotificationType, ItemId"),
        ({"NotificationType": 5}, "NotificationType is missing"),
        ({"NotificationType": "PlaybackStart"}, "ItemId is missing"),
        ({"NotificationType": "PlaybackStart", "ItemId": ["x"]}, "ItemId is missing"),
    ],
)
def test_a_notice_that_cannot_be_read_is_refused(body: Mapping[str, Any], words: str) -> None:
    with pytest.raises(BadRequestError, match=words):
        parse_notice(body)


def test_texts_are_cut_and_made_printable() -> None:
    notice = parse_notice(
        {"NotificationType": "PlaybackStart", "Name": "x" * 10**6 + "\ud800", "Artist": "\ud800y"}
    )
    assert notice is not None
    assert notice.item.title == "x" * 2_000
    assert notice.item.artist == "?y"
