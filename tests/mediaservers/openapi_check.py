"""Checks real Jellyfin traffic against the server's own OpenAPI document.

Two things of the real wire are unlike the documents and are allowed for: GUIDs without hyphens,
and query parameters with names in any case and comma-joined lists.
"""

from __future__ import annotations

import functools
import json
import re
import uuid
from pathlib import Path
from typing import Any

from aiohttp import web

_ID = re.compile(r"\b[0-9a-f]{32}\b")
FOLDER = Path(__file__).parents[2].parent / "shared" / "jellyfin"


def document_path(version: str) -> Path:
    """Where the document of this version is, if it is at hand."""
    return FOLDER / f"openapi-{version}.json"


def is_available(version: str) -> bool:
    """Whether both the document and openapi-core are at hand."""
    try:
        import openapi_core  # noqa: F401, PLC0415
    except ImportError:
        return False
    return document_path(version).is_file()


class OpenApiCheck:
    """Validates each request and answer; ``violations`` are sentences."""

    def __init__(self, version: str) -> None:
        from openapi_core import Config, OpenAPI  # noqa: PLC0415

        self._document = json.loads(document_path(version).read_text("utf-8"))
        config = Config(extra_format_validators={"uuid": _is_uuid}, spec_validator_cls=None)
        self._openapi = OpenAPI.from_dict(self._document, config=config)
        self._found: dict[object, list[str]] = {}

    def violations(self, request: web.Request, body: bytes, response: web.Response) -> list[str]:
        """What is wrong with this exchange, in sentences.

        Exchanges that differ in well-formed ids only are looked at once: that is slow.
        """
        exchange = (
            request.method,
            request.path_qs,
            request.content_type,
            body,
            response.status,
            response.content_type,
            response.body,
        )
        key = _ID.sub("0" * 32, repr(exchange))
        if key not in self._found:
            self._found[key] = self._look(request, body, response)
        return self._found[key]

    def _look(self, request: web.Request, body: bytes, response: web.Response) -> list[str]:
        operation = self._operation(request.method, request.path)
        what = f"{request.method} {request.path_qs}"
        if operation is None:
            return [f"{what}: no such operation"]
        found = [f"{what}: request: {p}" for p in self._request_problems(request, body, operation)]
        found += [f"{what}: answer: {p}" for p in self._response_problems(request, body, response)]
        return found

    def _request_problems(
        self, request: web.Request, body: bytes, operation: dict[str, Any]
    ) -> list[str]:
        from openapi_core.exceptions import OpenAPIError  # noqa: PLC0415

        declared = {
            p["name"].lower() for p in operation.get("parameters", []) if p["in"] == "query"
        }
        problems = [
            f"unknown parameter {name}" for name in request.query if name.lower() not in declared
        ]
        try:
            self._openapi.validate_request(_Request(request, body, operation))
        except OpenAPIError as error:
            problems.append(f"{error} {error.__cause__ or ''}")
        return problems

    def _response_problems(
        self, request: web.Request, body: bytes, response: web.Response
    ) -> list[str]:
        from openapi_core.exceptions import OpenAPIError  # noqa: PLC0415

        operation = self._operation(request.method, request.path)
        assert operation is not None
        documented = operation["responses"].get(str(response.status))
        if documented is None:
            # What the exception middleware answers (400, 500) stands in no document.
            return [] if response.status >= 400 else [f"{response.status} is not documented"]
        if "application/json" not in documented.get("content", {}):
            return (
                ["a body that is not documented"]
                if response.status == 204 and response.body
                else []
            )
        try:
            self._openapi.validate_response(_Request(request, body, operation), _Response(response))
        except OpenAPIError as error:
            return [f"{error} {error.__cause__ or ''}"]
        return []

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        parts = path.strip("/").split("/")
        best: tuple[int, dict[str, Any]] | None = None
        for template, methods in self._document["paths"].items():
            pattern = template.strip("/").split("/")
            if len(pattern) != len(parts) or method.lower() not in methods:
                continue
            pairs = list(zip(pattern, parts, strict=True))
            if all(p.startswith("{") or p.lower() == q.lower() for p, q in pairs):
                literal = sum(not p.startswith("{") for p in pattern)
                if best is None or literal > best[0]:
                    best = (literal, methods[method.lower()])
        return None if best is None else best[1]


@functools.cache
def checker(version: str) -> OpenApiCheck:
    """The check for this version; reading the document takes half a second, so once only."""
    return OpenApiCheck(version)


class _Request:
    """A request as openapi-core wants to see it, its query in the document's spelling."""

    def __init__(self, request: web.Request, body: bytes, operation: dict[str, Any]) -> None:
        from openapi_core.datatypes import RequestParameters  # noqa: PLC0415
        from werkzeug.datastructures import Headers, ImmutableMultiDict  # noqa: PLC0415

        schemas = {
            p["name"].lower(): (p["name"], p["schema"].get("type") == "array")
            for p in operation.get("parameters", [])
            if p["in"] == "query"
        }
        query = []
        for given, value in request.query.items():
            name, is_list = schemas.get(given.lower(), (given, False))
            query += [(name, part) for part in (value.split(",") if is_list else [value])]
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(query), header=Headers(dict(request.headers)), cookie={}
        )
        self.host_url = "http://localhost"
        self.path = request.path
        self.method = request.method.lower()
        self.content_type = request.headers.get("Content-Type", "").lower()
        self.body = body or None


class _Response:
    """An answer as openapi-core wants to see it."""

    def __init__(self, response: web.Response) -> None:
        from werkzeug.datastructures import Headers  # noqa: PLC0415

        self.status_code = response.status
        self.content_type = response.headers.get("Content-Type", "").split(";")[0].lower()
        self.headers = Headers(dict(response.headers))
        body = response.body
        self.data = bytes(body) if isinstance(body, bytes | bytearray) else b""


def _is_uuid(value: object) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True
