"""The stalgia family beside harmonie's over a real store and the real evaluator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from harmonie_daemon.api.harmonie import harmonie_family
from harmonie_daemon.api.stalgia import StalgiaDeps, stalgia_family
from harmonie_daemon.api.stalgia.sounding import Sounding
from harmonie_daemon.api.stalgia.tag_folder import TagFolder
from harmonie_daemon.app import access_rules, open_core
from harmonie_daemon.compose.musicpy_code.studio import CodeStudio, open_code_studio
from harmonie_daemon.compose.words.composer import WordComposer
from harmonie_daemon.config import Settings
from harmonie_daemon.providers.gemini import Gemini, GeminiAccess
from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.keys import PROVIDED
from tests.quick_ensemble import QuickEnsemble
from tests.servers import NOW, Client, serving
from tests.standins.gemini import KEY, FakeGemini

PRO, LITE = "gemini-pro-x", "gemini-lite-x"


@dataclass
class Stalgia:
    """What runs."""

    client: Client
    studio: Studio
    ensemble: QuickEnsemble
    data_dir: Path


@asynccontextmanager
async def stalgia(
    data_dir: Path,
    *,
    gemini: FakeGemini | None = None,
    code_studio: CodeStudio | None = None,
    **settings: Any,
) -> AsyncIterator[Stalgia]:
    """A daemon that writes music; its sound takes no time."""
    configured = Settings(
        **{"data_dir": data_dir, "workers": 1, "default_playlists": False, **settings}
    )
    families = [harmonie_family(), stalgia_family()]
    app = make_application(families, access_rules(configured), title="Two", version="1")
    ensemble = QuickEnsemble()
    async with AsyncExitStack() as stack:
        opened = stack.enter_async_context
        core = await opened(open_core(configured, lambda: NOW, ensemble=ensemble))
        studio = core.studio
        if code_studio is None:
            code_studio = await opened(open_code_studio())
        client_of_gemini = None if gemini is None else _client(gemini)
        if client_of_gemini is not None:
            stack.push_async_callback(client_of_gemini.close)
        composer = WordComposer(
            gemini=client_of_gemini, code_studio=code_studio, seeds=_seeds().__next__
        )
        client = await opened(serving(app))
        tags = TagFolder(data_dir / "tags")
        app[PROVIDED].put(core.services, StalgiaDeps(composer, studio, tags, Sounding(studio)))
        yield Stalgia(client, studio, ensemble, data_dir)


def _client(fake: FakeGemini) -> Gemini:
    access = GeminiAccess(KEY, (PRO, LITE), fake.url, deadline_s=20.0)
    return Gemini(access, jitter=lambda: 0.0, first_wait_s=0.001)


def _seeds() -> Iterator[int]:
    return count(1)
