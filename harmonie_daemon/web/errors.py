"""From an exception to an answer in the words of the API family that was asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from harmonie_daemon.domain.errors import (
    BadRequestError,
    HarmonieError,
    MediaServerError,
    NotFoundError,
    NotReadyError,
    StoreError,
)

log = logging.getLogger(__name__)

RETRY_AFTER_S = 2
"""How long a client should wait for a daemon that starts; most start faster."""


class UnauthorizedError(HarmonieError):
    """The key is missing or wrong."""

    code = "unauthorized"


class ForbiddenError(HarmonieError):
    """A browser sent this request on behalf of a page that has no business here."""

    code = "forbidden"


class InvalidRequestError(HarmonieError):
    """A request that does not fit the declared models; the message names each member."""

    code = "invalid_request"


class MissingParameterError(BadRequestError):
    """A required query parameter was left out."""

    code = "missing_parameter"


class BodyTooLargeError(HarmonieError):
    """The request body is larger than the daemon reads."""

    code = "body_too_large"


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with a request, before a family gives it a body."""

    status: int
    detail: str
    """One readable sentence that says what to change."""
    code: str
    headers: Mapping[str, str] = field(default_factory=dict)


# the first matching class wins
_STATUS: tuple[tuple[type[HarmonieError], int], ...] = (
    (UnauthorizedError, 401),
    (ForbiddenError, 403),
    (InvalidRequestError, 422),
    (BodyTooLargeError, 413),
    (BadRequestError, 400),
    (NotFoundError, 404),
    (NotReadyError, 503),
    (StoreError, 503),
    (MediaServerError, 502),
)
_HEADERS: Mapping[type[HarmonieError], Mapping[str, str]] = {
    UnauthorizedError: {hdrs.WWW_AUTHENTICATE: 'Bearer realm="harmonie"'},
    # a database that cannot be read will not have been mended in two seconds
    NotReadyError: {hdrs.RETRY_AFTER: str(RETRY_AFTER_S)},
}


def problem_of(error: Exception, request: web.Request) -> Problem:
    """The problem an exception stands for; what nobody foresaw is logged with its traceback."""
    if isinstance(error, web.HTTPException):
        return _routing_problem(error, request)
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return Problem(status, str(error), error.code, _HEADERS.get(kind, {}))
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return Problem(500, "something went wrong inside the daemon; its log says what", "internal")


def _routing_problem(error: web.HTTPException, request: web.Request) -> Problem:
    """The answers aiohttp gives by itself, in words that help."""
    match error:
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods - {hdrs.METH_HEAD}))
            return Problem(
                405,
                f"{request.method} is not possible at {request.path}; use {allowed}",
                "method_not_allowed",
                {hdrs.ALLOW: ", ".join(sorted(error.allowed_methods))},
            )
        case web.HTTPNotFound():
            return Problem(
                404, f"there is nothing at {request.path}; /docs lists what there is", "not_found"
            )
        case web.HTTPRequestEntityTooLarge():
            return Problem(413, "the request body is too large", BodyTooLargeError.code)
        case _:
            return Problem(error.status, error.text or error.reason, f"http_{error.status}")


Renderer = Callable[[Problem], web.StreamResponse]


@dataclass(frozen=True, slots=True)
class ErrorFamily:
    """How the paths under ``prefixes`` answer when something goes wrong."""

    prefixes: tuple[str, ...]
    """Each matches itself and everything below it; the longest match wins."""
    render: Renderer


class ErrorFamilies:
    """The path-prefix table; paths no family claims are answered by the first one."""

    def __init__(self, families: tuple[ErrorFamily, ...]) -> None:
        self._default = families[0].render
        pairs = ((prefix, family.render) for family in families for prefix in family.prefixes)
        self._longest_first = sorted(pairs, key=lambda pair: len(pair[0]), reverse=True)

    def renderer(self, path: str) -> Renderer:
        """The renderer that answers for ``path``."""
        for prefix, render in self._longest_first:
            if path == prefix or path.startswith(prefix.rstrip("/") + "/"):
                return render
        return self._default


def error_middleware(families: ErrorFamilies) -> Middleware:
    """The one border at which a request's exceptions end."""

    @web.middleware
    async def render_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            problem = problem_of(error, request)
        except Exception as error:  # noqa: BLE001 - the request border
            problem = problem_of(error, request)
        response = families.renderer(request.path)(problem)
        response.headers.update(problem.headers)
        return response

    return render_errors
