"""How often one client may ask."""

from __future__ import annotations

import random
from sys import getsizeof

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItemPerHour
from limits.strategies import MovingWindowRateLimiter

from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.openapi import document
from harmonie_daemon.web.windows import Windows
from tests.web.limited import families, limited_server
from tests.web.two_families import Clock


async def test_the_headers_describe_the_tighter_window_and_then_it_is_429() -> None:
    async with limited_server(per_hour=5, per_minute=3) as one:
        assert await one.standings(4) == ["200 3 2 60", "200 3 1 60", "200 3 0 60", "429 3 0 60"]
        one.clock.now += 60
        assert await one.standings(3) == ["200 5 1 3540", "200 5 0 3540", "429 5 0 3540"]
        one.clock.now += 3540
        assert await one.standings(1) == ["200 3 2 60"]
        assert (one.limiter.granted, one.limiter.refused) == (6, 2)


async def test_who_is_refused_is_told_when_to_come_back_in_the_familys_words() -> None:
    async with limited_server(per_minute=1) as one:
        await one.client.get("/limited/hello")
        one.clock.now += 12.5
        answer = await one.client.get("/limited/hello")
        assert (answer.status, answer.json["code"]) == (429, "too_many_requests")
        assert answer.headers["Retry-After"] == "48"
        assert "48 s" in answer.json["no"]


async def test_the_window_moves_and_does_not_jump() -> None:
    async with limited_server(per_minute=2) as one:
        await one.standings(1)
        one.clock.now += 40
        assert await one.standings(2) == ["200 2 0 20", "429 2 0 20"]
        one.clock.now += 20
        assert await one.standings(2) == ["200 2 0 40", "429 2 0 40"]


async def test_what_is_refused_does_not_count() -> None:
    async with limited_server(per_minute=1) as one:
        for _ in range(5):
            await one.standings(1)
            one.clock.now += 15
        assert await one.standings(1) == ["429 1 0 45"]
        assert one.limiter.windows.hits == 3


async def test_errors_count_as_well() -> None:
    async with limited_server(per_minute=2) as one:
        assert await one.standings(1, "/limited/fail/unforeseen") == ["500 2 1 60"]
        assert await one.standings(1, "/limited/fail/not_found") == ["404 2 0 60"]
        assert await one.standings(1, "/limited/hello") == ["429 2 0 60"]


async def test_what_no_route_has_uses_up_nothing_and_is_never_429() -> None:
    async with limited_server(per_minute=1) as one:
        assert await one.standings(2, "/limited/nothing") == ["404 1 1 60"] * 2
        assert (await one.client.post("/limited/hello")).status == 405
        await one.standings(1)
        assert await one.standings(1, "/limited/nothing") == ["404 1 0 60"]


async def test_keys_cannot_be_tried_out_faster_than_that() -> None:
    async with limited_server(per_minute=2, rules=AccessRules("the key", ("127.0.0.1",))) as one:
        wrong = {"X-API-Key": "a guess"}
        found = await one.standings(3, "/limited/closed", headers=wrong)
        assert [line.split()[0] for line in found] == ["401", "401", "429"]


async def test_what_is_exempt_is_answered_and_says_where_the_client_stands() -> None:
    async with limited_server(per_minute=1) as one:
        assert await one.standings(2, "/limited/health") == ["200 1 1 60"] * 2
        await one.client.get("/limited/hello")
        assert await one.standings(2, "/limited/health") == ["200 1 0 60"] * 2


async def test_other_families_have_no_limit() -> None:
    async with limited_server(per_minute=1) as one:
        for _ in range(3):
            answer = await one.client.get("/free/hello")
            assert (answer.status, "X-RateLimit-Limit" in answer.headers) == (200, False)
        assert one.limiter.granted == 0


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"per_minute": 0, "per_hour": 2}, ["200 2 1 3600", "200 2 0 3600", "429 2 0 3600"]),
        ({"per_minute": 2, "per_hour": 0}, ["200 2 1 60", "200 2 0 60", "429 2 0 60"]),
    ],
)
async def test_a_window_of_0_is_none(limits: dict[str, int], expected: list[str]) -> None:
    async with limited_server(**limits) as one:
        assert await one.standings(3) == expected


