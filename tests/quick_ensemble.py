"""An ensemble that makes real files in no time: what is in them says what they are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from harmonie_daemon.compose.palettes import SEATS
from harmonie_daemon.domain.composition import (
    AudioFormat,
    CompositionFile,
    CompositionVersion,
    FileKind,
    SectionTake,
)
from harmonie_daemon.tasks.composing.commission import Made, Tell


class QuickEnsemble:
    """Plays when it may; otherwise it holds its bow."""

    def __init__(self) -> None:
        self.may_play = asyncio.Event()
        self.may_play.set()
        self.begun = asyncio.Event()
        self.failure: Exception | None = None
        self.played: list[CompositionVersion] = []
        self.sounded = 0
        """How many MIDI files."""

    async def compose(
        self, version: CompositionVersion, folder: Path, tell: Tell, *, takes: int
    ) -> Made:
        """Everything but stems."""
        self.played.append(version)
        await self._play(tell, "playing")
        made = tuple(_takes(version, takes))
        files = [_written(folder, FileKind.MIX, "mix", version.format)]
        files.append(_written(folder, FileKind.MIDI, "piece", "mid"))
        for take in made:
            place = {"section": take.section, "take": take.take}
            name = f"section-{take.section + 1}-take-{take.take + 1}"
            files.append(_written(folder, FileKind.MIX, name, "mp3", **place))
            files.append(_written(folder, FileKind.PREVIEW, f"{name}-preview", "mp3", **place))
        return Made(tuple(files), made, loudness_lufs=-14.0)

    async def stems(self, version: CompositionVersion, folder: Path, tell: Tell) -> Made:
        """Every instrument by itself."""
        await self._play(tell, "playing alone")
        files = []
        for instrument in version.takes[0].instruments:
            own = {"instrument": instrument}
            files.append(_written(folder, FileKind.STEM, instrument, "mp3", **own))
            for section in range(len(version.brief.sections)):
                place = {"section": section, **own}
                name = f"section-{section + 1}-{instrument}"
                files.append(_written(folder, FileKind.STEM, name, "mp3", **place))
                files.append(
                    _written(folder, FileKind.STEM_PREVIEW, f"{name}-preview", "mp3", **place)
                )
        return Made(tuple(files))

    async def audio(self, midi: Path, format: AudioFormat, folder: Path, tell: Tell) -> Made:
        """The sound of a MIDI file."""
        self.sounded += 1
        await self._play(tell, "playing")
        return Made((_written(folder, FileKind.MIX, midi.stem, format),))

    async def _play(self, tell: Tell, stage: str) -> None:
        await tell(stage, 0.5)
        self.begun.set()
        await self.may_play.wait()
        if self.failure is not None:
            raise self.failure


def _takes(version: CompositionVersion, takes: int) -> Iterator[SectionTake]:
    instruments = tuple(players[0].name for players in SEATS[version.brief.genre])
    for section, asked in enumerate(version.brief.sections):
        for take in range(takes):
            yield SectionTake(section, take, version.seed + take, instruments, asked.length_ms)


def _written(
    folder: Path,
    kind: FileKind,
    name: str,
    ending: str,
    *,
    section: int | None = None,
    take: int | None = None,
    instrument: str | None = None,
) -> CompositionFile:
    path = f"{name}.{ending}"
    (folder / path).write_text(f"{kind} {section} {take} {instrument}\n" * 100)
    return CompositionFile(kind, path, ending, section, take, instrument, 10_000)
