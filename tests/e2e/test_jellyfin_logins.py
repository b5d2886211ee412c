"""Users log in by the command, the running daemon acts for them at once, and they log out."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.store.database import Database
from harmonie_daemon.store.playlists import Playlists
from tests.e2e.harness import Daemon, wait_until
from tests.mediaservers.fake_jellyfin import VERSIONS, FakeJellyfin

PASSWORD = "correct horse"


@pytest.fixture
async def jellyfin(daemon: Daemon, library: Path) -> AsyncIterator[FakeJellyfin]:
    """A server at which nobody is logged in; the daemon knows its address and no token."""
    fake = FakeJellyfin(VERSIONS[-1])
    fake.add_library(library, seen_as="/data/music")
    await fake.start()
    await asyncio.to_thread(daemon.stop)
    await forget_other_servers(daemon)
    await asyncio.to_thread(lambda: daemon.start(jellyfin_url=fake.url))
    yield fake
    await command(daemon, "jellyfin", "logout", "--all")
    await asyncio.to_thread(daemon.stop)
    del daemon.environment["HARMONIE_JELLYFIN_URL"]
    await asyncio.to_thread(daemon.start)
    await fake.stop()
    assert fake.violations == []


async def forget_other_servers(daemon: Daemon) -> None:
    """What earlier tests left at their servers is for nobody who logs in here."""
    database = await Database.open(daemon.data_dir / "harmonie.db")
    playlists = Playlists(database)
    for row in await playlists.remotes("jellyfin"):
        await playlists.forget_remote(row)
    await database.close()


async def command(daemon: Daemon, *arguments: str) -> tuple[int, str]:
    """Exit code and output."""
    done = await asyncio.to_thread(daemon.command, *arguments)
    return done.returncode, done.stdout + done.stderr


async def beginning(daemon: Daemon, *arguments: str) -> asyncio.subprocess.Process:
    """A command that goes on meanwhile."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "harmonie_daemon", *arguments,
        env=daemon.environment, cwd=daemon.log.parent,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def test_users_log_in_by_code_and_password_and_get_playlists_of_their_own(
    daemon: Daemon, jellyfin: FakeJellyfin, tmp_path: Path
) -> None:
    alice = jellyfin.add_user("alice")
    bob = jellyfin.add_user("bob", password=PASSWORD)
    code, said = await command(daemon, "push")
    assert code == 1
    assert "nobody is logged in at Jellyfin: run harmonie jellyfin login" in said

    login = await beginning(daemon, "jellyfin", "login", "--user", "alice")
    assert login.stdout is not None
    line = (await asyncio.wait_for(login.stdout.readline(), 30)).decode()
    typed = re.search(r"Type (\d{6}) into Jellyfin as alice", line)
    assert typed is not None, line
    jellyfin.desk.type_in(typed[1], alice)
    rest = (await asyncio.wait_for(login.stdout.read(), 30)).decode()
    assert (await login.wait(), rest) == (0, "alice is logged in\n")
    await asyncio.to_thread(
        wait_until, lambda: jellyfin.playlists, what="playlists that nobody had to push"
    )

    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    code, said = await command(
        daemon, "jellyfin", "login", "--user", "bob", "--password-file", str(tmp_path / "password")
    )
    assert (code, said) == (0, "bob is logged in\n")
    tokens = daemon.data_dir / "jellyfin-tokens.json"
    assert tokens.stat().st_mode & 0o777 == 0o600

    code, said = await command(daemon, "push")
    assert code == 0, said
    assert {one.owner for one in jellyfin.playlists.values()} == {alice.id}
    code, said = await command(daemon, "jellyfin", "users")
    assert code == 0
    assert "alice (user): works" in said
    assert "may not set covers, set tags" in said

    jellyfin.state.logins = {
        token: one for token, one in jellyfin.state.logins.items() if one.user_id != bob.id
    }
    code, said = await command(daemon, "push")
    line = (
        "Jellyfin does not accept the login of 'bob' any more: "
        "run harmonie jellyfin login --user bob"
    )
    assert (code, said.count(line)) == (1, 1)
    assert daemon.log.read_text().count(line) == 1
    code, said = await command(daemon, "jellyfin", "users", "--json")
    assert code == 1
    assert [one["problem"] for one in json.loads(said)["credentials"]] == [None, line]

    code, said = await command(daemon, "jellyfin", "logout", "bob")
    assert (code, said) == (0, "bob is logged out; the playlists stay as they are\n")
    assert (await command(daemon, "push"))[0] == 0
    written = tokens.read_text()
    assert "bob" not in written
    logged = daemon.log.read_text()
    assert not [
        one
        for one in (PASSWORD, *jellyfin.state.logins, *jellyfin.desk.pending)
        if one in logged or one in said
    ]
