from __future__ import annotations

import math
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.analysis.genre_words import styles_in_genres
from harmonie_daemon.analysis.mood_cues import USUAL, cues_of, scale_of_key_tag
from harmonie_daemon.analysis.mood_priors import labels_of_mood_tags, prior_of_genres
from harmonie_daemon.analysis.mood_ranks import ranked
from harmonie_daemon.analysis.moods import moods_of
from harmonie_daemon.analysis.pipeline import hear
from harmonie_daemon.analysis.styles import data_lines, taxonomy
from harmonie_daemon.domain.errors import DecodeError
from harmonie_daemon.domain.mood import MOOD_AXES, MOOD_LABELS, MoodSource, TrackMoods
from harmonie_daemon.domain.track import Descriptors, Scale, StyleScore, Tags
from tests.analysis.sounds import sine, write

LIBRARY = os.environ.get("HARMONIE_TEST_LIBRARY")
EXCERPT_BYTES = 300_000
"""A quarter of a minute or more: the whole library would take a minute to hear."""
FEATURES = {"event_rate": 2.5, "flux": 0.08, "centroid_hz": 1_200.0, "depth_db": 5.5}


def moods(
    tags: Tags | None = None, styles: tuple[StyleScore, ...] | None = None, **features: float
) -> TrackMoods:
    found = moods_of(Descriptors(), FEATURES | features, tags or Tags(), styles)
    assert found is not None
    return found


def test_nothing_heard_is_no_mood(tmp_path: Path) -> None:
    silent = hear(str(write(tmp_path / "silent.wav", sine(440, 5.0, level=0.0))), ())
    short = hear(str(write(tmp_path / "short.wav", sine(440, 2.0))), ())
    for heard in (silent, short):
        assert heard.features == {}
        assert moods_of(heard.descriptors, heard.features, Tags()) is None


def test_every_feature_that_moods_use_is_measured(tmp_path: Path) -> None:
    heard = hear(str(write(tmp_path / "tone.wav", sine(440, 5.0))), ())
    assert set(USUAL) - {"danceability", "tempo"} <= set(heard.features)
    assert all(type(value) is float for value in heard.features.values())
    assert all(math.isfinite(value) for value in heard.features.values())


@given(
    features=st.dictionaries(
        st.sampled_from(sorted(USUAL)), st.floats(-1e9, 1e9, allow_nan=False), min_size=1
    ),
    bpm=st.none() | st.floats(30, 300),
    confidence=st.none() | st.floats(0, 5.32),
    genres=st.lists(
        st.sampled_from(["Death Metal", "Ambient", "Ballad", "Unheard-of"]), max_size=3
    ),
    words=st.lists(st.sampled_from(["happy", "Dark", "acoustic", "xyz"]), max_size=3),
)
def test_scores_and_confidences_are_always_from_0_to_1(
    features: dict[str, float],
    bpm: float | None,
    confidence: float | None,
    genres: list[str],
    words: list[str],
) -> None:
    descriptors = Descriptors(bpm=bpm, bpm_confidence=confidence)
    found = moods_of(descriptors, features, Tags(genres=tuple(genres), moods=tuple(words)))
    assert found is not None
    for mood in (*(getattr(found, axis) for axis in MOOD_AXES), *found.labels.values()):
        assert 0 <= mood.value <= 1
        assert 0 <= mood.confidence <= 1


def test_genres_draw_a_track_towards_what_they_suggest() -> None:
    plain, metal = moods(), moods(Tags(genres=("Death Metal",)))
    ambient = moods(Tags(genres=("Ambient",)))
    assert ambient.arousal.value < plain.arousal.value < metal.arousal.value
    assert metal.valence.value < plain.valence.value
    assert metal.labels["aggressive"].value > 2 * plain.labels["aggressive"].value
    assert metal.valence.source is MoodSource.GENRES
    assert metal.valence.confidence > plain.valence.confidence
    assert moods(Tags(genres=("unheard-of",))) == plain


