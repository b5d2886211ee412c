"""Several contracts side by side, down to two that share a path by its method."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from openapi_spec_validator import validate
from pydantic import BaseModel

from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.endpoint import Call, Endpoint, Nothing
from tests.servers import Client, serving
from tests.web.two_families import KEY, ThingPath, far, make_things, near, two_families

OPEN_HOUSE = AccessRules(None, ("127.0.0.1",))


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Client]:
    """Without a key."""
    async with serving(two_families(tmp_path, OPEN_HOUSE)[0]) as client:
        yield client


async def test_the_method_decides_whose_path_it_is(two: Client) -> None:
    things = await two.get("/shared/things?limit=2")
    assert (things.status, things.json) == (200, [{"id": 0, "name": "a"}, {"id": 1, "name": "b"}])
    made = await two.post("/shared/things", {"count": 2})
    assert (made.status, made.json) == (202, {"count": 2})


async def test_each_refuses_in_its_own_words_and_with_its_own_status(two: Client) -> None:
    listed = await two.get("/shared/things?limit=x")
    assert (listed.status, list(listed.json)) == (422, ["no", "code"])
    made = await two.post("/shared/things", {"count": "x"})
    assert (made.status, list(made.json)) == (400, ["error"])
    forgotten = await two.ask("DELETE", "/shared/things/x")
    assert (forgotten.status, list(forgotten.json)) == (400, ["error"])


async def test_where_no_route_matches_the_longest_prefix_decides(two: Client) -> None:
    for method, path, status, member in (
        ("PUT", "/shared/things", 405, "no"),
        ("GET", "/shared/others", 404, "no"),
        ("GET", "/far/others", 404, "error"),
        ("POST", "/far/report", 405, "error"),
        ("GET", "/farther", 404, "no"),
    ):
        answer = await two.ask(method, path)
        assert (answer.status, member in answer.json) == (status, True), path


async def test_a_wrong_method_names_the_methods_of_both(two: Client) -> None:
    answer = await two.ask("PUT", "/shared/things")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("body", [b"", b" \n", None])
async def test_no_body_may_mean_the_defaults(two: Client, body: bytes | None) -> None:
    answer = await two.ask("POST", "/shared/things", data=body)
    assert (answer.status, answer.json) == (202, {"count": 1})


async def test_of_a_repeated_parameter_the_first_may_count(two: Client) -> None:
    assert (await two.get("/far/report?limit=1&limit=9")).text == "things_total 0\n"
    assert (await two.get("/shared/things?limit=1&limit=9")).status == 422


async def test_a_family_answers_when_what_it_works_with_is_there(tmp_path: Path) -> None:
    app = make_application([near(), far()], OPEN_HOUSE, title="Two", version="1")
    async with serving(app) as client:
        assert (await client.get("/far/open/1")).status == 200
        for path, member in (("/shared/things", "no"), ("/far/report", "error")):
            answer = await client.get(path)
            assert (answer.status, member in answer.json) == (503, True)
            assert int(answer.headers["Retry-After"]) > 0


async def test_the_document_says_whose_each_operation_is(two: Client) -> None:
    document = (await two.get("/openapi.json")).json
    validate(document)
    assert document["openapi"] == "3.1.0"
    shared = document["paths"]["/shared/things"]
    assert (shared["get"]["tags"], shared["post"]["tags"]) == (["near"], ["far"])
    assert [tag["name"] for tag in document["tags"]] == ["near", "far"]
    refusal, complaint = ({"$ref": f"#/components/schemas/{n}"} for n in ("Refusal", "Complaint"))
    assert shared["get"]["responses"]["422"]["content"]["application/json"]["schema"] == refusal
    assert shared["post"]["responses"]["400"]["content"]["application/json"]["schema"] == complaint
    assert "422" not in shared["post"]["responses"]
    assert not shared["post"]["requestBody"]["required"]


async def test_the_document_says_every_answer(two: Client) -> None:
    paths = (await two.get("/openapi.json")).json["paths"]

    def content(path: str, method: str, status: int) -> object:
        return paths[path][method]["responses"][str(status)].get("content")

    things = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    assert content("/shared/things", "get", 200) == {"application/json": {"schema": things}}
    too_few = {"$ref": "#/components/schemas/TooFew"}
    assert content("/shared/things", "post", 409) == {"application/json": {"schema": too_few}}
    assert content("/shared/things/{id}", "delete", 204) is None
    assert content("/far/report", "get", 200) == {"text/plain": {"schema": {"type": "string"}}}
    for status in (200, 206):
        assert set(content("/far/files/{id}", "get", status)) == {"audio/wav", "audio/mpeg"}  # type: ignore[call-overload]
    assert "416" in paths["/far/files/{id}"]["get"]["responses"]
    (stream,) = content("/far/ticks", "get", 200).items()  # type: ignore[attr-defined]
    data = stream[1]["schema"]["properties"]["data"]
    assert (stream[0], data["contentSchema"]) == (
        "text/event-stream",
        {"$ref": "#/components/schemas/Tick"},
    )


async def test_the_document_says_what_each_operation_asks_for(two: Client) -> None:
    document = (await two.get("/openapi.json")).json
    keys = [{"ApiKey": []}, {"Bearer": []}]
    assert document["security"] == keys
    asked = {
        path: next(iter(methods.values())).get("security")
        for path, methods in document["paths"].items()
    }
    assert asked["/far/open/{id}"] == []
    assert asked["/far/report"] is None
    assert asked["/far/files/{id}"] == [*keys, {"SignedAddress": []}]
    assert asked["/far/hook"] == [*keys, {"ApiKeyAs_token": []}]
    assert asked["/far/page"] == [*keys, {"Session": []}]
    schemes = document["components"]["securitySchemes"]
    assert schemes["ApiKeyAs_token"]["in"] == "query"
    assert schemes["Session"]["in"] == "cookie"
    assert set(schemes) == {"ApiKey", "Bearer", "SignedAddress", "ApiKeyAs_token", "Session"}


async def test_two_handlers_of_one_name_have_two_in_the_document(tmp_path: Path) -> None:
    again = Endpoint("PUT", "/far/again", make_things, summary="Again")
    async with serving(two_families(tmp_path, OPEN_HOUSE, again)[0]) as client:
        document = (await client.get("/openapi.json")).json
    validate(document)
    assert document["paths"]["/shared/things"]["post"]["operationId"] == "make_things"
    assert document["paths"]["/far/again"]["put"]["operationId"] == "far_make_things"


def test_a_path_has_one_spelling() -> None:
    async def other(call: Call[None, OtherPath, Nothing, Nothing]) -> None: ...

    class OtherPath(BaseModel):
        number: int

    other.__annotations__ = {"call": Call[None, OtherPath, Nothing, Nothing], "return": None}
    clash = Endpoint("PUT", "/shared/things/{number}", other, summary="Clash", status=204)
    with pytest.raises(ValueError, match="name it alike"):
        make_application([near(), far(clash)], OPEN_HOUSE, title="Two", version="1")


def test_two_models_of_one_name_are_refused() -> None:
    thing = type("Thing", (BaseModel,), {"__annotations__": {"other": int}, "__module__": "x"})

    async def other(call: Call[None, ThingPath, Nothing, Nothing]) -> None: ...

    other.__annotations__ = {"call": Call[None, ThingPath, Nothing, Nothing], "return": thing}
    clash = Endpoint("GET", "/far/clash/{id}", other, summary="Clash")
    with pytest.raises(ValueError, match="two models are named Thing"):
        make_application([near(), far(clash)], OPEN_HOUSE, title="Two", version="1")


async def test_an_open_path_with_a_parameter_needs_no_key(tmp_path: Path) -> None:
    app, _ = two_families(tmp_path, replace(OPEN_HOUSE, api_key=KEY))
    async with serving(app) as client:
        assert (await client.get("/far/open/7")).json == {"id": 7, "name": "open"}
        assert (await client.get("/far/open/x")).status == 400
        assert (await client.ask("HEAD", "/far/open/7")).status == 200
        assert (await client.ask("DELETE", "/far/open/7")).status == 405
        assert (await client.get("/far/open/7/more")).status == 401
        assert (await client.ask("PUT", "/shared/things")).status == 401
