"""Answers kept in a Redis: a real one that comes and goes, and things that only look like one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import redis.asyncio
from pydantic import SecretStr

from harmonie_daemon.caching.cache import AnswerCache
from harmonie_daemon.caching.memory import LARGEST_VALUE_BYTES, Memory
from harmonie_daemon.caching.opening import open_caches
from harmonie_daemon.caching.redis_shelf import AWAY_S, RedisShelf
from harmonie_daemon.config import Settings
from tests.caching.redis_server import PASSWORD, RealRedis, Serve, odd_redis, real_redis
from tests.caching.test_cache import Seconds, Tale, Teller

NAME = "harmonie:test:tales:1"


@asynccontextmanager
async def shelf_at(url: str, clock: Seconds | None = None) -> AsyncIterator[RedisShelf]:
    shelf = RedisShelf(SecretStr(url), clock or Seconds(), timeout_s=0.3)
    try:
        yield shelf
    finally:
        await shelf.close()


def cache_on(shelf: RedisShelf, clock: Seconds, for_s: float = 60.0) -> AnswerCache:
    return AnswerCache("harmonie:test:tales", for_s, Memory(100_000, clock), redis=shelf)


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(1000):
        pass


async def hangs_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(10)


async def chatters(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(1000):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>\xff\xfe\r\n")


async def promises_much(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(1000):
        writer.write(b"+OK\r\n+OK\r\n$99999999999\r\nabc")


async def repeats_the_password(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As a server does that knows no AUTH."""
    while await reader.read(1000):
        said = f"-ERR unknown command 'AUTH', with args beginning with: '{PASSWORD}'\r\n"
        writer.write(said.encode())


