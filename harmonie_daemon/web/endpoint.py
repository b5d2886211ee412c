"""Declared endpoints: models in, a model out; the same declaration yields the document.

A handler takes one ``Call[Deps, Path, Query, Body]`` and returns a pydantic model or whatever else
``web/answers.py`` lists; its annotations are the declaration. Query models read text (``"5"`` is a
number there), body models should be strict. Parameters and members nobody declared are ignored.
"""

from __future__ import annotations

import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args

from aiohttp import hdrs, web
from pydantic import BaseModel

from harmonie_daemon.web.access import KEY, Access, Signed
from harmonie_daemon.web.answers import AnswerType, answer_type
from harmonie_daemon.web.keys import PROVIDED, DepsT

PathT = TypeVar("PathT", bound=BaseModel)
QueryT = TypeVar("QueryT", bound=BaseModel)
BodyT = TypeVar("BodyT", bound=BaseModel)


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


EndpointHandler = Callable[[Call[Any, Any, Any, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class CallModels:
    """What a handler's annotations declare."""

    deps: type
    """``NoneType``: it works with nothing, and answers while the daemon starts."""
    path: type[BaseModel]
    query: type[BaseModel]
    body: type[BaseModel]
    answer: AnswerType


@dataclass(frozen=True, slots=True)
class OtherAnswer:
    """What a handler may answer with another status than usual (``answers.Answer``)."""

    model: Any
    """A pydantic model, or what a ``TypeAdapter`` takes."""
    cause: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation."""

    method: str
    path: str
    """As aiohttp writes it: ``/api/v1/tracks/{id}``, without regular expressions."""
    handler: EndpointHandler
    summary: str
    tag: str = ""
    """Where it stands in the document; left out, under the name of its family."""
    description: str = ""
    status: int = 200
    errors: Mapping[int, str] = field(default_factory=dict)
    """Status to its cause, beyond what every endpoint can answer; in the family's error shape."""
    others: Mapping[int, OtherAnswer] = field(default_factory=dict)
    """Status to what else the handler itself answers."""
    media_types: tuple[str, ...] = ()
    """Of plain text (one) and files (each there may be)."""
    access: Access = KEY
    max_body_bytes: int | None = None
    """Where less is enough than what the application lets in: JSON is read on the event loop."""
    is_unlimited: bool = False
    """Whether it may be asked as often as one likes, where its family has a limit."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for what could not be kept."""
        if isinstance(self.access, Signed) and self.method != hdrs.METH_GET:
            raise ValueError(f"{self.path}: an address that is followed is asked with GET")

    @property
    def name(self) -> str:
        """The name of the handler."""
        return typing.cast(str, getattr(self.handler, "__name__"))  # noqa: B009 - a Callable

    @property
    def models(self) -> CallModels:
        """The models the handler's annotations name."""
        hints = typing.get_type_hints(self.handler)
        answer = answer_type(hints.pop("return"))
        (call,) = hints.values()
        deps, path, query, body = get_args(call)
        return CallModels(deps, path, query, body, answer)
