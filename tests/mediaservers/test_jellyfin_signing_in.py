"""Users log in by code or password and out again, whatever breaks meanwhile."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import web

from harmonie_daemon.domain.errors import MediaServerError, NotFoundError
from harmonie_daemon.mediaservers.answers import LARGEST_ANSWER_BYTES
from harmonie_daemon.mediaservers.errors import GarbledError, UnavailableError
from harmonie_daemon.mediaservers.jellyfin import connection
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.signing_in import (
    CODE_LASTS_S,
    MOST_ATTEMPTS,
    AttemptState,
    SigningIn,
)
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakeUser
from tests.mediaservers.jellyfin_world import make_keyring
from tests.mediaservers.world import Clock, Store

PASSWORD = "correct horse"
FOR_EVER = 10_000


@pytest.fixture
async def keyring(fake: FakeJellyfin, store: Store, tmp_path: Path) -> AsyncIterator[Keyring]:
    made = make_keyring(fake.url, None, store.meta, store.clock, tmp_path / "tokens.json")
    yield made
    await made.close()


@pytest.fixture
def signing_in(keyring: Keyring, clock: Clock) -> SigningIn:
    return SigningIn(keyring, clock)


@pytest.fixture
def alice(fake: FakeJellyfin) -> FakeUser:
    return fake.add_user("alice", password=PASSWORD)


async def held(keyring: Keyring) -> list[str]:
    """Names of those whose token works."""
    return [one.user.name for one in (await keyring.look()).credentials.held if one.user]


async def test_a_password_is_used_once_and_its_token_kept(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser, tmp_path: Path
) -> None:
    kept = await signing_in.with_password("Alice", PASSWORD)
    assert (kept.user.name, kept.server_id) == ("alice", fake.state.server_id)
    assert list(fake.state.logins) == [kept.token]
    assert await held(signing_in.keyring) == ["alice"]
    assert PASSWORD not in (tmp_path / "tokens.json").read_text()
    (sent,) = fake.seen("POST", "/Users/AuthenticateByName")
    assert "Token=" not in sent.authorization
    assert f'DeviceId="{kept.device_id}"' in sent.authorization


async def test_a_code_that_is_typed_in_logs_its_user_in(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser, clock: Clock
) -> None:
    attempt = await signing_in.begin()
    assert re.fullmatch(r"\d{6}", attempt.begun.code)
    assert attempt.begun.secret not in repr(attempt)
    assert attempt.expires == clock.now + CODE_LASTS_S
    assert (await signing_in.look(attempt.id)).state is AttemptState.WAITING
    fake.desk.type_in(attempt.begun.code, alice)
    for _ in range(2):
        done = await signing_in.look(attempt.id)
        assert (done.state, done.user) == (AttemptState.DONE, "alice")
    assert len(fake.seen("POST", "/Users/AuthenticateWithQuickConnect")) == 1
    assert await held(signing_in.keyring) == ["alice"]


async def test_who_was_deleted_and_made_anew_logs_in_once_more_and_all_is_well(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    fake.add_user("bob", password=PASSWORD)
    bob = await signing_in.with_password("bob", PASSWORD)
    await signing_in.with_password("alice", PASSWORD)
    del fake.state.users[alice.id]
    fake.state.logins = {}
    assert len((await signing_in.keyring.look()).problems) == 2

    fake.add_user("alice", password=PASSWORD)
    new = await signing_in.with_password("Alice", PASSWORD)

    assert await signing_in.keyring.kept() == (bob, new)
    assert await held(signing_in.keyring) == ["alice"]


async def test_a_server_that_was_set_up_anew_takes_a_login_in_the_place_of_the_former(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    await signing_in.with_password("alice", PASSWORD)
    del fake.state.users[alice.id]
    fake.state.server_id = "f" * 32
    fake.add_user("alice", password=PASSWORD)

    new = await signing_in.with_password("alice", PASSWORD)

    assert await signing_in.keyring.kept() == (new,)
    assert (await signing_in.keyring.look()).problems == ()


async def test_many_who_ask_at_once_redeem_a_code_once(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    attempt = await signing_in.begin()
    fake.desk.type_in(attempt.begun.code, alice)
    await asyncio.gather(*(signing_in.look(attempt.id) for _ in range(5)))
    assert len(fake.seen("POST", "/Users/AuthenticateWithQuickConnect")) == 1


async def test_another_user_than_the_expected_one_is_logged_out_again(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    attempt = await signing_in.begin("Alice")
    fake.desk.type_in(attempt.begun.code, fake.add_user("bob"))
    refused = await signing_in.look(attempt.id)
    assert (refused.state, refused.user) == (AttemptState.REFUSED, "bob")
    assert fake.state.logins == {}
    assert await signing_in.keyring.kept() == ()
    again = await signing_in.begin("ALICE")
    fake.desk.type_in(again.begun.code, alice)
    assert (await signing_in.look(again.id)).state is AttemptState.DONE


async def test_a_code_that_nobody_types_in_expires(
    fake: FakeJellyfin, signing_in: SigningIn, clock: Clock
) -> None:
    at_the_server, here = await signing_in.begin(), await signing_in.begin()
    clock.now += CODE_LASTS_S
    assert (await signing_in.look(here.id)).state is AttemptState.EXPIRED
    fake.desk.expire()
    assert (await signing_in.look(at_the_server.id)).state is AttemptState.EXPIRED
    await signing_in.begin()
    with pytest.raises(NotFoundError):
        await signing_in.look(here.id)


async def test_there_is_a_bound_to_codes_that_wait(
    fake: FakeJellyfin, signing_in: SigningIn, clock: Clock
) -> None:
    for _ in range(MOST_ATTEMPTS):
        await signing_in.begin()
    with pytest.raises(MediaServerError, match="20 codes wait"):
        await signing_in.begin()
    clock.now += CODE_LASTS_S
    await signing_in.begin()


async def test_quick_connect_switched_off_says_what_to_do(
    fake: FakeJellyfin, signing_in: SigningIn
) -> None:
    fake.desk.is_enabled = False
    with pytest.raises(MediaServerError, match=r"Quick Connect is switched off .* --password"):
        await signing_in.begin()
    fake.desk.is_enabled = True
    fake.faults.armed = [Fault("POST", "/QuickConnect/Initiate", status=401)]
    with pytest.raises(MediaServerError, match="Quick Connect is switched off"):
        await signing_in.begin()


async def test_a_wrong_password_or_a_disabled_user_is_one_clear_line(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    with pytest.raises(MediaServerError) as caught:
        await signing_in.with_password("alice", "wr0ng secret")
    assert str(caught.value) == "Jellyfin knows no user 'alice' with this password"
    alice.is_disabled = True
    with pytest.raises(MediaServerError, match="Jellyfin does not let 'alice' in"):
        await signing_in.with_password("alice", PASSWORD)
    assert await signing_in.keyring.kept() == ()


async def test_a_server_that_is_too_old_is_not_logged_in_at(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    fake.state.version = "10.8.13"
    for attempt in (signing_in.begin(), signing_in.with_password("alice", PASSWORD)):
        with pytest.raises(MediaServerError, match="too old"):
            await attempt
    assert fake.state.logins == {}


async def test_who_logs_in_again_is_there_once_by_the_newer_token(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    first = await signing_in.with_password("alice", PASSWORD)
    second = await signing_in.with_password("alice", PASSWORD)
    assert second.device_id == first.device_id
    attempt = await signing_in.begin()
    fake.desk.type_in(attempt.begun.code, alice)
    await signing_in.look(attempt.id)
    (kept,) = await signing_in.keyring.kept()
    assert kept.device_id != first.device_id
    assert list(fake.state.logins) == [kept.token]


async def test_several_users_are_logged_in_side_by_side_each_as_a_device(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    fake.add_user("bob", password=PASSWORD)
    kept = [await signing_in.with_password(name, PASSWORD) for name in ("alice", "bob")]
    assert await held(signing_in.keyring) == ["alice", "bob"]
    assert len({one.device_id for one in kept}) == 2
    await signing_in.log_out(kept[0])
    assert await held(signing_in.keyring) == ["bob"]
    assert list(fake.state.logins) == [kept[1].token]


async def test_a_token_is_never_shown_to_another_server(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    kept = await signing_in.with_password("alice", PASSWORD)
    fake.state.server_id = "f" * 32
    fake.requests.clear()
    assert await signing_in.log_out(kept) == "it is a login at another server"
    assert not [one for one in fake.requests if kept.token in one.authorization]


async def test_a_login_that_cannot_be_kept_is_undone_at_the_server(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser, tmp_path: Path
) -> None:
    (tmp_path / "tokens.json").mkdir()
    signing_in.keyring._kept = ()
    with pytest.raises(MediaServerError, match="cannot be written"):
        await signing_in.with_password("alice", PASSWORD)
    assert fake.state.logins == {}


OVERSIZE = '"' + "x" * (LARGEST_ANSWER_BYTES + 1) + '"'
FAULTS: dict[str, Callable[[str, str], Fault]] = {
    "dropped": lambda method, path: Fault(method, path, times=FOR_EVER),
    "dropped after": lambda method, path: Fault(method, path, after=True, times=FOR_EVER),
    "500": lambda method, path: Fault(method, path, status=500, times=FOR_EVER),
    "503": lambda method, path: Fault(method, path, status=503, retry_after="30", times=FOR_EVER),
    "401": lambda method, path: Fault(method, path, status=401, times=FOR_EVER),
    "truncated": lambda method, path: Fault(
        method, path, status=200, text='{"Secret": "ab', after=True, times=FOR_EVER
    ),
    "no JSON": lambda method, path: Fault(
        method, path, status=200, text="<html>", after=True, times=FOR_EVER
    ),
    "other JSON": lambda method, path: Fault(
        method, path, status=200, text="[5]", after=True, times=FOR_EVER
    ),
    "oversize": lambda method, path: Fault(
        method, path, status=200, text=OVERSIZE, after=True, times=FOR_EVER
    ),
    "held": lambda method, path: Fault(method, path, hold=True, times=FOR_EVER),
}
CALLS = {
    "enabled": ("GET", "/QuickConnect/Enabled"),
    "initiate": ("POST", "/QuickConnect/Initiate"),
    "connect": ("GET", "/QuickConnect/Connect"),
    "redeem": ("POST", "/Users/AuthenticateWithQuickConnect"),
    "by name": ("POST", "/Users/AuthenticateByName"),
    "info": ("GET", "/System/Info/Public"),
    "logout": ("POST", "/Sessions/Logout"),
}


@contextmanager
def going_wrong(
    monkeypatch: pytest.MonkeyPatch, fake: FakeJellyfin, fault: str, call: str
) -> Iterator[None]:
    """A fault for a while; whoever gets no answer waits for a moment only."""
    fake.faults.armed = [FAULTS[fault](*CALLS[call])]
    with monkeypatch.context() as patched, suppress(MediaServerError):
        if fault == "held":
            patched.setattr(connection, "REQUEST_TIMEOUT_S", 0.2)
        yield
    fake.faults.armed = []


async def by_code(fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser) -> None:
    """The whole way by a code."""
    attempt = await signing_in.begin("alice")
    fake.desk.type_in(attempt.begun.code, alice)
    await signing_in.look(attempt.id)


async def by_password(fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser) -> None:
    await signing_in.with_password("alice", PASSWORD)


WAYS = [
    *((by_code, call) for call in ("info", "enabled", "initiate", "connect", "redeem")),
    *((by_password, call) for call in ("info", "by name")),
]
"""Each call of each way."""


@pytest.mark.sampled(4)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("way", "call"), WAYS)
@pytest.mark.parametrize("fake", ["12.0.0"], indirect=True)
async def test_whatever_breaks_the_other_login_stays_and_none_is_there_twice(
    fake: FakeJellyfin,
    signing_in: SigningIn,
    alice: FakeUser,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    fault: str,
    way: Callable[[FakeJellyfin, SigningIn, FakeUser], Awaitable[None]],
) -> None:
    fake.add_user("bob", password=PASSWORD)
    bob = await signing_in.with_password("bob", PASSWORD)

    with going_wrong(monkeypatch, fake, fault, call):
        await way(fake, signing_in, alice)
    assert bob in await signing_in.keyring.kept()

    await way(fake, signing_in, alice)
    kept = await signing_in.keyring.kept()
    assert [one.user.name for one in kept] == ["bob", "alice"]
    assert await held(signing_in.keyring) == ["bob", "alice"]
    assert set(fake.state.logins) == {one.token for one in kept}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("fake", ["10.10.7"], indirect=True)
async def test_a_code_whose_answer_is_lost_is_redeemed_by_asking_again(
    fake: FakeJellyfin,
    signing_in: SigningIn,
    alice: FakeUser,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    attempt = await signing_in.begin()
    fake.desk.type_in(attempt.begun.code, alice)
    for call in ("connect", "redeem"):
        with going_wrong(monkeypatch, fake, fault, call):
            await signing_in.look(attempt.id)
    done = await signing_in.look(attempt.id)
    # 401 is what a server says that has just switched Quick Connect off.
    assert done.state is (AttemptState.EXPIRED if fault == "401" else AttemptState.DONE)


async def test_users_who_log_in_at_the_same_time_are_all_kept_each_as_a_device(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    names = [f"user {number}" for number in range(5)]
    for name in names:
        fake.add_user(name, password=PASSWORD)
    attempt = await signing_in.begin()
    await asyncio.gather(*(signing_in.with_password(name, PASSWORD) for name in names))
    fake.desk.type_in(attempt.begun.code, alice)
    await signing_in.look(attempt.id)
    kept = await signing_in.keyring.kept()
    assert sorted(one.user.name for one in kept) == ["alice", *names]
    assert len({one.device_id for one in kept}) == 6
    assert sorted(await held(signing_in.keyring)) == ["alice", *names]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("fake", ["10.11.11"], indirect=True)
async def test_a_logout_that_the_server_does_not_hear_of_is_one_here(
    fake: FakeJellyfin,
    signing_in: SigningIn,
    alice: FakeUser,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    """401: the token is out already. What it answers to a logout is not read."""
    kept = await signing_in.with_password("alice", PASSWORD)
    problem: str | None = ""
    with going_wrong(monkeypatch, fake, fault, "logout"):
        problem = await signing_in.log_out(kept)
    is_heard_of = fault in ("401", "truncated", "no JSON", "other JSON", "oversize")
    assert (problem is None) is is_heard_of
    assert problem != ""
    assert await signing_in.keyring.kept() == ()


@pytest.mark.parametrize(
    "answer",
    [
        {"AccessToken": "t"},
        {"User": {"Id": "0" * 32, "Name": "x"}},
        {"User": {"Id": "0" * 32, "Name": "x"}, "AccessToken": ""},
        {"User": {"Id": "0" * 32, "Name": "x"}, "AccessToken": "t" * 201},
        {"User": {"Id": "0" * 32, "Name": "x"}, "AccessToken": "a\nb"},
        {"User": {"Id": "0" * 32, "Name": "x" * 201}, "AccessToken": "t"},
        {"User": {"Id": "../..", "Name": "x"}, "AccessToken": "t"},
        {"User": {"Id": "0" * 32, "Name": "\x1b[2J"}, "AccessToken": "t"},
        {"User": {"Id": "0" * 32, "Name": "x"}, "AccessToken": "t", "ServerId": "s" * 201},
    ],
)
async def test_a_login_that_is_none_is_not_kept(
    fake: FakeJellyfin, signing_in: SigningIn, answer: dict[str, object]
) -> None:
    text = web.json_response(answer).text
    assert text is not None
    fake.faults.armed = [Fault("POST", "/Users/AuthenticateByName", status=200, text=text)]
    with pytest.raises(GarbledError):
        await signing_in.with_password("alice", PASSWORD)
    assert await signing_in.keyring.kept() == ()


async def test_a_server_that_is_away_is_unavailable(
    fake: FakeJellyfin, signing_in: SigningIn
) -> None:
    await fake.stop()
    with pytest.raises(UnavailableError, match="cannot reach Jellyfin"):
        await signing_in.begin()


async def test_who_logs_in_during_a_look_is_in_the_next_answer(
    fake: FakeJellyfin, signing_in: SigningIn, alice: FakeUser
) -> None:
    keyring = signing_in.keyring
    fake.faults.latency_s = 0.05
    looking = asyncio.create_task(keyring.look())
    await asyncio.sleep(0)
    await signing_in.with_password("alice", PASSWORD)
    await looking
    held_now = (await keyring.look(max_age_s=FOR_EVER)).credentials.held
    assert [one.user.name for one in held_now if one.user] == ["alice"]
