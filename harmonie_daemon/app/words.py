"""What makes music of words: a language model where there is a key, and the jail for programs."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from harmonie_daemon.compose.musicpy_code.studio import CodeStudio, open_code_studio
from harmonie_daemon.compose.words.composer import WordComposer
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.composition import SEED_BITS
from harmonie_daemon.providers.gemini import Gemini
from harmonie_daemon.providers.opening import open_gemini


@dataclass(frozen=True, slots=True)
class Words:
    """Opened."""

    gemini: Gemini | None
    code_studio: CodeStudio
    composer: WordComposer


@asynccontextmanager
async def open_words(settings: Settings) -> AsyncIterator[Words]:
    """Nothing is imported or started before it is needed."""
    async with open_gemini(settings) as gemini, open_code_studio() as code_studio:
        composer = WordComposer(
            gemini=gemini, code_studio=code_studio, seeds=lambda: secrets.randbits(SEED_BITS)
        )
        yield Words(gemini, code_studio, composer)
