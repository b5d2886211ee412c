"""From a request to the models of an endpoint: one parser for every family."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_origin

from aiohttp import web
from pydantic import BaseModel, ValidationError

from harmonie_daemon.web.bodies import read_body
from harmonie_daemon.web.endpoint import Call, CallModels, Nothing
from harmonie_daemon.web.errors import InvalidRequestError, MissingParameterError
from harmonie_daemon.web.validation import explain

EMPTY_OBJECT = b"{}"


@dataclass(frozen=True, slots=True)
class Policies:
    """What the contracts of the families settle differently."""

    malformed_status: int = 400
    """For a parameter, member or body that does not fit its description."""
    empty_body_means_defaults: bool = False
    """Whether a request without a body is one whose body is ``{}``."""
    repeated_parameter_is_error: bool = True
    """Otherwise the first of them counts."""


class Parser:
    """Reads the requests of one endpoint."""

    def __init__(
        self, models: CallModels, policies: Policies, max_body_bytes: int | None = None
    ) -> None:
        """``max_body_bytes``: less than the application lets in."""
        self._models = models
        self._max_body_bytes = max_body_bytes
        self._policies = policies
        self._repeatable = frozenset(_repeatable(models.query))

    async def parsed(self, request: web.Request) -> Call[Any, Any, Any, Any]:
        """Raises ``InvalidRequestError``, ``BadRequestError`` and ``BodyTooLargeError``."""
        models = self._models
        return Call(
            request,
            _validated(models.path, dict(request.match_info)),
            self._query(request),
            await self._body(request),
            models.deps,
        )

    def _query(self, request: web.Request) -> BaseModel:
        values: dict[str, str | list[str]] = {}
        for name in self._models.query.model_fields:
            given = request.query.getall(name, [])
            if name in self._repeatable:
                values[name] = list(given)
            elif len(given) > 1 and self._policies.repeated_parameter_is_error:
                raise InvalidRequestError(f"{name} was given {len(given)} times; give it once")
            elif given:
                values[name] = given[0]
        try:
            return self._models.query.model_validate(values)
        except ValidationError as error:
            if all(problem["type"] == "missing" for problem in error.errors(include_url=False)):
                raise MissingParameterError(explain(error, values)) from error
            raise InvalidRequestError(explain(error, values)) from error

    async def _body(self, request: web.Request) -> BaseModel:
        """The body as JSON, whatever content type it claims to have."""
        if self._models.body is Nothing:
            return Nothing()
        raw = (await read_body(request, self._max_body_bytes)).removeprefix(codecs.BOM_UTF8)
        if not raw.strip():
            if not self._policies.empty_body_means_defaults:
                raise InvalidRequestError("the request body is empty; send a JSON object")
            raw = EMPTY_OBJECT
        validate: Callable[[bytes], BaseModel] = self._models.body.model_validate_json
        try:
            return validate(raw)
        except ValidationError as error:
            raise InvalidRequestError(explain(error, raw)) from error


def _repeatable(model: type[BaseModel]) -> list[str]:
    """The fields whose parameter may be given more than once."""
    return [
        name
        for name, info in model.model_fields.items()
        if get_origin(info.annotation) in (list, tuple)
    ]


def _validated(model: type[BaseModel], values: Mapping[str, Any]) -> BaseModel:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidRequestError(explain(error, values)) from error
