"""Google's language models, for everything in the daemon that has words to make.

One object of the daemon's life. The library (google-genai) is imported at the first request; what
it does by itself, retries among them, is switched off: here every request counts.
"""

from __future__ import annotations

import asyncio
import importlib
import itertools
import logging
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
from pydantic import BaseModel, ValidationError

from harmonie_daemon.domain.backoff import backoff_s
from harmonie_daemon.providers.bounded_session import open_session
from harmonie_daemon.providers.gemini_errors import (
    FORESEEN,
    GeminiError,
    GeminiFault,
    failure,
    refusal,
)
from harmonie_daemon.providers.gemini_look import look, standing_of
from harmonie_daemon.providers.standing import Standing

log = logging.getLogger(__name__)

GOOGLE = "https://generativelanguage.googleapis.com"
TRIES_EACH = 2
"""Requests to one model for one answer, where waiting may help."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
REMEMBERED_S = 60.0
"""How long a key that was refused is not tried again."""
MOST_TOKENS = 16_384
"""Of an answer, the model's own thoughts among them."""
MOST_CHARACTERS = 200_000
_BLOCKED_BY = frozenset(
    {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"}
)
"""Reasons for which an answer ends early."""
_FENCE = re.compile(r"\A\s*```[A-Za-z]*\s|```\s*\Z")
"""Models put JSON into Markdown now and then, although they were asked for nothing else."""

ModelT = TypeVar("ModelT", bound=BaseModel)
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class GeminiAccess:
    """Where to ask, as whom, and for how long."""

    api_key: str
    models: tuple[str, ...]
    """In the order in which they are asked."""
    base_url: str = GOOGLE
    api_version: str = "v1beta"
    request_timeout_s: float = 60.0
    deadline_s: float = 90.0
    """For an answer, with all the requests it takes."""

    def __repr__(self) -> str:
        """Without the key."""
        return f"GeminiAccess(models={self.models!r}, base_url={self.base_url!r})"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked."""

    system: str
    """Our rules, which nobody else has a part in."""
    text: str
    """The question, with what users and files say in it as data."""
    temperature: float = 0.4


class Gemini:
    """Asks one model after another until one answers. Every method raises ``GeminiError``."""

    def __init__(
        self,
        access: GeminiAccess,
        *,
        jitter: Callable[[], float] = random.random,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        """``jitter`` gives 0 to 1: how much longer than necessary to wait."""
        self._access = access
        self._jitter = jitter
        self._first_wait_s = first_wait_s
        self._opening = asyncio.Lock()
        self._client: Any = None
        self._session: aiohttp.ClientSession | None = None
        self._refused_until = 0.0
        self._is_closed = False
        self._last_fault: GeminiFault | None = GeminiFault.UNREACHABLE
        self.calls = 0
        self.failures: Counter[GeminiFault] = Counter()

    @property
    def standing(self) -> Standing:
        """How the service stood when it was last asked."""
        return standing_of(self._last_fault)

    async def look(self) -> Standing:
        """Ask whether the first model is there, which costs nothing; how the service stands."""
        access, model = self._access, self._access.models[0]
        url = f"{access.base_url}/{access.api_version}/models/{model}"
        self._last_fault = await look(url, access.api_key, model)
        return self.standing

    @property
    def models(self) -> tuple[str, ...]:
        """The models, in the order in which they are asked."""
        return self._access.models

    async def text(self, prompt: Prompt, *, models: Sequence[str] | None = None) -> str:
        """The answer as text, never blank; of ``models`` alone, if they are given."""
        return await self._answer(prompt, models, {}, _as_it_is)

    async def structured(
        self, prompt: Prompt, answer: type[ModelT], *, models: Sequence[str] | None = None
    ) -> ModelT:
        """The answer as a model of ours, which the service is given as a JSON schema."""
        asked = {
            "response_mime_type": "application/json",
            "response_json_schema": answer.model_json_schema(),
        }

        def read(text: str) -> ModelT:
            try:
                return answer.model_validate_json(_FENCE.sub("", text))
            except ValidationError as error:
                raise GeminiError(
                    f"Gemini's answer does not fit: {error.error_count()} members are wrong",
                    GeminiFault.GARBLED,
                ) from error

        return await self._answer(prompt, models, asked, read)

    async def close(self) -> None:
        """Let go of the connections; requests under way fail."""
        self._is_closed = True
        async with self._opening:
            if self._session is not None:
                await self._session.close()
            if self._client is not None:
                await self._client.aio.aclose()
                self._client.close()

    async def _answer(
        self,
        prompt: Prompt,
        models: Sequence[str] | None,
        asked: dict[str, Any],
        read: Callable[[str], ResultT],
    ) -> ResultT:
        loop = asyncio.get_running_loop()
        if loop.time() < self._refused_until:
            raise GeminiError(
                "Gemini refused the key a moment ago; HARMONIE_GEMINI_API_KEY holds it",
                GeminiFault.UNAUTHORIZED,
            )
        deadline = loop.time() + self._access.deadline_s
        last = GeminiError("no model of Gemini is configured", GeminiFault.NO_SUCH_MODEL)
        for model in self.models if models is None else models:
            try:
                return await self._of_one(model, prompt, asked, read, deadline)
            except GeminiError as error:
                last = error
                log.warning("%s did not answer: %s", model, error)
            if self._is_closed or not last.is_of_the_model:
                self._remember(last)
                break
        raise last

    async def _of_one(
        self,
        model: str,
        prompt: Prompt,
        asked: dict[str, Any],
        read: Callable[[str], ResultT],
        deadline: float,
    ) -> ResultT:
        """The answer of one model, which is asked again where waiting a little may help."""
        now = asyncio.get_running_loop().time
        for failures in itertools.count(1):
            try:
                self.calls += 1
                said = await self._asked_once(model, prompt, asked, deadline)
                self._last_fault = None
                return read(said)
            except GeminiError as error:
                self._last_fault = error.fault
                self.failures[error.fault] += 1
                wait_s = self._wait_s(error, failures)
                has_time = wait_s <= LONGEST_WAIT_S and now() + wait_s < deadline
                may_help = error.is_worth_waiting and has_time and not self._is_closed
                if failures == TRIES_EACH or not may_help:
                    raise
            await asyncio.sleep(wait_s)
        raise AssertionError("unreachable")

    def _remember(self, error: GeminiError) -> None:
        if error.fault is GeminiFault.UNAUTHORIZED:
            self._refused_until = asyncio.get_running_loop().time() + REMEMBERED_S

    def _wait_s(self, error: GeminiError, failures: int) -> float:
        ours = backoff_s(failures, first_s=self._first_wait_s, longest_s=LONGEST_WAIT_S)
        return max(ours * (1.0 + self._jitter()), error.retry_after_s or 0.0)

    async def _asked_once(
        self, model: str, prompt: Prompt, asked: dict[str, Any], deadline: float
    ) -> str:
        """The text of one answer to one request. Raises ``GeminiError``."""
        client = await self._opened()
        from google.genai import errors  # noqa: PLC0415 - only where a key is set

        left_s = deadline - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(0.0, min(left_s, self._access.request_timeout_s))):
                reply = await client.aio.models.generate_content(
                    model=model,
                    contents=prompt.text,
                    config={
                        "system_instruction": prompt.system,
                        "temperature": prompt.temperature,
                        "max_output_tokens": MOST_TOKENS,
                        "automatic_function_calling": {"disable": True},
                        **asked,
                    },
                )
            return _said(reply)
        except errors.APIError as error:
            headers = getattr(error.response, "headers", {})
            said = self._without_key(str(error.message or error.status or ""))
            raise refusal(int(error.code or 0), said, error.details, headers, model) from None
        except FORESEEN as error:
            raise failure(error) from error

    def _without_key(self, text: str) -> str:
        return text.replace(self._access.api_key, "********")

    async def _opened(self) -> Any:
        async with self._opening:
            if self._is_closed:
                raise GeminiError("the daemon is stopping", GeminiFault.UNREACHABLE)
            if self._client is None:
                self._session = open_session()
                self._client = await asyncio.to_thread(_client, self._access, self._session)
            return self._client


def _client(access: GeminiAccess, session: aiohttp.ClientSession) -> Any:
    """Takes a third of a second and 60 MB, the first time."""
    genai = importlib.import_module("google.genai")
    return genai.Client(
        api_key=access.api_key,
        vertexai=False,
        http_options={
            "base_url": access.base_url,
            "api_version": access.api_version,
            "timeout": int(access.request_timeout_s * 1000),
            "retry_options": {"attempts": 1},
            "aiohttp_client": session,
        },
    )


def _said(reply: Any) -> str:
    """The text of a whole answer; nothing in it is sure to be there."""
    feedback = reply.prompt_feedback
    if feedback is not None and feedback.block_reason is not None:
        raise GeminiError("Gemini will not speak of this", GeminiFault.BLOCKED)
    candidates = reply.candidates or []
    ended = getattr(candidates[0].finish_reason, "name", "") if candidates else ""
    if ended in _BLOCKED_BY:
        raise GeminiError("Gemini broke off: it will not speak of this", GeminiFault.BLOCKED)
    if ended == "MAX_TOKENS":
        raise GeminiError("Gemini's answer was too long to end", GeminiFault.INCOMPLETE)
    text = reply.text
    if not isinstance(text, str) or not text.strip():
        raise GeminiError("Gemini said nothing", GeminiFault.INCOMPLETE)
    if len(text) > MOST_CHARACTERS:
        raise GeminiError("Gemini's answer is much too long", GeminiFault.GARBLED)
    return text


def _as_it_is(text: str) -> str:
    return text
