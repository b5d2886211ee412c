"""The sound of pieces, made when somebody wants it, and once however many do."""

from __future__ import annotations

import asyncio

from harmonie_daemon.domain.composition import AudioFormat, CompositionVersion
from harmonie_daemon.domain.errors import BusyError
from harmonie_daemon.domain.task import TaskRecord
from harmonie_daemon.tasks.composing.studio import Studio

WAIT_S = 100.0
"""Ten minutes of music take a fifth of it; other compositions may go first."""

Wanted = tuple[str, int, AudioFormat]


class Sounding:
    """Has audio files made as tasks and lets those who want the same one wait together."""

    def __init__(self, studio: Studio, *, wait_s: float = WAIT_S) -> None:
        self._studio = studio
        self._wait_s = wait_s
        self._making: dict[Wanted, asyncio.Task[TaskRecord]] = {}

    async def make(self, version: CompositionVersion, format: AudioFormat) -> TaskRecord:
        """The record of the task once it has ended.

        Raises ``BusyError`` when that takes too long; the task goes on. Also what
        ``Studio.start_audio`` raises.
        """
        wanted = (version.composition_id, version.number, format)
        making = self._making.get(wanted)
        if making is None:
            making = asyncio.create_task(self._made(version, format), name="sounding")
            self._making[wanted] = making
            making.add_done_callback(lambda made: self._forget(wanted, made))
        try:
            return await asyncio.wait_for(asyncio.shield(making), self._wait_s)
        except TimeoutError as error:
            raise BusyError(
                "the sound is still being made; ask for it again in a moment"
            ) from error

    def _forget(self, wanted: Wanted, made: asyncio.Task[TaskRecord]) -> None:
        """Whoever waited may have left before it failed."""
        del self._making[wanted]
        if not made.cancelled():
            made.exception()

    async def _made(self, version: CompositionVersion, format: AudioFormat) -> TaskRecord:
        started = await self._studio.start_audio(version.composition_id, format, version.number)
        return await self._studio.ended(started)