async def test_without_windows_there_are_no_headers() -> None:
    async with limited_server(per_minute=0, per_hour=0) as one:
        for _ in range(3):
            answer = await one.client.get("/limited/hello")
            assert (answer.status, "X-RateLimit-Limit" in answer.headers) == (200, False)


async def test_what_a_client_says_of_itself_counts_only_behind_a_trusted_proxy() -> None:
    async with limited_server(per_minute=1) as one:
        for forged in ("203.0.113.1", "203.0.113.2"):
            found = await one.standings(1, headers={"X-Forwarded-For": forged})
        assert found == ["429 1 0 60"]
    async with limited_server(per_minute=1, proxies=("127.0.0.0/8",)) as one:
        for client in ("203.0.113.1", "203.0.113.2"):
            found = await one.standings(1, headers={"X-Forwarded-For": f"9.9.9.9, {client}"})
            assert found == ["200 1 0 60"]
        assert (await one.standings(1, headers={"X-Forwarded-For": "203.0.113.2"}))[0][:3] == "429"


def size_bytes(windows: Windows) -> int:
    inner = windows._windows
    return getsizeof(inner) + sum(getsizeof(key) + getsizeof(one) for key, one in inner.items())


def test_a_million_addresses_take_no_more_memory_than_twenty_thousand() -> None:
    """And whoever asks all the time stays known, however many come and go."""
    windows = Windows(Clock())
    for _ in range(10):
        assert windows.acquire_entry("busy", 10, 60)
    for number in range(1_000_000):
        windows.acquire_entry(f"LIMITER/198.51.{number:x}/10/1/minute", 10, 60)
        if number % 10_000 == 0:
            assert not windows.acquire_entry("busy", 10, 60)
    assert len(windows) == 20_000
    assert windows.hits == 20_009
    assert size_bytes(windows) < 8_000_000


def test_windows_that_are_full_share_one_bound() -> None:
    windows = Windows(Clock(), most_hits=1000)
    hour = RateLimitItemPerHour(300)
    strategy = MovingWindowRateLimiter(windows)
    for client in "abcdefgh":
        assert all(strategy.hit(hour, client) for _ in range(300))
        assert not strategy.hit(hour, client)
    assert windows.hits <= 1000
    assert strategy.hit(hour, "a")
    assert not strategy.hit(hour, "h")


def test_a_window_can_be_forgotten_and_a_clock_set_back() -> None:
    clock = Clock()
    windows = Windows(clock)
    assert windows.acquire_entry("a", 2, 60)
    clock.now -= 1000
    assert windows.acquire_entry("a", 2, 60)
    assert not windows.acquire_entry("a", 2, 60)
    assert windows.get_moving_window("a", 2, 60) == (clock.now, 2)
    clock.now += 60
    assert windows.acquire_entry("a", 2, 60)
    windows.clear("a")
    assert windows.acquire_entry("a", 2, 60)
    assert windows.reset() == 1
    assert (len(windows), windows.hits, windows.check()) == (0, 0, True)


@given(st.lists(st.floats(0, 40), max_size=60), st.integers(1, 6))
def test_no_minute_has_more_than_the_limit_and_none_is_refused_without_need(
    pauses: list[float], limit: int
) -> None:
    clock = Clock()
    windows, granted = Windows(clock), list[float]()
    for pause in pauses:
        clock.now += pause
        recent = [at for at in granted if at > clock.now - 60]
        assert windows.acquire_entry("a", limit, 60) == (len(recent) < limit)
        if len(recent) < limit:
            granted.append(clock.now)


def test_a_family_with_a_limit_documents_429_where_it_counts() -> None:
    paths = document(families(), title="", version="1", description="")["paths"]
    told = {path: "429" in paths[path]["get"]["responses"] for path in paths}
    assert told == {
        "/free/hello": False,
        "/limited/hello": True,
        "/limited/closed": True,
        "/limited/fail/{name}": True,
        "/limited/health": False,
    }


def test_random_traffic_keeps_the_count_of_hits_right() -> None:
    clock, draw = Clock(), random.Random(7)
    windows = Windows(clock, most_windows=20, most_hits=60)
    for _ in range(3000):
        clock.now += draw.expovariate(0.5)
        windows.acquire_entry(str(draw.randrange(40)), 5, 60)
        assert windows.hits == sum(len(one) for one in windows._windows.values())
        assert len(windows) <= 20
        assert windows.hits <= 60
