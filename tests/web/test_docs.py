"""The document and the page that shows it."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files

from openapi_spec_validator import validate

from tests.servers import Client

VENDORED = files("harmonie_daemon.web") / "assets" / "swagger-ui"


async def test_the_page_loads_only_what_the_daemon_has(toy: Client) -> None:
    page = await toy.get("/docs")
    assert page.status == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert addresses
    for address in addresses:
        if address != "data:,":
            assert (await toy.get(f"/{address}")).status == 200


async def test_the_page_runs_no_inline_script(toy: Client) -> None:
    page = await toy.get("/docs")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)


async def test_other_spellings_lead_to_the_page(toy: Client) -> None:
    for path, location in (("/apidocs/", "../docs"), ("/apidocs", "docs"), ("/docs/", "../docs")):
        answer = await toy.get(path)
        assert (answer.status, answer.headers["Location"]) == (301, location)


async def test_the_bare_address_leads_to_the_page_until_there_is_another(toy: Client) -> None:
    answer = await toy.get("/")
    assert (answer.status, answer.headers["Location"]) == (302, "docs")


async def test_assets_are_named_not_searched(toy: Client) -> None:
    for name in ("LICENSE", "..%2Fdocs.html", "%2e%2e%2f__init__.py"):
        assert (await toy.get(f"/docs/assets/{name}")).status == 404


async def test_the_document_of_any_family_is_valid(toy: Client) -> None:
    document = (await toy.get("/openapi.json")).json
    validate(document)
    operation = document["paths"]["/toy/shout/{number}"]["get"]
    assert {p["name"]: p["required"] for p in operation["parameters"]} == {
        "number": True, "word": True, "times": False, "tag": False, "loud": False,
    }  # fmt: skip
    assert document["paths"]["/toy/hello"]["get"]["security"] == []
    assert "head" not in document["paths"]["/toy/hello"]


def test_the_vendored_files_are_the_published_ones() -> None:
    sums = (VENDORED / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    assert len(sums) == 5
    for line in sums:
        digest, name = line.split()
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == digest
