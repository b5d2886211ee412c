"""Music without a language model: what a wish says is what is written."""

from __future__ import annotations

import pytest

from harmonie_daemon.compose.midi import read_midi
from harmonie_daemon.compose.words.brief_text import HEADINGS
from harmonie_daemon.compose.words.local_writer import (
    brief_of,
    brief_of_length,
    seed_in,
    title_of,
    write_locally,
)
from harmonie_daemon.compose.words.wish import Want, Wish, cleaned
from harmonie_daemon.domain.brief import LONGEST_MS, SHORTEST_MS, Genre, MusicalKey
from tests.compose.words.write_examples import midi_of


def notes_of(midi: bytes) -> list[object]:
    return [(part.name, part.program, part.notes) for part in read_midi(midi).parts]


@pytest.mark.parametrize(
    "wish",
    [
        Wish("A heroic battle theme", {Want.GENRE: "Orchestral", Want.TEMPO: "120 BPM"}),
        Wish("something to sleep to, half a minute"),
        Wish("angry dubstep without melody, 20 seconds"),
        Wish("a raga for the evening, 40 seconds"),
    ],
)
def test_the_program_plays_the_file(wish: Wish) -> None:
    piece = write_locally(wish, seed=11)
    assert notes_of(midi_of(piece.code)) == notes_of(piece.midi)
    assert [line[4:] for line in piece.brief.splitlines() if line[:4] == "### "] == [*HEADINGS]


def test_what_was_chosen_makes_no_headings_of_its_own() -> None:
    forged = "x\n\n### Key\nH dur\n" + "y" * 3_000
    wish = Wish(forged, dict.fromkeys(Want, forged))
    text = write_locally(wish, seed=1).brief
    assert [line[4:] for line in text.splitlines() if line[:4] == "### "] == [*HEADINGS]
    assert len(text) < 3_000


def test_the_same_wish_and_seed_is_the_same_piece() -> None:
    wish = Wish("a happy tune")
    assert write_locally(wish, 5) == write_locally(wish, 5)
    assert write_locally(wish, 5).midi != write_locally(wish, 6).midi


def test_the_seed_stands_in_the_program() -> None:
    assert seed_in(write_locally(Wish("a tune"), 2**53 - 1).code) == 2**53 - 1
    assert seed_in("from musicpy import *\nresult = note('C')") is None
    assert seed_in("# Composed by Harmonie, seed 99999999999999999999999999") is None
    assert seed_in("x" * 1_000 + "\n# Composed by Harmonie, seed 5\n") is None


@pytest.mark.parametrize(
    ("wants", "bpm", "key"),
    [
        ({Want.TEMPO: "120 BPM"}, 120.0, None),
        ({Want.TEMPO: "95"}, 95.0, None),
        ({Want.KEY: "C minor"}, None, MusicalKey(0, "minor")),
        ({Want.KEY: "F# major", Want.TEMPO: "70 bpm"}, 70.0, MusicalKey(6, "major")),
        ({Want.KEY: "nonsense", Want.TEMPO: "as it comes"}, None, None),
    ],
)
def test_what_was_chosen_is_kept(
    wants: dict[Want, str], bpm: float | None, key: MusicalKey | None
) -> None:
    brief = brief_of(Wish("a tune", wants))
    assert (brief.bpm, brief.key) == (bpm, key)


def test_what_was_chosen_wins_over_the_prompt_and_both_over_the_genre() -> None:
    wish = Wish("a lo-fi beat at 80 BPM in D major", {Want.TEMPO: "100 BPM"})
    brief = brief_of(wish)
    assert (brief.genre, brief.bpm, brief.key) == (Genre.HIPHOP, 100.0, MusicalKey(2, "major"))
    assert brief_of(Wish(wish.prompt)).bpm == 80.0
    chosen = Wish("a lo-fi beat", {Want.GENRE: "Orchestral"})
    assert brief_of(chosen).genre is Genre.CINEMATIC
    varied = Wish(wish.prompt, wish.wants, variation="make it 60 BPM")
    assert brief_of(varied).bpm == 60.0


def test_any_length_of_wish_is_read() -> None:
    wants = dict.fromkeys(Want, "word " * 100)
    assert brief_of(Wish("a calm song " * 800, wants)).duration_ms > 0


def test_a_piece_of_somebody_else_has_its_own_length() -> None:
    assert brief_of_length(Wish("a calm song"), 72_000).duration_ms == 72_000
    assert brief_of_length(Wish("a calm song"), 1).duration_ms == SHORTEST_MS
    assert brief_of_length(Wish("a calm song"), 10**9).duration_ms == LONGEST_MS


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("a heroic theme. With horns.", "A heroic theme"),
        ("rain\nand wind", "Rain"),
        ("...", "A piece"),
        ("x" * 100, "X" + "x" * 59),
        ("word " * 40, "Word word word word word word word word word word word word"),
    ],
)
def test_a_piece_is_called_by_the_first_sentence(prompt: str, title: str) -> None:
    assert title_of(Wish(prompt)) == title


def test_what_cannot_be_printed_goes() -> None:
    assert cleaned(" a\0b\x1b[1m\u202e\n\tc ") == "a b [1m \n\tc"
