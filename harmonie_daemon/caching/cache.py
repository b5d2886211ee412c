"""Answers of one sort, kept for a while."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from harmonie_daemon.caching.flights import Flights
from harmonie_daemon.caching.memory import Memory
from harmonie_daemon.caching.redis_shelf import RedisShelf

ValueT = TypeVar("ValueT")


@dataclass(slots=True)
class CacheCounts:
    """How often what was asked for was where."""

    memory: int = 0
    redis: int = 0
    made: int = 0
    failed: int = 0
    """Times that it could not be made; nothing is kept of them."""


async def always_the_same() -> str:
    """Of answers that do not depend on the library."""
    return ""


class AnswerCache:
    """Gives an answer again until its time is over, or what it was made of has changed.

    What is kept is JSON. A hundred who ask for the same at once have it made once.
    """

    def __init__(
        self,
        name: str,
        for_s: float,
        memory: Memory,
        *,
        redis: RedisShelf | None = None,
        state: Callable[[], Awaitable[str]] = always_the_same,
    ) -> None:
        """``for_s`` = 0: nothing is kept. ``name`` is its own in Redis; ``state`` says what the
        answers are made of, and they are good as long as it says the same.
        """
        self.name = name
        self.counts = CacheCounts()
        self.memory = memory
        self.flights = Flights()
        self._for_s = for_s
        self._redis = redis
        self._state = state
        self._seen = ""
        self._adapters: dict[Any, TypeAdapter[Any]] = {}

    async def answer(
        self, key: object, make: Callable[[], Awaitable[ValueT]], of: type[ValueT]
    ) -> ValueT:
        """The answer to ``key`` (anything that JSON can hold), made now if there is none.

        ``of`` is its type: a model, a dataclass, whatever pydantic can write and read. Everybody
        gets an object of their own. Raises what ``make`` raises, and keeps nothing then.
        """
        if not self._for_s:
            return await make()
        adapter = self._adapters.get(of)
        if adapter is None:
            adapter = self._adapters[of] = TypeAdapter(of)
        name = self._named(await self._state(), [of.__name__, key])
        kept = self.memory.get(name)
        if kept is None:
            kept = await self.flights.join(name, lambda: self._found(name, make, adapter))
        else:
            self.counts.memory += 1
        value: ValueT = adapter.validate_json(kept)
        return value

    async def close(self) -> None:
        """End what is being made."""
        await self.flights.close()

    def _named(self, state: str, key: object) -> str:
        if state != self._seen:
            self._seen = state
            self.memory.clear()
        text = json.dumps([state, key], sort_keys=True, ensure_ascii=True)
        return f"{self.name}:{hashlib.sha256(text.encode()).hexdigest()}"

    async def _found(
        self, name: str, make: Callable[[], Awaitable[ValueT]], adapter: TypeAdapter[ValueT]
    ) -> bytes:
        known = None if self._redis is None else await self._redis.get(name)
        if known is not None and _fits(known[0], adapter):
            value, for_s = known
            self.counts.redis += 1
            self.memory.put(name, value, min(for_s, self._for_s))
            return value
        try:
            made = adapter.dump_json(await make(), by_alias=True)
        except Exception:
            self.counts.failed += 1
            raise
        self.counts.made += 1
        self.memory.put(name, made, self._for_s)
        if self._redis is not None:
            await self._redis.put(name, made, self._for_s)
        return made


def _fits(value: bytes, adapter: TypeAdapter[Any]) -> bool:
    """Others may write into a Redis, too."""
    try:
        adapter.validate_json(value)
    except ValidationError:
        return False
    return True
