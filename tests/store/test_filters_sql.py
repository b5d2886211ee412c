"""The SQL of a filter against the same rules written in Python."""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.domain.filters import Range, StyleMode, TrackFilter
from harmonie_daemon.domain.mood import MOOD_LABELS, TrackMoods
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import Descriptors, Scale, StyleScore, Track, TrackId
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from tests.store.factories import Clock, make_analysis, make_vector, save_track

GENRES = ("Electronic", "Rock", "Jazz", "Musique Concrète")
STYLES = ("House", "Ambient", "Free Jazz", "Straße")
DOUBTFUL = 0.29
KEYS = ("A", "C#", "Eb")
BPMS = (None, 90.0, 120.0, 120.5, 150.0)
PROBABILITIES = (0.0, 0.1, 0.3, 0.5, 1.0)
HALF = 0.5


@dataclass(frozen=True)
class Library:
    """Seventy tracks with every combination of presence and absence."""

    runner: asyncio.Runner
    tracks: Tracks
    everything: tuple[Track, ...]
    moods: dict[TrackId, TrackMoods]

    def matching(self, wanted: TrackFilter, model: str | None = None) -> list[int]:
        if model is None:
            return self.runner.run(self.tracks.matching_ids(wanted)).tolist()
        listing = self.tracks.list(wanted, model=model, limit=1_000, offset=0)
        return [track.id for track in self.runner.run(listing).items]


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        db = runner.run(Database.open(Path(folder) / "harmonie.db"))
        tracks = Tracks(db, Clock())
        runner.run(fill(tracks))
        page = runner.run(tracks.list(TrackFilter(), limit=1_000, offset=0))
        moods = runner.run(tracks.moods([track.id for track in page.items]))
        yield Library(runner, tracks, page.items, moods)
        runner.run(db.close())


async def fill(tracks: Tracks) -> None:
    chance = random.Random(7)
    labels = list(itertools.product(GENRES, STYLES))
    for number in range(70):
        descriptors = {
            "bpm": chance.choice(BPMS),
            "bpm_confidence": chance.choice((None, DOUBTFUL, 0.3, 3.0)),
            "key": chance.choice((None, *KEYS)),
            "scale": chance.choice((None, *Scale)),
            "danceability": chance.choice((None, 0.5, 1.5)),
            "loudness_db": chance.choice((None, -20.0, -8.0, 0.0)),
        }
        styles = [
            StyleScore(*label, chance.choice(PROBABILITIES))
            for label in chance.sample(labels, chance.randrange(5))
        ]
        embeddings = {"m": chance.choice((None, make_vector()))}
        analysis = replace(
            make_analysis(embeddings=embeddings, **descriptors),
            features=make_features(chance) if chance.random() < 0.8 else {},
        )
        await save_track(tracks, f"{number}.mp3", analysis=analysis, styles=styles)


def make_features(chance: random.Random) -> dict[str, float]:
    """Without any, a track has no moods."""
    return {
        "event_rate": chance.uniform(0.5, 8.0),
        "flux": chance.uniform(0.02, 0.3),
        "centroid_hz": chance.uniform(300, 5_000),
        "mode_margin": chance.uniform(-0.3, 0.3),
        "pulse_clarity": chance.uniform(0.1, 0.9),
        "depth_db": chance.uniform(2.0, 12.0),
    }


def passes(library: Library, track: Track, wanted: TrackFilter) -> bool:
    numbers = numbers_of(track.descriptors, library.moods.get(track.id))
    return (
        all(
            (number := numbers.get(name)) is not None and number in range_
            for name, range_ in wanted.ranges.items()
        )
        and passes_tonality(track.descriptors, wanted)
        and passes_styles(track.styles, wanted)
    )


def numbers_of(heard: Descriptors, felt: TrackMoods | None) -> dict[str, float | None]:
    numbers = {
        "bpm": None if heard.bpm_confidence == DOUBTFUL else heard.bpm,
        "danceability": heard.danceability, "loudness": heard.loudness_db
    }  # fmt: skip
    if felt is None:
        return numbers
    scores = {
        "energy": felt.energy,
        "valence": felt.valence,
        "arousal": felt.arousal,
        "danceable": felt.danceability,
        **felt.labels,
    }
    return numbers | {name: mood.value for name, mood in scores.items()}


def passes_tonality(heard: Descriptors, wanted: TrackFilter) -> bool:
    return (not wanted.keys or heard.key in wanted.keys) and (
        wanted.scale is None or heard.scale == wanted.scale
    )