async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(1000):
        writer.write(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")


@pytest.mark.parametrize(
    "serve", [silent, hangs_up, chatters, promises_much, repeats_the_password, refuses]
)
async def test_what_is_no_redis_is_left_alone_with_one_line_in_the_log(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    clock = Seconds()
    async with odd_redis(serve) as url, shelf_at(url, clock) as shelf:
        cache, teller = cache_on(shelf, clock), Teller()
        for number in range(5):
            assert (await cache.answer(number, teller.tell, Tale)).words == [
                "once",
                str(number + 1),
            ]
        assert (await cache.answer(0, teller.tell, Tale)).words == ["once", "1"]
        assert (shelf.is_there, shelf.failures) == (False, 1)
        for _ in range(3):
            clock.now += AWAY_S
            await shelf.get(NAME)
        assert shelf.failures == 4
    warnings = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(warnings) == 1, caplog.text
    assert "HARMONIE_CACHE_REDIS_URL" in caplog.text
    assert PASSWORD not in caplog.text


async def test_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    async with shelf_at("redis://127.0.0.1:1/0") as shelf:
        assert await shelf.get(NAME) is None
        await shelf.put(NAME, b"1", 60)
        assert "cannot be reached" in caplog.text


async def test_an_address_with_a_wrong_option_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    clock = Seconds()
    async with shelf_at(f"redis://:{PASSWORD}@127.0.0.1:1/0?socket_timeout=x", clock) as shelf:
        for _ in range(3):
            assert await shelf.get(NAME) is None
            clock.now += AWAY_S
    assert len(caplog.records) == 1
    assert "HARMONIE_CACHE_REDIS_URL" in caplog.text
    assert PASSWORD not in caplog.text


async def test_while_it_is_away_only_one_tries() -> None:
    tried = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tried
        tried += 1
        await silent(reader, writer)

    clock = Seconds()
    async with odd_redis(count) as url, shelf_at(url, clock) as shelf:
        await shelf.get(NAME)
        clock.now += AWAY_S
        await asyncio.gather(*(shelf.get(NAME) for _ in range(50)))
        assert tried == 2


async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As a Redis in which there is nothing."""
    replies = {b"GETRANGE": b"$0\r\n\r\n", b"PTTL": b":-2\r\n"}
    while said := await reader.read(65536):
        for line in said.split(b"\r\n"):
            if line in replies or line in (b"AUTH", b"CLIENT", b"SELECT"):
                writer.write(replies.get(line, b"+OK\r\n"))


async def test_what_fails_of_the_time_before_does_not_send_it_away_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    behaviours, came = iter((silent, hangs_up, answers)), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behave = next(behaviours)
        came.set()
        await behave(reader, writer)

    clock = Seconds()
    async with odd_redis(serve) as url, shelf_at(url, clock) as shelf:
        slow = asyncio.create_task(shelf.get(NAME))
        await came.wait()
        await shelf.get(NAME)
        assert not shelf.is_there
        clock.now += AWAY_S
        await shelf.get(NAME)
        assert shelf.is_there
        assert not slow.done()
        assert await slow is None
        assert shelf.is_there
    assert [one.levelname for one in caplog.records] == ["WARNING", "INFO"]


@asynccontextmanager
async def beside(server: RealRedis) -> AsyncIterator[redis.asyncio.Redis]:
    """A client of the test's own."""
    client = redis.asyncio.Redis.from_url(server.url)
    try:
        yield client
    finally:
        await client.aclose()


async def test_an_answer_outlives_the_daemon_and_keeps_its_time(tmp_path: Path) -> None:
    async with real_redis(tmp_path) as server, beside(server) as client:
        teller = Teller()
        for _ in range(2):
            clock = Seconds()
            async with shelf_at(server.url, clock) as shelf:
                cache = cache_on(shelf, clock)
                assert (await cache.answer("a", teller.tell, Tale)).words == ["once", "1"]
                (name,) = await client.keys("*")
                assert 0 < await client.pttl(name) <= 60_000
                await client.pexpire(name, 20_000)
        assert cache.counts.redis == 1
        clock.now += 20
        assert cache.memory.get(name.decode()) is None
        assert json.loads(await client.get(name)) == {"words": ["once", "1"]}


@pytest.mark.parametrize(
    "value",
    [
        b"", b"no json", b'{"words": 3}', b"\x80\x04pickle", b"[" * 10_000,
        b'{"words": ["' + b"x" * LARGEST_VALUE_BYTES + b'"]}',
        b'{"words": ["a", "b"]}' + b" " * LARGEST_VALUE_BYTES,
    ],
)  # fmt: skip
async def test_what_others_put_there_is_not_believed(tmp_path: Path, value: bytes) -> None:
    async with (
        real_redis(tmp_path) as server,
        beside(server) as client,
        shelf_at(server.url) as shelf,
    ):
        teller = Teller()
        await cache_on(shelf, Seconds()).answer("a", teller.tell, Tale)
        (name,) = await client.keys("*")
        await client.set(name, value, px=50_000)
        assert (await cache_on(shelf, Seconds()).answer("a", teller.tell, Tale)).words[1] == "2"
        assert shelf.is_there


async def test_what_is_of_another_kind_under_our_name_is_nothing(tmp_path: Path) -> None:
    async with (
        real_redis(tmp_path) as server,
        beside(server) as client,
        shelf_at(server.url) as shelf,
    ):
        await client.lpush(NAME, b"not ours")
        assert await shelf.get(NAME) is None
        assert (shelf.is_there, shelf.failures) == (True, 0)
        await shelf.put(NAME, b"1", 60)
        found = await shelf.get(NAME)
        assert found is not None
        assert found[0] == b"1"


async def test_a_redis_that_takes_nothing_in_is_read_and_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = Seconds()
    async with (
        real_redis(tmp_path) as server,
        beside(server) as client,
        shelf_at(server.url, clock) as shelf,
    ):
        await shelf.put(NAME, b"1", 600)
        await client.config_set("maxmemory", "1")
        for number in range(40):
            await shelf.put(f"{NAME}{number}", b"1", 60)
            assert await shelf.get(NAME) is not None
            clock.now += 1
        assert shelf.is_there
        assert shelf.failures == 40 / AWAY_S
        await client.config_set("maxmemory", "0")
        clock.now += AWAY_S
        await shelf.put("another", b"1", 60)
        assert await shelf.get("another") is not None
    assert [one.levelname for one in caplog.records] == ["WARNING", "INFO"], caplog.text


async def test_what_is_too_long_or_has_no_end_is_not_taken(tmp_path: Path) -> None:
    async with (
        real_redis(tmp_path) as server,
        beside(server) as client,
        shelf_at(server.url) as shelf,
    ):
        await shelf.put(NAME, b"x" * (LARGEST_VALUE_BYTES + 1), 60)
        assert await client.exists(NAME) == 0
        await client.set(NAME, b"1")
        assert await shelf.get(NAME) is None
        await shelf.put(NAME, b"x" * LARGEST_VALUE_BYTES, 60)
        found = await shelf.get(NAME)
        assert found is not None
        assert len(found[0]) == LARGEST_VALUE_BYTES


async def test_a_redis_that_is_killed_stopped_and_started_under_load_fails_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock, teller = Seconds(), Teller()
    async with real_redis(tmp_path) as server, shelf_at(server.url, clock) as shelf:
        asked = 0

        async def load(cache: AnswerCache) -> None:
            nonlocal asked
            while True:
                asked += 1
                found = await cache.answer(asked % 500, teller.tell, Tale)
                assert found.words[0] == "once"

        async def until(is_there: bool) -> None:
            async with asyncio.timeout(30):
                while shelf.is_there is not is_there:
                    await asyncio.sleep(0.01)
                    clock.now += 1

        caches = [cache_on(shelf, clock) for _ in range(20)]
        users = [asyncio.create_task(load(cache)) for cache in caches]
        try:
            for _ in range(2):
                await shelf.put("beginning", b"1", 60)
                server.signal(signal.SIGKILL)
                await until(is_there=False)
                await server.start()
                await until(is_there=True)
                server.signal(signal.SIGSTOP)
                await until(is_there=False)
                server.signal(signal.SIGCONT)
                await until(is_there=True)
            assert all(not user.done() for user in users)
        finally:
            for user in users:
                user.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*users)
            for cache in caches:
                await cache.close()
    assert asked > 1000
    assert PASSWORD not in caplog.text
    levels = [one.levelname for one in caplog.records]
    # a machine that is busy lets it miss its time now and then by itself
    assert len(levels) >= 8
    assert levels == ["WARNING", "INFO"] * (len(levels) // 2)


async def test_the_caches_as_configured(tmp_path: Path) -> None:
    async def library() -> str:
        return state

    state = "1"
    secret = f"redis://:{PASSWORD}@127.0.0.1:1/0"
    settings = Settings(data_dir=tmp_path, cache={"redis_url": secret, "trends_s": 0})
    assert secret in settings.secrets
    assert PASSWORD not in repr(settings)
    clock, teller = Seconds(), Teller()
    async with open_caches(settings, version="9", library=library, clock=clock) as caches:
        assert caches.redis is not None

        async def made(cache: AnswerCache) -> bool:
            before = teller.tales
            await cache.answer("a", teller.tell, Tale)
            return teller.tales > before

        assert [await made(one) for one in caches.all] == [True, True, True]
        assert [await made(one) for one in caches.all] == [False, False, True]
        state = "2"
        assert [await made(one) for one in caches.all] == [False, True, True]
        clock.now += 300
        assert [await made(one) for one in caches.all] == [True, False, True]
        clock.now += 3300
        assert [await made(one) for one in caches.all] == [True, True, True]
    off = Settings(data_dir=tmp_path, cache={"redis_url": secret, "enabled": False})
    async with open_caches(off, version="9", library=library) as caches:
        assert caches.redis is None
        assert await made(caches.stories)
        assert await made(caches.stories)
