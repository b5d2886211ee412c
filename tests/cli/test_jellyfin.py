"""The commands of Jellyfin, without a daemon that runs: they log in and out all the same."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.cli.jellyfin import MOST_FAILURES
from harmonie_daemon.cli.main import _parser, main
from harmonie_daemon.config import load_settings
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin

PASSWORD = "correct horse"


@pytest.fixture
async def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeJellyfin]:
    made = FakeJellyfin("10.11.11")
    made.add_user("alice", password=PASSWORD)
    await made.start()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HARMONIE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HARMONIE_JELLYFIN_URL", made.url)
    yield made
    await made.stop()
    assert made.violations == []


async def run(*arguments: str) -> int:
    """The exit code; beside the stand-in, which answers meanwhile."""
    return await asyncio.to_thread(main, ["jellyfin", *arguments])


async def test_a_login_outlives_the_command(
    fake: FakeJellyfin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\nsecond line")
    assert await run("login", "--user", "alice", "--password-file", "password") == 0
    assert await run("users", "--json") == 0
    said = capsys.readouterr().out.removeprefix("alice is logged in\n")
    (shown,) = json.loads(said)["credentials"]
    assert (shown["user"], shown["works"]) == ("alice", True)
    assert await run("logout", "--all") == 0
    assert await run("users") == 0
    assert capsys.readouterr().out.splitlines() == [
        "alice is logged out; the playlists stay as they are",
        f"{fake.url}, Jellyfin 10.11.11",
        "nobody is logged in: run harmonie jellyfin login",
    ]
    assert fake.state.logins == {}


async def test_a_password_comes_by_standard_input_or_unseen_from_the_terminal(
    fake: FakeJellyfin,
) -> None:
    command = [sys.executable, "-m", "harmonie_daemon", "jellyfin", "login", "--user", "alice"]
    login = await asyncio.create_subprocess_exec(
        *command, "--password-file", "-",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await login.communicate(f"{PASSWORD}\r\n".encode())
    assert (login.returncode, said.decode()) == (0, "alice is logged in\n")
    code, shown = await asyncio.to_thread(at_a_terminal, [*command, "--password"])
    assert code == 0
    assert "Password of alice:" in shown
    assert "alice is logged in" in shown
    assert PASSWORD not in shown


def at_a_terminal(command: list[str]) -> tuple[int, str]:
    """Log in as a person would: exit code, and everything that the terminal showed."""
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    try:
        while b"Password of alice:" not in shown:
            shown += os.read(master, 1000)
        os.write(master, f"{PASSWORD}\n".encode())
        while True:
            shown += os.read(master, 1000)
    except OSError:  # the other end is closed
        return process.wait(timeout=30), shown.decode()
    finally:
        os.close(master)


async def wait(*arguments: str) -> str:
    """What a command that waits for a code gives up with; in this thread, for it hears Ctrl-C."""
    options = _parser().parse_args(["jellyfin", *arguments])
    with pytest.raises(CommandError) as caught:
        await options.run(load_settings(), options)
    assert caught.value.exit is Exit.FAILED
    return str(caught.value)


async def test_a_code_that_nobody_types_in_is_given_up(
    fake: FakeJellyfin, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("harmonie_daemon.cli.jellyfin.POLL_S", 0.05)
    monkeypatch.setattr("harmonie_daemon.mediaservers.jellyfin.signing_in.CODE_LASTS_S", 0.2)
    why = await wait("login", "--json")
    assert why.startswith("the code was not typed in in time: nobody is logged in")
    told = capsys.readouterr()
    assert (told.out, told.err[:5]) == ("", "Type ")


async def test_who_was_not_to_type_it_in_is_named(
    fake: FakeJellyfin, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = fake.add_user("bob")
    monkeypatch.setattr("harmonie_daemon.cli.jellyfin.POLL_S", 0.05)
    waiting = asyncio.create_task(wait("login", "--user", "alice"))
    while not fake.seen("GET", "/QuickConnect/Connect"):
        await asyncio.sleep(0.01)
    (pending,) = fake.desk.pending.values()
    fake.desk.type_in(pending.code, bob)
    assert (await waiting).startswith("'bob' typed the code in, not 'alice': nobody is logged in")
    assert fake.state.logins == {}


async def test_a_server_that_goes_away_meanwhile_is_given_up(
    fake: FakeJellyfin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmonie_daemon.cli.jellyfin.POLL_S", 0.05)
    away = Fault("GET", "/QuickConnect/Connect", status=500, times=10_000)
    fake.faults.armed = [away]
    assert "Jellyfin is not ready or has failed (500" in await wait("login")
    assert len(fake.seen("GET", "/QuickConnect/Connect")) == MOST_FAILURES


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["login", "--password"], 2, "say whose password it is: --user NAME"),
        (["login", "--user", "a", "--password"], 2, "no terminal to ask for the password"),
        (["login", "--user", "a", "--password-file", "/nowhere"], 2, "/nowhere cannot be read"),
        (["login", "--user", "a", "--password-file", "binary"], 2, "the password is not UTF-8"),
        (["login", "--user", "a", "--password-file", "long"], 2, "the password is too long"),
        (["login", "--user", "a", "--password-file", "wrong"], 1, "no user 'a' with this password"),
        (["logout"], 2, "name a user, or say --all"),
        (["logout", "a", "--all"], 2, "name a user, or say --all"),
        (["logout", "a"], 3, "'a' is not logged in at Jellyfin"),
    ],
)
async def test_what_cannot_be_done_is_said(
    fake: FakeJellyfin,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "long").write_text("x" * 5000)
    (tmp_path / "wrong").write_text("hush")
    assert await run(*arguments) == code
    assert words in capsys.readouterr().err


async def test_a_password_on_the_command_line_is_not_taken(
    fake: FakeJellyfin, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        await run("login", "--user", "alice", "--password", PASSWORD)
    assert "unrecognized arguments" in capsys.readouterr().err
