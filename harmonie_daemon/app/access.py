"""Who may ask, as the operator configured it, and what checks addresses and sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.clients import Clients
from harmonie_daemon.web.keys import PROVIDED
from harmonie_daemon.web.ratelimit import RateLimiter
from harmonie_daemon.web.sessions import Sessions
from harmonie_daemon.web.signing import Signer, load_secret


def access_rules(settings: Settings) -> AccessRules:
    """The rules as plain values."""
    key = settings.http.api_key
    return AccessRules(
        api_key=None if key is None else key.get_secret_value(),
        hosts=tuple(address.host for address in settings.http.addresses),
        cors_origins=tuple(origin.rstrip("/").lower() for origin in settings.http.cors_origins),
    )


def rate_limiter(settings: Settings, clock: Callable[[], float]) -> RateLimiter:
    """What counts for the families that have a limit."""
    return RateLimiter(
        per_hour=settings.rate_limit.per_hour,
        per_minute=settings.rate_limit.per_minute,
        clients=Clients.behind(settings.http.trusted_proxies),
        clock=clock,
    )


async def provide_access(
    app: web.Application, settings: Settings, clock: Callable[[], float]
) -> None:
    """Put in place what signs and checks. Raises ``StoreError`` without its secret."""
    path = settings.data_dir / "signing.key"
    try:
        secret = await asyncio.to_thread(load_secret, path)
    except OSError as error:
        raise StoreError(
            f"{path}, which signs the addresses of downloads, cannot be read or made: "
            f"{error.strerror}; it must belong to the user of the daemon"
        ) from error
    key, own = settings.http.api_key, settings.http.secret_key
    of_sessions = secret if own is None else own.get_secret_value().encode()
    api_key = "" if key is None else key.get_secret_value()
    app[PROVIDED].put(Signer(secret, clock), Sessions(of_sessions, api_key, clock))
