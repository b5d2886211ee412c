"""Logging users in and out at Jellyfin, over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.servers import Client, Daemon, daemon

PASSWORD = "correct horse"
API = "/api/v1/jellyfin"


@pytest.fixture
async def fake() -> AsyncIterator[FakeJellyfin]:
    made = FakeJellyfin("12.0.0", validate=False)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def running(fake: FakeJellyfin, tmp_path: Path) -> AsyncIterator[Daemon]:
    settings = {"jellyfin": {"url": fake.url}}
    async with daemon(tmp_path, **settings) as one:
        yield one


async def log_in(client: Client, name: str) -> None:
    answer = await client.post(f"{API}/login", {"user": name, "password": PASSWORD})
    assert (answer.status, answer.json["state"], answer.json["user"]) == (200, "done", name)


async def test_a_user_logs_in_by_password_and_what_they_may_is_shown(
    fake: FakeJellyfin, running: Daemon
) -> None:
    fake.add_user("alice", password=PASSWORD)
    fake.add_user("root", admin=True, password=PASSWORD)
    for name in ("alice", "root"):
        await log_in(running.client, name)
    answer = (await running.client.get(API)).json
    assert (answer["url"], answer["version"], answer["problem"]) == (fake.url, "12.0.0", None)
    alice, root = answer["credentials"]
    assert (alice["user"], alice["is_admin"], alice["works"]) == ("alice", False, True)
    assert {"set covers", "set tags"} <= set(alice["may_not"])
    assert {"replace contents at once", "hear of changes at once"} <= set(alice["may"])
    assert (root["origin"], root["may_not"]) == ("login", [])
    assert not [token for token in fake.state.logins if token in json.dumps(answer)]


async def test_a_user_logs_in_by_a_code(fake: FakeJellyfin, running: Daemon) -> None:
    alice = fake.add_user("alice")
    begun = (await running.client.post(f"{API}/login", {})).json
    assert begun["state"] == "waiting"
    path = f"{API}/login/{begun['id']}"
    assert (await running.client.get(path)).json["state"] == "waiting"
    fake.desk.type_in(begun["code"], alice)
    assert (await running.client.get(path)).json | begun == begun
    done = (await running.client.get(path)).json
    assert (done["state"], done["user"]) == ("done", "alice")
    assert next(iter(fake.desk.pending)) not in json.dumps([begun, done])


async def test_a_login_that_stopped_working_is_in_the_status(
    fake: FakeJellyfin, running: Daemon
) -> None:
    fake.add_user("alice", password=PASSWORD)
    await log_in(running.client, "alice")
    await running.client.get(API)
    assert (await running.client.get("/api/v1/status")).json["jellyfin_notes"] == []
    fake.state.logins.clear()
    (shown,) = (await running.client.get(API)).json["credentials"]
    assert shown["problem"] == (
        "Jellyfin does not accept the login of 'alice' any more: "
        "run harmonie jellyfin login --user alice"
    )
    status = await running.client.get("/api/v1/status")
    assert status.json["jellyfin_notes"] == [shown["problem"]]
    await log_in(running.client, "alice")
    assert (await running.client.get("/api/v1/status")).json["jellyfin_notes"] == []
    fake.state.logins.clear()
    await running.client.get(API)
    await running.client.post(f"{API}/logout", {"all": True})
    assert (await running.client.get("/api/v1/status")).json["jellyfin_notes"] == []


async def test_users_log_out(fake: FakeJellyfin, running: Daemon) -> None:
    for name in ("alice", "bob", "carol"):
        fake.add_user(name, password=PASSWORD)
        await log_in(running.client, name)
    out = await running.client.post(f"{API}/logout", {"user": "ALICE"})
    assert out.json == {"users": ["alice"], "problems": []}
    assert (await running.client.post(f"{API}/logout", {"user": "alice"})).status == 404
    await fake.stop()
    away = (await running.client.post(f"{API}/logout", {"user": "bob"})).json
    assert away["users"] == ["bob"]
    assert "Jellyfin could not be told" in away["problems"][0]
    await fake.come_back()
    assert (await running.client.post(f"{API}/logout", {"all": True})).json["users"] == ["carol"]
    assert (await running.client.post(f"{API}/logout", {"all": True})).json["users"] == []


async def test_a_server_that_is_away_leaves_what_is_known(
    fake: FakeJellyfin, running: Daemon
) -> None:
    fake.add_user("alice", password=PASSWORD)
    await log_in(running.client, "alice")
    await fake.stop()
    answer = (await running.client.get(API)).json
    assert "cannot reach Jellyfin" in answer["problem"]
    assert [(one["user"], one["works"]) for one in answer["credentials"]] == [("alice", None)]
    assert (await running.client.post(f"{API}/login", {})).status == 502


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        ("login", {"password": "hush hush"}, 400, "user: is required with a password"),
        ("login", {"user": "a", "password": 12345}, 400, "password: must be a string"),
        ("login", {"user": "a", "password": ["hush"]}, 400, "password: must be a string"),
        ("login", {"user": "a", "password": "hush" * 300}, 400, "at most 1000 characters"),
        ("login", {"user": "", "password": "hush hush"}, 422, "user"),
        ("login", {"user": "a" * 201}, 422, "user"),
        ("login", {"user": 5}, 422, "user"),
        ("login", {"user": "a", "password": "hush hush"}, 502, "no user 'a' with this password"),
        ("logout", {}, 400, "name one, or all of them"),
        ("logout", {"user": "a", "all": True}, 400, "name one, or all of them"),
        ("logout", {"user": "a"}, 404, "'a' is not logged in"),
        ("logout", {"all": "yes"}, 422, "all"),
    ],
)
async def test_bad_requests_say_what_to_change_and_repeat_no_password(
    running: Daemon, path: str, body: object, status: int, detail: str
) -> None:
    answer = await running.client.post(f"{API}/{path}", body)
    assert answer.status == status
    assert detail in answer.detail
    assert "hush" not in answer.detail
    assert "12345" not in answer.detail


async def test_without_a_jellyfin_it_says_what_to_set(tmp_path: Path) -> None:
    async with daemon(tmp_path) as one:
        shown = (await one.client.get(API)).json
        assert (shown["url"], shown["credentials"]) == (None, [])
        for path in ("login", "logout"):
            answer = await one.client.post(f"{API}/{path}", {})
            assert answer.status == 400
            assert "HARMONIE_JELLYFIN_URL" in answer.detail


async def test_a_login_that_nobody_began_is_404(running: Daemon) -> None:
    assert (await running.client.get(f"{API}/login/nothing")).status == 404
