"""What browsers are told about pages of other origins (the Fetch standard)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from harmonie_daemon.web.auth import API_KEY_HEADER, AccessRules
from harmonie_daemon.web.errors import ForbiddenError
from harmonie_daemon.web.sessions import CSRF_HEADER

METHODS = "GET, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = f"{API_KEY_HEADER}, Authorization, Content-Type, {CSRF_HEADER}"
RESPONSE_HEADERS = (
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, Content-Disposition"
)
PREFLIGHT_MAX_AGE_S = 600


def preflight_middleware(rules: AccessRules) -> Middleware:
    """Answers what a browser asks before the request of a page; it sends no key with that."""

    @web.middleware
    async def answer_preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _is_preflight(request):
            return _preflight(request, rules)
        return await handler(request)

    return answer_preflight


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
            response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = RESPONSE_HEADERS

    return add_headers


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
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: METHODS,
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: REQUEST_HEADERS,
            hdrs.ACCESS_CONTROL_MAX_AGE: str(PREFLIGHT_MAX_AGE_S),
        },
    )
