"""Every genre, feeling and tempo, short: nothing is silent, too soft, too loud, or clips."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor

import pytest

from harmonie_daemon.domain.brief import Emotion, Genre, TempoWord
from tests.compose.asked import cells, make_brief
from tests.compose.sound.heard import is_sound

CELLS = tuple(cells())
LENGTH_MS = 6_007
_EVERY = 43


@pytest.mark.parametrize(("genre", "emotion", "tempo"), CELLS[::_EVERY])
def test_a_cell_sounds_as_it_should(genre: Genre, emotion: Emotion, tempo: TempoWord) -> None:
    assert wrong_with((genre, emotion, tempo)) == []


@pytest.mark.thorough
def test_all_cells_sound_as_they_should() -> None:
    with ProcessPoolExecutor(2) as pool:
        found = dict(zip(CELLS, pool.map(wrong_with, CELLS, chunksize=8), strict=True))
    assert {cell: wrong for cell, wrong in found.items() if wrong} == {}


def wrong_with(cell: tuple[Genre, Emotion, TempoWord]) -> list[str]:
    return is_sound(make_brief(*cell, duration_ms=LENGTH_MS))
