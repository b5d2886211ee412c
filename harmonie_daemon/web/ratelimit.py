"""How often one client may ask a family that has such a limit, counted in moving windows.

What is refused does not count. The headers describe the tighter of the windows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from harmonie_daemon.web.clients import Clients
from harmonie_daemon.web.errors import TooManyRequestsError
from harmonie_daemon.web.families import Families
from harmonie_daemon.web.windows import Windows


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where a client stands in the tighter of its windows."""

    limit: int
    remaining: int
    resets_at: float
    """Unix time at which the oldest request leaves the window."""
    is_exceeded: bool = False


_STANDING: web.RequestKey[Allowance] = web.RequestKey("allowance", Allowance)


class RateLimiter:
    """Counts for each client; no windows, no limit."""

    def __init__(
        self,
        *,
        per_hour: int,
        per_minute: int,
        clients: Clients,
        clock: Callable[[], float],
        windows: Windows | None = None,
    ) -> None:
        """0: no such limit. ``clock`` gives Unix time."""
        self._clients = clients
        self._clock = clock
        self.windows = Windows(clock) if windows is None else windows
        self._strategy = MovingWindowRateLimiter(self.windows)
        items = (RateLimitItemPerMinute(per_minute), RateLimitItemPerHour(per_hour))
        self._limits: tuple[RateLimitItem, ...] = tuple(item for item in items if item.amount)
        self.granted = 0
        self.refused = 0

    def hit(self, request: web.Request) -> Allowance | None:
        """Count a request and say where its client stands; ``None`` where there is no limit."""
        client = self._clients.of(request)
        if not all(self._strategy.test(item, client) for item in self._limits):
            self.refused += 1
            return self._standing(client, is_exceeded=True)
        for item in self._limits:
            self._strategy.hit(item, client)
        self.granted += 1
        return self._standing(client)

    def look(self, request: web.Request) -> Allowance | None:
        """Where a client stands, without counting."""
        return self._standing(self._clients.of(request))

    def retry_after_s(self, allowance: Allowance) -> int:
        """Whole seconds until one more request is let through."""
        return max(1, math.ceil(allowance.resets_at - self._clock()))

    def _standing(self, client: str, *, is_exceeded: bool = False) -> Allowance | None:
        found = [self._allowance(item, client, is_exceeded) for item in self._limits]
        # of two that are equally tight, the one that lasts longer
        return min(found, key=lambda one: (one.remaining, -one.resets_at), default=None)

    def _allowance(self, item: RateLimitItem, client: str, is_exceeded: bool) -> Allowance:
        stats = self._strategy.get_window_stats(item, client)
        return Allowance(item.amount, stats.remaining, stats.reset_time, is_exceeded)


def limit_middleware(limiter: RateLimiter, families: Families) -> Middleware:
    """Refuse what comes too often. Stands before access, so that keys cannot be tried out there."""

    @web.middleware
    async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not families.family(request).is_limited:
            return await handler(request)
        is_counted = families.is_counted(request)
        standing = limiter.hit(request) if is_counted else limiter.look(request)
        if standing is not None:
            request[_STANDING] = standing
            if standing.is_exceeded:
                raise TooManyRequestsError(standing.limit, limiter.retry_after_s(standing))
        return await handler(request)

    return limit


async def tell_allowance(request: web.Request, response: web.StreamResponse) -> None:
    """Say in the headers where the client stands, of every answer that was counted."""
    standing = request.get(_STANDING)
    if standing is not None:
        response.headers["X-RateLimit-Limit"] = str(standing.limit)
        response.headers["X-RateLimit-Remaining"] = str(standing.remaining)
        response.headers["X-RateLimit-Reset"] = str(math.ceil(standing.resets_at))
