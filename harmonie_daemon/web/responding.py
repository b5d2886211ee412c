"""From what a handler returned to a response."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from harmonie_daemon.web.answers import Answer, AnswerKind, Download, Later, NewCookie, WithCookie
from harmonie_daemon.web.aside import aside
from harmonie_daemon.web.endpoint import Endpoint
from harmonie_daemon.web.files import send_file
from harmonie_daemon.web.streams import send_events


class UndeclaredAnswerError(Exception):
    """A handler answered what its endpoint does not declare, so the document would be wrong."""


class Responder:
    """Answers the requests of one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._answer = endpoint.models.answer
        self._usual: TypeAdapter[Any] = TypeAdapter(self._answer.model)
        self._others: dict[int, TypeAdapter[Any]] = {
            status: TypeAdapter(other.model) for status, other in endpoint.others.items()
        }

    async def response(self, request: web.Request, answer: Any) -> web.StreamResponse:
        """The response that says ``answer``. Raises ``UndeclaredAnswerError``."""
        if isinstance(answer, Answer):
            return self._other(answer)
        match self._answer.kind:
            case AnswerKind.JSON:
                return await self._json(request, answer)
            case AnswerKind.TEXT:
                return _text_response(answer.text, self._endpoint)
            case AnswerKind.FILE:
                self._check_media_type(answer)
                return await send_file(request, answer)
            case AnswerKind.EVENTS:
                return await send_events(request, answer, self._encoded)
            case AnswerKind.EMPTY:
                return web.Response(status=self._endpoint.status)

    async def _json(self, request: web.Request, answer: Any) -> web.Response:
        body = answer.body if isinstance(answer, WithCookie) else answer
        if isinstance(body, Later):
            encoded = await aside(request.app, lambda: self._encoded(body.make()))
        else:
            encoded = self._encoded(body)
        response = json_response(encoded, self._endpoint.status)
        if isinstance(answer, WithCookie):
            _set_cookie(response, answer.cookie)
        return response

    def _encoded(self, answer: Any) -> bytes:
        return self._usual.dump_json(answer, by_alias=True)

    def _other(self, answer: Answer[Any]) -> web.Response:
        adapter = self._others.get(answer.status)
        if adapter is None:
            raise UndeclaredAnswerError(f"{self._endpoint.path} answered {answer.status}")
        return json_response(adapter.dump_json(answer.body, by_alias=True), answer.status)

    def _check_media_type(self, answer: Download) -> None:
        if answer.media_type not in self._endpoint.media_types:
            raise UndeclaredAnswerError(f"{self._endpoint.path} sent {answer.media_type}")


def model_response(model: BaseModel, *, status: int = 200) -> web.Response:
    """A model as a JSON response."""
    return json_response(model.model_dump_json(by_alias=True).encode(), status)


def json_response(body: bytes, status: int) -> web.Response:
    """JSON as a response."""
    return web.Response(
        body=body, status=status, content_type=AnswerKind.JSON.value, charset="utf-8"
    )


def _set_cookie(response: web.Response, cookie: NewCookie) -> None:
    response.set_cookie(
        cookie.name,
        cookie.value,
        max_age=cookie.for_s,
        path=cookie.path,
        httponly=True,
        secure=cookie.is_secure or None,
        samesite=cookie.same_site,
    )


def _text_response(text: str, endpoint: Endpoint) -> web.Response:
    (media_type,) = endpoint.media_types or (AnswerKind.TEXT.value,)
    return web.Response(
        body=text.encode(),
        status=endpoint.status,
        headers={"Content-Type": f"{media_type}; charset=utf-8"},
    )
