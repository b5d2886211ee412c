"""Two families that share a path by its method, and between them answer in every way there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from harmonie_daemon.web.access import COOKIE, OPEN, SIGNED, KeyInQuery
from harmonie_daemon.web.answers import Answer, Download, Event, Events, Later, Text
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.endpoint import Call, Endpoint, Nothing, OtherAnswer
from harmonie_daemon.web.errors import Problem
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.keys import PROVIDED
from harmonie_daemon.web.parsing import Policies
from harmonie_daemon.web.responding import model_response
from harmonie_daemon.web.sessions import Sessions
from harmonie_daemon.web.signing import Signer
from harmonie_daemon.web.validation import WHOLE_JSON, WHOLE_TEXT

KEY = "gehéim ☃"
SECRET = b"s" * 32
NOW = 1_700_000_000.0
MEDIA_TYPES = ("audio/wav", "audio/mpeg")


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class NearDeps:
    """What the first family works with."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class FarDeps:
    """What the second one works with."""

    folder: Path
    signer: Signer
    sessions: Sessions
    streams_ended: asyncio.Event = field(default_factory=asyncio.Event)
    never: asyncio.Event = field(default_factory=asyncio.Event)


class Thing(BaseModel):
    """One of many."""

    id: int
    name: str


class ThingsQuery(BaseModel):
    """How many."""

    limit: Annotated[int, Field(ge=1, le=500), WHOLE_TEXT] = 3


class MakeBody(BaseModel):
    """What to make; all of it may be left out."""

    model_config = ConfigDict(strict=True)

    count: Annotated[int, Field(ge=0, le=9), WHOLE_JSON] = 1


class Made(BaseModel):
    """What will be made."""

    count: int


class TooFew(BaseModel):
    """Why nothing will be."""

    message: str
    count: int


class ThingPath(BaseModel):
    """Which."""

    id: Annotated[int, Field(ge=0, le=2**31), WHOLE_TEXT]


class FileQuery(BaseModel):
    """As what."""

    format: Annotated[str, Field(pattern="^(wav|mp3)$")] = "wav"


class TicksQuery(BaseModel):
    """Until when."""

    count: Annotated[int, Field(ge=0, le=3), WHOLE_TEXT] = 2


class Tick(BaseModel):
    """One of a stream."""

    number: int


class Refusal(BaseModel):
    """The first family's no."""

    no: str
    code: str


class Complaint(BaseModel):
    """The second family's no."""

    error: str


NearCall = Call[NearDeps, Nothing, ThingsQuery, Nothing]


async def list_things(call: NearCall) -> Later[list[Thing]]:
    """A bare array."""
    names = call.deps.names
    return Later(lambda: [Thing(id=n, name=names[n % 2]) for n in range(call.query.limit)])


async def make_things(
    call: Call[FarDeps, Nothing, Nothing, MakeBody],
) -> Made | Answer[TooFew]:
    """One of two statuses, each with a body of its own."""
    if not call.body.count:
        return Answer(409, TooFew(message="none at all?", count=0))
    return Made(count=call.body.count)


async def forget_thing(call: Call[FarDeps, ThingPath, Nothing, Nothing]) -> None:
    """Nothing to say."""


async def report(call: Call[FarDeps, Nothing, ThingsQuery, Nothing]) -> Text:
    """As Prometheus would have it."""
    count = len(list(call.deps.folder.glob("*.wav")))
    return Text("".join(f"things_total {count + n}\n" for n in range(call.query.limit)))


async def show_thing(call: Call[None, ThingPath, Nothing, Nothing]) -> Thing:
    """For everybody."""
    return Thing(id=call.path.id, name="open")


async def fetch(call: Call[FarDeps, ThingPath, FileQuery, Nothing]) -> Download:
    """A file."""
    media_type = MEDIA_TYPES[call.query.format == "mp3"]
    folder, name = call.deps.folder, f"{call.path.id}.{call.query.format}"
    return Download(folder / name, f'Göttlich "{call.path.id}".{call.query.format}', media_type)


