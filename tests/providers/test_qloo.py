"""The client of Qloo against a service of ours that speaks its wire format."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.caching.cache import AnswerCache
from harmonie_daemon.caching.memory import Memory
from harmonie_daemon.config import Settings
from harmonie_daemon.providers.opening import open_qloo
from harmonie_daemon.providers.qloo import MOST_WAITING, Qloo, QlooAccess
from harmonie_daemon.providers.qloo_errors import QlooError, QlooFault
from harmonie_daemon.providers.qloo_wire import TasteKind
from harmonie_daemon.providers.standing import Standing
from tests.standins.qloo import (
    KEY,
    FakeQloo,
    breaks_off,
    drips,
    echoes_the_key,
    entity,
    entity_id,
    fake_qloo,
    is_huge,
    says,
)
from tests.standins.service import Reply, gives, is_silent


@dataclass
class Seconds:
    """A clock that stands still."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """Both ends."""

    qloo: Qloo
    fake: FakeQloo
    clock: Seconds

    async def error(self, name: str = "Pink Floyd") -> QlooError:
        with pytest.raises(QlooError) as caught:
            await self.qloo.find(name)
        return caught.value


@asynccontextmanager
async def asking(
    *faults: Reply, keep_s: float = 0.0, spacing_s: float = 0.0, **access: Any
) -> AsyncIterator[World]:
    clock = Seconds()
    async with fake_qloo(*faults) as fake:
        given = {"base_url": fake.url, "timeout_s": 20.0, **access}
        cache = AnswerCache("qloo", keep_s, Memory(100_000, clock))
        qloo = Qloo(QlooAccess(KEY, **given), cache, clock=clock, spacing_s=spacing_s)
        try:
            yield World(qloo, fake, clock)
        finally:
            await cache.close()
            await qloo.close()


async def test_a_name_becomes_an_id_and_that_becomes_what_goes_with_it() -> None:
    async with asking() as world:
        movies = await world.qloo.related("pink floyd", TasteKind.MOVIE, 2)
        assert [(one.name, one.affinity, one.popularity) for one in movies] == [
            ("The Wall", 0.95, 0.99),
            ("Koyaanisqatsi", 0.85, 0.98),
        ]
        assert world.fake.asked == [
            (
                "/search",
                {"query": "pink floyd", "types": "urn:entity:artist", "page": "1", "take": "5"},
            ),
            (
                "/v2/insights",
                {
                    "filter.type": "urn:entity:movie",
                    "signal.interests.entities": entity_id("Pink Floyd"),
                    "take": "2",
                },
            ),
        ]
        assert {headers["X-Api-Key"] for headers in world.fake.headers} == {KEY}
        assert (world.qloo.standing, world.qloo.calls) == (Standing.CONNECTED, 2)


@pytest.mark.parametrize("kind", TasteKind)
async def test_each_kind_of_thing_is_asked_for_by_its_own_name(kind: TasteKind) -> None:
    async with asking() as world:
        assert await world.qloo.related("Pink Floyd", kind, 50)
        assert world.fake.asked[1][1]["filter.type"] == f"urn:entity:{kind.value}"


async def test_what_qloo_does_not_know_is_nothing_and_no_error() -> None:
    async with asking() as world:
        assert await world.qloo.find("Nobody At All") is None
        assert await world.qloo.related("Nobody At All", TasteKind.BOOK, 5) == ()
        assert await world.qloo.related("Björk", TasteKind.BOOK, 5) == ()


async def test_the_same_name_goes_before_a_better_known_one() -> None:
    both = {"results": [entity("Yes Please", "artist"), entity("yes", "artist", rank=9)]}
    async with asking(gives(both)) as world:
        found = await world.qloo.find(" Yes ")
        assert found is not None
        assert found.name == "yes"


async def test_the_address_is_a_setting_and_may_have_a_prefix(tmp_path: Path) -> None:
    async with asking() as world:
        settings = Settings(
            data_dir=tmp_path, qloo={"api_key": KEY, "base_url": world.fake.url + "/staging/"}
        )
        cache = AnswerCache("qloo", 0, Memory(1, world.clock))
        async with open_qloo(settings, cache) as qloo:
            assert qloo is not None
            await qloo.find("Björk")
        assert world.fake.asked[0][0] == "/staging/search"
        async with open_qloo(Settings(data_dir=tmp_path), cache) as qloo:
            assert qloo is None


GARBAGE = [
    b"", b"<html>hello</html>", b"\xff\xfe", b"null", b"[]", b"7", b'{"results": 3}',
    b'{"results": {}}', b"{}", b'{"results": [', b"[" * 100_000, b'{"a":' * 100_000,
]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "expected", "words", "standing"),
    [
        (says(401, b"{}"), "unauthorized", "HARMONIE_QLOO_API_KEY", "unauthorized"),
        (says(403, b"no"), "unauthorized", "HARMONIE_QLOO_BASE_URL", "unauthorized"),
        (echoes_the_key(403), "unauthorized", "does not accept the key (403)", "unauthorized"),
        (says(404, b"nothing"), "wrong_address", "HARMONIE_QLOO_BASE_URL", "unreachable"),
        (says(302, b"", Location="/"), "wrong_address", "redirects", "unreachable"),
        (says(429, b"slow down"), "quota", "quota", "connected"),
        (says(429, b"slow down", Retry_After="7"), "quota", "quota", "connected"),
        (says(400, b"no such filter"), "refused", "(400): no such filter", "connected"),
        (echoes_the_key(400), "refused", "the key ******** is bad", "connected"),
        (says(500, b"oops\nagain"), "failed", "(500): oops again", "unreachable"),
        (echoes_the_key(502), "failed", "502", "unreachable"),
        (says(503, b"x" * 100_000), "failed", "503", "unreachable"),
        (breaks_off(), "failed", "middle", "unreachable"),
        (is_silent(), "timeout", "in time", "unreachable"),
        (drips(), "timeout", "in time", "unreachable"),
        (is_huge(), "garbled", "without an end", "unreachable"),
        *((says(200, body), "garbled", "nobody can read", "unreachable") for body in GARBAGE),
    ],
)
async def test_whatever_goes_wrong_is_one_error_that_says_what_to_change(
    fault: Reply, expected: str, words: str, standing: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    timeout_s = 0.3 if expected == "timeout" else 20.0
    async with asking(fault, timeout_s=timeout_s) as world:
        error = await world.error()
        assert (error.fault.value, world.qloo.standing.value) == (expected, standing)
        assert words in str(error)
        assert len(str(error)) < 300
        assert "\n" not in str(error)
        assert KEY not in str(error) + repr(world.qloo._access) + caplog.text
        assert world.qloo.failures == {expected: 1}


async def test_nobody_listens() -> None:
    async with asking(base_url="http://127.0.0.1:1") as world:
        assert (await world.error()).fault is QlooFault.UNREACHABLE
    async with asking(base_url="http://[") as world:
        assert (await world.error()).fault is QlooFault.WRONG_ADDRESS


@pytest.mark.parametrize(
    "odd",
    [
        7, None, [], {}, {"name": "x"}, {"entity_id": "x"}, {"name": 3, "entity_id": "x"},
        {"name": " ", "entity_id": "x"}, {"name": "x", "entity_id": "a,b"},
        {"name": "x", "entity_id": "x" * 65}, {"name": "x", "entity_id": ""},
    ],
)  # fmt: skip
async def test_entries_that_are_none_are_left_out(odd: object) -> None:
    async with asking(gives({"results": [odd, entity("Good", "artist")]})) as world:
        found = await world.qloo.find("x")
        assert found is not None
        assert found.name == "Good"


async def test_numbers_and_names_are_within_their_bounds() -> None:
    entities = [
        {**entity("a", "movie"), "popularity": 7, "query": {"affinity": -1}},
        {**entity("b", "movie"), "popularity": "high", "query": 3},
        {**entity("c", "movie"), "popularity": True, "query": {"affinity": None}},
        entity("d\n" + "x" * 5000, "movie"),
        *(entity(str(number), "movie") for number in range(100)),
    ]
    async with asking(gives({"results": {"entities": entities}})) as world:
        found = await world.qloo.insights("ID", TasteKind.MOVIE, 1000)
        assert world.fake.asked[0][1]["take"] == "50"
    assert len(found) == 50
    shares = [(one.popularity, one.affinity) for one in found[:3]]
    assert shares == [(1, 0), (None, None), (None, None)]
    assert len(found[3].name) == 200
    assert "\n" not in found[3].name


async def test_three_failures_in_a_row_and_it_is_left_alone_then_one_tries() -> None:
    async with asking(says(500, b"")) as world:
        for _ in range(3):
            assert (await world.error()).fault is QlooFault.FAILED
        resting = await world.error()
        assert (resting.fault, len(world.fake.asked)) == (QlooFault.RESTING, 3)
        assert "30 s" in str(resting)
        world.clock.now += 30
        errors = await asyncio.gather(*(world.error() for _ in range(5)))
        assert sorted(error.fault.value for error in errors) == ["failed"] + ["resting"] * 4
        assert len(world.fake.asked) == 4
        world.clock.now += 30
        world.fake.faults.clear()
        assert await world.qloo.find("Björk")
        assert await world.qloo.find("Pink Floyd")
        assert not world.qloo.breaker.is_open


@pytest.mark.parametrize(
    ("fault", "rest_s"),
    [
        (says(401, b""), 60),
        (says(429, b""), 30),
        (says(429, b"", Retry_After="7"), 7),
        (says(429, b"", Retry_After="999999"), 3600),
        (says(429, b"", Retry_After="soon"), 30),
    ],
)
async def test_a_refused_key_and_a_used_up_quota_are_not_tried_again_at_once(
    fault: Reply, rest_s: float
) -> None:
    async with asking(fault) as world:
        why = str(await world.error())
        world.clock.now += rest_s - 0.1
        resting = await world.error()
        assert resting.fault is QlooFault.RESTING
        assert str(resting).startswith(why)
        assert len(world.fake.asked) == 1
        world.clock.now += 0.1
        assert (await world.error()).fault is not QlooFault.RESTING
        assert len(world.fake.asked) == 2


async def test_a_request_that_is_refused_does_not_speak_against_the_service() -> None:
    async with asking(says(400, b"no")) as world:
        for _ in range(10):
            assert (await world.error()).fault is QlooFault.REFUSED


async def test_requests_begin_one_after_another() -> None:
    async with asking() as world:
        real = asyncio.get_running_loop().time
        cache = AnswerCache("qloo", 0, Memory(1, real))
        access = QlooAccess(KEY, world.fake.url)
        qloo = Qloo(access, cache, clock=real, spacing_s=0.05)
        await asyncio.gather(*(qloo.find(str(number)) for number in range(5)))
        await qloo.close()
        begun = sorted(world.fake.at)
        assert begun[-1] - begun[0] >= 4 * 0.05 * 0.8


async def test_no_more_wait_for_their_turn_than_make_sense() -> None:
    async with asking(is_silent(), spacing_s=1000.0, timeout_s=0.5) as world:
        errors = await asyncio.gather(*(world.error(str(n)) for n in range(MOST_WAITING + 5)))
        faults = [error.fault for error in errors]
        assert faults.count(QlooFault.BUSY) == 5
        assert len(world.fake.asked) == 1


async def test_an_answer_is_kept_and_a_failure_is_not() -> None:
    async with asking(says(500, b""), keep_s=300.0) as world:
        await world.error()
        world.fake.faults.clear()
        first = await world.qloo.related("Pink Floyd", TasteKind.BOOK, 5)
        assert await world.qloo.related("Pink Floyd", TasteKind.BOOK, 5) == first
        assert len(world.fake.asked) == 3
        world.clock.now += 300
        assert await world.qloo.related("Pink Floyd", TasteKind.BOOK, 5) == first
        assert len(world.fake.asked) == 5


async def test_who_waits_when_the_daemon_stops_is_told() -> None:
    async with asking(is_silent()) as world:
        waiting = asyncio.create_task(world.error())
        while not world.fake.asked:
            await asyncio.sleep(0.01)
        await world.qloo.close()
        assert (await waiting).fault is QlooFault.UNREACHABLE
        assert "stopping" in str(await world.error())


async def test_how_it_stands_is_found_out_once_and_said(caplog: pytest.LogCaptureFixture) -> None:
    async with asking() as world:
        assert world.qloo.standing is Standing.UNREACHABLE
        await world.qloo.look()
        assert (world.qloo.standing, caplog.text) == (Standing.CONNECTED, "")
    async with asking(says(500, b""), keep_s=300.0) as world:
        world.fake.faults.insert(0, gives({"results": []}))
        assert [await world.qloo.look() for _ in range(2)] == [
            Standing.CONNECTED,
            Standing.UNREACHABLE,
        ]
    async with asking(says(401, b"")) as world:
        await world.qloo.look()
        assert world.qloo.standing is Standing.UNAUTHORIZED
        assert "HARMONIE_QLOO_API_KEY" in caplog.text
