"""From a wish to a piece: an example, by a language model, or by the composer's own rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from harmonie_daemon.compose.musicpy_code.studio import CodeStudio
from harmonie_daemon.compose.words.examples import example
from harmonie_daemon.compose.words.local_writer import seed_in, write_locally
from harmonie_daemon.compose.words.model_writer import ModelWriter
from harmonie_daemon.compose.words.piece import GenerationError, WordedPiece
from harmonie_daemon.compose.words.wish import Wish
from harmonie_daemon.domain.errors import BusyError, CodeError
from harmonie_daemon.providers.gemini import Gemini

MOST_AT_ONCE = 4
"""Wishes that are worked on; a language model takes its time."""


class WordComposer:
    """One for the daemon. Methods raise ``BusyError`` when there are too many at once."""

    def __init__(
        self, *, gemini: Gemini | None, code_studio: CodeStudio, seeds: Callable[[], int]
    ) -> None:
        """``seeds`` gives another one of up to 53 bits each time."""
        self._code_studio = code_studio
        self._model = None if gemini is None else ModelWriter(gemini, code_studio)
        self._seeds = seeds
        self._inside = 0

    async def generate(self, wish: Wish) -> WordedPiece:
        """A piece for a wish.

        Raises ``GenerationError``, ``CodeUnavailableError`` (by a model alone), ``BriefError``.
        """
        with self._one_more():
            known = None if wish.variation else await asyncio.to_thread(example, wish.prompt)
            return known or await self._new(wish)

    async def regenerate(self, wish: Wish, request: str) -> WordedPiece:
        """Another piece for the same wish, with what is requested. Raises as ``generate``."""
        with self._one_more():
            return await self._new(replace(wish, variation=request))

    async def change(self, wish: Wish, brief: str, program: str, request: str) -> WordedPiece:
        """The piece of a program, changed as requested. Raises as ``generate``.

        Without a model the composer's own pieces keep their seed, and with it what the request
        does not touch.
        """
        with self._one_more():
            if self._model is not None:
                return await self._model.change(brief, program, request)
            seed = seed_in(program)
            changed = replace(wish, variation=request)
            return await self._locally(changed, self._seeds() if seed is None else seed)

    async def render(self, program: str, brief: str) -> WordedPiece:
        """What somebody's program plays. Raises ``GenerationError``, ``CodeUnavailableError``."""
        try:
            evaluated = await self._code_studio.run(program)
        except CodeError as error:
            raise GenerationError(str(error), program) from error
        return WordedPiece(brief, program, evaluated.midi, evaluated.score)

    async def _new(self, wish: Wish) -> WordedPiece:
        if self._model is not None:
            return await self._model.write(wish)
        return await self._locally(wish, self._seeds())

    async def _locally(self, wish: Wish, seed: int) -> WordedPiece:
        return await asyncio.to_thread(write_locally, wish, seed)

    @contextmanager
    def _one_more(self) -> Iterator[None]:
        if self._inside >= MOST_AT_ONCE:
            raise BusyError(f"{MOST_AT_ONCE} pieces are being written; come back in a moment")
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