@pytest.mark.parametrize(
    ("tag", "styles"),
    [
        ("Trash Metal", ["Thrash"]),
        ("Female Fronted Metal", ["Heavy Metal"]),
        ("Melodic death", ["Melodic Death Metal"]),
        ("Symphonic Death Metal from Finland", ["Death Metal"]),
        ("Death Metal", ["Death Metal"]),
        ("my dark-ambient things", ["Dark Ambient"]),
        ("Favourites", []),
        ("", []),
    ],
)
def test_a_genre_tag_that_is_no_genre_is_read_word_by_word(tag: str, styles: list[str]) -> None:
    assert [score.style for score in styles_in_genres([tag])] == styles


def test_words_of_genre_tags_are_in_the_taxonomy() -> None:
    for line in data_lines("genre_words.txt"):
        phrase, separator, target = line.partition(" = ")
        assert separator and phrase == phrase.casefold(), line
        assert styles_in_genres([f"xyz {phrase}"])[0].label.startswith(target), line
        assert prior_of_genres([f"xyz {phrase}"]) is not None, line


@pytest.mark.parametrize("genre", ["Trash Metal", "Female Fronted Metal", "Melodic death"])
def test_a_genre_says_more_than_the_mode(genre: str) -> None:
    glad = {"mode_margin": 0.3, "low_ratio": 0.5, "pulse_clarity": 0.8}
    heard = Descriptors(key="C", scale=Scale.MAJOR, key_strength=0.9, danceability=1.5)
    untagged = moods_of(heard, FEATURES | glad, Tags())
    metal = moods_of(heard, FEATURES | glad, Tags(genres=(genre,)))
    minor = moods_of(replace(heard, scale=Scale.MINOR), FEATURES | glad, Tags())
    assert untagged is not None and metal is not None and minor is not None
    assert untagged.top(1)[0][0] in ("happy", "party")
    assert metal.top(1)[0][0] not in ("happy", "party", "sexy")
    assert untagged.valence.value - metal.valence.value > (
        untagged.valence.value - minor.valence.value
    )


def test_a_genre_that_may_be_anything_says_less_than_a_style() -> None:
    plain = moods().arousal.value
    game, metal = (moods(Tags(genres=(tag,))) for tag in ("Game", "Death Metal"))
    assert abs(game.arousal.value - plain) < 0.03
    assert metal.arousal.value - plain > 0.1


def test_energy_is_how_much_sound_there_is_and_arousal_how_much_happens() -> None:
    wall = {"flux": 0.12, "centroid_hz": 2_500.0, "crest_db": 8.0, "flatness_db": -10.0}
    drone, patter = (
        moods(**wall | {"event_rate": 0.5, "depth_db": 1.0}),
        moods(event_rate=6.0, depth_db=9.0, flux=0.06, crest_db=14.0, flatness_db=-24.0),
    )
    assert drone.energy.value > patter.energy.value + 0.2
    assert drone.arousal.value < patter.arousal.value - 0.2


@given(
    features=st.fixed_dictionaries({name: st.floats(-2.5, 2.5) for name in sorted(USUAL)}),
    bpm=st.floats(50, 200),
)
def test_no_sound_alone_is_sexy_before_all(features: dict[str, float], bpm: float) -> None:
    heard = Descriptors(bpm=bpm, bpm_confidence=3.0, danceability=1.4)
    measured = {name: USUAL[name].centre + v * USUAL[name].spread for name, v in features.items()}
    for name in ("event_rate", "centroid_hz", "rolloff_hz"):
        measured[name] = 2 ** measured[name]
    alone = moods_of(heard, measured, Tags())
    told = moods_of(heard, measured, Tags(moods=("sexy",)))
    assert alone is not None and told is not None
    assert alone.top(1)[0][0] != "sexy"
    assert told.labels["sexy"].value >= 0.9


def test_what_a_classifier_hears_counts_instead_of_genre_tags_and_for_more() -> None:
    tags = Tags(genres=("Ambient",))
    heard = moods(tags, (StyleScore("Electronic", "Ambient", 0.9),))
    assert heard.arousal.source is MoodSource.STYLES
    assert heard.arousal.value < moods(tags).arousal.value < moods().arousal.value
    unsure = moods(None, (StyleScore("Electronic", "Ambient", 0.1),))
    assert heard.arousal.value < unsure.arousal.value < moods().arousal.value


