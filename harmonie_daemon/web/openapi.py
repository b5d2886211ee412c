"""The OpenAPI 3.1 document of declared endpoints, made from their own pydantic models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from types import NoneType
from typing import Any, Literal

from pydantic import BaseModel

from harmonie_daemon.web.access import OPEN, SIGNED
from harmonie_daemon.web.answers import AnswerKind
from harmonie_daemon.web.endpoint import Endpoint, Nothing
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.schemas import Mode, Schema, Schemas, referenced, tidied
from harmonie_daemon.web.security_schemes import default_security, security_of, security_schemes

_KEY_REFUSED = "The API key is missing or wrong."
_NOT_READY = "The daemon is still starting."
_FOREIGN = "A page of a foreign origin sent this."
_TOO_MANY = "A client asks too often; Retry-After says when it may again."
_MALFORMED = "A parameter or member does not fit its description."


def document(families: Sequence[Family], *, title: str, version: str, description: str) -> Schema:
    """The whole document. Same families, same document: nothing in it depends on the machine.

    Raises ``ValueError`` when two models have one name.
    """
    schemas = Schemas(_models(families))
    paths: dict[str, Schema] = {}
    operations = [(family, endpoint) for family in families for endpoint in family.endpoints]
    for name, (family, endpoint) in zip(_operation_ids(operations), operations, strict=True):
        operation = _operation(family, endpoint, schemas, name)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    tags = dict.fromkeys(_tag(family, endpoint) for family, endpoint in operations)
    result: Schema = {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "description": description,
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "security": default_security(),
        "paths": paths,
    }
    result["components"] = {
        "schemas": referenced(schemas.definitions, paths),
        "securitySchemes": security_schemes([endpoint.access for _, endpoint in operations]),
    }
    hoisted: Schema = {}
    whole: Schema = tidied(result, hoisted)
    components = whole["components"]["schemas"]
    whole["components"]["schemas"] = dict(sorted({**components, **hoisted}.items()))
    return whole


def _models(families: Sequence[Family]) -> Iterator[tuple[Any, Mode]]:
    for family in families:
        yield family.error_model, "serialization"
        for endpoint in family.endpoints:
            models = endpoint.models
            for model in (models.path, models.query, models.body):
                yield model, "validation"
            yield models.answer.model, "serialization"
            for other in endpoint.others.values():
                yield other.model, "serialization"


def _operation_ids(operations: Sequence[tuple[Family, Endpoint]]) -> list[str]:
    """The names of the handlers; a later family's begin with its own where the name is taken."""
    taken: dict[str, None] = {}
    for family, endpoint in operations:
        name = endpoint.name
        taken[f"{family.name}_{name}" if name in taken else name] = None
    return list(taken)


def _tag(family: Family, endpoint: Endpoint) -> str:
    return endpoint.tag or family.name


