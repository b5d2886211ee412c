"""The file of words makes sense."""

from __future__ import annotations

import pytest

from harmonie_daemon.discovery.signs import MoodSign, StyleSign
from harmonie_daemon.discovery.small_words import says_something
from harmonie_daemon.discovery.vocabulary import Topic, _read, meaning_of


def test_every_line_is_understood() -> None:
    workout = meaning_of("workout")
    assert workout is not None
    assert workout.topic is Topic.ACTIVITY
    assert (MoodSign("relaxed", low=True), 0.5) in workout.signs


def test_no_phrase_says_nothing() -> None:
    for phrase in ("metal", "calm", "strings", "party", "new", "fast"):
        assert says_something(phrase)


def test_a_genre_is_all_of_its_styles_and_a_style_is_near_its_namesakes() -> None:
    (jazz, _), *_ = meaning_of("jazz").signs  # type: ignore[union-attr]
    (death_metal, _), *_ = meaning_of("death metal").signs  # type: ignore[union-attr]
    assert isinstance(jazz, StyleSign)
    assert jazz.places == {("Jazz", None): 1.0}
    assert isinstance(death_metal, StyleSign)
    assert death_metal.places == {("Rock", "Death Metal"): 1.0}
    assert death_metal.words == {"metal": 0.5}


@pytest.mark.parametrize("line", ["zest = zesty", "zest = Rock---Zest", "zest = Rock---"])
def test_a_line_that_makes_no_sense_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=r"words\.txt"):
        list(_read(line))
