"""What is made of the OpenAPI document is up to date, whole and valid."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from integrations.generate.everything import DOCUMENT, PROJECT, everything
from integrations.generate.families import FAMILIES, family_of, operations
from integrations.generate.openapi30 import as_openapi30
from integrations.generate.postman import as_postman
from integrations.generate.samples import sample

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Json:
    return dict(json.loads(DOCUMENT.read_text("utf-8")))


def test_everything_is_as_it_would_be_made_now(document: Json) -> None:
    stale = [
        str(path)
        for path, text in everything(document).items()
        if (PROJECT / path).read_text("utf-8") != text
    ]
    if stale:
        pytest.fail(f"python -m integrations.generate makes anew: {', '.join(stale)}")


def test_the_older_document_is_valid_and_has_every_operation(document: Json) -> None:
    older = as_openapi30(document)
    OpenAPIV30SpecValidator(older).validate()
    assert [(path, method) for path, method, _ in operations(older)] == [
        (path, method) for path, method, _ in operations(document)
    ]


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        (
            {"anyOf": [{"type": "integer"}, {"type": "null"}], "title": "N"},
            {"type": "integer", "title": "N", "nullable": True},
        ),
        (
            {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]},
            {"allOf": [{"$ref": "#/x"}], "nullable": True},
        ),
        (
            {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "integer"}, {"type": "string"}], "nullable": True},
        ),
        ({"const": 1, "type": "integer"}, {"enum": [1], "type": "integer"}),
        (
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        ),
        ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
        (
            {"type": "object", "properties": {"const": {"type": "string"}}},
            {"type": "object", "properties": {"const": {"type": "string"}}},
        ),
        ({"type": "array"}, {"type": "array", "items": {}}),
    ],
)
def test_how_a_schema_is_written_in_3_0(newer: Json, older: Json) -> None:
    holder = {"openapi": "3.1.0", "info": {}, "schema": newer}
    assert as_openapi30(holder)["schema"] == older


def test_every_operation_is_a_method_of_both_clients(document: Json) -> None:
    made = {path.name: text for path, text in everything(document).items()}
    for name, word in (("blocking.py", "def"), ("awaiting.py", "async def")):
        methods = re.findall(rf"^    {word} ([a-z]\w*)\(", made[name], re.MULTILINE)
        assert len(methods) == len(list(operations(document)))
    families = {family_of(operation) for _, _, operation in operations(document)}
    assert families == set(FAMILIES)


def _requests(items: list[Json]) -> Iterator[Json]:
    for item in items:
        yield from _requests(item["item"]) if "item" in item else (item["request"],)


def test_postman_can_send_every_operation(document: Json) -> None:
    requests = list(_requests(as_postman(document)["item"]))
    sent = {(one["method"], "/" + "/".join(one["url"]["path"])) for one in requests}
    assert sent == {
        (method.upper(), re.sub(r"\{(\w+)\}", r":\1", path))
        for path, method, _ in operations(document)
    }


def test_bodies_in_the_collection_are_what_their_schemas_allow(document: Json) -> None:
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    for path, method, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        schema = {**content["application/json"]["schema"], "components": document["components"]}
        value = sample(content["application/json"]["schema"], document)
        errors = [error.message for error in Draft202012Validator(schema).iter_errors(value)]
        assert errors == [], (method, path, value)
