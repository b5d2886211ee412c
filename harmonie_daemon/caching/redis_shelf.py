"""The same in a Redis, which may be away at any time: then it is as if nothing were there.

Nothing that it says is shown: a server that knows no AUTH repeats the password in its refusal.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import SecretStr

from harmonie_daemon.caching.memory import LARGEST_VALUE_BYTES

log = logging.getLogger(__name__)

TIMEOUT_S = 0.5
"""For a question and its answer; who waits for it could have worked instead."""
AWAY_S = 5.0
"""How long it is left alone when it could not be used."""
MOST_CONNECTIONS = 8
_FORESEEN = (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, EOFError)
"""What the library raises beside its own errors, over a server that speaks something else."""

ResultT = TypeVar("ResultT")


class RedisShelf:
    """Values by name. The library is imported, and the server asked, when it is first needed."""

    def __init__(
        self, url: SecretStr, clock: Callable[[], float], *, timeout_s: float = TIMEOUT_S
    ) -> None:
        """``clock`` gives seconds that never go back."""
        self._url = url
        self._clock = clock
        self._timeout_s = timeout_s
        self._opening = asyncio.Lock()
        self._free = asyncio.Semaphore(MOST_CONNECTIONS)
        self._client: Any = None
        self._library: Any = None
        self._away_until = 0.0
        self._is_lost = False
        self._full_until = 0.0
        self._is_full = False
        self._turn = 0
        """One more each time that it goes or comes back."""
        self.failures = 0

    @property
    def is_there(self) -> bool:
        """Whether it could be used when it was last tried; also before it was."""
        return not self._is_lost

    async def get(self, name: str) -> tuple[bytes, float] | None:
        """The value and for how many seconds it is good, if there is one of a sensible size."""

        async def ask(client: Any) -> list[Any]:
            pipe = client.pipeline(transaction=False)
            pipe.getrange(name, 0, LARGEST_VALUE_BYTES)
            pipe.pttl(name)
            found: list[Any] = await pipe.execute(raise_on_error=False)
            for refusal in found:
                # what others put there under our name is nothing, and no reason to go
                if isinstance(refusal, Exception) and not str(refusal).startswith("WRONGTYPE"):
                    raise refusal
            return found

        match await self._asked(ask):
            case [bytes() as value, int() as left_ms]:
                is_good = 0 < len(value) <= LARGEST_VALUE_BYTES and left_ms > 0
                return (value, left_ms / 1000) if is_good else None
            case _:
                return None

    async def put(self, name: str, value: bytes, for_s: float) -> None:
        """Keep a value for so many seconds, unless it is too long.

        A server that is full, or may only be read, takes nothing in and is of use all the same.
        """

        async def tell(client: Any) -> None:
            try:
                await client.set(name, value, px=max(1, int(for_s * 1000)))
            except self._library.ResponseError:
                self._takes_nothing()
            else:
                self._takes_again()

        if len(value) <= LARGEST_VALUE_BYTES and self._clock() >= self._full_until:
            await self._asked(tell)

    async def close(self) -> None:
        """Let go of the connections."""
        async with self._opening:
            if self._client is not None:
                await self._client.aclose()

    async def _asked(self, ask: Callable[[Any], Awaitable[ResultT]]) -> ResultT | None:
        now = self._clock()
        if now < self._away_until:
            return None
        if self._is_lost:
            self._away_until = now + AWAY_S  # one tries; the others go on without
        try:
            library = self._library or await self._opened()
        except ValueError:
            self._is_away("cannot be used by this address, an option in it is wrong")
            return None
        turn = self._turn
        try:
            async with asyncio.timeout(self._timeout_s), self._free:
                answer = await ask(self._client)
        except (library.RedisError, *_FORESEEN) as error:
            if turn == self._turn:  # else it is an echo of the time before
                self._is_away(_reason(error, library))
            return None
        if self._is_lost and turn == self._turn:
            self._is_lost, self._away_until = False, 0.0
            self._turn += 1
            log.info("Redis is there again")
        return answer

    def _is_away(self, why: str) -> None:
        self.failures += 1
        self._away_until = self._clock() + AWAY_S
        if not self._is_lost:
            self._is_lost = True
            self._turn += 1
            log.warning("Redis %s (HARMONIE_CACHE_REDIS_URL); answers are kept here alone", why)

    def _takes_nothing(self) -> None:
        self.failures += 1
        self._full_until = self._clock() + AWAY_S
        if not self._is_full:
            self._is_full = True
            log.warning(
                "Redis takes nothing more in, it may be full (HARMONIE_CACHE_REDIS_URL); "
                "new answers are kept here alone"
            )

    def _takes_again(self) -> None:
        if self._is_full:
            self._is_full = False
            log.info("Redis takes answers in again")

    async def _opened(self) -> Any:
        async with self._opening:
            if self._library is None:
                library = await asyncio.to_thread(importlib.import_module, "redis.asyncio")
                self._client = _client(library, self._url, self._timeout_s)
                self._library = library
            return self._library


def _client(library: Any, url: SecretStr, timeout_s: float) -> Any:
    """A client that tries once; the library itself would try again and again."""
    retry = importlib.import_module("redis.asyncio.retry")
    backoff = importlib.import_module("redis.backoff")
    return library.Redis.from_url(
        url.get_secret_value(),
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        max_connections=MOST_CONNECTIONS,
        retry=retry.Retry(backoff.NoBackoff(), 0),
        decode_responses=False,
        protocol=2,
    )


def _reason(error: BaseException, library: Any) -> str:
    match error:
        case library.AuthenticationError():
            return "does not accept the password"
        case TimeoutError() | library.TimeoutError():
            return "did not answer in time"
        case library.ConnectionError() | OSError():
            return "cannot be reached"
        case library.ResponseError():
            return "refuses what it is asked"
        case _:
            return "does not speak as a Redis does"
