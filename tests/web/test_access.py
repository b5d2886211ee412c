"""What each endpoint asks for: signed addresses, keys in a query, sessions."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from harmonie_daemon.web.access import SIGNED, KeyInQuery
from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.endpoint import Endpoint
from harmonie_daemon.web.sessions import SESSION_COOKIE, Sessions
from tests.servers import Client, serving
from tests.web.two_families import (
    KEY,
    SECRET,
    Clock,
    FarDeps,
    broken_hook,
    make_things,
    two_families,
)

FILE = "/far/files/1"
HOOK = f"/far/hook?token={quote(KEY)}"


@dataclass(frozen=True)
class House:
    """Two families behind a key."""

    client: Client
    deps: FarDeps
    clock: Clock

    def signed(self, path: str = FILE, **query: str) -> str:
        return self.deps.signer.signed(path, query, for_s=60)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """With two files."""
    for name in ("1.wav", "1.mp3", "2.wav"):
        (tmp_path / name).write_text(name)
    clock = Clock()
    broken = Endpoint(
        "GET", "/far/broken", broken_hook, summary="Broken", access=KeyInQuery("token")
    )
    app, deps = two_families(tmp_path, AccessRules(KEY, ("127.0.0.1",)), broken, clock=clock)
    async with serving(app) as client:
        yield House(client, deps, clock)


async def test_a_signed_address_opens_without_the_key(house: House) -> None:
    address = house.signed(format="mp3")
    answer = await house.client.get(address)
    assert (answer.status, answer.text) == (200, "1.mp3")
    assert (await house.client.ask("HEAD", address)).status == 200
    elsewhere = {"Host": "player.example", "Sec-Fetch-Site": "cross-site"}
    assert (await house.client.get(address, headers=elsewhere)).status == 200


async def test_a_signed_address_opens_nothing_but_itself(house: House) -> None:
    address = house.signed(format="wav")
    query = address.partition("?")[2]
    signature = query.partition("signature=")[2]
    for changed in (
        f"/far/files/2?{query}",
        f"/far/files/%31?{query}",
        address.replace("format=wav", "format=mp3"),
        address.replace("format=wav&", ""),
        f"{address}&format=mp3",
        f"{address}&more=1",
        address.replace("expires=17", "expires=27"),
        address.replace(signature, "A" * len(signature)),
        address.replace(signature, ""),
        f"{FILE}?signature=x",
    ):
        answer = await house.client.get(changed)
        assert (answer.status, list(answer.json)) == (403, ["error"]), changed


@pytest.mark.parametrize("path", ["/far/report", "/far/page", "/shared/things", "/far/nothing"])
async def test_a_signed_address_is_worth_nothing_elsewhere(house: House, path: str) -> None:
    query = house.signed().partition("?")[2]
    assert (await house.client.get(f"{path}?{query}")).status == 401
    assert (await house.client.get(house.signed(path))).status == 401


async def test_a_signed_address_ends(house: House) -> None:
    address = house.signed()
    house.clock.now += 60
    assert (await house.client.get(address)).status == 200
    house.clock.now += 1
    answer = await house.client.get(address)
    assert (answer.status, "expired" in answer.json["error"]) == (403, True)


async def test_the_key_opens_what_could_be_signed(house: House) -> None:
    assert (await house.client.get(FILE)).status == 401
    assert (await house.client.get(FILE, headers={"X-API-Key": KEY})).status == 200


async def test_where_there_is_no_key_a_wrong_signature_is_wrong_all_the_same(
    tmp_path: Path,
) -> None:
    (tmp_path / "1.wav").write_text("one")
    app, deps = two_families(tmp_path, AccessRules(None, ("127.0.0.1",)))
    async with serving(app) as client:
        address = deps.signer.signed(FILE, {}, for_s=60)
        assert (await client.get(address)).status == 200
        assert (await client.get(address + "x")).status == 403


def test_only_what_is_fetched_can_be_signed() -> None:
    with pytest.raises(ValueError, match="GET"):
        Endpoint("POST", "/x", make_things, summary="x", access=SIGNED)


async def test_a_key_may_stand_in_the_query_where_that_is_said(house: House) -> None:
    client = house.client
    assert (await client.post(HOOK)).status == 200
    assert (await client.post("/far/hook", headers={"X-API-Key": KEY})).status == 200
    for wrong in (
        "/far/hook",
        "/far/hook?token=",
        "/far/hook?token=x",
        "/far/hook?token=%ED%A0%80",
    ):
        answer = await client.post(wrong)
        assert (answer.status, list(answer.json)) == (401, ["error"])
    elsewhere = HOOK.replace("/far/hook", "/far/report")
    assert (await client.get(elsewhere)).status == 401


async def test_a_key_in_the_query_reaches_no_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        failed = await house.client.get(HOOK.replace("/far/hook", "/far/broken"))
        await house.client.post(HOOK)
        await house.client.get(HOOK)
    assert failed.status == 500
    assert "the reason" in caplog.text
    assert KEY not in caplog.text
    assert quote(KEY) not in caplog.text


def cookie_of(sessions: Sessions, *, for_s: int = 60) -> str:
    """What a browser would send back."""
    cookie = sessions.new(for_s=for_s)
    assert (cookie.same_site, cookie.path, cookie.for_s) == ("Strict", "/", for_s)
    return f"{cookie.name}={cookie.value}"


async def test_a_session_opens_what_takes_one_and_nothing_else(house: House) -> None:
    headers = {"Cookie": cookie_of(house.deps.sessions)}
    assert (await house.client.get("/far/page", headers=headers)).status == 200
    assert (await house.client.get("/far/report", headers=headers)).status == 401
    assert (await house.client.get("/far/page")).status == 401
    assert (await house.client.get("/far/page", headers={"X-API-Key": KEY})).status == 200
    foreign = {**headers, "Sec-Fetch-Site": "cross-site"}
    assert (await house.client.get("/far/page", headers=foreign)).status == 401


async def test_a_session_ends_with_its_time_and_with_its_key(house: House) -> None:
    cookie = cookie_of(house.deps.sessions)
    other_key = cookie_of(Sessions(SECRET, "another", house.clock))
    forged = cookie.replace("=17", "=27")
    for wrong in (other_key, forged, f"{SESSION_COOKIE}=x", f"{SESSION_COOKIE}=1.2"):
        assert (await house.client.get("/far/page", headers={"Cookie": wrong})).status == 401
    house.clock.now += 61
    assert (await house.client.get("/far/page", headers={"Cookie": cookie})).status == 401


async def test_a_session_changes_things_only_with_its_token(house: House) -> None:
    sessions = house.deps.sessions
    first, second = cookie_of(sessions), cookie_of(sessions, for_s=90)
    token = sessions.token(first.partition("=")[2])
    good = {"Cookie": first, "X-CSRF-Token": token}
    assert (await house.client.post("/far/page", headers=good)).status == 200
    other_secret = Sessions(b"o" * 32, KEY, house.clock).token(first.partition("=")[2])
    for headers in (
        {"Cookie": first},
        {"Cookie": first, "X-CSRF-Token": ""},
        {"Cookie": first, "X-CSRF-Token": token[:-1]},
        {"Cookie": first, "X-CSRF-Token": other_secret},
        {"Cookie": second, "X-CSRF-Token": token},
        {"Cookie": first, "X-CSRF-Token": "\u00e9"},
    ):
        answer = await house.client.post("/far/page", headers=headers)
        assert (answer.status, "X-CSRF-Token" in answer.text) == (403, True), headers
    assert (await house.client.get("/far/page", headers={"Cookie": first})).status == 200
    assert (await house.client.post("/far/page", headers={"X-API-Key": KEY})).status == 200
    both = {"Cookie": first, "X-API-Key": "wrong"}
    assert (await house.client.post("/far/page", headers=both)).status == 401
    assert (await house.client.post("/far/page", headers={"X-CSRF-Token": token})).status == 401
    foreign = {**good, "Origin": "https://evil.example"}
    assert (await house.client.post("/far/page", headers=foreign)).status == 403
    house.clock.now += 61
    assert (await house.client.post("/far/page", headers=good)).status == 401
