"""Qloo: what else people like who like a music. Two steps: from a name to an id, from that to more.

Shapes are those of docs.qloo.com. One object of the daemon's life.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp

from harmonie_daemon.caching.cache import AnswerCache
from harmonie_daemon.providers.bounded_session import open_session
from harmonie_daemon.providers.breaker import Breaker
from harmonie_daemon.providers.qloo_errors import QlooError, QlooFault, qloo_failure, qloo_refusal
from harmonie_daemon.providers.qloo_wire import (
    QlooEntities,
    QlooEntity,
    TasteKind,
    read_insights,
    read_search,
)
from harmonie_daemon.providers.standing import Standing
from harmonie_daemon.providers.troubles import FORESEEN

log = logging.getLogger(__name__)

QLOO = "https://api.qloo.com"
SPACING_S = 0.1
"""From the beginning of one request to that of the next."""
MOST_WAITING = 30
"""For their turn; who comes then would wait for three seconds."""
MOST_ENTITIES = 50
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class QlooAccess:
    """Where to ask, as whom, and for how long."""

    api_key: str
    base_url: str = QLOO
    timeout_s: float = 30.0
    """For one answer, with the wait for its turn."""

    def __repr__(self) -> str:
        """Without the key."""
        return f"QlooAccess(base_url={self.base_url!r})"


class Qloo:
    """Asks Qloo. Every method that does raises ``QlooError``."""

    def __init__(
        self,
        access: QlooAccess,
        cache: AnswerCache,
        *,
        clock: Callable[[], float] = time.monotonic,
        spacing_s: float = SPACING_S,
    ) -> None:
        """``clock`` gives seconds that never go back."""
        self._access = access
        self._cache = cache
        self._clock = clock
        self._spacing_s = spacing_s
        self._turn = asyncio.Lock()
        self._next_at = 0.0
        self._waiting = 0
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False
        self.breaker = Breaker(clock)
        self.standing = Standing.UNREACHABLE
        self._last_failure = "Qloo has not answered"
        self.calls = 0
        self.failures: Counter[QlooFault] = Counter()

    async def find(self, name: str, kind: TasteKind = TasteKind.ARTIST) -> QlooEntity | None:
        """What Qloo means by a name, if it knows it; the best of what it finds."""
        asked = {"query": name[:LONGEST_NAME], "types": kind.urn, "page": "1", "take": "5"}
        found = await self._answer("/search", asked, lambda body: read_search(body, 5))
        folded = name.strip().casefold()
        same = (one for one in found.entities if one.name.casefold() == folded)
        return next(same, next(iter(found.entities), None))

    async def insights(self, entity_id: str, kind: TasteKind, limit: int) -> tuple[QlooEntity, ...]:
        """Things of a kind that go with an entity, best first; at most ``limit`` (up to 50)."""
        take = max(1, min(limit, MOST_ENTITIES))
        asked = {
            "filter.type": kind.urn,
            "signal.interests.entities": entity_id,
            "take": str(take),
        }
        answer = await self._answer("/v2/insights", asked, lambda body: read_insights(body, take))
        return answer.entities

    async def related(self, name: str, kind: TasteKind, limit: int) -> tuple[QlooEntity, ...]:
        """Things of a kind that go with the artist of this name; none if Qloo knows no such."""
        artist = await self.find(name)
        return () if artist is None else await self.insights(artist.id, kind, limit)

    async def look(self) -> Standing:
        """Ask once how it stands; the log says why, when it does not work.

        An answer that is kept would tell nothing.
        """
        asked = {"query": "Bach", "types": TasteKind.ARTIST.urn, "page": "1", "take": "1"}
        try:
            await self._asked_now("/search", asked, lambda body: read_search(body, 1))
        except QlooError as error:
            log.warning("%s", error)
        return self.standing

    async def close(self) -> None:
        """Let go of the connections; requests under way fail."""
        self._is_closed = True
        if self._session is not None:
            await self._session.close()

    async def _answer(
        self, path: str, asked: Mapping[str, str], read: Callable[[bytes], QlooEntities]
    ) -> QlooEntities:
        async def ask() -> QlooEntities:
            return await self._asked_now(path, asked, read)

        key = ["qloo", self._access.base_url, path, dict(asked)]
        return await self._cache.answer(key, ask, QlooEntities)

    async def _asked_now(
        self, path: str, asked: Mapping[str, str], read: Callable[[bytes], QlooEntities]
    ) -> QlooEntities:
        """Ask, and remember how it went."""
        if not self.breaker.let_through():
            raise QlooError(
                f"{self._last_failure}; it is asked again in {self.breaker.wait_s:.0f} s",
                QlooFault.RESTING,
            )
        try:
            answer = read(await self._body(path, asked))
        except QlooError as error:
            self._remember(error)
            raise
        except FORESEEN as error:
            failure = qloo_failure(error)
            self._remember(failure)
            raise failure from None
        self.breaker.worked()
        self.standing = Standing.CONNECTED
        return answer

    async def _body(self, path: str, asked: Mapping[str, str]) -> bytes:
        async with asyncio.timeout(self._access.timeout_s):
            await self._wait_for_turn()
            session = self._opened()
            self.calls += 1
            async with session.get(
                self._access.base_url + path,
                params=asked,
                headers={"X-Api-Key": self._access.api_key, "Accept": "application/json"},
            ) as response:
                body = await response.read()
                if response.status != 200:
                    said = self._without_key(body.decode("utf-8", "replace"))
                    raise qloo_refusal(response.status, said, response.headers)
                return body

    async def _wait_for_turn(self) -> None:
        """One request begins after another."""
        if self._waiting >= MOST_WAITING:
            raise QlooError("too many wait for Qloo; come back in a moment", QlooFault.BUSY)
        self._waiting += 1
        try:
            async with self._turn:
                await asyncio.sleep(max(0.0, self._next_at - self._clock()))
                self._next_at = self._clock() + self._spacing_s
        finally:
            self._waiting -= 1

    def _remember(self, error: QlooError) -> None:
        self.failures[error.fault] += 1
        if error.fault is not QlooFault.BUSY:
            self._last_failure = str(error)
        match error.fault:
            case QlooFault.UNAUTHORIZED:
                self.standing = Standing.UNAUTHORIZED
                self.breaker.failed(rest_s=error.rest_s)
            case QlooFault.QUOTA:
                self.standing = Standing.CONNECTED
                self.breaker.failed(rest_s=error.rest_s)
            case QlooFault.REFUSED:
                self.standing = Standing.CONNECTED
                self.breaker.worked()
            case QlooFault.BUSY:
                pass
            case _:
                self.standing = Standing.UNREACHABLE
                self.breaker.failed()

    def _opened(self) -> aiohttp.ClientSession:
        if self._is_closed:
            raise QlooError("the daemon is stopping", QlooFault.UNREACHABLE)
        if self._session is None:
            self._session = open_session()
        return self._session

    def _without_key(self, text: str) -> str:
        return text.replace(self._access.api_key, "********")
