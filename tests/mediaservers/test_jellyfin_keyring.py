"""Tokens of several users side by side: which work, who says so, and what they are used for."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.errors import BadTokenError, LoginNeededError, UnavailableError
from harmonie_daemon.mediaservers.jellyfin.credentials import JellyfinOperation
from harmonie_daemon.mediaservers.jellyfin.keyring import NOBODY, Keyring
from harmonie_daemon.mediaservers.jellyfin.token_file import MOST_TOKENS, KeptToken, TokenFile
from harmonie_daemon.mediaservers.jellyfin.wire import User
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_state import FakeUser
from tests.mediaservers.world import Store

Make = Callable[..., Keyring]


@pytest.fixture
async def make(fake: FakeJellyfin, store: Store, tmp_path: Path) -> AsyncIterator[Make]:
    """Keyrings of one file."""
    made = []

    def keyring(configured: str | None = None) -> Keyring:
        file = TokenFile(tmp_path / "tokens.json")
        made.append(Keyring(fake.url, configured, file, store.meta, store.clock, version="0.1.0"))
        return made[-1]

    yield keyring
    for one in made:
        await one.close()


async def log_in(keyring: Keyring, fake: FakeJellyfin, user: FakeUser) -> KeptToken:
    """As a login leaves it."""
    known = User(user.id, user.name, user.is_admin)
    device = await keyring.device_id(user.name)
    token = KeptToken(fake.state.server_id, known, user.token, device, 0.0)
    await keyring.keep(token)
    return token


async def test_each_token_is_told_for_what_it_is(fake: FakeJellyfin, make: Make) -> None:
    alice, root = fake.add_user("alice"), fake.add_user("root", admin=True)
    keyring = make(fake.api_key)
    await log_in(keyring, fake, alice)
    await log_in(keyring, fake, root)
    held = (await keyring.visit()).credentials.held
    assert [(one.is_key, one.is_configured, one.user and one.user.name) for one in held] == [
        (True, True, None), (False, False, "alice"), (False, False, "root"),
    ]  # fmt: skip
    assert [one.is_admin for one in held] == [True, False, True]
    assert (await make(alice.token).visit()).credentials.held[0].user is not None


async def test_a_name_without_end_is_cut(fake: FakeJellyfin, make: Make) -> None:
    alice = fake.add_user("alice")
    await log_in(make(), fake, alice)
    alice.name = "alice" * 100_000
    (held,) = (await make().visit()).credentials.held
    assert held.user is not None
    assert held.user.name == alice.name[:255]


async def test_a_name_says_nothing_to_a_terminal(fake: FakeJellyfin, make: Make) -> None:
    alice = fake.add_user("alice")
    await log_in(make(), fake, alice)
    alice.name = "a\x1b[2Jé\n"
    (held,) = (await make().visit()).credentials.held
    assert held.user is not None
    assert held.user.name == "a\ufffd[2Jé\ufffd"


async def test_a_user_is_kept_by_the_name_and_the_rank_that_the_server_says_now(
    fake: FakeJellyfin, make: Make, tmp_path: Path
) -> None:
    root, bob = fake.add_user("root", admin=True), fake.add_user("bob")
    keyring = make()
    await log_in(keyring, fake, root)
    unchanged = await log_in(keyring, fake, bob)
    root.name, root.is_admin = "groot", False

    await keyring.visit()

    for one in (keyring, make()):
        known, other = await one.kept()
        assert known.user == User(root.id, "groot", False)
        assert other == unchanged
    before = (tmp_path / "tokens.json").stat().st_ino
    await keyring.visit()
    assert (tmp_path / "tokens.json").stat().st_ino == before


async def test_a_name_that_cannot_be_written_down_keeps_nobody_from_working(
    fake: FakeJellyfin, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = fake.add_user("alice")
    keyring = make()
    await log_in(keyring, fake, alice)

    def is_full(file: TokenFile, tokens: object) -> None:
        raise MediaServerError("no space left")

    monkeypatch.setattr(TokenFile, "save", is_full)
    alice.name = "alicia"
    for _ in range(2):
        (held,) = (await keyring.visit()).credentials.held
        assert held.user is not None
        assert held.user.name == "alicia"


async def test_tokens_are_there_after_a_restart(fake: FakeJellyfin, make: Make) -> None:
    kept = [await log_in(make(), fake, fake.add_user(name)) for name in ("alice", "bob")]
    assert list(await make().kept()) == kept
    (visit) = await make().visit()
    assert len(visit.credentials.held) == 2


async def test_each_login_is_a_device_of_its_own_and_stays_it(
    fake: FakeJellyfin, make: Make, store: Store
) -> None:
    keyring = make(fake.api_key)
    first = await keyring.device_id()
    assert await make().device_id() == first
    kept = [await log_in(keyring, fake, fake.add_user(name)) for name in ("alice", "bob")]
    devices = {await store.meta.device_id(), *(one.device_id for one in kept)}
    assert len(devices) == 3
    assert kept[0].device_id == first
    assert await keyring.device_id("ALICE") == first
    assert await keyring.device_id("carol") not in devices
    await keyring.visit()
    told = [r.authorization for r in fake.seen("GET", "/Users/Me")]
    assert {re.search('DeviceId="([^"]+)"', one)[1] for one in told} == devices  # type: ignore[index]


async def test_a_token_that_stops_working_is_one_line_and_the_others_go_on(
    fake: FakeJellyfin, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    alice, bob = fake.add_user("alice"), fake.add_user("bob b")
    keyring = make()
    for user in (alice, bob):
        await log_in(keyring, fake, user)
    before, bob.token = bob.token, "another"
    for _ in range(3):
        visit = await keyring.visit()
        assert [one.user and one.user.name for one in visit.credentials.held] == ["alice"]
    line = (
        "Jellyfin does not accept the login of 'bob b' any more: "
        "run harmonie jellyfin login --user 'bob b'"
    )
    assert visit.problems == (line,)
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == [
        f"jellyfin: {line}"
    ]
    assert len(await keyring.kept()) == 2
    with pytest.raises(LoginNeededError, match="edit playlists of 'bob b': run harmonie jellyfin"):
        visit.client_for(JellyfinOperation.EDIT_PLAYLIST, bob.id)

    bob.token = before
    visit = await keyring.visit()
    assert (visit.problems, len(visit.credentials.held)) == ((), 2)
    assert caplog.messages[-1] == "jellyfin: the token of 'bob b' works again"


async def test_who_tells_it_otherwise_keeps_it_out_of_the_log(
    fake: FakeJellyfin, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    keyring = make(fake.api_key)
    alice = fake.add_user("alice")
    await log_in(keyring, fake, alice)
    alice.token = "another"
    assert len((await keyring.visit(tell=False)).problems) == 1
    await keyring.visit()
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_without_any_token_that_works_nothing_can_be_done(
    fake: FakeJellyfin, make: Make
) -> None:
    with pytest.raises(LoginNeededError) as nobody:
        await make().visit()
    assert str(nobody.value) == NOBODY
    keyring = make("wr0ng")
    await log_in(keyring, fake, user := fake.add_user("alice"))
    user.token = "another"
    with pytest.raises(BadTokenError) as caught:
        await keyring.visit()
    assert str(caught.value) == (
        "Jellyfin does not accept the token (401 to GET /Users/Me); check HARMONIE_JELLYFIN_TOKEN; "
        "Jellyfin does not accept the login of 'alice' any more: "
        "run harmonie jellyfin login --user alice"
    )
    assert "wr0ng" not in repr(caught.value)


async def test_logins_at_another_server_are_not_tried_at_this_one(
    fake: FakeJellyfin, make: Make
) -> None:
    keyring = make(fake.api_key)
    await log_in(keyring, fake, fake.add_user("alice"))
    fake.state.server_id = "f" * 32
    visit = await keyring.visit()
    assert visit.problems == (
        "'alice' is logged in at another Jellyfin: run harmonie jellyfin login --user alice",
    )
    assert len(fake.seen("GET", "/Users/Me")) == 1


async def test_a_user_who_may_not_just_now_is_not_asked_to_log_in(
    fake: FakeJellyfin, make: Make
) -> None:
    keyring = make(fake.api_key)
    await log_in(keyring, fake, fake.add_user("alice"))
    fake.faults.armed = [Fault("GET", "/Users/Me", status=403, skip=1)]
    (problem,) = (await keyring.visit()).problems
    assert problem.startswith("Jellyfin lets 'alice' do nothing just now: ")
    assert (await keyring.visit()).problems == ()


@pytest.mark.parametrize("status", [500, 503, 404, None])
async def test_a_server_that_fails_makes_no_token_a_bad_one(
    fake: FakeJellyfin, make: Make, status: int | None
) -> None:
    keyring = make(fake.api_key)
    await log_in(keyring, fake, fake.add_user("alice"))
    # Twice, for the client library repeats a GET by itself.
    fake.faults.armed = [Fault("GET", "/Users/Me", status=status, skip=1, times=2)]
    with pytest.raises(MediaServerError):
        await keyring.visit()
    fake.faults.armed = []
    assert (await keyring.visit()).problems == ()


async def test_who_we_are_is_not_asked_again_at_once_unless_it_changed(
    fake: FakeJellyfin, make: Make, store: Store
) -> None:
    keyring = make(fake.api_key)
    for _ in range(3):
        await keyring.visit(max_age_s=600.0)
    assert len(fake.seen("GET", "/Users/Me")) == 1
    await log_in(keyring, fake, fake.add_user("alice"))
    assert len((await keyring.visit(max_age_s=600.0)).credentials.held) == 2
    store.clock.now += 600.0
    await keyring.visit(max_age_s=600.0)
    assert len(fake.seen("GET", "/Users/Me")) == 5
    store.clock.now -= 3600.0
    await keyring.visit(max_age_s=600.0)
    assert len(fake.seen("GET", "/Users/Me")) == 7, "a clock that was put back"


async def test_a_damaged_file_is_a_problem_and_keeps_nobody_from_the_configured_token(
    fake: FakeJellyfin, make: Make, tmp_path: Path
) -> None:
    (tmp_path / "tokens.json").write_text("{")
    visit = await make(fake.api_key).visit()
    assert len(visit.credentials.held) == 1
    assert "is damaged and left as it is" in visit.problems[0]
    with pytest.raises(MediaServerError, match="is damaged"):
        await log_in(make(), fake, fake.add_user("alice"))
    assert (tmp_path / "tokens.json").read_text() == "{"


async def test_a_damaged_file_is_one_line_until_it_is_whole_again(
    fake: FakeJellyfin, make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    keyring = make(fake.api_key)
    (tmp_path / "tokens.json").write_text("{")
    for _ in range(3):
        visit = await keyring.visit()
    lines = [f"jellyfin: {problem}" for problem in visit.problems]
    assert [one for one in caplog.messages if "jellyfin" in one] == lines
    assert keyring.notes == visit.problems
    (tmp_path / "tokens.json").unlink()
    assert (await keyring.visit()).problems == ()
    assert keyring.notes == ()


async def test_a_new_login_takes_the_place_of_the_former_one(
    fake: FakeJellyfin, make: Make
) -> None:
    keyring = make()
    alice = fake.add_user("alice")
    former = await log_in(keyring, fake, alice)
    alice.token = "another"
    known = User(alice.id, "Alice", is_admin=True)
    new = KeptToken(fake.state.server_id, known, alice.token, former.device_id, 1.0)
    assert await keyring.keep(new) == former
    assert await keyring.kept() == (new,)
    await keyring.remove(new)
    assert await make().kept() == ()


async def test_there_is_a_bound_to_logins(fake: FakeJellyfin, make: Make) -> None:
    keyring = make()
    for number in range(MOST_TOKENS):
        await log_in(keyring, fake, FakeUser(str(number), f"u{number}", False, f"token{number}"))
    with pytest.raises(MediaServerError, match="100 users are logged in already"):
        await log_in(keyring, fake, fake.add_user("one too many"))
    assert len(await make().kept()) == MOST_TOKENS


async def test_a_server_that_is_away_is_unavailable(fake: FakeJellyfin, make: Make) -> None:
    await fake.stop()
    with pytest.raises(UnavailableError):
        await make(fake.api_key).visit()


async def test_what_is_about_nobody_is_asked_with_the_usual_token(
    fake: FakeJellyfin, make: Make
) -> None:
    keyring = make()
    assert await keyring.usual("alice") is None
    alice, root = fake.add_user("alice"), fake.add_user("root", admin=True)
    bob = fake.add_user("bob")
    for user in (bob, root, alice):
        await log_in(keyring, fake, user)
    for name, expected in (("ALICE", alice), ("nobody", root), (None, root)):
        usual = await keyring.usual(name)
        assert usual is not None
        assert usual.token == expected.token
    configured = await make(fake.api_key).usual("alice")
    assert configured is not None
    assert configured.token == fake.api_key
    assert fake.requests == []


@pytest.mark.parametrize("text", ["", "{", "<html>", "[5]", '"' + "x" * (9 * 2**20) + '"'])
@pytest.mark.parametrize("path", ["/System/Info/Public", "/Users/Me"])
async def test_an_answer_that_is_none_makes_no_token_a_bad_one(
    fake: FakeJellyfin, make: Make, path: str, text: str
) -> None:
    keyring = make(fake.api_key)
    kept = await log_in(keyring, fake, fake.add_user("alice"))
    fake.faults.armed = [Fault("GET", path, status=200, text=text, times=9)]
    with pytest.raises(MediaServerError):
        await keyring.visit()
    fake.faults.armed = []
    visit = await keyring.visit()
    assert (visit.problems, len(visit.credentials.held)) == ((), 2)
    assert await keyring.kept() == (kept,)


async def test_who_gets_no_answer_gives_up(
    fake: FakeJellyfin, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmonie_daemon.mediaservers.jellyfin.connection.REQUEST_TIMEOUT_S", 0.2)
    fake.faults.armed = [Fault("GET", "/Users/Me", hold=True, times=9)]
    with pytest.raises(UnavailableError, match="did not answer GET /Users/Me in time"):
        await make(fake.api_key).visit()


async def test_logins_that_are_kept_at_the_same_time_are_all_kept(
    fake: FakeJellyfin, make: Make
) -> None:
    keyring = make()
    users = [fake.add_user(f"user {number}") for number in range(5)]
    server = fake.state.server_id
    tokens = [
        KeptToken(server, User(user.id, user.name, False), user.token, user.name, 0.0)
        for user in users
    ]
    await asyncio.gather(*map(keyring.keep, tokens))
    assert set(await make().kept()) == set(tokens)


async def test_who_we_are_is_not_remembered_as_it_was_before_a_login(
    fake: FakeJellyfin, make: Make
) -> None:
    """One that is kept while the server is being asked."""
    keyring = make(fake.api_key)
    alice = fake.add_user("alice")
    fake.faults.latency_s = 0.05
    asking = asyncio.create_task(keyring.visit(max_age_s=600.0))
    while not fake.requests:
        await asyncio.sleep(0)
    await log_in(keyring, fake, alice)
    await asking
    assert len((await keyring.visit(max_age_s=600.0)).credentials.held) == 2
