"""A family of two paths, to test the toolkit with."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from harmonie_daemon.domain.errors import (
    BadRequestError,
    HarmonieError,
    MediaServerError,
    NotFoundError,
    NotReadyError,
)
from harmonie_daemon.web.access import OPEN
from harmonie_daemon.web.answers import Later, NewCookie, WithCookie
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.endpoint import Call, Endpoint, Nothing
from harmonie_daemon.web.errors import Problem
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.parsing import Policies
from harmonie_daemon.web.responding import model_response
from harmonie_daemon.web.validation import WHOLE_JSON, WHOLE_TEXT

OPEN_HOUSE = AccessRules(None, ("127.0.0.1",))

ERRORS: dict[str, type[Exception]] = {
    "bad_request": BadRequestError,
    "not_found": NotFoundError,
    "not_ready": NotReadyError,
    "media_server": MediaServerError,
    "other": HarmonieError,
    "unforeseen": ZeroDivisionError,
}


class ShoutPath(BaseModel):
    """Who."""

    number: Annotated[int, Field(ge=0), WHOLE_TEXT]


class ShoutQuery(BaseModel):
    """How."""

    word: str
    times: Annotated[int, Field(ge=1, le=3), WHOLE_TEXT] = 1
    tag: list[str] = []
    loud: bool = False


class ShoutBody(BaseModel):
    """What."""

    model_config = ConfigDict(strict=True)

    count: Annotated[int, Field(le=10), WHOLE_JSON]
    name: str = "nobody"


class Echo(BaseModel):
    """What was understood."""

    number: int
    word: str
    times: int
    tag: list[str]
    loud: bool


class Sum(BaseModel):
    """A number and a name."""

    count: int
    name: str


class Refusal(BaseModel):
    """No."""

    no: str
    code: str


@dataclass
class Threads:
    """Which threads have worked on an answer."""

    asked_in: int
    made_in: int


class FailPath(BaseModel):
    """With what."""

    name: str


async def shout(call: Call[None, ShoutPath, ShoutQuery, Nothing]) -> Echo:
    """Say what was understood."""
    return Echo(number=call.path.number, **call.query.model_dump())


async def add(call: Call[None, Nothing, Nothing, ShoutBody]) -> Sum:
    """Say what was understood."""
    return Sum(count=call.body.count, name=call.body.name)


async def count(call: Call[None, Nothing, Nothing, Nothing]) -> Later[Threads]:
    """Say where the answer was asked for, and where it was made."""
    asked_in = threading.get_ident()
    return Later(lambda: Threads(asked_in, threading.get_ident()))


async def fail(call: Call[None, FailPath, Nothing, Nothing]) -> Sum:
    """Raise what is asked for."""
    raise ERRORS[call.path.name]("the reason")


async def greet(call: Call[None, Nothing, Nothing, Nothing]) -> WithCookie[Sum]:
    """Say who is known, and know them from now on."""
    known = Sum(count=len(call.request.cookies), name=call.request.cookies.get("who", ""))
    return WithCookie(known, NewCookie("who", "a guest", "/toy", for_s=60))


async def hello(_: Call[None, Nothing, Nothing, Nothing]) -> Sum:
    """Answer anybody."""
    return Sum(count=1, name="open")


def _refuse(problem: Problem) -> web.Response:
    return model_response(Refusal(no=problem.detail, code=problem.code), status=problem.status)


def _refuse_plainly(problem: Problem) -> web.Response:
    return web.Response(status=problem.status, text=f"other family: {problem.detail}")


def toy_families(
    toy_more: tuple[Endpoint, ...] = (), other: tuple[Endpoint, ...] = ()
) -> list[Family]:
    """``/toy`` refuses in JSON, ``/toy/other`` in plain text."""
    toy = Family(
        name="toy",
        prefixes=("/toy",),
        endpoints=(
            Endpoint("GET", "/toy/shout/{number}", shout, summary="Shout", tag="Toy"),
            Endpoint("POST", "/toy/add", add, summary="Add", tag="Toy", status=201),
            Endpoint("GET", "/toy/count", count, summary="Count", tag="Toy"),
            Endpoint("GET", "/toy/fail/{name}", fail, summary="Fail", tag="Toy"),
            Endpoint("POST", "/toy/greet", greet, summary="Greet", tag="Toy"),
            Endpoint("GET", "/toy/hello", hello, summary="Hello", tag="Toy", access=OPEN),
            *toy_more,
        ),
        error_model=Refusal,
        render_error=_refuse,
        policies=Policies(malformed_status=422),
    )
    return [toy, Family("other", ("/toy/other",), other, Refusal, _refuse_plainly)]


def toy_application(
    rules: AccessRules = OPEN_HOUSE, *, max_body_bytes: int = 1000
) -> web.Application:
    """Both families."""
    return make_application(
        toy_families(), rules, title="Toy", version="1", max_body_bytes=max_body_bytes
    )
