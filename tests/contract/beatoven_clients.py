"""Clients of Beatoven's dialects, written from its document and its present API alone.

They know addresses, members and states; what is behind them they do not import. The first follows
the document's page, the second is as strict as the official SDK, the third as strict as the
tightest client of the present API.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

Json = dict[str, Any]
MOST_POLLS = 6_000
"""A minute."""


@dataclass(frozen=True)
class Asker:
    """Sends requests with a key, and follows addresses without any header of its own."""

    base: str
    session: aiohttp.ClientSession
    authorization: str = ""

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON."""
        headers = {"Authorization": self.authorization} if self.authorization else {}
        options = {} if body is None else {"json": body}
        async with self.session.request(
            method, self.base + path, headers=headers, **options
        ) as answer:
            return answer.status, json.loads(await answer.text())

    async def download(self, url: str, part: str | None = None) -> tuple[int, bytes, str]:
        """Status, bytes and media type of what is behind an absolute address."""
        headers = {} if part is None else {"Range": part}
        async with self.session.get(URL(url, encoded=True), headers=headers) as answer:
            return answer.status, await answer.read(), answer.content_type


class UnusableAnswerError(Exception):
    """What an SDK would raise, or stumble over."""


async def until(poll: Callable[[], Awaitable[Any]]) -> Any:
    """Poll until there is something."""
    for _ in range(MOST_POLLS):
        found = await poll()
        if found is not None:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("nothing came of it within a minute")


class DocumentClient:
    """As the document tells it; a state is read in any case, for it is written in both."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.seen: list[Json] = []

    async def create(self, **payload: Any) -> Json:
        """The answer with ``uuid`` and ``track``."""
        return await self._sent("POST", "/api/v2/tracks", payload)

    async def compose(self, uuid: str, **payload: Any) -> Json:
        """The end of it: ``meta`` with its addresses."""
        started = await self._sent("POST", f"/api/v2/tracks/{uuid}/compose", payload)
        return await self.finished(started["task_id"])

    async def stems(self, uuid: str, version: int | None = None) -> list[list[Json]]:
        """``meta`` of the instruments."""
        query = "" if version is None else f"?version={version}"
        started = await self._sent("POST", f"/api/v2/tracks/{uuid}/instrument_urls{query}", {})
        meta: list[list[Json]] = await self.finished(started["task_id"])
        return meta

    async def track(self, uuid: str, version: int | None = None) -> Json:
        """Everything that there is of it."""
        query = "" if version is None else f"?version={version}"
        return await self._sent("GET", f"/api/v2/tracks/{uuid}{query}")

    async def options(self) -> Json:
        """What there is to choose from."""
        return await self._sent("GET", "/api/v2/composition_params")

    async def finished(self, task_id: str) -> Any:
        """``meta`` at the end."""

        async def poll() -> Any:
            status = await self._sent("GET", f"/api/v2/status/{task_id}")
            self.seen.append(status)
            match status["state"].lower():
                case "pending" | "progress":
                    return None
                case "success":
                    return status["meta"]
            raise UnusableAnswerError(status)

        return await until(poll)

    async def _sent(self, method: str, path: str, payload: Json | None = None) -> Any:
        status, answer = await self._asker.ask(method, path, payload)
        if status != 200:
            raise UnusableAnswerError(status, answer)
        return answer


class SdkClient:
    """As the official SDK: status 200 alone is an answer, states are capitals, nothing is looked
    after.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.percentages: list[int] = []

    async def make(self, title: str, duration_ms: int, genre: str, mood: str) -> tuple[str, str]:
        """The id of a track and the address of its sound."""
        section = {"start": 0, "length": duration_ms, "emotion": mood}
        metadata = {
            "title": title,
            "duration_ms": duration_ms,
            "genre": genre,
            "tempo": "medium",
            "sections": [section],
        }
        track_id = (await self._sent("POST", "/api/v2/tracks", metadata))["uuid"]
        path = f"/api/v2/tracks/{track_id}/compose"
        task_id = (await self._sent("POST", path, metadata))["task_id"]
        done = await until(lambda: self._watch(task_id))
        return track_id, done["meta"]["download_url"]

    async def _watch(self, task_id: str) -> Any:
        status = await self._sent("GET", f"/api/v2/status/{task_id}")
        if "error" in status:
            raise UnusableAnswerError(status)
        if status["state"] == "PENDING":
            return None
        if status["state"] == "FAILURE":
            raise UnusableAnswerError("task failed")
        if status["state"] == "PROGRESS":
            self.percentages.append(int(status["meta"]["percentage"]))
            return None
        return status

    async def _sent(self, method: str, path: str, body: Json | None = None) -> Any:
        status, answer = await self._asker.ask(method, path, body)
        if status == 200:
            return answer
        if status in (400, 401, 500):
            raise UnusableAnswerError(answer)
        return None  # whoever looks into it stumbles, as there


STEMS = {"bass", "chords", "melody", "percussion"}


class PresentClient:
    """Of the present API: ``meta`` is whole or absent, and what neither composes nor failed is
    done.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.statuses: list[str] = []

    async def create(self, text: str) -> str:
        """The id of a track."""
        answer = await self._sent("POST", "/api/v1/tracks", {"prompt": {"text": text}})
        assert answer["status"] == "created"
        (track_id,) = answer["tracks"]
        return str(track_id)

    async def compose(self, text: str, **how: Any) -> Json:
        """``meta`` of a new track."""
        body = {"prompt": {"text": text}, **how}
        return await self.finished(await self._begun("/api/v1/tracks/compose", body))

    async def compose_known(self, track_id: str, **how: Any) -> Json:
        """``meta`` of the next version of a track, as it was done before."""
        return await self.finished(await self._begun(f"/api/v1/tracks/compose/{track_id}", how))

    async def _begun(self, path: str, body: Json) -> str:
        answer = await self._sent("POST", path, body)
        assert answer["status"] == "started"
        return str(answer["task_id"])

    async def finished(self, task_id: str) -> Json:
        """``meta`` at the end."""

        async def poll() -> Json | None:
            answer = await self._sent("GET", f"/api/v1/tasks/{task_id}")
            self.statuses.append(answer["status"])
            meta = answer.get("meta")
            if "meta" in answer:
                _check_meta(answer["meta"])
            if answer["status"] == "composing":
                return None
            if answer["status"] == "failed":
                raise UnusableAnswerError(answer)
            assert meta is not None
            return dict(meta)

        found: Json = await until(poll)
        return found

    async def _sent(self, method: str, path: str, body: Json | None = None) -> Any:
        status, answer = await self._asker.ask(method, path, body)
        if status != 200:
            raise UnusableAnswerError(status, answer)
        return answer


def _check_meta(meta: Mapping[str, Any]) -> None:
    members = {"project_id", "track_id", "prompt", "version", "track_url", "stems_url"}
    assert set(meta) == members
    assert all(isinstance(meta[name], str) for name in ("project_id", "track_id", "track_url"))
    assert set(meta["prompt"]) == {"text"}
    assert isinstance(meta["prompt"]["text"], str)
    assert type(meta["version"]) is int
    assert set(meta["stems_url"]) == STEMS
    assert all(isinstance(url, str) and url for url in meta["stems_url"].values())