async def tell_wrong_type(call: Call[FarDeps, Nothing, Nothing, Nothing]) -> Download:
    """A file of a kind that is not declared."""
    return Download(call.deps.folder / "1.wav", "page.html", "text/html")


async def ticks(call: Call[FarDeps, Nothing, TicksQuery, Nothing]) -> Events[Tick]:
    """A stream that ends, or not: after none it waits for ever."""
    deps, count = call.deps, call.query.count

    async def source() -> AsyncGenerator[Event[Tick], None]:
        try:
            for number in range(count or 1):
                yield Event(Tick(number=number), name="tick")
            if not count:
                await deps.never.wait()
        finally:
            deps.streams_ended.set()

    return Events(source())


async def breaking_ticks(call: Call[FarDeps, Nothing, Nothing, Nothing]) -> Events[Tick]:
    """A stream that fails as nobody foresaw."""

    async def source() -> AsyncGenerator[Event[Tick], None]:
        yield Event(Tick(number=1))
        raise ZeroDivisionError

    return Events(source())


async def hook(call: Call[FarDeps, Nothing, Nothing, Nothing]) -> Made:
    """For callers without headers."""
    return Made(count=1)


async def broken_hook(call: Call[FarDeps, Nothing, Nothing, Nothing]) -> Made:
    """Fails as nobody foresaw."""
    raise ZeroDivisionError("the reason")


async def begin_session(call: Call[FarDeps, Nothing, Nothing, Nothing]) -> Made:
    """Whether there is a session."""
    return Made(count=2)


async def change_page(call: Call[FarDeps, Nothing, Nothing, Nothing]) -> Made:
    """Something has changed."""
    return Made(count=3)


def near() -> Family:
    """Strict, and in its own words."""

    def refuse(problem: Problem) -> web.Response:
        return model_response(Refusal(no=problem.detail, code=problem.code), status=problem.status)

    return Family(
        name="near",
        prefixes=("/shared",),
        endpoints=(Endpoint("GET", "/shared/things", list_things, summary="List"),),
        error_model=Refusal,
        render_error=refuse,
        policies=Policies(malformed_status=422),
    )


def far(*more: Endpoint) -> Family:
    """Takes what it gets."""

    def refuse(problem: Problem) -> web.Response:
        return model_response(Complaint(error=problem.detail), status=problem.status)

    too_few = OtherAnswer(TooFew, "There would be none.")
    key_in_query = KeyInQuery("token")
    return Family(
        name="far",
        prefixes=("/far",),
        endpoints=(
            Endpoint(
                "POST", "/shared/things", make_things, summary="Make", status=202,
                others={409: too_few},
            ),
            Endpoint("DELETE", "/shared/things/{id}", forget_thing, summary="Forget", status=204),
            Endpoint("GET", "/far/report", report, summary="Report"),
            Endpoint("GET", "/far/open/{id}", show_thing, summary="Show", access=OPEN),
            Endpoint(
                "GET", "/far/files/{id}", fetch, summary="Fetch", access=SIGNED,
                media_types=MEDIA_TYPES,
            ),
            Endpoint("GET", "/far/ticks", ticks, summary="Ticks"),
            Endpoint("POST", "/far/hook", hook, summary="Hook", access=key_in_query),
            Endpoint("GET", "/far/page", begin_session, summary="Page", access=COOKIE),
            Endpoint("POST", "/far/page", change_page, summary="Change", access=COOKIE),
            *more,
        ),
        error_model=Complaint,
        render_error=refuse,
        policies=Policies(empty_body_means_defaults=True, repeated_parameter_is_error=False),
    )  # fmt: skip


def two_families(
    folder: Path, rules: AccessRules, *more: Endpoint, clock: Clock | None = None
) -> tuple[web.Application, FarDeps]:
    """Both, and what the second one works with."""
    clock = clock or Clock()
    deps = FarDeps(folder, Signer(SECRET, clock), Sessions(SECRET, KEY, clock))
    app = make_application([near(), far(*more)], rules, title="Two", version="1")
    app[PROVIDED].put(NearDeps(("a", "b")), deps, deps.signer, deps.sessions)
    return app, deps
