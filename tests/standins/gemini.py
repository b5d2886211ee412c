"""A service that speaks as Gemini does, and fails as it is told.

``POST /{version}/models/{model}:generateContent``, also behind a prefix; every request is kept.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.standins.service import Reply, gives, served

Json = dict[str, Any]
KEY = "AIza-a-key-that-nobody-may-see"


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    model: str
    headers: dict[str, str]
    body: Json

    @property
    def text(self) -> str:
        """What the model was asked."""
        return str(self.body["contents"][0]["parts"][0]["text"])

    @property
    def system(self) -> str:
        """The rules it was given."""
        return str(self.body["systemInstruction"]["parts"][0]["text"])


@dataclass
class FakeGemini:
    """What it was asked, and what it says next; the last reply is said for ever."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    looked_at_status: int = 200
    """What it answers to whoever asks whether a model is there."""

    def script(self, *replies: Reply) -> None:
        """Say these, one after another."""
        self.replies[:] = replies
        self.asked.clear()

    @property
    def models(self) -> list[str]:
        """Whom the requests were for, in their order."""
        return [one.model for one in self.asked]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Check the request as the service does, keep it, and reply."""
        if request.method == "GET":
            return self._looked_at(request)
        model, _, verb = request.path.rpartition("/models/")[2].partition(":")
        if request.method != "POST" or verb != "generateContent":
            return refused(404, "NOT_FOUND", f"no method {verb}")
        body = json.loads(await request.read())
        assert body["contents"][0]["role"] == "user"
        assert request.headers["x-goog-api-key"]
        self.asked.append(Asked(request.path, model, dict(request.headers), body))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return await reply(request)

    def _looked_at(self, request: web.Request) -> web.Response:
        assert request.headers["x-goog-api-key"]
        if self.looked_at_status >= 300:
            return refused(self.looked_at_status, "STATUS", "said so", Location=self.url)
        return web.json_response({"name": request.path.rpartition("/v1beta/")[2]})


@asynccontextmanager
async def fake_gemini(*replies: Reply) -> AsyncIterator[FakeGemini]:
    """The service on a free port of loopback."""
    fake = FakeGemini(replies=list(replies) or [says("Fine.")])
    async with served(fake.answer) as fake.url:
        yield fake


def says(text: str | None, *, finish: str = "STOP") -> Reply:
    """An answer; ``None``: one without any words."""
    content: Json = {"role": "model"} if text is None else {
        "role": "model", "parts": [{"text": text}],
    }  # fmt: skip
    return gives(
        {
            "candidates": [{"content": content, "finishReason": finish, "index": 0}],
            "usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 20},
            "modelVersion": "fake",
        }
    )


def blocked() -> Reply:
    """The prompt itself does not please."""
    return gives({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {}})


def fails(
    status: int, name: str, message: str, *, details: Iterable[Json] = (), **headers: str
) -> Reply:
    """A refusal in Google's shape."""

    async def reply(_: web.Request) -> web.Response:
        return refused(status, name, message, details, **headers)

    return reply


def says_raw(body: bytes, *, status: int = 200, media_type: str = "text/html") -> Reply:
    """Anything at all."""

    async def reply(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type=media_type)

    return reply


def redirects(to: str) -> Reply:
    """Somewhere else."""

    async def reply(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": to})

    return reply


def never_ends() -> Reply:
    """JSON whose string goes on and on."""

    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"candidates": "')
        try:
            while True:
                await response.write(b"x" * 65536)
        except ConnectionError:
            return response

    return reply


def holds(until: asyncio.Event, then: Reply) -> Reply:
    """An answer that is kept back."""

    async def reply(request: web.Request) -> web.StreamResponse:
        await until.wait()
        return await then(request)

    return reply


def refused(
    status: int, name: str, message: str, details: Iterable[Json] = (), **headers: str
) -> web.Response:
    """Google's error body."""
    error = {"code": status, "message": message, "status": name, "details": list(details)}
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return web.json_response({"error": error}, status=status, headers=named)
