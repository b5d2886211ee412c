"""Who may ask: one key for the daemon, and no web page of somebody else's.

Checked before anything is said of the path: one that does not exist answers like one that does.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from harmonie_daemon.domain.hosts import is_loopback
from harmonie_daemon.web.access import Access, Cookie, KeyInQuery, Open, Signed
from harmonie_daemon.web.errors import ForbiddenError, UnauthorizedError
from harmonie_daemon.web.families import Families
from harmonie_daemon.web.keys import PROVIDED
from harmonie_daemon.web.sessions import CSRF_HEADER, SESSION_COOKIE, Sessions
from harmonie_daemon.web.signing import Signer, is_signed

API_KEY_HEADER = "X-API-Key"
KEY_SCHEMES = ("bearer", "api_key")
FETCH_SITE = "Sec-Fetch-Site"
"""Where the page behind a request comes from, as every browser says since 2023."""
CROSS_SITE = "cross-site"
SAFE_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
ANY_ORIGIN = "*"
PRIVATE_SUFFIXES = (".localhost", ".local", ".lan", ".home", ".internal", ".home.arpa")
"""Names nobody outside can register, so no page outside can rebind them (RFC 6761, 6762, 8375)."""


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What is asked of a request before anything else looks at it."""

    api_key: str | None
    """``None``: no authentication, and the Host header is checked instead."""
    hosts: tuple[str, ...]
    """The addresses the daemon is bound to."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may use the API, ``*`` for all."""

    def allows_origin(self, origin: str) -> bool:
        """Whether pages of a foreign ``origin`` were let in by the configuration."""
        return ANY_ORIGIN in self.cors_origins or origin.lower() in self.cors_origins

    def trusts_host(self, name: str) -> bool:
        """Whether ``name`` is ours: loopback, the bound one, or any address as such; where more
        than loopback is served also the names nobody outside can have.
        """
        if is_loopback(name) or name in {host.lower() for host in self.hosts} or _is_address(name):
            return True
        if any(urlsplit(origin).hostname == name for origin in self.cors_origins):
            return True
        private = "." not in name or name.endswith(PRIVATE_SUFFIXES)
        return private and not all(is_loopback(host) for host in self.hosts)


def access_middleware(rules: AccessRules, families: Families) -> Middleware:
    """Refuse foreign pages (403), then requests without what the endpoint asks for (401)."""

    @web.middleware
    async def check_access(request: web.Request, handler: Handler) -> web.StreamResponse:
        _check_origin(request, rules)
        _check(request, rules, await families.access(request))
        return await handler(request)

    return check_access


def _check(request: web.Request, rules: AccessRules, access: Access) -> None:
    match access:
        case Open():
            return
        case Signed() if is_signed(request.rel_url.raw_query_string):
            signer = request.app[PROVIDED].get(Signer)
            signer.check(request.rel_url.raw_path, request.rel_url.raw_query_string)
            return
        case Cookie() if rules.api_key is not None and _is_of_a_session(request):
            return
        case KeyInQuery(parameter):
            presented = _key_in_headers(request) or request.query.get(parameter, "")
        case _:
            presented = _key_in_headers(request)
    if rules.api_key is None:
        _check_host(request, rules)
        _check_site(request, rules)
    else:
        _check_key(presented, rules.api_key)


def _is_of_a_session(request: web.Request) -> bool:
    """Whether a page of ours asks, in a session and without the key.

    Raises ``ForbiddenError`` where it changes something and does not show the session's token.
    """
    cookie = request.cookies.get(SESSION_COOKIE)
    is_foreign = request.headers.get(FETCH_SITE) == CROSS_SITE
    if cookie is None or is_foreign or _key_in_headers(request):
        return False
    sessions = request.app[PROVIDED].get(Sessions)
    if not sessions.is_good(cookie):
        return False
    is_shown = sessions.is_token(request.headers.get(CSRF_HEADER, ""), cookie)
    if request.method not in SAFE_METHODS and not is_shown:
        raise ForbiddenError(
            f"a session changes things only with its token in the {CSRF_HEADER} header; "
            "GET /api/v1/session tells it"
        )
    return True


def _check_key(presented: str, key: str) -> None:
    if not presented:
        raise UnauthorizedError(f"this needs the API key; send it in the {API_KEY_HEADER} header")
    if not hmac.compare_digest(_bytes(presented), _bytes(key)):
        raise UnauthorizedError("the API key is wrong; HARMONIE_API_KEY of the daemon holds it")


def _key_in_headers(request: web.Request) -> str:
    key = request.headers.get(API_KEY_HEADER)
    if key:
        return key.strip()
    scheme, _, credentials = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return credentials.strip() if scheme.lower() in KEY_SCHEMES else ""


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
    given = request.headers.get(hdrs.HOST)
    if given and not rules.trusts_host(_hostname(given)):
        raise ForbiddenError(
            f"the host name {given!r} is not known to be ours; set HARMONIE_API_KEY, "
            "or add its origin to HARMONIE_CORS_ORIGINS"
        )


def _check_site(request: web.Request, rules: AccessRules) -> None:
    """Without a key any page could have its images and links ask us; browsers tell on them."""
    if request.headers.get(FETCH_SITE) != CROSS_SITE:
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
