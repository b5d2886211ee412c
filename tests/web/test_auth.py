"""Who is let in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from yarl import URL

from harmonie_daemon.web.auth import AccessRules
from tests.servers import Client, serving
from tests.web.toy import toy_application

KEY = "gehéim ☃"


@pytest.fixture
async def locked() -> AsyncIterator[Client]:
    """With a key."""
    async with serving(toy_application(AccessRules(KEY, ("127.0.0.1",)))) as client:
        yield client


@pytest.fixture
async def shared() -> AsyncIterator[Client]:
    """With a key, and one foreign page that may use it."""
    rules = AccessRules(KEY, ("127.0.0.1",), cors_origins=("https://music.example",))
    async with serving(toy_application(rules)) as client:
        yield client


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": KEY},
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"bearer  {KEY}"},
        {"Authorization": f"api_key {KEY}"},
    ],
)
async def test_the_key_is_taken_from_either_header(locked: Client, headers: dict[str, str]) -> None:
    assert (await locked.post("/toy/add", {"count": 1}, headers=headers)).status == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": KEY + "x"},
        {"X-API-Key": "Gehéim ☃"},
        {"Authorization": KEY},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer"},
    ],
)
async def test_a_missing_or_wrong_key_is_401(locked: Client, headers: dict[str, str]) -> None:
    answer = await locked.get("/toy/shout/1?word=x", headers=headers)
    assert (answer.status, answer.json["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_key_that_is_no_text_is_wrong(locked: Client) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(locked.base).port)
    writer.write(b"GET /toy/count HTTP/1.0\r\nHost: localhost\r\nX-API-Key: \xff\xfe\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"401"
    writer.close()


@pytest.mark.parametrize("path", ["/toy/nothing", "/elsewhere", "/toy/shout/x", "/toy//hello"])
async def test_the_key_is_asked_for_before_anything_is_said_of_the_path(
    locked: Client, path: str
) -> None:
    assert (await locked.get(path)).status == 401
    assert (await locked.ask("DELETE", path)).status == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/toy/hello", 200),
        ("/docs", 200),
        ("/openapi.json", 200),
        ("/docs/assets/docs.js", 200),
        ("/apidocs/", 301),
        ("/", 302),
    ],
)
async def test_some_paths_are_open(locked: Client, path: str, status: int) -> None:
    assert (await locked.get(path)).status == status


async def test_without_a_key_configured_none_is_asked_for(toy: Client) -> None:
    assert (await toy.get("/toy/shout/1?word=x", headers={"X-API-Key": "any"})).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_foreign_page_changes_nothing(toy: Client, origin: str) -> None:
    answer = await toy.post("/toy/add", {"count": 1}, headers={"Origin": origin})
    assert (answer.status, answer.json["code"]) == (403, "forbidden")
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_our_own_page_may_change_things(toy: Client) -> None:
    answer = await toy.post("/toy/add", {"count": 1}, headers={"Origin": toy.base})
    assert answer.status == 201


async def test_our_own_page_behind_a_proxy_with_tls_may_too(locked: Client) -> None:
    headers = {"Origin": "https://nas.example", "Host": "nas.example", "X-API-Key": KEY}
    assert (await locked.post("/toy/add", {"count": 1}, headers=headers)).status == 201


async def test_a_configured_origin_may_read_and_change(shared: Client) -> None:
    headers = {"Origin": "https://music.example", "X-API-Key": KEY}
    answer = await shared.post("/toy/add", {"count": 1}, headers=headers)
    assert answer.status == 201
    assert answer.headers["Access-Control-Allow-Origin"] == "https://music.example"
    assert answer.headers["Vary"] == "Origin"


async def test_a_configured_origin_may_read_what_is_said_in_headers(shared: Client) -> None:
    answer = await shared.get("/toy/hello", headers={"Origin": "https://music.example"})
    exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    assert exposed == {
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
        "Retry-After", "Content-Disposition",
    }  # fmt: skip
    foreign = await shared.get("/toy/hello", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Expose-Headers" not in foreign.headers


async def test_a_configured_origin_can_read_why_it_was_refused(shared: Client) -> None:
    answer = await shared.get("/toy/shout/1", headers={"Origin": "https://music.example"})
    assert answer.status == 401
    assert answer.headers["Access-Control-Allow-Origin"] == "https://music.example"


async def test_other_origins_are_told_nothing(shared: Client) -> None:
    headers = {"Origin": "https://evil.example", "X-API-Key": KEY}
    answer = await shared.get("/toy/shout/1?word=x", headers=headers)
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_preflight_is_answered_without_the_key(shared: Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Origin": "https://music.example"}
    answer = await shared.ask("OPTIONS", "/toy/add", headers=asked)
    assert (answer.status, answer.text) == (204, "")
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    for name in ("X-API-Key", "Authorization", "Content-Type", "X-CSRF-Token"):
        assert name in answer.headers["Access-Control-Allow-Headers"].split(", ")
    asked["Origin"] = "https://evil.example"
    assert (await shared.ask("OPTIONS", "/toy/add", headers=asked)).status == 403


async def test_without_a_key_a_rebound_name_is_refused(toy: Client) -> None:
    answer = await toy.get("/toy/shout/1?word=x", headers={"Host": "evil.example"})
    assert (answer.status, answer.json["code"]) == (403, "forbidden")
    for host in ("localhost:8842", "127.0.0.1", "[::1]:8842", "192.168.1.7:8842"):
        answer = await toy.get("/toy/shout/1?word=x", headers={"Host": host})
        assert answer.status == 200


async def test_without_a_key_other_sites_cannot_even_ask(toy: Client, locked: Client) -> None:
    """An image of a foreign page carries no Origin header."""
    asked = "/toy/shout/1?word=x"
    answer = await toy.get(asked, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status, answer.json["code"]) == (403, "forbidden")
    for site in ("same-origin", "same-site", "none"):
        assert (await toy.get(asked, headers={"Sec-Fetch-Site": site})).status == 200
    foreign = {"Sec-Fetch-Site": "cross-site", "X-API-Key": KEY}
    assert (await locked.get(asked, headers=foreign)).status == 200
    rules = AccessRules(None, ("127.0.0.1",), cors_origins=("https://music.example",))
    async with serving(toy_application(rules)) as shared:
        page = {"Sec-Fetch-Site": "cross-site", "Origin": "https://music.example"}
        assert (await shared.get(asked, headers=page)).status == 200
        page["Origin"] = "https://evil.example"
        assert (await shared.get(asked, headers=page)).status == 403


async def test_open_paths_may_be_linked_to(toy: Client) -> None:
    for path in ("/docs", "/toy/hello"):
        assert (await toy.get(path, headers={"Sec-Fetch-Site": "cross-site"})).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://music.example"},
        {"Access-Control-Request-Method": "POST"},
    ],
)
async def test_options_needs_the_key_unless_it_is_a_preflight(
    shared: Client, headers: dict[str, str]
) -> None:
    assert (await shared.ask("OPTIONS", "/toy/add", headers=headers)).status == 401
    headers = {**headers, "X-API-Key": KEY}
    assert (await shared.ask("OPTIONS", "/toy/add", headers=headers)).status == 405


async def test_with_a_key_any_name_will_do(locked: Client) -> None:
    headers = {"Host": "music.example", "X-API-Key": KEY}
    assert (await locked.get("/toy/shout/1?word=x", headers=headers)).status == 200


@pytest.mark.parametrize("name", ["nas", "nas.local", "nas.lan", "harmonie", "nas.home.arpa"])
def test_names_of_the_house_are_trusted_only_where_the_house_is_served(name: str) -> None:
    assert AccessRules(None, ("0.0.0.0",)).trusts_host(name)
    assert not AccessRules(None, ("127.0.0.1",)).trusts_host(name)
    assert not AccessRules(None, ("0.0.0.0",)).trusts_host("nas.example")
    assert AccessRules(None, ("127.0.0.1", "0.0.0.0")).trusts_host(name)


def test_the_bound_name_and_configured_origins_are_trusted() -> None:
    rules = AccessRules(None, ("music.example",), cors_origins=("https://other.example:444",))
    assert rules.trusts_host("music.example")
    assert rules.trusts_host("other.example")
