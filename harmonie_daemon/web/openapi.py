"""The OpenAPI 3.1 document of declared endpoints, made from their own pydantic models."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from harmonie_daemon.web.endpoint import Endpoint, Nothing

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]
COMPONENTS = "#/components/schemas/"
COMPONENT = "x-component"
"""Member of a schema that is to stand among the components, under this name."""
SECURITY_SCHEMES: Mapping[str, Schema] = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The daemon's one key. Not asked for when the daemon runs without a key.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The same key in the Authorization header.",
    },
}
_KEY_REFUSED = {401: "The API key is missing or wrong."}
_NOT_READY = {503: "The daemon is still starting."}
_NO_KEY_SCHEMES: list[Schema] = []


def document(
    endpoints: Sequence[Endpoint],
    *,
    error_model: type[BaseModel],
    title: str,
    version: str,
    description: str,
) -> Schema:
    """The whole document. Same endpoints, same document: nothing in it depends on the machine."""
    schemas = _Schemas(endpoints, error_model)
    paths: dict[str, Schema] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, schemas)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    tags = dict.fromkeys(endpoint.tag for endpoint in endpoints)
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
        "security": [{name: []} for name in SECURITY_SCHEMES],
        "paths": paths,
    }
    result["components"] = {
        "schemas": _referenced(schemas.definitions, paths),
        "securitySchemes": dict(SECURITY_SCHEMES),
    }
    hoisted: Schema = {}
    tidied: Schema = _tidied(result, hoisted)
    components = tidied["components"]["schemas"]
    tidied["components"]["schemas"] = dict(sorted({**components, **hoisted}.items()))
    return tidied


class _Schemas:
    """The JSON schemas of every model, generated together so that their names agree."""

    def __init__(self, endpoints: Sequence[Endpoint], error_model: type[BaseModel]) -> None:
        inputs: dict[tuple[Hashable, Mode], TypeAdapter[Any]] = {}
        for endpoint in endpoints:
            models = endpoint.models
            for model in (models.path, models.query, models.body):
                inputs[model, "validation"] = TypeAdapter(model)
            inputs[models.response, "serialization"] = TypeAdapter(models.response)
        self.error_model = error_model
        inputs[error_model, "serialization"] = TypeAdapter(error_model)
        self._by_model, rest = TypeAdapter.json_schemas(
            [(model, mode, adapter) for (model, mode), adapter in inputs.items()],
            ref_template=COMPONENTS + "{model}",
        )
        self.definitions: Schema = rest.get("$defs", {})

    def of(self, model: Hashable, mode: Mode) -> Schema:
        """The schema, as a rule a reference."""
        return self._by_model[model, mode]

    def resolved(self, model: type[BaseModel]) -> Schema:
        """The schema of a parameter model itself."""
        schema = self.of(model, "validation")
        reference = schema.get("$ref")
        if reference is None:
            return schema
        found: Schema = self.definitions[reference.removeprefix(COMPONENTS)]
        return found


def _operation(endpoint: Endpoint, schemas: _Schemas) -> Schema:
    models = endpoint.models
    operation: Schema = {
        "operationId": endpoint.operation_id,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.is_open:
        operation["security"] = _NO_KEY_SCHEMES
    parameters = [
        *_parameters(schemas.resolved(models.path), "path"),
        *_parameters(schemas.resolved(models.query), "query"),
    ]
    if parameters:
        operation["parameters"] = parameters
    if models.body is not Nothing:
        operation["requestBody"] = {
            "required": True,
            "content": _json(schemas.of(models.body, "validation")),
        }
    operation["responses"] = _responses(endpoint, schemas, has_input=bool(parameters))
    return operation


def _responses(endpoint: Endpoint, schemas: _Schemas, *, has_input: bool) -> Schema:
    answer = {
        "description": HTTPStatus(endpoint.status).phrase,
        "content": _json(schemas.of(endpoint.models.response, "serialization")),
    }
    errors: dict[int, str] = {} if endpoint.is_open else {**_KEY_REFUSED, **_NOT_READY}
    if endpoint.method != "GET":
        errors[403] = "A page of a foreign origin sent this."
    if has_input or endpoint.models.body is not Nothing:
        errors[422] = "A parameter or member does not fit its description."
    if endpoint.models.body is not Nothing:
        errors[413] = "The request body is too large."
    errors.update(endpoint.errors)
    refusal = _json(schemas.of(schemas.error_model, "serialization"))
    return {
        str(endpoint.status): answer,
        **{
            str(status): {"description": cause, "content": refusal}
            for status, cause in sorted(errors.items())
        },
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


def _referenced(definitions: Schema, paths: Schema) -> Schema:
    """The definitions the paths reach, directly or through others, by name."""
    found: set[str] = set()
    open_ends = [json.dumps(paths)]
    pattern = re.compile(re.escape(COMPONENTS) + r'([^"]+)')
    while open_ends:
        for name in pattern.findall(open_ends.pop()):
            if name not in found:
                found.add(name)
                open_ends.append(json.dumps(definitions[name]))
    return {name: _as_markdown(definitions[name]) for name in sorted(found)}


def _tidied(part: Any, components: Schema) -> Any:
    """What generators of clients stumble over, put otherwise.

    A default of null says nothing that leaving it out does not; a schema that names its
    component (``COMPONENT``) becomes one, instead of an enumeration of its own at each place.
    """
    if isinstance(part, list):
        return [_tidied(entry, components) for entry in part]
    if not isinstance(part, dict):
        return part
    tidied = {
        name: _tidied(member, components)
        for name, member in list(part.items())
        if not (name == "default" and member is None)
    }
    component = tidied.pop(COMPONENT, None)
    if component is None:
        return tidied
    components[component] = tidied
    return {"$ref": COMPONENTS + component}


def _as_markdown(schema: Schema) -> Schema:
    """A schema whose description, a docstring, has its code spans as Markdown has them."""
    if "description" not in schema:
        return schema
    return {**schema, "description": schema["description"].replace("``", "`")}
