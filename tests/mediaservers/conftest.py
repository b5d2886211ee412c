"""A store with tracks in it, and Jellyfin servers of every version."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.store.database import Database
from tests.mediaservers.fake_jellyfin import VERSIONS, FakeJellyfin
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.world import Clock, Store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    database = await Database.open(tmp_path / "harmonie.db")
    yield Store(database, clock)
    await database.close()


@pytest.fixture(
    params=[
        VERSIONS[0],
        *(pytest.param(one, marks=pytest.mark.thorough) for one in VERSIONS[1:-1]),
        VERSIONS[-1],
    ]
)
async def fake(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[FakeJellyfin]:
    """Each test ends with the checks that all traffic kept to the OpenAPI document, that no
    music was deleted, and that no log line, debug lines included, contains a secret."""
    caplog.set_level(logging.DEBUG)
    fake = FakeJellyfin(request.param)
    await fake.start()
    yield fake
    await fake.stop()
    assert fake.violations == []
    assert fake.state.deleted_music == []
    state = fake.state
    secrets = {*state.api_keys, *state.logins, *fake.desk.pending}
    secrets |= {one for user in state.users.values() for one in (user.token, user.password) if one}
    logged = "\n".join(
        logging.Formatter().format(record)
        for when in ("setup", "call")
        for record in caplog.get_records(when)
    )
    assert not [secret for secret in secrets if secret in logged]


@pytest.fixture(params=["key", "token"])
async def world(
    request: pytest.FixtureRequest, fake: FakeJellyfin, store: Store
) -> AsyncIterator[World]:
    """The server with either kind of credential."""
    me = fake.add_user("alice")
    uses_key = request.param == "key"
    target = make_target(fake, store, fake.api_key if uses_key else me.token, "alice")
    yield World(fake, store, target, me, uses_key)
    await target.close()
