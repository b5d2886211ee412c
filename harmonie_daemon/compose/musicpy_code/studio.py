"""The daemon's side: hands a program to a jailed process, and trusts nothing of what comes back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from harmonie_daemon.compose.midi import read_midi
from harmonie_daemon.compose.musicpy_code import limits
from harmonie_daemon.compose.musicpy_code.verdict import Ending, Layer, Verdict, unpacked
from harmonie_daemon.compose.score import Score
from harmonie_daemon.domain.errors import (
    BusyError,
    CodeError,
    CodeUnavailableError,
    MidiError,
    WorkerError,
)
from harmonie_daemon.workers import Budget, Start, Supervisor, WorkerKind

log = logging.getLogger(__name__)

EVALUATING = WorkerKind(
    name="musicpy programs",
    target="harmonie_daemon.compose.musicpy_code.child:work_through",
    start=Start.FRESH,
    memory_limit_bytes=limits.MEMORY_BYTES,
    niceness=0,
)
TIMEOUT_S = 10.0
"""The jail's own alarm, and the start of the process on a busy machine."""
MOST_WAITING = 4
PROBE = "result = note('C')"


@dataclass(frozen=True, slots=True)
class EvaluatedCode:
    """What a program plays."""

    score: Score
    midi: bytes
    """As musicpy wrote it."""


class CodeStudio:
    """Evaluates programs one after another; up to four wait their turn."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._inside = 0

    async def run(self, code: str) -> EvaluatedCode:
        """The music of a program.

        Raises ``CodeError`` with the line and the reason, ``BusyError`` when too many wait,
        ``CodeUnavailableError`` when this machine cannot shut the jail.
        """
        answer = await self._answer(code)
        if answer.ending is Ending.FAULT:
            raise CodeError(answer.words, answer.line)
        try:
            score = await asyncio.to_thread(read_midi, answer.body)
        except MidiError as error:
            raise CodeError(str(error), answer.line) from error
        return EvaluatedCode(score, answer.body)

    async def layers(self) -> Layer:
        """What the jail is made of on this machine. Raises ``CodeUnavailableError``."""
        return (await self._answer(PROBE)).layers

    async def _answer(self, code: str) -> Verdict:
        source = _encoded(code)
        if self._inside > MOST_WAITING:
            raise BusyError(f"{MOST_WAITING} programs are waiting already; come back in a moment")
        self._inside += 1
        try:
            raw = await self._supervisor.run(source, timeout_s=TIMEOUT_S)
            answer = unpacked(raw)
        except (WorkerError, ValueError) as error:
            log.info("a jailed process gave no answer: %s", error)
            raise CodeError(
                f"it took longer than {limits.CPU_S} s of work or too much memory"
            ) from error
        finally:
            self._inside -= 1
        if answer.ending is Ending.NO_JAIL or Layer.SECCOMP not in answer.layers:
            raise CodeUnavailableError(f"programs are not evaluated here: {answer.words}")
        return answer


def _encoded(code: str) -> bytes:
    try:
        source = code.encode()
    except UnicodeEncodeError as error:
        line = code.count("\n", 0, error.start) + 1
        raise CodeError("there is half a character (a lone surrogate)", line) from error
    if len(source) > limits.LONGEST_SOURCE_BYTES:
        raise CodeError(f"the program is longer than {limits.LONGEST_SOURCE_BYTES} bytes")
    return source


@asynccontextmanager
async def open_code_studio() -> AsyncIterator[CodeStudio]:
    """A studio with its own budget of one process: a scan must not keep someone waiting."""
    supervisor = Supervisor(EVALUATING, Budget(1))
    try:
        yield CodeStudio(supervisor)
    finally:
        await supervisor.close()
