"""Declared endpoints: models in, a model out; the same declaration yields the document.

A handler takes one ``Call[Deps, Path, Query, Body]`` and returns a pydantic model or a dataclass,
or ``Later`` one; its annotations are the declaration. Query models read text (``"5"`` is a number
there), body models should be strict. Parameters and members nobody declared are ignored.
"""

from __future__ import annotations

import asyncio
import codecs
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args, get_origin

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from harmonie_daemon.web.bodies import read_body
from harmonie_daemon.web.errors import (
    InvalidRequestError,
    MissingParameterError,
)
from harmonie_daemon.web.keys import PROVIDED, DepsT
from harmonie_daemon.web.validation import explain

PathT = TypeVar("PathT", bound=BaseModel)
QueryT = TypeVar("QueryT", bound=BaseModel)
BodyT = TypeVar("BodyT", bound=BaseModel)
AnswerT = TypeVar("AnswerT")


class Nothing(BaseModel):
    """No parameters of this kind."""


@dataclass(frozen=True, slots=True)
class Call(Generic[DepsT, PathT, QueryT, BodyT]):
    """One request, parsed."""

    request: web.Request
    path: PathT
    query: QueryT
    body: BodyT
    deps_type: type[DepsT]

    @property
    def deps(self) -> DepsT:
        """What the handler works with. Raises ``NotReadyError`` while the daemon starts."""
        return self.request.app[PROVIDED].get(self.deps_type)


@dataclass(frozen=True, slots=True)
class Later(Generic[AnswerT]):
    """An answer with many items: made, and turned into JSON, off the event loop."""

    make: Callable[[], AnswerT]


_ASIDE: web.AppKey[ThreadPoolExecutor] = web.AppKey("aside", ThreadPoolExecutor)
"""One thread: several would only take turns at the interpreter, and keep the event loop waiting.
The loop's own threads may all be waiting for slow disks."""

EndpointHandler = Callable[[Call[Any, Any, Any, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class CallModels:
    """What a handler's annotations declare."""

    deps: type
    path: type[BaseModel]
    query: type[BaseModel]
    body: type[BaseModel]
    response: Any
    """A pydantic model or a dataclass."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation."""

    method: str
    path: str
    """As aiohttp writes it: ``/api/v1/tracks/{id}``, without regular expressions."""
    handler: EndpointHandler
    summary: str
    tag: str
    description: str = ""
    status: int = 200
    errors: Mapping[int, str] = field(default_factory=dict)
    """Status to its cause, beyond what every endpoint can answer."""
    is_open: bool = False
    """Whether it answers without a key, and before the daemon is ready."""

    @property
    def operation_id(self) -> str:
        """The name of the handler."""
        return typing.cast(str, getattr(self.handler, "__name__"))  # noqa: B009 - a Callable

    @property
    def models(self) -> CallModels:
        """The models the handler's annotations name."""
        hints = typing.get_type_hints(self.handler)
        response = hints.pop("return")
        if get_origin(response) is Later:
            (response,) = get_args(response)
        (call,) = hints.values()
        deps, path, query, body = get_args(call)
        return CallModels(deps, path, query, body, response)


def register(app: web.Application, endpoints: Sequence[Endpoint]) -> None:
    """Add the endpoints' routes (aiohttp adds HEAD to every GET)."""
    app[_ASIDE] = ThreadPoolExecutor(1, thread_name_prefix="answers")
    app.on_cleanup.append(_end_aside)
    for endpoint in endpoints:
        handler = _route_handler(endpoint)
        if endpoint.method == "GET":
            app.router.add_get(endpoint.path, handler)
        else:
            app.router.add_route(endpoint.method, endpoint.path, handler)


def _route_handler(
    endpoint: Endpoint,
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    models = endpoint.models
    repeatable = frozenset(_repeatable(models.query))
    adapter = TypeAdapter(models.response)

    def encode(answer: Any) -> bytes:
        return adapter.dump_json(answer, by_alias=True)

    async def respond(request: web.Request) -> web.StreamResponse:
        path = _validated(models.path, dict(request.match_info))
        query = _parse_query(models.query, repeatable, request)
        body = await _parse_body(models.body, request)
        answer = await endpoint.handler(Call(request, path, query, body, models.deps))
        if isinstance(answer, Later):
            encoded = await _aside(request.app, encode, answer)
        else:
            encoded = encode(answer)
        return _json_response(encoded, endpoint.status)

    return respond


async def _aside(
    app: web.Application, encode: Callable[[object], bytes], answer: Later[Any]
) -> bytes:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(app[_ASIDE], lambda: encode(answer.make()))


async def _end_aside(app: web.Application) -> None:
    app[_ASIDE].shutdown(wait=False, cancel_futures=True)


def model_response(model: BaseModel, *, status: int = 200) -> web.Response:
    """A model as a JSON response."""
    return _json_response(model.model_dump_json(by_alias=True).encode(), status)


def _json_response(body: bytes, status: int) -> web.Response:
    return web.Response(
        body=body,
        status=status,
        content_type="application/json",
        charset="utf-8",
    )


def _repeatable(model: type[BaseModel]) -> list[str]:
    """The fields whose parameter may be given more than once."""
    return [
        name
        for name, info in model.model_fields.items()
        if get_origin(info.annotation) in (list, tuple)
    ]


def _parse_query(
    model: type[BaseModel], repeatable: frozenset[str], request: web.Request
) -> BaseModel:
    values: dict[str, str | list[str]] = {}
    for name in model.model_fields:
        given = request.query.getall(name, [])
        if name in repeatable:
            values[name] = list(given)
        elif len(given) > 1:
            raise InvalidRequestError(f"{name} was given {len(given)} times; give it once")
        elif given:
            values[name] = given[0]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        if all(problem["type"] == "missing" for problem in error.errors(include_url=False)):
            raise MissingParameterError(explain(error, values)) from error
        raise InvalidRequestError(explain(error, values)) from error


async def _parse_body(model: type[BaseModel], request: web.Request) -> BaseModel:
    """The body as JSON, whatever content type it claims to have."""
    if model is Nothing:
        return Nothing()
    raw = (await read_body(request)).removeprefix(codecs.BOM_UTF8)
    if not raw.strip():
        raise InvalidRequestError("the request body is empty; send a JSON object")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise InvalidRequestError(explain(error, raw)) from error


def _validated(model: type[BaseModel], values: Mapping[str, Any]) -> BaseModel:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidRequestError(explain(error, values)) from error
