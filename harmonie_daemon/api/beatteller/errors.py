"""How this family says no: the documented body with its code, and ``detail`` for other clients.

``/api/…`` paths that nobody answers are refused in these words, too, and whoever asked there may
speak another family's language; ``detail`` is the sentence that harmonie's clients read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web
from pydantic import BaseModel, Field

from harmonie_daemon.api.beatteller.timestamps import EXAMPLE, iso
from harmonie_daemon.web.errors import Problem, Renderer
from harmonie_daemon.web.responding import model_response

CODES: Mapping[int, str] = {
    400: "INVALID_INPUT",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "BODY_TOO_LARGE",
    429: "API_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    502: "EXTERNAL_SERVICE_ERROR",
    503: "SERVICE_UNAVAILABLE",
}
"""The codes of the document, and two for what it does not foresee."""
DETAILS: Mapping[int, str] = {
    400: "/docs says what each parameter may be",
    401: "Send the daemon's key as X-API-Key or as Authorization: Bearer",
    403: "A page of another origin may only ask when HARMONIE_CORS_ORIGINS names it",
    404: "/docs lists every address; names are looked for in this library",
    405: "/docs lists the methods of every address",
    413: "Send less at once",
    429: "Please wait before making a new request",
    500: "The log of the daemon says more",
    502: "A service outside of this machine did not answer as it should; /api/health names it",
    503: "Try again later, or set what the message names",
}


class ErrorBody(BaseModel):
    """What is wrong."""

    code: str = Field(examples=["INVALID_INPUT"])
    message: str = Field(
        description="One sentence that says what to change.", examples=["input: is required"]
    )
    details: str


class BeattellerError(BaseModel):
    """Why a request was not answered."""

    success: bool = Field(default=False, description="Always false.")
    error: ErrorBody
    timestamp: str = Field(examples=[EXAMPLE])
    detail: str = Field(description="Ours: the message once more.")


def error_renderer(clock: Callable[[], float]) -> Renderer:
    """Makes the bodies of this family's errors; ``clock`` gives Unix time."""

    def render(problem: Problem) -> web.Response:
        status = problem.status
        code = CODES.get(status, problem.code.upper())
        body = BeattellerError(
            error=ErrorBody(code=code, message=problem.detail, details=DETAILS.get(status, "")),
            timestamp=iso(clock()),
            detail=problem.detail,
        )
        return model_response(body, status=status)

    return render
