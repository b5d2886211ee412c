"""The client of Gemini against a service of ours that speaks its wire format."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import BaseModel

from harmonie_daemon.providers.gemini import Gemini, GeminiAccess, Prompt
from harmonie_daemon.providers.gemini_errors import GeminiError, GeminiFault
from tests.standins.gemini import (
    KEY,
    FakeGemini,
    blocked,
    fails,
    fake_gemini,
    never_ends,
    redirects,
    says,
    says_raw,
)
from tests.standins.service import Reply, gives, is_silent

PRO, LITE = "gemini-pro-x", "gemini-lite-x"
ASK = Prompt("Be brief.", "What is a fugue?", temperature=0.3)
RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.01s"}


class Pair(BaseModel):
    """An answer with members."""

    title: str
    bpm: int


@asynccontextmanager
async def asking(*replies: Reply, **access: Any) -> AsyncIterator[tuple[Gemini, FakeGemini]]:
    async with fake_gemini(*replies) as fake:
        given = {"base_url": fake.url, "models": (PRO, LITE), "deadline_s": 20.0, **access}
        gemini = Gemini(GeminiAccess(KEY, **given), jitter=lambda: 0.5, first_wait_s=0.001)
        try:
            yield gemini, fake
        finally:
            await gemini.close()


async def fault_of(gemini: Gemini) -> GeminiError:
    with pytest.raises(GeminiError) as caught:
        await gemini.text(ASK)
    return caught.value


async def test_an_answer_is_its_text_and_the_request_is_what_the_service_reads() -> None:
    async with asking(says("A chase.")) as (gemini, fake):
        assert await gemini.text(ASK) == "A chase."
    (asked,) = fake.asked
    assert asked.path == f"/v1beta/models/{PRO}:generateContent"
    assert asked.headers["x-goog-api-key"] == KEY
    assert (asked.text, asked.system) == (ASK.text, ASK.system)
    assert asked.body["generationConfig"] == {"temperature": 0.3, "maxOutputTokens": 16_384}


async def test_the_address_and_the_version_are_settings() -> None:
    async with (
        fake_gemini(says("Yes.")) as fake,
        asking(base_url=fake.url + "/behind/a/proxy", api_version="v1") as (gemini, _),
    ):
        assert await gemini.text(ASK) == "Yes."
        assert fake.asked[0].path == f"/behind/a/proxy/v1/models/{PRO}:generateContent"


async def test_an_answer_by_schema_is_a_model_of_ours() -> None:
    async with asking(says('{"title": "Storm", "bpm": 120}')) as (gemini, fake):
        assert await gemini.structured(ASK, Pair) == Pair(title="Storm", bpm=120)
    sent = fake.asked[0].body["generationConfig"]
    assert sent["responseMimeType"] == "application/json"
    assert sent["responseJsonSchema"] == Pair.model_json_schema()


@pytest.mark.parametrize(
    ("reply", "fault", "models"),
    [
        (blocked(), GeminiFault.BLOCKED, [PRO]),
        (says("So f", finish="SAFETY"), GeminiFault.BLOCKED, [PRO]),
        (says("from musicp", finish="MAX_TOKENS"), GeminiFault.INCOMPLETE, [PRO, LITE]),
        (says(None, finish="MAX_TOKENS"), GeminiFault.INCOMPLETE, [PRO, LITE]),
        (says(None), GeminiFault.INCOMPLETE, [PRO, LITE]),
        (says(" \n"), GeminiFault.INCOMPLETE, [PRO, LITE]),
        (gives({}), GeminiFault.INCOMPLETE, [PRO, LITE]),
        (gives({"candidates": []}), GeminiFault.INCOMPLETE, [PRO, LITE]),
        (gives([1, 2]), GeminiFault.INCOMPLETE, [PRO, LITE]),
        (gives({"candidates": "no"}), GeminiFault.INCOMPLETE, [PRO, LITE]),
        (gives({"candidates": [7]}), GeminiFault.GARBLED, [PRO, LITE]),
        (gives({"candidates": [{"content": {"parts": 3}}]}), GeminiFault.GARBLED, [PRO, LITE]),
        (gives("text"), GeminiFault.INCOMPLETE, [PRO, LITE]),
        (says_raw(b"<html>hello</html>"), GeminiFault.GARBLED, [PRO, LITE]),
        (says_raw(b"[" * 100_000), GeminiFault.GARBLED, [PRO, LITE]),
        (says_raw(b"\xff\xfe"), GeminiFault.GARBLED, [PRO, LITE]),
        (says("x" * 300_000), GeminiFault.GARBLED, [PRO, LITE]),
        (never_ends(), GeminiFault.GARBLED, [PRO, LITE]),
        (redirects("http://127.0.0.1:1/"), GeminiFault.WRONG_ADDRESS, [PRO]),
        (fails(400, "INVALID_ARGUMENT", "no such field"), GeminiFault.REFUSED, [PRO]),
        (
            fails(400, "INVALID_ARGUMENT", "API key not valid."),
            GeminiFault.UNAUTHORIZED,
            [PRO],
        ),
        (fails(401, "UNAUTHENTICATED", "who?"), GeminiFault.UNAUTHORIZED, [PRO]),
        (fails(403, "PERMISSION_DENIED", "no"), GeminiFault.UNAUTHORIZED, [PRO]),
        (fails(404, "NOT_FOUND", "no such model"), GeminiFault.NO_SUCH_MODEL, [PRO, LITE]),
        (
            fails(429, "RESOURCE_EXHAUSTED", "slow down", details=[RETRY_INFO]),
            GeminiFault.QUOTA,
            [PRO, PRO, LITE, LITE],
        ),
        (
            fails(429, "RESOURCE_EXHAUSTED", "tomorrow", Retry_After="3600"),
            GeminiFault.QUOTA,
            [PRO, LITE],
        ),
        (fails(500, "INTERNAL", "oops"), GeminiFault.FAILED, [PRO, PRO, LITE, LITE]),
        (
            says_raw(b"<html>bad gateway</html>", status=502),
            GeminiFault.FAILED,
            [PRO, PRO, LITE, LITE],
        ),
    ],
)
async def test_what_fails_is_tried_as_often_as_may_help_and_of_which_models(
    reply: Reply, fault: GeminiFault, models: list[str]
) -> None:
    async with asking(reply) as (gemini, fake):
        error = await fault_of(gemini)
        assert (error.fault, fake.models) == (fault, models)
        assert 10 < len(str(error)) < 400
        assert "\n" not in str(error)


async def test_a_service_that_is_silent_is_left_for_the_other_model() -> None:
    async with asking(is_silent(), says("Late."), request_timeout_s=0.2) as (gemini, fake):
        assert await gemini.text(ASK) == "Late."
        assert fake.models == [PRO, LITE]


async def test_all_tries_together_have_one_deadline() -> None:
    async with asking(is_silent(), request_timeout_s=30.0, deadline_s=1.0) as (gemini, fake):
        error = await fault_of(gemini)
        assert error.fault is GeminiFault.TIMEOUT
        assert error.is_retryable
        assert fake.models == [PRO]


async def test_nobody_listens() -> None:
    async with asking(base_url="http://127.0.0.1:1") as (gemini, _):
        error = await fault_of(gemini)
        assert error.fault is GeminiFault.UNREACHABLE
        assert error.is_retryable


async def test_the_second_model_answers_for_the_first() -> None:
    async with asking(
        fails(500, "INTERNAL", "a"), fails(503, "UNAVAILABLE", "b"), says("Here.")
    ) as (gemini, fake):
        assert await gemini.text(ASK) == "Here."
        assert fake.models == [PRO, PRO, LITE]


async def test_a_passing_fault_is_waited_for() -> None:
    async with asking(fails(429, "RESOURCE_EXHAUSTED", "a"), says("Now.")) as (gemini, fake):
        assert await gemini.text(ASK) == "Now."
        assert fake.models == [PRO, PRO]


@pytest.mark.parametrize("around", ["```json\n{}\n```", "```\n{}```\n", " ```JSON {} ```"])
async def test_json_in_markdown_is_json(around: str) -> None:
    said = around.replace("{}", '{"title": "```x```", "bpm": 9}')
    async with asking(says(said)) as (gemini, fake):
        assert await gemini.structured(ASK, Pair) == Pair(title="```x```", bpm=9)
        assert fake.models == [PRO]


async def test_json_that_does_not_fit_is_asked_of_the_other_model() -> None:
    async with asking(says('{"title": "x"}'), says('{"title": "y", "bpm": 9}')) as (gemini, fake):
        assert (await gemini.structured(ASK, Pair)).title == "y"
        assert fake.models == [PRO, LITE]
        fake.script(says("no json"))
        with pytest.raises(GeminiError) as caught:
            await gemini.structured(ASK, Pair)
        assert caught.value.fault is GeminiFault.GARBLED


async def test_a_key_that_was_refused_is_not_sent_again_at_once() -> None:
    async with asking(fails(401, "UNAUTHENTICATED", "who?"), says("Hello.")) as (gemini, fake):
        for _ in range(3):
            assert (await fault_of(gemini)).fault is GeminiFault.UNAUTHORIZED
        assert fake.models == [PRO]


async def test_only_the_models_that_are_named_are_asked() -> None:
    async with asking(says("Lite.")) as (gemini, fake):
        assert await gemini.text(ASK, models=[LITE]) == "Lite."
        assert fake.models == [LITE]


async def test_the_key_is_in_no_log_line_and_in_no_error(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "another-key")
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.NOTSET)
    errors = []
    for reply in (
        says("Fine."),
        fails(400, "INVALID_ARGUMENT", f"the key {KEY} is bad"),
        fails(429, "RESOURCE_EXHAUSTED", f"the key {KEY} is tired"),
        says_raw(KEY.encode(), status=500),
        redirects(f"http://127.0.0.1:1/{KEY}"),
    ):
        async with asking(reply) as (gemini, fake):
            try:
                await gemini.text(ASK)
            except GeminiError as error:
                errors.append(str(error))
            assert fake.asked[0].headers["x-goog-api-key"] == KEY
            errors.append(repr(gemini._access))
    assert len(errors) == 9
    assert caplog.records
    for text in (*errors, caplog.text):
        assert KEY not in text


async def test_variables_of_google_lead_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v9")
    monkeypatch.setenv("GEMINI_API_KEY", "another-key")
    async with asking(says("Here.")) as (gemini, fake):
        assert await gemini.text(ASK) == "Here."
        assert fake.asked[0].headers["x-goog-api-key"] == KEY


async def test_a_closed_client_asks_no_more() -> None:
    async with asking(says("Here.")) as (gemini, fake):
        await gemini.text(ASK)
        await gemini.close()
        assert (await fault_of(gemini)).fault is GeminiFault.UNREACHABLE
        assert len(fake.asked) == 1


async def test_whoever_waits_is_let_go_when_the_client_is_closed() -> None:
    async with asking(is_silent(), deadline_s=600.0, request_timeout_s=600.0) as (gemini, fake):
        waiting = asyncio.create_task(gemini.text(ASK))
        while not fake.asked:
            await asyncio.sleep(0)
        await gemini.close()
        async with asyncio.timeout(60):
            with pytest.raises(GeminiError) as caught:
                await waiting
        assert caught.value.fault is GeminiFault.UNREACHABLE
        assert fake.models == [PRO]


def test_the_library_is_imported_at_the_first_request_only() -> None:
    code = (
        "import sys, harmonie_daemon.providers.gemini as g\n"
        "g.Gemini(g.GeminiAccess('k', ('m',)))\n"
        "assert not [name for name in sys.modules if name.startswith('google.genai')]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
