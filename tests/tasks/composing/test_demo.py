"""The library for whoever has none yet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harmonie_daemon.compose.blocked import first_blocked
from harmonie_daemon.domain.brief import LONGEST_MS, SHORTEST_MS, Brief, Genre
from harmonie_daemon.domain.composition import AudioFormat, CompositionFile, FileKind
from harmonie_daemon.domain.errors import HarmonieError, WorkerError
from harmonie_daemon.library.tags import read_tags
from harmonie_daemon.tasks.composing.commission import Made
from harmonie_daemon.tasks.composing.demo import DemoLibrary
from harmonie_daemon.tasks.composing.demo_pieces import demo_pieces


class Player:
    """Plays a second of silence for every piece, and may be interrupted."""

    def __init__(self, *, most: int = 1000) -> None:
        self.played: list[str] = []
        self.most = most

    async def __call__(self, brief: Brief, seed: int, format: AudioFormat, folder: Path) -> Made:
        if len(self.played) >= self.most:
            raise WorkerError("the worker died")
        self.played.append(brief.title)
        soundfile.write(
            folder / "mix", np.zeros((44_100, 2)), 44_100, format="MP3", subtype="MPEG_LAYER_III"
        )
        return Made((CompositionFile(FileKind.MIX, "mix", format.value),), bpm=100.0)


def test_three_pieces_of_every_genre_that_nothing_speaks_against() -> None:
    pieces = demo_pieces()
    assert Counter(piece.brief.genre for piece in pieces) == dict.fromkeys(Genre, 3)
    assert len({piece.brief.title for piece in pieces}) == len({p.seed for p in pieces}) == 24
    for piece in pieces:
        assert first_blocked(piece.brief) is None, piece
        assert SHORTEST_MS <= piece.brief.duration_ms <= LONGEST_MS
        ends = [one.start_ms + one.length_ms for one in piece.brief.sections]
        assert [0, *ends[:-1]] == [one.start_ms for one in piece.brief.sections]


async def test_what_was_interrupted_goes_on_and_nothing_is_made_twice(tmp_path: Path) -> None:
    folder = tmp_path / "demo-library"
    told: list[None] = []
    library = DemoLibrary(folder, Player(most=10))
    with pytest.raises(HarmonieError, match="the worker died"):
        await library.complete(lambda: told.append(None))
    assert len(library.missing()) == 14
    (folder / ".making-killed").mkdir()
    (folder / ".making-killed" / "mix.mp3").write_bytes(b"half")
    player = Player()
    library = DemoLibrary(folder, player)
    await library.complete(lambda: told.append(None))
    assert len(player.played) == 14
    assert library.missing() == []
    assert len(told) == 24
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    found = sorted(folder.rglob("*.mp3"))
    assert len(found) == 24
    for path in found:
        tags = read_tags(str(path)).tags
        assert (tags.title, tags.artist, tags.bpm) == (path.stem, "Harmonie", 100.0)


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "demo-library"
    in_the_way.write_text("no folder")
    with pytest.raises(HarmonieError, match=str(in_the_way)):
        await DemoLibrary(in_the_way, Player()).complete(lambda: None)
