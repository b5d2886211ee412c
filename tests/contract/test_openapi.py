"""The document at /openapi.json: valid, whole, and changed on purpose only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_core import OpenAPI
from openapi_spec_validator import validate

from harmonie_daemon.api.harmonie import harmonie_family
from harmonie_daemon.app.families import every_family
from harmonie_daemon.web.openapi import document
from tests.contract.test_harmonie_conventions import (
    EVERY_GET,
    EVERY_POST,
    OF_A_LISTENER,
    OF_ONE_COMPOSITION,
    OF_ONE_LOGIN,
    OF_ONE_PLAYLIST,
)
from tests.servers import Client, Daemon

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOLDEN = Path(__file__).with_name("openapi.json")


def printed(document: object) -> str:
    """The document as the golden file has it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def whole_document() -> dict[str, Any]:
    """Of everything that the daemon answers for."""
    return json.loads(
        json.dumps(document(every_family(), title="Harmonie", version="0.1.0", description=""))
    )


async def test_the_document_is_the_golden_one() -> None:
    if printed(whole_document()) != GOLDEN.read_text(encoding="utf-8"):
        pytest.fail("the document has changed: python -m tests.contract.write_openapi, git diff")


async def test_the_document_is_valid_and_can_be_worked_with() -> None:
    whole = whole_document()
    assert whole["openapi"].startswith("3.1")
    validate(whole)
    OpenAPI.from_dict(whole)


OF_ONE_SESSION = ("POST", "GET", "DELETE")
"""tests/e2e/test_guards.py."""


async def test_every_endpoint_is_in_it_and_answers_what_it_says(ten: Daemon) -> None:
    paths = (await ten.client.get("/openapi.json")).json["paths"]
    declared = {(e.method.lower(), e.path) for e in harmonie_family().endpoints}
    assert declared == {(method, path) for path in paths for method in paths[path]}
    others = (
        *OF_ONE_COMPOSITION,
        *OF_ONE_LOGIN,
        *OF_ONE_PLAYLIST,
        *OF_A_LISTENER,
        *OF_ONE_SESSION,
        "health",
        "metrics",
    )
    assert len(declared) == len((*EVERY_GET, *EVERY_POST, *others))


async def test_every_operation_names_its_refusals(api: Client) -> None:
    paths = (await api.get("/openapi.json")).json["paths"]
    for path, operations in paths.items():
        for operation in operations.values():
            refusals = {status for status in operation["responses"] if status >= "400"}
            if path == "/health":
                assert refusals == set()
                continue
            assert {"401", "503"} <= refusals
            for status in refusals:
                content = operation["responses"][status]["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Error"}


async def test_the_limits_of_the_contract_are_in_it(api: Client) -> None:
    document = (await api.get("/openapi.json")).json
    schemas = document["components"]["schemas"]

    def parameter(path: str, name: str) -> dict[str, object]:
        parameters = document["paths"][path]["get"]["parameters"]
        (found,) = (p["schema"] for p in parameters if p["name"] == name)
        return {key: found[key] for key in ("minimum", "maximum", "default") if key in found}

    limit = {"minimum": 1, "maximum": 1000, "default": 100}
    assert parameter("/api/v1/tracks", "limit") == limit
    assert parameter("/api/v1/tracks", "offset")["default"] == 0
    assert parameter("/api/v1/tracks/{id}/similar", "limit") == {
        "minimum": 1, "maximum": 500, "default": 10,
    }  # fmt: skip
    n, chunk = (schemas["DriftBody"]["properties"][name] for name in ("n", "chunk_size"))
    assert (n["minimum"], n["maximum"], n["default"]) == (1, 500, 20)
    assert (chunk["minimum"], chunk["maximum"], chunk["default"]) == (1, 100, 5)


async def test_answers_with_many_tracks_are_made_off_the_event_loop(ten: Daemon) -> None:
    schemas = (await ten.client.get("/openapi.json")).json["components"]["schemas"]
    long = {
        name
        for name, schema in schemas.items()
        if {"TrackEntry", "MatchEntry"} & set(re.findall(r"\w+Entry", json.dumps(schema)))
        and name not in ("TrackEntry", "MatchEntry")
    }
    assert long == {"TrackPage", "SimilarTracks", "PlaylistAnswer"}
    for endpoint in harmonie_family().endpoints:
        answer = endpoint.models.answer
        if answer.model is not None and answer.model.__name__ in long:
            assert answer.is_later, endpoint.path


async def test_every_list_of_a_body_is_bounded() -> None:
    whole = whole_document()
    schemas = whole["components"]["schemas"]
    bodies = {
        schema["$ref"].rpartition("/")[2]
        for operations in whole["paths"].values()
        for operation in operations.values()
        if "requestBody" in operation
        for schema in [operation["requestBody"]["content"]["application/json"]["schema"]]
    }
    assert {"PlaylistRequest", "TrackRequest"} <= bodies
    for name in set().union(*(reached_from(schemas, body) for body in bodies)):
        for array in arrays_in(schemas[name]):
            assert "maxItems" in array, (name, array)


def reached_from(schemas: dict[str, Any], name: str) -> set[str]:
    found: set[str] = set()
    open_ends = {name}
    while open_ends:
        text = json.dumps([schemas[one] for one in open_ends])
        open_ends = set(re.findall(r"#/components/schemas/(\w+)", text)) - found
        found |= open_ends
    return found


def arrays_in(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "array":
            yield schema
        for part in schema.values():
            yield from arrays_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from arrays_in(part)


async def test_generators_of_clients_find_nothing_to_stumble_over() -> None:
    whole = whole_document()
    text = json.dumps(whole, separators=(",", ":"))
    assert '"default":null' not in text
    assert "x-component" not in text
    assert whole["components"]["schemas"]["Scale"] == {"type": "string", "enum": ["major", "minor"]}
    assert text.count('"enum":["major","minor"]') == 1


@pytest.mark.parametrize("mode", ["SimilarBody", "DriftBody"])
async def test_a_seed_is_required_by_the_schema(api: Client, mode: str) -> None:
    schema = (await api.get("/openapi.json")).json["components"]["schemas"][mode]
    validator = jsonschema.Draft202012Validator({"not": schema["not"]})
    for body in ({}, {"seeds": []}, {"seeds": [], "seed_refs": []}):
        assert not validator.is_valid(body)
    for body in ({"seeds": [1]}, {"seed_refs": [{}]}, {"seeds": [], "seed_refs": [{}]}):
        assert validator.is_valid(body)
