from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.analysis.styles import (
    HOME_GENRES,
    Label,
    styles_from_genres,
    styles_from_probabilities,
    taxonomy,
)


def labels(*genres: str) -> list[str]:
    return [style.label for style in styles_from_genres(genres)[0]]


def test_the_taxonomy_has_400_labels() -> None:
    assert sum(len(same) for same in taxonomy().styles.values()) == 400
    assert len(taxonomy().genres) == 15


@pytest.mark.parametrize(
    ("tag", "label"),
    [
        ("House", "Electronic---House"),
        ("DEATH METAL", "Rock---Death Metal"),
        ("Death-Metal", "Rock---Death Metal"),
        ("drum and bass", "Electronic---Drum n Bass"),
        ("Drum & Bass", "Electronic---Drum n Bass"),
        ("DnB", "Electronic---Drum n Bass"),
        ("drum'n'bass", "Electronic---Drum n Bass"),
        ("Rock'n'Roll", "Rock---Rock & Roll"),
        ("metal", "Rock---Heavy Metal"),
        ("Rap/Hip Hop", "Hip Hop---Hip Hop"),
        ("Forro", "Latin---Forró"),
        ("Reggae", "Reggae---Reggae"),
        ("Classical", "Classical---Classical"),
        ("Country", "Folk, World, & Country---Country"),
        ("Hip Hop---Trap", "Hip Hop---Trap"),
        ("Video Game Music", "Stage & Screen---Soundtrack"),
        ("R&B", "Funk / Soul---Contemporary R&B"),
    ],
)
def test_a_tag_finds_its_style_however_it_is_written(tag: str, label: str) -> None:
    assert labels(tag) == [label]


@pytest.mark.parametrize(
    ("tag", "label"),
    [
        ("Rock", "Rock---Rock"),
        ("electronica", "Electronic---Electronic"),
        ("hip-hop", "Hip Hop---Hip Hop"),
        ("Funk / Soul", "Funk / Soul---Funk / Soul"),
        ("Folk, World, & Country", "Folk, World, & Country---Folk, World, & Country"),
    ],
)
def test_a_genre_alone_claims_no_style(tag: str, label: str) -> None:
    assert labels(tag) == [label]


def test_a_genre_alone_is_dropped_beside_a_style_of_it() -> None:
    assert labels("Rock", "Punk") == ["Rock---Punk"]
    assert labels("Jazz", "Punk") == ["Jazz---Jazz", "Rock---Punk"]


@pytest.mark.parametrize("tag", ["Punk; House", "Punk/House", "Punk, House", "Punk;House/Punk"])
def test_several_genres_in_one_tag_are_told_apart(tag: str) -> None:
    assert labels(tag) == ["Rock---Punk", "Electronic---House"]


def test_what_is_not_a_genre_is_returned() -> None:
    styles, unmapped = styles_from_genres(["Punk;Favourites", "  ", "xyz", "xyz", "Foo---Punk"])
    assert [style.label for style in styles] == ["Rock---Punk"]
    assert unmapped == ("Favourites", "xyz", "Foo---Punk")


def test_a_tag_that_is_put_on_anything_says_nothing() -> None:
    assert styles_from_genres(["Instrumental"]) == ((), ("Instrumental",))


def test_a_style_of_several_genres_follows_the_other_tags() -> None:
    assert labels("Ska") == ["Reggae---Ska"]
    assert labels("Punk", "Ska") == ["Rock---Punk", "Rock---Ska"]
    assert labels("Jazz", "Ska") == ["Jazz---Jazz", "Reggae---Ska"]


def test_every_alias_leads_to_a_label_of_the_taxonomy() -> None:
    known = taxonomy()
    places = {label for same in known.styles.values() for label in same}
    places |= set(known.genres.values())
    assert not [alias for alias, found in known.aliases.items() if not places.issuperset(found)]


def test_every_style_of_several_genres_has_a_home() -> None:
    known = taxonomy()
    shared = {same[0].style for same in known.styles.values() if len(same) > 1}
    assert shared == set(HOME_GENRES)
    for style, genre in HOME_GENRES.items():
        assert Label(genre, style) in [label for same in known.styles.values() for label in same]


def test_of_probabilities_the_ten_likeliest_are_kept() -> None:
    probabilities = np.linspace(0.0, 0.04, 400, dtype=np.float32)
    scores = styles_from_probabilities(probabilities)
    assert len(scores) == 10
    assert [score.probability for score in scores] == sorted(probabilities, reverse=True)[:10]


def test_every_probability_above_five_percent_is_kept() -> None:
    probabilities = np.zeros(400, np.float32)
    probabilities[100:125] = 0.06
    probabilities[7] = 0.9
    scores = styles_from_probabilities(probabilities)
    assert len(scores) == 26
    assert scores[0].probability == pytest.approx(0.9)
    assert len({score.label for score in scores}) == 26


def test_probabilities_are_in_the_order_of_the_taxonomy() -> None:
    probabilities = np.zeros(400, np.float32)
    probabilities[0] = 1
    assert styles_from_probabilities(probabilities)[0].label == "Blues---Boogie Woogie"