def _operation(family: Family, endpoint: Endpoint, schemas: Schemas, name: str) -> Schema:
    models = endpoint.models
    operation: Schema = {
        "operationId": name,
        "summary": endpoint.summary,
        "tags": [_tag(family, endpoint)],
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    security = security_of(endpoint.access)
    if security is not None:
        operation["security"] = security
    parameters = [
        *_parameters(schemas.resolved(models.path), "path"),
        *_parameters(schemas.resolved(models.query), "query"),
    ]
    if parameters:
        operation["parameters"] = parameters
    if models.body is not Nothing:
        operation["requestBody"] = {
            "required": not _may_be_empty(family, models.body),
            "content": _json(schemas.of(models.body, "validation")),
        }
    operation["responses"] = _responses(family, endpoint, schemas, has_input=bool(parameters))
    return operation


def _may_be_empty(family: Family, body: type[BaseModel]) -> bool:
    if not family.policies.empty_body_means_defaults:
        return False
    return not any(info.is_required() for info in body.model_fields.values())


def _responses(family: Family, endpoint: Endpoint, schemas: Schemas, *, has_input: bool) -> Schema:
    refusal = schemas.answer(family.error_model)
    responses = {
        status: {"description": cause, "content": _json(refusal)}
        for status, cause in _errors(family, endpoint, has_input=has_input).items()
    }
    for status, other in endpoint.others.items():
        schema = schemas.answer(other.model)
        if status in responses:
            schema = {"anyOf": [schema, refusal]}
        responses[status] = {"description": other.cause, "content": _json(schema)}
    usual = _usual_answer(endpoint, schemas)
    if endpoint.models.answer.kind is AnswerKind.FILE:
        responses[206] = {**usual, "description": HTTPStatus(206).phrase}
    return {
        str(endpoint.status): usual,
        **{str(status): responses[status] for status in sorted(responses)},
    }


def _errors(family: Family, endpoint: Endpoint, *, has_input: bool) -> dict[int, str]:
    """Status to its cause, of what is answered in the family's error shape."""
    models, access = endpoint.models, endpoint.access
    errors: dict[int, str] = {}
    if access != OPEN:
        errors[401] = _KEY_REFUSED
    if models.deps is not NoneType or models.answer.kind is AnswerKind.EVENTS:
        errors[503] = _NOT_READY
    if access == SIGNED:
        errors[403] = "The address was changed, or has expired."
    elif endpoint.method != "GET":
        errors[403] = _FOREIGN
    if has_input or models.body is not Nothing:
        errors[family.policies.malformed_status] = _MALFORMED
    if models.body is not Nothing:
        errors[413] = "The request body is too large."
    if family.is_limited and not endpoint.is_unlimited:
        errors[429] = _TOO_MANY
    if models.answer.kind is AnswerKind.FILE:
        errors[404] = "The file is not there any more."
        errors[416] = "The part that is asked for lies beyond the end of the file."
    return {**errors, **endpoint.errors}


def _usual_answer(endpoint: Endpoint, schemas: Schemas) -> Schema:
    answer: Schema = {"description": HTTPStatus(endpoint.status).phrase}
    content = _content(endpoint, schemas)
    return {**answer, "content": content} if content else answer


def _content(endpoint: Endpoint, schemas: Schemas) -> Schema:
    """Media type to schema; empty where there is no body."""
    declared = endpoint.models.answer
    media_types = endpoint.media_types or (declared.kind.value,)
    match declared.kind:
        case AnswerKind.JSON:
            return _json(schemas.answer(declared.model))
        case AnswerKind.TEXT:
            return {media_type: {"schema": {"type": "string"}} for media_type in media_types}
        case AnswerKind.FILE:
            binary = {"type": "string", "format": "binary"}
            return {media_type: {"schema": binary} for media_type in media_types}
        case AnswerKind.EVENTS:
            return {declared.kind.value: {"schema": _event(schemas.answer(declared.model))}}
        case AnswerKind.EMPTY:
            return {}


def _event(data: Schema) -> Schema:
    """One event of a stream, as OpenAPI 3.2 and tools describe it; 3.1 has no words of its own."""
    text = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    return {
        "type": "object",
        "description": "One server-sent event.",
        "properties": {"event": {"type": "string"}, "data": text},
        "required": ["data"],
    }


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _parameters(schema: Schema, place: Literal["path", "query"]) -> list[Schema]:
    required = schema.get("required", ())
    return [
        _parameter(name, dict(member), place, is_required=name in required)
        for name, member in schema.get("properties", {}).items()
    ]


def _parameter(name: str, schema: Schema, place: str, *, is_required: bool) -> Schema:
    """One parameter. Text cannot be null, so that branch and that default go."""
    parameter: Schema = {"name": name, "in": place, "required": is_required}
    description = schema.pop("description", None)
    if description:
        parameter["description"] = description
    schema.pop("title", None)
    if "anyOf" in schema:
        branches = [branch for branch in schema["anyOf"] if branch != {"type": "null"}]
        del schema["anyOf"]
        schema = {**branches[0], **schema} if len(branches) == 1 else {**schema, "anyOf": branches}
    if schema.get("default", ...) is None:
        del schema["default"]
    if schema.get("type") == "array":
        parameter.update(style="form", explode=True)
    parameter["schema"] = schema
    return parameter