def test_a_mood_tag_is_believed() -> None:
    found = moods(Tags(moods=("Melancholic; Dreamy",)))
    assert found.labels["melancholy"].value >= 0.9
    assert found.labels["melancholy"].source is MoodSource.TAGS
    assert found.labels["sleepy"].source is MoodSource.TAGS
    assert found.labels["party"].value < 0.3
    assert found.labels["party"].confidence < found.labels["sleepy"].confidence
    assert found.valence.value < moods().valence.value
    assert {label for label, _ in found.top(2)} == {"melancholy", "sleepy"}


def test_tempo_and_key_in_the_tags_overrule_the_ears() -> None:
    heard = Descriptors(bpm=70.0, bpm_confidence=3.0, key="A", scale=Scale.MINOR, key_strength=0.7)
    cues = cues_of(heard, FEATURES, Tags(bpm=140.0, key="8B"))
    assert cues.bpm == 140.0
    assert cues["mode"] > 0
    assert cues.tempo_certainty == cues.mode_certainty == 1.0
    assert cues_of(heard, FEATURES, Tags())["mode"] < 0


@pytest.mark.parametrize(
    ("tag", "scale"),
    [
        *((tag, Scale.MINOR) for tag in ("Am", "8A", "F# minor", "Ebmin", "c#m", "01a")),
        *((tag, Scale.MAJOR) for tag in ("C", "12B", "Bb major", "G#")),
        *((tag, None) for tag in (None, "", "13A", "o", "whatever")),
    ],
)
def test_key_tags_name_a_scale(tag: str | None, scale: Scale | None) -> None:
    assert scale_of_key_tag(tag) is scale


def test_an_uncertain_tempo_counts_for_less() -> None:
    fast = Descriptors(bpm=150.0, bpm_confidence=3.0)
    unsure = Descriptors(bpm=150.0, bpm_confidence=0.4)
    assert 0 < cues_of(unsure, FEATURES, Tags())["tempo"] < cues_of(fast, FEATURES, Tags())["tempo"]


def test_every_genre_of_the_taxonomy_has_an_opinion() -> None:
    for label in taxonomy().genres.values():
        assert prior_of_genres([label.genre]) is not None, label
    assert prior_of_genres(["unheard-of"]) is None
    assert labels_of_mood_tags(["Energetic / Party", "???"]) == {"energetic", "party"}


def test_ranks_spread_a_library_that_is_all_alike() -> None:
    scores = np.column_stack([np.linspace(0.1, 0.2, 50), np.full(50, 0.7)])
    within = ranked(scores)
    assert within[-1, 0] == pytest.approx(0.5 * 0.2 + 0.5 * 0.99)
    assert within[0, 0] == pytest.approx(0.5 * 0.1 + 0.5 * 0.01)
    assert set(within[:, 1]) == {0.6}
    assert ranked(np.empty((0, 17))).shape == (0, 17)


@pytest.mark.library
@pytest.mark.skipif(not LIBRARY, reason="HARMONIE_TEST_LIBRARY is not set")
def test_no_label_swallows_a_mixed_library(tmp_path: Path) -> None:
    scores = []
    for track in sorted(Path(str(LIBRARY)).rglob("*.ogg")):
        beginning = tmp_path / "beginning.ogg"
        beginning.write_bytes(track.read_bytes()[:EXCERPT_BYTES])
        try:
            heard = hear(str(beginning), ())
        except DecodeError:
            continue
        found = moods_of(heard.descriptors, heard.features, Tags())
        if found is not None:
            scores.append([found.labels[label].value for label in MOOD_LABELS])
    own = np.array(scores)
    assert len(own) > 40
    for rated in (own, ranked(own)):
        assert _entropy(rated.argmax(axis=1).tolist()) > 0.8 * math.log(len(MOOD_LABELS))


def _entropy(winners: list[int]) -> float:
    shares = np.array(list(Counter(winners).values())) / len(winners)
    return float(-(shares * np.log(shares)).sum())
