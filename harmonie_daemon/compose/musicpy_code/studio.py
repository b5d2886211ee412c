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
NO_MUSIC = (
    f"the program gave no music: it takes more than {limits.CPU_S} s of work, "
    "or more memory than it may have"
)
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
        if self._inside > MOST_WAITING:
            raise BusyError(f"{MOST_WAITING} programs are waiting already; come back in a moment")
        self._inside += 1
        try:
            verdict = await self._verdict(code)
        finally:
            self._inside -= 1
        if verdict.ending is Ending.FAULT:
            raise CodeError(verdict.words, verdict.line)
        try:
            score = await asyncio.to_thread(read_midi, verdict.body)
        except MidiError as error:
            raise CodeError(str(error), verdict.line) from error
        return EvaluatedCode(score, verdict.body)

    async def layers(self) -> Layer:
        """What the jail is made of on this machine; raises as ``run`` does, when there is none."""
        return (await self._verdict(PROBE)).layers

    async def tell_layers(self) -> None:
        """Log what the jail is made of on this machine, or that there is none."""
        try:
            layers = await self.layers()
        except (CodeError, CodeUnavailableError) as error:
            log.warning("%s; everything else works", error)
        else:
            names = ", ".join(str(layer.name).lower().replace("_", " ") for layer in layers)
            log.info("musicpy programs are evaluated behind %s", names)

    async def _verdict(self, code: str) -> Verdict:
        source = _encoded(code)
        try:
            verdict = unpacked(await self._supervisor.run(source, timeout_s=TIMEOUT_S))
        except (WorkerError, ValueError) as error:
            log.info("a jailed process gave no answer: %s", error)
            raise CodeError(NO_MUSIC) from error
        if verdict.ending is Ending.NO_JAIL or Layer.SECCOMP not in verdict.layers:
            raise CodeUnavailableError(f"programs are not evaluated here: {verdict.words}")
        return verdict


def _encoded(code: str) -> bytes:
    """Half characters and all: it is the evaluator that says what is wrong with a text."""
    source = code.encode("utf-8", "surrogatepass")
    longest = limits.LONGEST_SOURCE_BYTES
    if len(source) > longest:
        raise CodeError(f"the program is longer than {longest} bytes", 1 + code.count("\n"))
    return source


@asynccontextmanager
async def open_code_studio() -> AsyncIterator[CodeStudio]:
    """A studio with its own budget of one process: a scan must not keep someone waiting."""
    supervisor = Supervisor(EVALUATING, Budget(1))
    try:
        yield CodeStudio(supervisor)
    finally:
        await supervisor.close()
