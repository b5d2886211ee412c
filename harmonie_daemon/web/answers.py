"""What a handler may return, and how its annotation says so.

A pydantic model, a dataclass, or anything a ``TypeAdapter`` takes (``list[Track]``), is JSON with
the endpoint's status. ``None`` is an answer without a body. The rest is below.
"""

from __future__ import annotations

import enum
import types
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Later(Generic[AnswerT]):
    """An answer with many items: made, and turned into JSON, off the event loop."""

    make: Callable[[], AnswerT]


@dataclass(frozen=True, slots=True)
class Answer(Generic[AnswerT]):
    """JSON with one of the other statuses that the endpoint declares.

    The annotation names it beside the usual one: ``Cancelled | Answer[NotThere]``.
    """

    status: int
    body: AnswerT


@dataclass(frozen=True, slots=True)
class NewCookie:
    """Something that the client is asked to keep and to send along; no script can read it."""

    name: str
    value: str
    path: str
    """It is sent along to this and below."""
    for_s: int
    """0: it is to be forgotten."""
    same_site: Literal["Lax", "Strict"] = "Lax"
    """Strict: it is not sent along when a page of somebody else leads here."""
    is_secure: bool = False
    """Whether it is sent along over https alone."""


@dataclass(frozen=True, slots=True)
class WithCookie(Generic[AnswerT]):
    """The usual JSON, and a cookie by which the client can be told from others later."""

    body: AnswerT
    cookie: NewCookie


@dataclass(frozen=True, slots=True)
class Text:
    """Text as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Download:
    """A file, whole or in the part that is asked for."""

    path: Path
    name: str
    """What it is called where it is kept."""
    media_type: str
    is_inline: bool = False
    """Whether a browser should show or play it, rather than keep it."""


@dataclass(frozen=True, slots=True)
class Event(Generic[AnswerT]):
    """One event of a stream; its data is sent as JSON."""

    data: AnswerT
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Events(Generic[AnswerT]):
    """Server-sent events until the source ends, the client leaves or the daemon stops."""

    source: AsyncGenerator[Event[AnswerT], None]
    """Closed in any case, so that it can tidy up behind itself."""


class AnswerKind(enum.Enum):
    """What the body of an answer is."""

    JSON = "application/json"
    TEXT = "text/plain"
    FILE = "application/octet-stream"
    EVENTS = "text/event-stream"
    EMPTY = ""


@dataclass(frozen=True, slots=True)
class AnswerType:
    """What a handler's annotation declares about its usual answer."""

    kind: AnswerKind
    model: Any
    """Of the JSON, or of the data of each event; ``None`` where there is none."""
    is_later: bool = False


def answer_type(annotation: Any) -> AnswerType:
    """What the annotation of a handler's return value declares."""
    if get_origin(annotation) in (Union, types.UnionType):
        usual = [one for one in get_args(annotation) if get_origin(one) is not Answer]
        annotation = Union[tuple(usual)]  # noqa: UP007 - of as many as there are
    if annotation in _WITHOUT_MODEL:
        return AnswerType(_WITHOUT_MODEL[annotation], None)
    if get_origin(annotation) is Events:
        return AnswerType(AnswerKind.EVENTS, get_args(annotation)[0])
    if get_origin(annotation) in (Later, WithCookie):
        is_later = get_origin(annotation) is Later
        return AnswerType(AnswerKind.JSON, get_args(annotation)[0], is_later)
    return AnswerType(AnswerKind.JSON, annotation)


_WITHOUT_MODEL: Mapping[Any, AnswerKind] = {
    None: AnswerKind.EMPTY,
    types.NoneType: AnswerKind.EMPTY,
    Text: AnswerKind.TEXT,
    Download: AnswerKind.FILE,
}
