"""The stand-in lets users in and out as awkwardly as the server it stands for."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.mediaservers.fake_jellyfin import FakeJellyfin

DEVICE = 'MediaBrowser Client="t", Device="My%20d%C3%A9vice", DeviceId="d1", Version="1"'


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def ask(
    http: aiohttp.ClientSession,
    fake: FakeJellyfin,
    method: str,
    path: str,
    body: object = None,
    **headers: str,
) -> tuple[int, object]:
    headers = headers or {"Authorization": DEVICE}
    async with http.request(method, fake.url + path, json=body, headers=headers) as answer:
        return answer.status, await answer.json() if answer.status == 200 else None


async def test_a_password_gives_a_token_of_this_device(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    alice = fake.add_user("alice", password="correct horse")
    name = {"Username": "ALICE", "Pw": "correct horse"}
    status, first = await ask(http, fake, "POST", "/Users/AuthenticateByName", name)
    assert status == 200
    assert isinstance(first, dict)
    assert (first["User"]["Id"], first["ServerId"]) == (alice.id, fake.state.server_id)
    _, second = await ask(http, fake, "POST", "/Users/AuthenticateByName", name)
    assert isinstance(second, dict)
    for token, expected in ((first["AccessToken"], 401), (second["AccessToken"], 200)):
        header = f'{DEVICE}, Token="{token}"'
        assert (await ask(http, fake, "GET", "/Users/Me", Authorization=header))[0] == expected
    header = f'{DEVICE}, Token="{second["AccessToken"]}"'
    assert (await ask(http, fake, "POST", "/Sessions/Logout", Authorization=header))[0] == 204
    assert (await ask(http, fake, "GET", "/Users/Me", Authorization=header))[0] == 401
    header = f'{DEVICE}, Token="{alice.token}"'
    assert (await ask(http, fake, "GET", "/Users/Me", Authorization=header))[0] == 200


async def test_who_is_not_let_in(fake: FakeJellyfin, http: aiohttp.ClientSession) -> None:
    alice = fake.add_user("alice", password="correct horse")
    path, right = "/Users/AuthenticateByName", {"Username": "alice", "Pw": "correct horse"}
    for body in (right | {"Pw": "wrong"}, {"Username": "alice"}, right | {"Username": "bob"}):
        assert (await ask(http, fake, "POST", path, body))[0] == 401
    nameless = 'MediaBrowser Client="t"'
    assert (await ask(http, fake, "POST", path, right, Authorization=nameless))[0] == 400
    alice.is_disabled = True
    assert (await ask(http, fake, "POST", path, right))[0] == 403
    header = f'{DEVICE}, Token="{alice.token}"'
    assert (await ask(http, fake, "GET", "/Users/Me", Authorization=header))[0] == 401


async def test_a_code_is_redeemed_once_it_was_typed_in_until_it_expires(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    bob = fake.add_user("bob")
    assert await ask(http, fake, "GET", "/QuickConnect/Enabled") == (200, True)
    _, begun = await ask(http, fake, "POST", "/QuickConnect/Initiate")
    assert isinstance(begun, dict)
    assert (begun["Authenticated"], begun["DeviceName"]) == (False, "My dévice")
    path = f"/QuickConnect/Connect?secret={begun['Secret']}"
    secret = {"Secret": begun["Secret"]}
    assert (await ask(http, fake, "POST", "/Users/AuthenticateWithQuickConnect", secret))[0] == 404
    fake.desk.type_in(begun["Code"], bob)
    _, now = await ask(http, fake, "GET", path)
    assert isinstance(now, dict)
    assert now["Authenticated"]
    answers = [
        await ask(http, fake, "POST", "/Users/AuthenticateWithQuickConnect", secret)
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    fake.desk.expire()
    assert (await ask(http, fake, "GET", path))[0] == 404
    assert (await ask(http, fake, "POST", "/Users/AuthenticateWithQuickConnect", secret))[0] == 404


async def test_quick_connect_can_be_switched_off(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    fake.desk.is_enabled = False
    assert await ask(http, fake, "GET", "/QuickConnect/Enabled") == (200, False)
    assert (await ask(http, fake, "POST", "/QuickConnect/Initiate"))[0] == 401


async def test_a_starting_server_lets_nobody_in(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    fake.faults.starting = True
    for method, path in (("GET", "/QuickConnect/Enabled"), ("POST", "/Users/AuthenticateByName")):
        body = {"Username": "a", "Pw": "b"} if method == "POST" else None
        async with http.request(method, fake.url + path, json=body) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "30")


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"X-Emby-Token": "TOKEN"}, ""),
        ({"X-MediaBrowser-Token": "TOKEN"}, ""),
        ({"X-Emby-Authorization": 'MediaBrowser Token="TOKEN"'}, ""),
        ({"Authorization": 'Emby Token="TOKEN"'}, ""),
        ({"X": "y"}, "?api_key=TOKEN"),
    ],
)
async def test_older_forms_look_like_a_revoked_key_at_12_unless_switched_on(
    fake: FakeJellyfin, http: aiohttp.ClientSession, headers: dict[str, str], query: str
) -> None:
    sent = {name: value.replace("TOKEN", fake.api_key) for name, value in headers.items()}
    path = f"/Users{query.replace('TOKEN', fake.api_key)}"
    is_newest = fake.state.release >= (12, 0)
    assert (await ask(http, fake, "GET", path, **sent))[0] == (401 if is_newest else 200)
    fake.state.allows_older_headers = not fake.state.allows_older_headers
    assert (await ask(http, fake, "GET", path, **sent))[0] == (200 if is_newest else 401)
    fake.violations.clear()  # api_key is in no document


async def test_of_two_headers_10_10_reads_the_older_one_first(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    both = {
        "Authorization": f'MediaBrowser Token="{fake.api_key}"',
        "X-Emby-Authorization": 'MediaBrowser Token="wrong"',
    }
    is_oldest = fake.state.release < (10, 11)
    assert (await ask(http, fake, "GET", "/Users", **both))[0] == (401 if is_oldest else 200)
    fake.violations.clear()  # the older header is in no document


async def test_the_key_of_today_is_taken_in_the_query_too(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    assert (await ask(http, fake, "GET", f"/Users?ApiKey={fake.api_key}", X="y"))[0] == 200
    unquoted = f"MediaBrowser Token={fake.api_key}"
    assert (await ask(http, fake, "GET", "/Users", Authorization=unquoted))[0] == 200
    fake.violations.clear()  # ApiKey is in no document
