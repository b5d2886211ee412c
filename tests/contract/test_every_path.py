"""Whoever asks any path of the five documents wrongly is told so in that document's words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.auth import AccessRules
from tests.contract.documents import BEATOVEN, BEATTELLER, DOCUMENTS, HARMONIE, Document
from tests.servers import Client, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "s3cret"
RIGHT = {"X-API-Key": KEY}
EVERY_PATH = [
    pytest.param(document, method, path, id=f"{method} {path}")
    for document in DOCUMENTS
    for method, path in document.operations
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def five() -> AsyncIterator[Client]:
    """All five behind one key."""
    families = [document.family for document in DOCUMENTS]
    rules = AccessRules(KEY, ("127.0.0.1",))
    app = make_application(families, rules, title="Five", version="1")
    async with serving(app) as client:
        yield client


@pytest.mark.parametrize(("document", "method", "path"), EVERY_PATH)
async def test_without_the_key_or_with_a_wrong_one(
    five: Client, document: Document, method: str, path: str
) -> None:
    is_open = path in document.open_paths
    for headers in ({}, {"X-API-Key": "wrong"}, {"Authorization": "api_key wrong"}):
        answer = await five.ask(method, path, headers=headers)
        assert answer.status == (200 if is_open else 401)
        assert is_open or document.is_ours(answer.json)
        assert is_open or answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("document", "method", "path"), EVERY_PATH)
async def test_with_a_wrong_method(
    five: Client, document: Document, method: str, path: str
) -> None:
    answer = await five.ask("PATCH", path, headers=RIGHT)
    assert answer.status == 405
    assert document.is_ours(answer.json)
    assert "Allow" in answer.headers


@pytest.mark.parametrize(("document", "method", "path"), EVERY_PATH)
async def test_with_a_broken_body(five: Client, document: Document, method: str, path: str) -> None:
    answer = await five.ask(method, path, data=b'{"broken', headers=RIGHT)
    if path in (*document.open_paths, *document.timeless):
        assert answer.status == 200
        return
    assert document.is_ours(answer.json)
    takes_a_body = method == "POST" and path in document.with_body
    malformed = document.family.policies.malformed_status
    wrongly_asked = path == "/api/v1/tracks/resolve"
    starting = malformed if takes_a_body else 400 if wrongly_asked else 503
    assert answer.status == starting


async def test_what_is_in_no_document(five: Client) -> None:
    for path, document in (
        ("/api/v1/nothing", HARMONIE),
        ("/nothing", HARMONIE),
        ("/apis", HARMONIE),
        ("/api/nothing", BEATTELLER),
        ("/api", BEATTELLER),
        ("/api/v3/tracks", BEATTELLER),
        ("/api/v2/nothing", BEATOVEN),
        ("/api/v1/tasks", BEATOVEN),
        ("/files/compositions", BEATOVEN),
        ("/files/nothing", HARMONIE),
    ):
        answer = await five.get(path, headers=RIGHT)
        assert (answer.status, document.is_ours(answer.json)) == (404, True)
        answer = await five.get(path)
        assert (answer.status, document.is_ours(answer.json)) == (401, True)


async def test_every_operation_is_asked() -> None:
    for document in DOCUMENTS:
        declared = [
            (endpoint.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", endpoint.path)))
            for endpoint in document.family.endpoints
        ]
        for method, path in document.operations:
            assert any(
                method == known and pattern.fullmatch(path.partition("?")[0])
                for known, pattern in declared
            ), (method, path)
