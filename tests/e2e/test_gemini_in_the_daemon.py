"""The real daemon with a key of Gemini's: its log, its answers and its end."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

from tests.e2e.harness import Daemon
from tests.standins.gemini import KEY, fails, fake_gemini, says
from tests.standins.service import is_silent

BRIEF = "### Title\nOne Note"
PROGRAM = "```python\nfrom musicpy import *\nresult = chord('C4[1/4;.;90], E4')\n```"
WISH = {"prompt": "one note, then another"}


async def asked(daemon: Daemon, body: Any) -> tuple[int, Any]:
    return await asyncio.to_thread(daemon.request, "POST", "/generate", body)


async def test_a_key_is_used_and_told_nobody(tmp_path: Path) -> None:
    async with fake_gemini(says(BRIEF), says(PROGRAM)) as fake:
        daemon = Daemon(tmp_path, [], default_playlists="false", log_level="debug")
        daemon.environment |= {
            "GEMINI_API_KEY": KEY,
            "HARMONIE_GEMINI_BASE_URL": fake.url,
            "HARMONIE_GEMINI_TIMEOUT_S": "20",
        }
        await asyncio.to_thread(daemon.start)
        try:
            status, made = await asked(daemon, WISH)
            assert (status, made["brief"]) == (200, BRIEF)
            assert fake.models == ["gemini-3.1-pro-preview"] * 2
            assert {one.headers["x-goog-api-key"] for one in fake.asked} == {KEY}
            fake.script(fails(503, "UNAVAILABLE", f"no: {KEY}"))
            status, refused = await asked(daemon, WISH)
            assert status == 500
            pro, lite = "gemini-3.1-pro-preview", "gemini-3.1-flash-lite-preview"
            assert fake.models == [pro, pro, lite, lite]
            fake.script(is_silent())
            waiting = asyncio.create_task(asked(daemon, WISH))
            while not fake.asked:
                await asyncio.sleep(0.01)
        finally:
            code = await asyncio.to_thread(daemon.signal, signal.SIGTERM)
        assert code == 0
        status, ended = await waiting
        assert (status, ended["code"]) == (500, "")
    said = daemon.log.read_text(encoding="utf-8")
    assert "gemini-3.1-flash-lite-preview did not answer" in said
    assert "Traceback" not in said
    assert "Unclosed" not in said
    for text in (said, str(refused)):
        assert KEY not in text
