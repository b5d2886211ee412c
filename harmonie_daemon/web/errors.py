"""From an exception to an answer in the words of the API family that was asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import hdrs, web

from harmonie_daemon.domain.errors import (
    BadRequestError,
    BusyError,
    CodeUnavailableError,
    HarmonieError,
    MediaServerError,
    NotConfiguredError,
    NotFoundError,
    NotReadyError,
    OutsideServiceError,
    StoreError,
)

log = logging.getLogger(__name__)

RETRY_AFTER_S = 2
"""How long a client should wait for a daemon that starts; most start faster."""
BUSY_RETRY_AFTER_S = 10


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


class OutOfRangeError(HarmonieError):
    """A part of a file is asked for that it does not have."""

    code = "out_of_range"

    def __init__(self, message: str, size_bytes: int) -> None:
        super().__init__(message)
        self.size_bytes = size_bytes


class BodyTooLargeError(HarmonieError):
    """The request body is larger than the daemon reads."""

    code = "body_too_large"


class TooManyRequestsError(HarmonieError):
    """A client asks more often than its family lets it."""

    code = "too_many_requests"

    def __init__(self, limit: int, retry_after_s: int) -> None:
        super().__init__(f"{limit} requests are used up; ask again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


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
    (BodyTooLargeError, 413),
    (BadRequestError, 400),
    (NotFoundError, 404),
    (NotReadyError, 503),
    (BusyError, 503),
    (CodeUnavailableError, 503),
    (StoreError, 503),
    (MediaServerError, 502),
    (OutsideServiceError, 502),
    (NotConfiguredError, 503),
)
_HEADERS: Mapping[type[HarmonieError], Mapping[str, str]] = {
    UnauthorizedError: {hdrs.WWW_AUTHENTICATE: 'Bearer realm="harmonie"'},
    # a database that cannot be read will not have been mended in two seconds
    NotReadyError: {hdrs.RETRY_AFTER: str(RETRY_AFTER_S)},
    BusyError: {hdrs.RETRY_AFTER: str(BUSY_RETRY_AFTER_S)},
}


def problem_of(error: Exception, request: web.Request, malformed_status: int) -> Problem:
    """The problem an exception stands for; what nobody foresaw is logged with its traceback."""
    if isinstance(error, web.HTTPException):
        return _routing_problem(error, request)
    if isinstance(error, InvalidRequestError):
        return Problem(malformed_status, str(error), error.code)
    if isinstance(error, OutOfRangeError):
        size: dict[str, str] = {hdrs.CONTENT_RANGE: f"bytes */{error.size_bytes}"}
        return Problem(416, str(error), error.code, size)
    if isinstance(error, TooManyRequestsError):
        wait: dict[str, str] = {hdrs.RETRY_AFTER: str(error.retry_after_s)}
        return Problem(429, str(error), error.code, wait)
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
"""How a family says no."""
