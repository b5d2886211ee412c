"""A library to look at Harmonie with, composed on the spot."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from harmonie_daemon.domain.brief import Brief
from harmonie_daemon.domain.composition import AudioFormat, FileKind
from harmonie_daemon.domain.errors import HarmonieError, in_words
from harmonie_daemon.tasks.composing.commission import Made
from harmonie_daemon.tasks.composing.demo_pieces import DemoPiece, demo_pieces
from harmonie_daemon.tasks.composing.publishing import GENRE_NAMES, Publisher, tags_of

FORMAT = AudioFormat.MP3
COMPOSED_AT = 1_764_028_800.0
"""The date in the tags; one that stays, so that the same pieces are the same files."""

_UNFINISHED = ".making-"

MakeMix = Callable[[Brief, int, AudioFormat, Path], Awaitable[Made]]
"""Makes the mix of a brief and a seed, in an empty folder."""


class DemoLibrary:
    """Pieces of all genres in one folder. What is there already is not made again."""

    def __init__(self, folder: Path, make: MakeMix) -> None:
        self.folder = folder
        self._publisher = Publisher(folder)
        self._make = make

    def missing(self) -> list[DemoPiece]:
        """The pieces that are not there (yet)."""
        return [piece for piece in demo_pieces() if not self._path(piece).exists()]

    async def complete(self, tell: Callable[[], None]) -> None:
        """Compose what is missing; ``tell`` is called after each piece.

        What is interrupted goes on at the next call. Raises ``HarmonieError``.
        """
        try:
            missing = await asyncio.to_thread(self._prepare)
            composing = [self._compose(piece, tell) for piece in missing]
            ends = await asyncio.gather(*composing, return_exceptions=True)
            for error in (end for end in ends if isinstance(end, Exception)):
                raise error
        except (OSError, HarmonieError) as error:
            raise HarmonieError(
                f"the demo library in {self.folder} cannot be composed: {in_words(error)}"
            ) from error

    def _prepare(self) -> list[DemoPiece]:
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        return self.missing()

    async def _compose(self, piece: DemoPiece, tell: Callable[[], None]) -> None:
        brief = piece.brief
        with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=self.folder) as folder:
            made = await self._make(brief, piece.seed, FORMAT, Path(folder))
            (mix,) = (file for file in made.files if file.kind is FileKind.MIX)
            tags = tags_of(brief, brief.title, bpm=made.bpm, key=made.key, at=COMPOSED_AT)
            source = Path(folder) / mix.path
            await asyncio.to_thread(self._publisher.publish, source, FORMAT, tags)
        tell()

    def _path(self, piece: DemoPiece) -> Path:
        genre = GENRE_NAMES[piece.brief.genre]
        return self.folder / genre / f"{piece.brief.title}.{FORMAT}"
