"""Who may ask: one key for the daemon, and no web page of somebody else's.

Checked before routing, so that a path that does not exist answers like one that does.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from harmonie_daemon.domain.hosts import is_loopback
from harmonie_daemon.web.errors import ForbiddenError, UnauthorizedError

API_KEY_HEADER = "X-API-Key"
KEY_SCHEMES = ("bearer", "api_key")
FETCH_SITE = "Sec-Fetch-Site"
"""Where the page behind a request comes from, as every browser says since 2023."""
SAFE_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
ANY_ORIGIN = "*"
PRIVATE_SUFFIXES = (".localhost", ".local", ".lan", ".home", ".internal", ".home.arpa")
"""Names nobody outside can register, so no page outside can rebind them (RFC 6761, 6762, 8375)."""
PREFLIGHT_MAX_AGE_S = 600


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What is asked of a request before anything else looks at it."""

    api_key: str | None
    """``None``: no authentication, and the Host header is checked instead."""
    host: str
    """The address the daemon is bound to."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may use the API, ``*`` for all."""
    open_paths: tuple[str, ...] = ()
    """Paths that need no key; one that ends with ``/`` opens what is below it."""

    def is_open(self, path: str) -> bool:
        """Whether ``path`` needs no key."""
        return any(
            path == known or (len(known) > 1 and known.endswith("/") and path.startswith(known))
            for known in self.open_paths
        )

    def allows_origin(self, origin: str) -> bool:
        """Whether pages of a foreign ``origin`` were let in by the configuration."""
        return ANY_ORIGIN in self.cors_origins or origin.lower() in self.cors_origins

    def trusts_host(self, name: str) -> bool:
        """Whether ``name`` is ours: loopback, the bound one, or any address as such; where more
        than loopback is served also the names nobody outside can have.
        """
        if is_loopback(name) or name == self.host.lower() or _is_address(name):
            return True
        if any(urlsplit(origin).hostname == name for origin in self.cors_origins):
            return True
        private = "." not in name or name.endswith(PRIVATE_SUFFIXES)
        return private and not is_loopback(self.host)


def access_middleware(rules: AccessRules) -> Middleware:
    """Refuse foreign pages (403), then requests without the key (401)."""

    @web.middleware
    async def check_access(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _is_preflight(request):
            return _preflight(request, rules)
        _check_origin(request, rules)
        if not rules.is_open(request.path):
            _check_host(request, rules)
            _check_site(request, rules)
            _check_key(request, rules)
        return await handler(request)

    return check_access


def cors_signal(
    rules: AccessRules,
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Name the allowed origin on every answer, errors included."""

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if not rules.cors_origins:
            return
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        origin = request.headers.get(hdrs.ORIGIN)
        if origin and rules.allows_origin(origin):
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin

    return add_headers


def _check_key(request: web.Request, rules: AccessRules) -> None:
    if rules.api_key is None:
        return
    presented = _presented_key(request)
    if not presented:
        raise UnauthorizedError(f"this needs the API key; send it in the {API_KEY_HEADER} header")
    if not hmac.compare_digest(_bytes(presented), _bytes(rules.api_key)):
        raise UnauthorizedError("the API key is wrong; HARMONIE_API_KEY of the daemon holds it")


def _presented_key(request: web.Request) -> str | None:
    key = request.headers.get(API_KEY_HEADER)
    if key:
        return key.strip()
    scheme, _, credentials = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return credentials.strip() if scheme.lower() in KEY_SCHEMES else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _check_origin(request: web.Request, rules: AccessRules) -> None:
    """A browser names the page behind every request that changes something."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None or request.method in SAFE_METHODS:
        return
    if not (_is_own_origin(origin, request) or rules.allows_origin(origin)):
        raise ForbiddenError(
            f"a page of {origin} must not change anything here; "
            "HARMONIE_CORS_ORIGINS lists the origins that may"
        )


def _is_own_origin(origin: str, request: web.Request) -> bool:
    """Whether the page came from the host it now asks. The scheme is a proxy's business."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    default = {"http": "80", "https": "443"}.get(parts.scheme)
    host = request.headers.get(hdrs.HOST, "")
    return bool(parts.netloc) and (
        _without_port(parts.netloc, default) == _without_port(host, default)
    )


def _without_port(netloc: str, port: str | None) -> str:
    return netloc.lower().removesuffix(f":{port}") if port else netloc.lower()


def _check_host(request: web.Request, rules: AccessRules) -> None:
    """Without a key a rebound DNS name would make any page our own; refuse names like that."""
    if rules.api_key is not None:
        return
    given = request.headers.get(hdrs.HOST)
    if given and not rules.trusts_host(_hostname(given)):
        raise ForbiddenError(
            f"the host name {given!r} is not known to be ours; set HARMONIE_API_KEY, "
            "or add its origin to HARMONIE_CORS_ORIGINS"
        )


def _check_site(request: web.Request, rules: AccessRules) -> None:
    """Without a key any page could have its images and links ask us; browsers tell on them."""
    if rules.api_key is not None or request.headers.get(FETCH_SITE) != "cross-site":
        return
    if not rules.allows_origin(request.headers.get(hdrs.ORIGIN, "")):
        raise ForbiddenError(
            "a page of another site must not ask anything here; set HARMONIE_API_KEY, "
            "or add its origin to HARMONIE_CORS_ORIGINS"
        )


def _hostname(host: str) -> str:
    """The name of a Host header, lower case, without port, brackets and a final dot."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_preflight(request: web.Request) -> bool:
    return (
        request.method == hdrs.METH_OPTIONS
        and hdrs.ORIGIN in request.headers
        and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
    )


def _preflight(request: web.Request, rules: AccessRules) -> web.Response:
    origin = request.headers[hdrs.ORIGIN]
    if not rules.allows_origin(origin):
        raise ForbiddenError(
            f"pages of {origin} are not let in; HARMONIE_CORS_ORIGINS lists those that are"
        )
    return web.Response(
        status=204,
        headers={
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, POST, PUT, PATCH, DELETE",
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: f"{API_KEY_HEADER}, Authorization, Content-Type",
            hdrs.ACCESS_CONTROL_MAX_AGE: str(PREFLIGHT_MAX_AGE_S),
        },
    )
