"""A family with a limit beside one without, and a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from harmonie_daemon.web.access import KEY, OPEN
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.clients import Clients
from harmonie_daemon.web.endpoint import Call, Endpoint, Nothing
from harmonie_daemon.web.errors import Problem
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.ratelimit import RateLimiter
from harmonie_daemon.web.responding import model_response
from tests.servers import Client, serving
from tests.web.toy import OPEN_HOUSE, Refusal, Sum, fail, hello
from tests.web.two_families import Clock


@dataclass(frozen=True)
class Limited:
    """Both families, served."""

    client: Client
    limiter: RateLimiter
    clock: Clock

    async def standings(
        self, count: int, path: str = "/limited/hello", **options: Any
    ) -> list[str]:
        """Status, limit, remaining and seconds to the reset of so many answers in a row."""
        lines = []
        for _ in range(count):
            answer = await self.client.get(path, **options)
            told = answer.headers
            reset_s = int(told["X-RateLimit-Reset"]) - int(self.clock.now)
            lines.append(
                f"{answer.status} {told['X-RateLimit-Limit']} {told['X-RateLimit-Remaining']} "
                f"{reset_s}"
            )
        return lines


async def greet(_: Call[None, Nothing, Nothing, Nothing]) -> Sum:
    """For those who have the key."""
    return Sum(count=1, name="closed")


async def health(_: Call[None, Nothing, Nothing, Nothing]) -> Sum:
    """As often as one likes."""
    return Sum(count=1, name="healthy")


def _refuse(problem: Problem) -> web.Response:
    return model_response(Refusal(no=problem.detail, code=problem.code), status=problem.status)


def families() -> list[Family]:
    """The first has no limit."""
    free = Family(
        "free", ("/free",), (Endpoint("GET", "/free/hello", hello, summary="", access=OPEN),),
        Refusal, _refuse,
    )  # fmt: skip
    limited = Family(
        "limited",
        ("/limited",),
        (
            Endpoint("GET", "/limited/hello", hello, summary="Hello", access=OPEN),
            Endpoint("GET", "/limited/closed", greet, summary="Closed", access=KEY),
            Endpoint("GET", "/limited/fail/{name}", fail, summary="Fail", access=OPEN),
            Endpoint(
                "GET", "/limited/health", health, summary="Health", access=OPEN, is_unlimited=True
            ),
        ),
        Refusal,
        _refuse,
        is_limited=True,
    )
    return [free, limited]


@asynccontextmanager
async def limited_server(
    *,
    per_hour: int = 100,
    per_minute: int = 10,
    proxies: tuple[str, ...] = (),
    rules: AccessRules = OPEN_HOUSE,
) -> AsyncIterator[Limited]:
    """On a free port of loopback."""
    clock = Clock()
    limiter = RateLimiter(
        per_hour=per_hour, per_minute=per_minute, clients=Clients.behind(proxies), clock=clock
    )
    app = make_application(families(), rules, title="Limited", version="1", limiter=limiter)
    async with serving(app) as client:
        yield Limited(client, limiter, clock)
