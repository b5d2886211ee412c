"""The OpenAPI document as a Postman collection (format 2.1): a folder a family, a request each.

The address and the key are variables of the collection, ``{{base_url}}`` and ``{{api_key}}``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from integrations.generate.families import family_of, operations
from integrations.generate.samples import sample

Json = dict[str, Any]
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
OPEN = "noauth"


def as_postman(document: Json) -> Json:
    """The collection."""
    folders: dict[str, list[Json]] = {}
    for path, method, operation in operations(document):
        request = _request(document, path, method, operation)
        folders.setdefault(family_of(operation), []).append(request)
    return {
        "info": {"name": document["info"]["title"], "schema": SCHEMA},
        "auth": {
            "type": "apikey",
            "apikey": [
                {"key": "key", "value": "X-API-Key", "type": "string"},
                {"key": "value", "value": "{{api_key}}", "type": "string"},
                {"key": "in", "value": "header", "type": "string"},
            ],
        },
        "variable": [
            {"key": "base_url", "value": "http://127.0.0.1:8842"},
            {"key": "api_key", "value": ""},
        ],
        "item": [{"name": name, "item": items} for name, items in folders.items()],
    }


def _request(document: Json, path: str, method: str, operation: Json) -> Json:
    parameters = operation.get("parameters", [])
    segments = [_segment(part) for part in path.strip("/").split("/")]
    request: Json = {
        "method": method.upper(),
        "header": [],
        "url": {
            "raw": "{{base_url}}/" + "/".join(segments),
            "host": ["{{base_url}}"],
            "path": segments,
            "query": [_query(one, document) for one in parameters if one["in"] == "query"],
            "variable": [_variable(one, document) for one in parameters if one["in"] == "path"],
        },
        "description": operation.get("description", operation["summary"]),
    }
    if operation.get("security") == []:
        request["auth"] = {"type": OPEN}
    for schema in _body(operation):
        text = json.dumps(sample(schema, document), indent=2, ensure_ascii=False)
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {
            "mode": "raw",
            "raw": text,
            "options": {"raw": {"language": "json"}},
        }
    return {"name": operation["summary"], "request": request}


def _segment(part: str) -> str:
    return f":{part[1:-1]}" if part.startswith("{") else part


def _query(parameter: Json, document: Json) -> Json:
    value = sample(parameter["schema"], document)
    return {
        "key": parameter["name"],
        "value": _text(value),
        "description": parameter.get("description", ""),
        "disabled": not parameter.get("required", False),
    }


def _variable(parameter: Json, document: Json) -> Json:
    return {
        "key": parameter["name"],
        "value": _text(sample(parameter["schema"], document)),
        "description": parameter.get("description", ""),
    }


def _text(value: object) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return (
        ""
        if first is None or first == []
        else str(first).lower()
        if isinstance(first, bool)
        else str(first)
    )


def _body(operation: Json) -> Iterator[Json]:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        yield content["application/json"]["schema"]
