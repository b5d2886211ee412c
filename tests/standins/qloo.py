"""A service that speaks as Qloo does, and fails as it is told.

``GET /search`` and ``GET /v2/insights``, also behind a prefix; every request is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.standins.service import Reply, served

KEY = "qloo-key-that-nobody-may-see"
LIBRARY: Mapping[str, Mapping[str, list[str]]] = {
    "Pink Floyd": {
        "movie": ["The Wall", "Koyaanisqatsi", "Stalker"],
        "book": ["A Book of Pigs", "Echoes in Print"],
        "place": ["Café Lune"],
        "brand": ["Prism & Sons"],
        "artist": ["Camel", "Yes"],
    },
    "Björk": {"movie": ["Dancer in the Dark"]},
}
"""Made up, for the most part: artists, and what goes with them."""


def entity_id(name: str) -> str:
    """As long and as shapeless as theirs."""
    return f"{name.encode().hex():0<32}"[:32].upper()


def entity(name: str, kind: str, *, rank: int = 0, affinity: float | None = None) -> dict[str, Any]:
    """An entity on the wire."""
    found: dict[str, Any] = {
        "name": name,
        "entity_id": entity_id(name),
        "type": "urn:entity",
        "subtype": f"urn:entity:{kind}",
        "types": [f"urn:entity:{kind}"],
        "properties": {"image": {"url": "https://images.example/x.jpg"}, "release_year": 1973},
        "popularity": round(0.99 - rank / 100, 2),
        "tags": [{"name": "psychedelic", "tag_id": "urn:tag:genre:psychedelic"}],
        "external": {"musicbrainz": [{"id": "made-up"}]},
    }
    if affinity is not None:
        found["query"] = {"affinity": affinity, "measurements": {"audience_growth": 0.1}}
    return found


@dataclass
class FakeQloo:
    """What it was asked, and how it fails; without faults it answers."""

    url: str = ""
    faults: list[Reply] = field(default_factory=list)
    """One for each request; the last for ever."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    """Seconds of the event loop at which requests came."""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Keep the request, and fail or answer."""
        self.asked.append((request.path, dict(request.query)))
        self.headers.append(dict(request.headers))
        self.at.append(asyncio.get_running_loop().time())
        if self.faults:
            fault = self.faults.pop(0) if len(self.faults) > 1 else self.faults[0]
            return await fault(request)
        if request.headers.get("X-Api-Key") != KEY:
            return web.json_response({"message": "Unauthorized"}, status=401)
        if request.path.endswith("/search"):
            return self._search(request.query)
        if request.path.endswith("/v2/insights"):
            return self._insights(request.query)
        return web.json_response({"message": "Not Found"}, status=404)

    def _search(self, query: Mapping[str, str]) -> web.Response:
        wanted, kind = query["query"].casefold(), query["types"].rpartition(":")[2]
        names = [name for name in LIBRARY if wanted in name.casefold()] if kind == "artist" else []
        found = [entity(name, kind, rank=rank) for rank, name in enumerate(names)]
        return web.json_response({"results": found[: int(query["take"])]})

    def _insights(self, query: Mapping[str, str]) -> web.Response:
        kind = query["filter.type"].rpartition(":")[2]
        ids = query["signal.interests.entities"].split(",")
        names = [
            name for artist in LIBRARY if entity_id(artist) in ids
            for name in LIBRARY[artist].get(kind, [])
        ]  # fmt: skip
        found = [
            entity(name, kind, rank=rank, affinity=round(0.95 - rank / 10, 2))
            for rank, name in enumerate(names)
        ]
        results = {"entities": found[: int(query["take"])]}
        return web.json_response({"success": True, "results": results, "duration": 12})


@asynccontextmanager
async def fake_qloo(*faults: Reply) -> AsyncIterator[FakeQloo]:
    """The service on a free port of loopback."""
    fake = FakeQloo(faults=list(faults))
    async with served(fake.answer, method="GET") as fake.url:
        yield fake


def says(status: int, body: bytes, **headers: str) -> Reply:
    """Anything at all."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def reply(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers=named)

    return reply


def echoes_the_key(status: int) -> Reply:
    """A refusal that repeats what it was sent."""

    async def reply(request: web.Request) -> web.Response:
        sent = request.headers["X-Api-Key"]
        return web.json_response({"message": f"the key {sent} is bad"}, status=status)

    return reply


def drips() -> Reply:
    """A byte now and then."""

    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)

    return reply


def breaks_off() -> Reply:
    """Half of what was announced."""

    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        await response.prepare(request)
        await response.write(b'{"results": [')
        assert request.transport is not None
        request.transport.close()
        return response

    return reply


def is_huge(megabytes: int = 100) -> Reply:
    """One list that goes on and on."""

    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"results": ["')
        for _ in range(megabytes * 16):
            await response.write(b"x" * 65536)
        await response.write(b'"]}')
        return response

    return reply
