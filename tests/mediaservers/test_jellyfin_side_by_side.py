"""A service user, an API key and users' own logins beside each other, and one that stops working.

Whatever is lost meanwhile, no playlist is there twice, none is given up, and what the others may do
goes on.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.mediaservers.jellyfin.keyring import NOBODY, Keyring
from harmonie_daemon.mediaservers.jellyfin.token_file import KeptToken
from harmonie_daemon.mediaservers.jellyfin.wire import User
from harmonie_daemon.mediaservers.push import Pusher, PushItem, PushReport
from tests.mediaservers.fake_faults import Fault, Faults
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakePlaylist, FakeUser
from tests.mediaservers.jellyfin_world import make_keyring
from tests.mediaservers.world import Store, item

LOST_TOKEN = "n0-longer-t4ken"


class Household:
    """A server with alice, bob and an administrator, and a daemon whose logins change."""

    def __init__(self, fake: FakeJellyfin, store: Store, tokens: Path) -> None:
        self.fake, self.store, self.tokens = fake, store, tokens
        self.alice, self.bob = fake.add_user("alice"), fake.add_user("bob")
        self.root = fake.add_user("root", admin=True)
        self.ids: list[TrackId] = []
        self._open: list[Keyring] = []
        self._lost: dict[str, str] = {}
        self.configure(None)

    def configure(self, token: str | None) -> None:
        """Start the daemon anew with this token in the settings."""
        store = self.store
        self.keyring = make_keyring(self.fake.url, token, store.meta, store.clock, self.tokens)
        self._open.append(self.keyring)
        self.target = JellyfinTarget(
            self.keyring,
            "alice",
            store.tracks,
            store.playlists,
            store.meta,
            store.clock,
            catalogues=store.catalogues,
        )

    async def log_in(self, *users: FakeUser) -> None:
        for user in users:
            user.token = self._lost.pop(user.id, user.token)
            known = User(user.id, user.name, user.is_admin)
            device = await self.keyring.device_id(user.name)
            server = self.fake.state.server_id
            await self.keyring.keep(KeptToken(server, known, user.token, device, 0.0))

    def lose(self, user: FakeUser) -> None:
        """The token of a user is accepted no more."""
        self._lost[user.id], user.token = user.token, LOST_TOKEN

    async def push(self, *users: str, first: int = 0, key: str = "mix") -> PushReport:
        """One playlist for these users, which changes with ``first``."""
        return await self.target.push([self.wanted(*users, first=first, key=key)])

    def wanted(self, *users: str, first: int = 0, key: str = "mix") -> PushItem:
        return item(key, self.ids[first : first + 8], users=users)

    @property
    def stands(self) -> dict[str, tuple[str, ...]]:
        """Owner and shares of each playlist, by name; two of an owner are a fault."""
        names = {one.id: one.name for one in self.fake.state.users.values()}
        found = {
            names[one.owner]: tuple(sorted(names[user] for user in one.shares))
            for one in self.fake.playlists.values()
        }
        assert len(found) == len(self.fake.playlists)
        return found

    def of(self, user: FakeUser) -> FakePlaylist:
        (found,) = [one for one in self.fake.playlists.values() if one.owner == user.id]
        return found

    def contents(self, first: int) -> list[str]:
        return [one.id for one in list(self.fake.state.items.values())[first : first + 8]]

    async def close(self) -> None:
        for keyring in self._open:
            await keyring.close()


@pytest.fixture
async def home(fake: FakeJellyfin, store: Store, tmp_path: Path) -> AsyncIterator[Household]:
    made = Household(fake, store, tmp_path / "tokens.json")
    made.ids = await store.add_albums(6)
    for keys in await store.tracks.paths_and_ids():
        fake.add_item(keys.path, "x")
    yield made
    await made.close()


def tokens_of(fake: FakeJellyfin, method: str, path: str) -> set[str]:
    return {
        one.authorization.rpartition('Token="')[2].rstrip('"') for one in fake.seen(method, path)
    }


async def test_a_service_user_owns_and_shares(home: Household) -> None:
    await home.log_in(home.root)
    assert await home.push("alice", "bob") == PushReport(created=1)
    before = home.of(home.root).id
    assert await home.push("alice", "bob", first=5) == PushReport(updated=1)
    assert home.stands == {"root": ("alice", "bob")}
    assert (home.of(home.root).id, home.of(home.root).entries) == (before, home.contents(5))


async def test_users_own_what_is_theirs_and_a_key_serves_the_rest(home: Household) -> None:
    home.configure(home.fake.api_key)
    await home.log_in(home.alice)
    assert await home.push("alice", "bob") == PushReport(created=2)
    before = home.of(home.alice).id
    assert await home.push("alice", "bob", first=5) == PushReport(updated=2)
    assert home.stands == {"alice": (), "bob": ()}
    assert home.of(home.alice).id == before
    assert home.of(home.bob).entries == home.contents(5)
    assert tokens_of(home.fake, "POST", "/Playlists/[^/]+") == {home.alice.token}


async def test_users_own_what_is_theirs_and_a_service_user_serves_the_rest(
    home: Household,
) -> None:
    await home.log_in(home.root, home.alice)
    assert await home.push("alice", "bob") == PushReport(created=2)
    assert home.stands == {"alice": (), "root": ("bob",)}
    assert await home.push("alice", "bob", first=3) == PushReport(updated=2)
    assert await home.push("alice", first=3) == PushReport(unchanged=1, removed=1)
    assert home.stands == {"alice": ()}


async def test_what_stands_stays_with_its_owner_whoever_logs_in_later(home: Household) -> None:
    home.configure(home.fake.api_key)
    await home.push("alice", "bob")
    before = {one.owner: one.id for one in home.fake.playlists.values()}
    await home.log_in(home.root)
    await home.push("alice", "bob", first=1)
    await home.log_in(home.alice)
    keeps_ids = home.fake.state.release >= (10, 11)
    after = {one.owner: one.id for one in home.fake.playlists.values()}
    assert (after == before) is keeps_ids
    assert await home.push("alice", "bob", first=2) == PushReport(updated=2)
    assert home.stands == {"alice": (), "bob": ()}
    assert home.of(home.alice).id == after[home.alice.id]
    assert home.of(home.bob).entries == home.contents(2)


async def test_what_is_shared_stays_shared_when_its_reader_logs_in(home: Household) -> None:
    await home.log_in(home.root)
    await home.push("alice", "bob")
    before = home.of(home.root).id
    await home.log_in(home.alice)
    assert await home.push("alice", "bob", first=1) == PushReport(updated=1)
    assert home.stands == {"root": ("alice", "bob")}
    assert home.of(home.root).id == before
    assert await home.push("alice", key="new") == PushReport(created=1, removed=1)
    assert home.stands == {"alice": ()}


async def test_a_login_that_stops_working_is_replaced_by_the_key(home: Household) -> None:
    home.configure(home.fake.api_key)
    await home.log_in(home.alice)
    await home.push("alice")
    before = home.of(home.alice).id
    home.lose(home.alice)
    report = await home.push("alice", first=2)
    assert (report.updated, report.problems) == (1, (LOST.format("alice"),))
    assert home.of(home.alice).entries == home.contents(2)
    assert (home.of(home.alice).id == before) is (home.fake.state.release >= (10, 11))


LOST = (
    "Jellyfin does not accept the login of {0!r} any more: run harmonie jellyfin login --user {0}"
)


async def test_a_login_that_stops_working_leaves_its_playlists_and_the_others_go_on(
    home: Household,
) -> None:
    await home.log_in(home.root, home.alice)
    await home.push("alice", "bob")
    before = home.of(home.alice).id
    home.lose(home.alice)
    for _ in range(2):
        report = await home.push("alice", "bob", first=2)
        assert report.problems == (LOST.format("alice"),)
    assert home.stands == {"alice": (), "root": ("bob",)}
    assert home.of(home.root).entries == home.contents(2)
    assert home.of(home.alice).entries == home.contents(0)

    await home.log_in(home.alice)
    assert await home.push("alice", "bob", first=2) == PushReport(updated=1, unchanged=1)
    assert (home.of(home.alice).id, home.of(home.alice).entries) == (before, home.contents(2))


async def test_what_a_lost_service_user_shares_is_not_made_a_second_time(home: Household) -> None:
    await home.log_in(home.root)
    await home.push("alice", "bob")
    before = home.of(home.root).id
    await home.log_in(home.alice)
    home.lose(home.root)
    report = await home.push("alice", "bob", first=4)
    assert (report.created, report.removed) == (0, 0)
    assert report.problems[0] == LOST.format("root")
    assert home.stands == {"root": ("alice", "bob")}
    await home.log_in(home.root)
    assert await home.push("alice", "bob", first=4) == PushReport(updated=1)
    assert (home.of(home.root).id, home.of(home.root).entries) == (before, home.contents(4))


async def test_what_a_lost_token_of_the_settings_shares_is_not_made_a_second_time(
    home: Household,
) -> None:
    home.configure(home.bob.token)
    await home.push("alice")
    assert home.stands == {"bob": ("alice",)}
    await home.log_in(home.alice)
    home.lose(home.bob)
    report = await home.push("alice", first=4)
    assert (report.created, report.removed) == (0, 0)
    assert "check HARMONIE_JELLYFIN_TOKEN" in report.problems[0]
    assert home.stands == {"bob": ("alice",)}


async def test_logins_that_cannot_be_read_make_nothing_a_second_time(home: Household) -> None:
    await home.log_in(home.root)
    await home.push("alice")
    before = home.tokens.read_bytes()
    home.tokens.write_text("{")
    home.configure(home.bob.token)
    report = await home.push("alice", first=4)
    assert (report.created, report.removed) == (0, 0)
    assert home.stands == {"root": ("alice",)}
    home.tokens.write_bytes(before)
    home.configure(None)
    assert await home.push("alice", first=4) == PushReport(updated=1)


async def test_what_a_user_who_logged_out_has_is_not_made_a_second_time(home: Household) -> None:
    await home.log_in(home.root, home.alice)
    await home.push("alice")
    (kept,) = [one for one in await home.keyring.kept() if one.user.name == "alice"]
    await home.keyring.remove(kept)
    report = await home.push("alice", first=4)
    assert report.problems == (
        "nobody who is logged in at Jellyfin may make playlists for 'alice': "
        "run harmonie jellyfin login --user alice",
    )
    assert home.stands == {"alice": ()}


class LosesAtAPost(Faults):
    """The token of a user is revoked just before a playlist is made."""

    home: Household

    def matching(self, request: web.Request) -> Fault | None:
        if request.method == "POST" and self.home.bob.token != "gone":
            self.home.lose(self.home.bob)
        return None


async def test_a_token_that_is_revoked_in_the_middle_of_a_push_keeps_nobody_else(
    home: Household,
) -> None:
    await home.log_in(home.bob, home.alice)
    faults = LosesAtAPost()
    faults.home = home
    home.fake.faults = faults
    wanted = [home.wanted("bob", key=f"of bob {n}") for n in range(3)]
    report = await home.target.push([*wanted, home.wanted("alice")])
    assert report.created == 1
    assert [one for one in report.problems if "of bob 0".title() in one]
    assert len(report.problems) == 2
    assert home.stands == {"alice": ()}
    home.fake.faults = Faults()
    await home.log_in(home.bob)
    report = await home.target.push([*wanted, home.wanted("alice")])
    assert report == PushReport(created=3, unchanged=1)


async def test_a_401_to_one_request_with_a_good_token_keeps_nobody_else(home: Household) -> None:
    await home.log_in(home.bob, home.alice)
    home.fake.faults.armed = [Fault("POST", "/Playlists", status=401)]
    report = await home.push("alice", "bob")
    assert (report.created, len(report.problems), report.retry) == (1, 1, True)
    assert await home.push("alice", "bob") == PushReport(created=1, unchanged=1)


async def test_one_line_in_the_log_for_each_push(
    home: Household, caplog: pytest.LogCaptureFixture
) -> None:
    await home.log_in(home.root, home.bob)
    await home.push("alice")
    home.lose(home.bob)
    pusher = Pusher([home.target], home.store.playlists, home.store.clock)
    caplog.clear()
    wanted = {"jellyfin": [home.wanted("bob", key=f"mix {n}") for n in range(5)]}
    await pusher.push_all(wanted, force=False)
    warnings = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert warnings == [f"jellyfin: {LOST.format('bob')}"]


async def test_an_address_without_any_login_says_what_to_run(home: Household) -> None:
    with pytest.raises(MediaServerError) as caught:
        await home.push("alice")
    assert str(caught.value) == NOBODY


async def test_nobody_makes_playlists_for_who_is_not_logged_in(home: Household) -> None:
    await home.log_in(home.alice)
    report = await home.push("alice", "bob")
    assert report.created == 1
    assert report.problems == (
        "nobody who is logged in at Jellyfin may make playlists for 'bob': "
        "run harmonie jellyfin login --user bob",
    )
    assert home.stands == {"alice": ()}
