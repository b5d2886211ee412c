"""Stories by our grammar."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest

from harmonie_daemon.discovery.stories import MOST_TRACKS, WORDS, StoryWish, tell, theme_of
from harmonie_daemon.discovery.story_sounds import StoryTrack, sound_of
from harmonie_daemon.discovery.story_words import (
    ARRIVALS,
    COLOURS,
    DEEDS,
    ENDINGS,
    JOINTS,
    OPENINGS,
    PLACES,
    THEMES,
    THOUGHTS,
    TYPES,
    UNKNOWN_SOUNDS,
)

SLOW = StoryTrack("Slow Rain", "Ada", "ambient", 62, 0.1, 0.3, "D minor", 1994)
FAST = StoryTrack("Iron", "The Anvils", "death metal", 182, 0.95, 0.2, "E minor")
UNKNOWN = StoryTrack("Midnight City", "M83")


@pytest.mark.parametrize(
    ("story_type", "theme", "length", "count"),
    list(itertools.product(TYPES, THEMES, WORDS, (1, 3, 8))),
)
def test_a_story_has_the_asked_length_and_no_sentence_twice(
    story_type: str, theme: str, length: str, count: int
) -> None:
    tracks = [SLOW, FAST, UNKNOWN] * 3
    story = tell(tracks[:count], StoryWish("Alex", story_type, theme, length))
    least, most = WORDS[length]
    assert least <= story.word_count <= most
    sentences = [one for one in re.split(r"(?<=[.!?])\s+", story.text) if "“" not in one]
    assert len(sentences) == len(set(sentences))
    assert (story.story_type, story.theme) == (story_type, theme)


@pytest.mark.parametrize("most", [50, 80, 150, 240, 300, 420])
@pytest.mark.parametrize("count", [1, 3, 8])
@pytest.mark.parametrize("length", WORDS)
def test_no_story_is_longer_than_may_be(most: int, count: int, length: str) -> None:
    """Rather without a scene for each track; the first one has one."""
    title = "A Title That Is Rather Long For A Song"
    tracks = [replace(SLOW, title=f"{title} {n}", mood="melancholy") for n in range(count)]
    story = tell(tracks, StoryWish("Alex", length=length, most_words=most))
    assert story.word_count <= min(most, WORDS[length][1])
    assert [one.title for one in story.featured] == [
        track.title for track in tracks[: len(story.featured)]
    ]
    assert story.featured
    assert all(track.title in story.text for track in tracks[: len(story.featured)])
    assert "\n\n\n" not in story.text


def test_every_track_has_its_scene_in_order() -> None:
    story = tell([SLOW, FAST, UNKNOWN], StoryWish("Alex"))
    assert [one.title for one in story.featured] == ["Slow Rain", "Iron", "Midnight City"]
    places = [story.text.index(one.title) for one in story.featured]
    assert places == sorted(places)
    assert "62 beats a minute in D minor from 1994" in story.text
    assert story.featured[1].context.endswith(
        "fast and dark, death metal, 182 beats a minute in E minor"
    )


def test_what_is_unknown_is_left_unsaid() -> None:
    assert sound_of(UNKNOWN) == ""
    assert sound_of(StoryTrack("x", energy=0.9)) == "full of drive"
    assert sound_of(StoryTrack("x", bpm=90.0, mood="party")) == (
        "unhurried and festive, 90 beats a minute"
    )
    assert sound_of(StoryTrack("x", mood="aggressive", genre="Polka")) == "aggressive, Polka"
    assert not re.search(r"\d", tell([UNKNOWN], StoryWish("Alex")).text.replace("M83", ""))


def test_the_same_wish_gets_the_same_story() -> None:
    wish = StoryWish("Alex", theme="mysterious")
    assert tell([SLOW, FAST], wish) == tell([SLOW, FAST], wish)
    assert (
        tell([SLOW, FAST], wish).text
        != tell([SLOW, FAST], StoryWish("Bo", theme="mysterious")).text
    )


def test_unknown_kinds_fall_back_and_a_theme_may_stand_as_the_type() -> None:
    story = tell([SLOW], StoryWish("John", "romantic", None, "endless"))
    assert (story.story_type, story.theme) == ("journey", "romantic")
    assert WORDS["medium"][0] <= story.word_count <= WORDS["medium"][1]


def test_tracks_suggest_a_theme_where_none_is_asked() -> None:
    assert theme_of([SLOW], StoryWish("x")) == "nostalgic"
    assert theme_of([FAST], StoryWish("x", theme="spooky")) == "adventurous"
    assert theme_of([UNKNOWN], StoryWish("x")) == "inspirational"


def test_eight_tracks_are_told_of_and_the_words_can_be_limited() -> None:
    story = tell([SLOW] * 50, StoryWish("Alex", length="long"))
    assert len(story.featured) == MOST_TRACKS
    long_story = tell([SLOW], StoryWish("Alex", length="long", most_words=120))
    assert long_story.word_count <= 120


def test_braces_in_a_title_are_only_braces() -> None:
    odd = StoryTrack("{name} {0} {", "{who}")
    assert "“{name} {0} {” by {who}" in tell([odd], StoryWish("{title}")).text


def test_no_track_no_story() -> None:
    with pytest.raises(ValueError, match="needs a track"):
        tell([], StoryWish("Alex"))


def test_tables_fit_together() -> None:
    assert set(OPENINGS) == set(PLACES) == set(TYPES)
    assert set(THOUGHTS) == set(ENDINGS) == set(THEMES)
    assert all(len(places) == MOST_TRACKS for places in PLACES.values())
    assert len(ARRIVALS) == len(UNKNOWN_SOUNDS) == MOST_TRACKS
    pools = [ARRIVALS, JOINTS, *OPENINGS.values(), *ENDINGS.values(), *THOUGHTS.values()]
    pools += [*DEEDS.values(), *COLOURS.values()]
    sentences = [sentence for pool in pools for sentence in pool]
    assert len(sentences) == len(set(sentences))
    assert not [one for one in sentences if re.search(r"\{who(_first)?\} (was|is|has) ", one)]
