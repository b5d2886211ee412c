"""What playlists of a clustering are called."""

from __future__ import annotations

import pytest

from harmonie_daemon.domain.mood import MoodLabel
from harmonie_daemon.playlists.clusters.names import (
    extra_word,
    new_name,
    still_true,
    tempo_word,
)
from tests.playlists.clusters.tracks import make_tracks


@pytest.mark.parametrize(
    ("bpms", "word"),
    [
        ([60, 79, 200], "Slow"),
        ([80], "Medium"),
        ([100, 129.9, 140], "Medium"),
        ([130], "Fast"),
        ([], ""),
    ],
)
def test_the_tempo_is_that_of_the_middle_one(bpms: list[float], word: str) -> None:
    assert tempo_word(bpms) == word


def test_a_name_that_is_taken_gets_another_mood_then_a_genre_then_a_number() -> None:
    taken: set[str] = set()
    moods: list[MoodLabel] = ["energetic", "dark", "epic"]
    for expected in (
        "Energetic_Medium_automatic",
        "Energetic_Dark_Medium_automatic",
        "Energetic_Dark_Rock_Medium_automatic",
        "Energetic_Dark_Rock_Medium_2_automatic",
        "Energetic_Dark_Rock_Medium_3_automatic",
    ):
        assert new_name(moods, "Medium", "Rock", taken) == expected
        taken.add(expected)


def test_without_a_mood_or_a_tempo_it_is_mixed() -> None:
    assert new_name([], "Slow", "", set()) == "Mixed_Slow_automatic"
    assert new_name([], "", "", {"Mixed_automatic"}) == "Mixed_2_automatic"


@pytest.mark.parametrize(
    ("name", "tempo", "holds"),
    [
        ("Dark_Medium_automatic", "Medium", True),
        ("Dark_Epic_Rock_Medium_2_automatic", "Medium", True),
        ("Dark_Medium_automatic", "Fast", False),
        ("Happy_Medium_automatic", "Medium", False),
        ("Mixed_Medium_automatic", "Medium", False),
        ("My own name", "Medium", False),
    ],
)
def test_an_earlier_name_holds_while_its_mood_and_tempo_are_so(
    name: str, tempo: str, holds: bool
) -> None:
    assert still_true(name, ["energetic", "dark"], tempo) is holds


def test_the_extra_word_is_a_genre_that_half_share_or_else_a_decade() -> None:
    assert extra_word(make_tracks(["Folk, World, & Country---Celtic"] * 3 + ["Rock---Punk"])) == (
        "Folk"
    )
    mixed = ["Rock---Punk", "Jazz---Bop", "Pop---Ballad"]
    assert extra_word(make_tracks(mixed, date="1994-05-01")) == "90s"
    assert extra_word(make_tracks(mixed)) == ""
    assert extra_word([]) == ""
