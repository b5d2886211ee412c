"""What is spelt sloppily is understood, what is a word of its own is left alone."""

from __future__ import annotations

import pytest

from harmonie_daemon.discovery.spelling import meant_by, respelt, strangers
from harmonie_daemon.domain.track import StyleScore, Tags
from tests.discovery.shelf_of_music import MusicShelf


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("deth", "death"),
        ("slwo", "slow"),
        ("tecno", "techno"),
        ("pinao", "piano"),
        ("orcestral", "orchestral"),
        ("orkestral", "orchestral"),
        ("symphonik", "symphonic"),
        ("agressive", "aggressive"),
        ("melancoly", "melancholy"),
        ("clasical", "classical"),
        ("ambeint", "ambient"),
        ("elctronic", "electronic"),
        ("musik", "music"),
    ],
)
def test_sloppy_spelling(written: str, meant: str) -> None:
    assert meant_by(written, [], is_name=False) == meant


@pytest.mark.parametrize(
    "word",
    [
        "xylofoo",
        "block",
        "trick",
        "medal",
        "stall",
        "rem",
        "",
        "pink",
        "muse",
        "sade",
        "cure",
        "sting",
        "beatles",
        "beck",
        "blur",
        "queen",
        "nirvana",
        "abba",
    ],
)
def test_a_word_of_its_own_is_taken_for_nothing(word: str) -> None:
    assert meant_by(word, [], is_name=False) is None


def test_names_are_looked_for_among_the_words_of_the_library_alone() -> None:
    library = [("muldjord", 8), ("mulder", 1)]
    assert meant_by("mulldjord", library, is_name=True) == "muldjord"
    assert meant_by("orcestral", [], is_name=True) is None


def test_of_words_that_are_as_near_the_more_frequent_one_is_meant() -> None:
    assert meant_by("minstrals", [("minstrels", 1), ("minstrils", 4)], is_name=True) == "minstrils"


def test_only_whole_words_are_put_right() -> None:
    assert respelt("deth, not deths", {"deth": "death"}) == "death, not deths"


def test_a_few_words_of_a_usual_length_are_looked_at() -> None:
    words = ["rem", "x" * 25, "ac3d", *(f"misspelt{letter}" for letter in "abcdef")]
    assert strangers(words) == ["misspelta", "misspeltb", "misspeltc", "misspeltd"]


async def test_questions_in_sloppy_spelling(shelf: MusicShelf) -> None:
    metal = StyleScore("Rock", "Death Metal", 1.0)
    await shelf.add("m.flac", tags=Tags(artist="Muldjord", title="Armygeddon"), styles=[metal])
    await shelf.add("h.flac", tags=Tags(artist="Ann", title="Rook"))
    await shelf.add("r.flac", styles=[StyleScore("Rock", "Rock", 1.0)])
    assert await shelf.names("deth metal", 1) == ["Armygeddon"]
    assert await shelf.names("something by mulldjord", 1) == ["Armygeddon"]
    assert await shelf.names("armygedon") == ["Armygeddon"]
    assert await shelf.names("rook", 1) == ["Rook"]
    found = await shelf.discovery.discover("deth metal", limit=1)
    assert found.understood.text == "deth metal"
    await shelf.tracks.remove([found.hits[0].track_id])
    assert await shelf.names("armygedon") == []


async def test_names_that_are_not_there_are_taken_for_no_genre(shelf: MusicShelf) -> None:
    await shelf.add("b.flac", styles=[StyleScore("Classical", "Classical", 1.0)])
    assert await shelf.names("clasical", 1) == ["b.flac"]
    assert await shelf.names("songs by orcestral", 1) == []