def passes_styles(scores: tuple[StyleScore, ...], wanted: TrackFilter) -> bool:
    genres = {text_key(name) for name in wanted.genres}
    styles = {text_key(name) for name in wanted.styles}
    if not genres and not styles:
        return True
    rows = {
        (text_key(score.genre), text_key(score.style))
        for score in scores
        if score.probability >= wanted.style_min
        and (not genres or text_key(score.genre) in genres)
        and (not styles or text_key(score.style) in styles)
    }
    if wanted.style_mode is StyleMode.ANY:
        return bool(rows)
    found_genres, found_styles = {genre for genre, _ in rows}, {style for _, style in rows}
    return genres <= found_genres and styles <= found_styles


def any_case(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    spelled = st.sampled_from([*names, *(name.upper() for name in names), "Unheard Of"])
    return st.lists(spelled, max_size=3).map(tuple)


def ranges(*bounds: float) -> st.SearchStrategy[Range]:
    one = st.sampled_from(bounds)
    both = st.tuples(one, one).map(sorted).map(lambda pair: Range(*pair))
    return both | one.map(lambda low: Range(low, None)) | one.map(lambda high: Range(None, high))


FILTERS = st.builds(
    TrackFilter,
    ranges=st.fixed_dictionaries(
        {},
        optional={
            "bpm": ranges(90.0, 119.0, 120.0, 150.0),
            "danceability": ranges(0.5, 1.0, 1.5),
            "loudness": ranges(-20.0, -8.0, 0.0),
        },
    ),
    keys=st.lists(st.sampled_from(KEYS), max_size=2).map(tuple),
    scale=st.none() | st.sampled_from(Scale),
    genres=any_case(GENRES),
    styles=any_case(STYLES),
    style_min=st.sampled_from((0.0, 0.1, 0.25, 0.5, 1.0)),
    style_mode=st.sampled_from(StyleMode),
)
MOOD_FILTERS = st.builds(
    TrackFilter,
    ranges=st.dictionaries(
        st.sampled_from(("energy", "valence", "arousal", "danceable", *MOOD_LABELS)),
        ranges(0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
        max_size=2,
    ),
)
STYLE_FILTERS = st.builds(
    TrackFilter,
    genres=any_case(GENRES[:2]),
    styles=any_case(STYLES[:2]),
    style_min=st.sampled_from((0.0, 0.25)),
    style_mode=st.sampled_from(StyleMode),
)


@settings(max_examples=150, deadline=None)
@given(wanted=FILTERS | STYLE_FILTERS | MOOD_FILTERS)
def test_sql_lets_pass_what_the_rules_say(library: Library, wanted: TrackFilter) -> None:
    expected = [track.id for track in library.everything if passes(library, track, wanted)]
    assert library.matching(wanted) == expected


def test_an_open_filter_lets_everything_pass(library: Library) -> None:
    assert len(library.matching(TrackFilter(style_min=HALF))) == len(library.everything)


def test_a_model_leaves_only_tracks_with_a_vector_of_it(library: Library) -> None:
    wanted = TrackFilter(ranges={"bpm": Range(100.0)})
    expected = [
        track.id
        for track in library.everything
        if track.model == "m" and passes(library, track, wanted)
    ]
    assert library.matching(wanted, "m") == expected
    assert 0 < len(expected) < len(library.matching(wanted))


def test_moods_tell_the_tracks_apart(library: Library) -> None:
    """Or the comparison with the rules would compare nothing."""
    for name in ("energy", "valence", "arousal", "danceable", *MOOD_LABELS):
        scores = sorted(
            numbers_of(track.descriptors, felt)[name]
            for track in library.everything
            if (felt := library.moods.get(track.id)) is not None
        )
        middle = scores[len(scores) // 2]
        found = library.matching(TrackFilter(ranges={name: Range(middle, None)}))
        assert 0 < len(found) < len(scores) < len(library.everything), name


def test_genre_and_style_together_mean_one_label(library: Library) -> None:
    wanted = TrackFilter(genres=("Rock",), styles=("House",))
    assert library.matching(wanted) == [
        track.id
        for track in library.everything
        if any(score.label == "Rock---House" for score in track.styles)
    ]


def test_thousands_of_names_are_no_trouble(library: Library) -> None:
    many = tuple(f"genre {number}" for number in range(40_000))
    assert library.matching(TrackFilter(genres=many)) == []
    assert library.matching(TrackFilter(genres=many, style_mode=StyleMode.ALL)) == []
    every_key = TrackFilter(keys=("A",) * 40_000)
    assert library.matching(every_key) == library.matching(TrackFilter(keys=("A",)))


def test_a_blank_name_matches_nothing(library: Library) -> None:
    assert library.matching(TrackFilter(genres=(" ",))) == []


def test_listing_and_matching_agree(library: Library) -> None:
    wanted = TrackFilter(genres=("rock", "jazz"), keys=("A", "Eb"), style_mode=StyleMode.ANY)
    listing = library.tracks.list(wanted, order_by="path", limit=1_000, offset=0)
    page = library.runner.run(listing)
    assert sorted(track.id for track in page.items) == library.matching(wanted)
    assert page.total == len(page.items)
