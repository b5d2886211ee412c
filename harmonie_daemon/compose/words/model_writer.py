"""Music by a language model: a brief, then a program, mended where the evaluator refuses it."""

from __future__ import annotations

import logging
import re

from harmonie_daemon.compose.musicpy_code.studio import CodeStudio, EvaluatedCode
from harmonie_daemon.compose.words.piece import GenerationError, WordedPiece
from harmonie_daemon.compose.words.prompts import (
    LONGEST_BRIEF,
    brief_prompt,
    change_prompt,
    code_prompt,
    repair_prompt,
)
from harmonie_daemon.compose.words.wish import Wish
from harmonie_daemon.domain.errors import CodeError
from harmonie_daemon.providers.gemini import Gemini, Prompt
from harmonie_daemon.providers.gemini_errors import GeminiError

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""Programs that are tried for one wish, in all."""
_FENCED = re.compile(r"```[ \t]*[A-Za-z]*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)


class ModelWriter:
    """Asks the models and has their programs evaluated.

    Methods raise ``GenerationError`` when nothing plays in the end, ``BusyError`` and
    ``CodeUnavailableError`` when programs cannot be evaluated (now, or here).
    """

    def __init__(self, gemini: Gemini, code_studio: CodeStudio) -> None:
        self._gemini = gemini
        self._code_studio = code_studio
        self._has_evaluator = False

    async def write(self, wish: Wish) -> WordedPiece:
        """A new piece."""
        await self._require_evaluator()
        try:
            brief = await self._gemini.text(brief_prompt(wish))
        except GeminiError as error:
            raise GenerationError(f"Gemini wrote no brief: {error}") from error
        brief = brief.strip()[:LONGEST_BRIEF]
        return await self._played(brief, code_prompt(brief))

    async def change(self, brief: str, program: str, request: str) -> WordedPiece:
        """A piece that is there already, changed as somebody requests."""
        await self._require_evaluator()
        return await self._played(brief, change_prompt(brief, program, request), program)

    async def _require_evaluator(self) -> None:
        """Nothing is asked for that could not be played."""
        if not self._has_evaluator:
            await self._code_studio.layers()
            self._has_evaluator = True

    async def _played(self, brief: str, prompt: Prompt, program: str = "") -> WordedPiece:
        """The first program that plays; the first model writes, the others mend."""
        models = self._gemini.models
        fault = ""
        for _ in range(ATTEMPTS):
            try:
                program = program_in(await self._gemini.text(prompt, models=models))
            except GeminiError as error:
                raise GenerationError(f"Gemini wrote no program: {error}", program) from error
            try:
                return _piece(brief, program, await self._code_studio.run(program))
            except CodeError as error:
                fault = str(error)
                log.info("a model's program does not play: %s", fault)
            prompt = repair_prompt(brief, program, fault)
            models = self._gemini.models[1:] or self._gemini.models
        raise GenerationError(f"Failed after {ATTEMPTS} attempts. Last error: {fault}", program)


def program_in(answer: str) -> str:
    """The program without the fences and the words that models put around it."""
    fenced = _FENCED.search(answer)
    return (fenced[1] if fenced else answer).strip() + "\n"


def _piece(brief: str, program: str, evaluated: EvaluatedCode) -> WordedPiece:
    return WordedPiece(brief, program, evaluated.midi, evaluated.score)
