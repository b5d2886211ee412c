"""The SQL of a filter against the same rules written in Python."""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.domain.filters import Range, StyleMode, TrackFilter
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import Descriptors, Scale, StyleScore, Track
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from tests.store.factories import Clock, make_analysis, make_vector, save_track

GENRES = ("Electronic", "Rock", "Jazz", "Musique Concrète")
STYLES = ("House", "Ambient", "Free Jazz", "Straße")
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

    def matching(self, wanted: TrackFilter, model: str | None = None) -> list[int]:
        return self.runner.run(self.tracks.matching_ids(wanted, model)).tolist()


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        db = runner.run(Database.open(Path(folder) / "harmonie.db"))
        tracks = Tracks(db, Clock())
        runner.run(fill(tracks))
        page = runner.run(tracks.list(TrackFilter(), limit=1_000, offset=0))
        yield Library(runner, tracks, page.items)
        runner.run(db.close())


async def fill(tracks: Tracks) -> None:
    chance = random.Random(7)
    labels = list(itertools.product(GENRES, STYLES))
    for number in range(70):
        descriptors = {
            "bpm": chance.choice(BPMS),
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
        analysis = make_analysis(embeddings=embeddings, **descriptors)
        await save_track(tracks, f"{number}.mp3", analysis=analysis, styles=styles)


def passes(track: Track, wanted: TrackFilter) -> bool:
    return passes_descriptors(track.descriptors, wanted) and passes_styles(track.styles, wanted)


def passes_descriptors(heard: Descriptors, wanted: TrackFilter) -> bool:
    ranges = (
        (wanted.bpm, heard.bpm),
        (wanted.danceability, heard.danceability),
        (wanted.loudness, heard.loudness_db),
    )
    return (
        all(r is None or (value is not None and value in r) for r, value in ranges)
        and (not wanted.keys or heard.key in wanted.keys)
        and (wanted.scale is None or heard.scale == wanted.scale)
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


def ranges(*bounds: float) -> st.SearchStrategy[Range | None]:
    pairs = st.tuples(st.sampled_from((None, *bounds)), st.sampled_from((None, *bounds)))
    return pairs.map(lambda pair: None if pair == (None, None) else Range(*in_order(pair)))


def in_order(pair: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    low, high = pair
    return (high, low) if low is not None and high is not None and low > high else pair


FILTERS = st.builds(
    TrackFilter,
    bpm=st.none() | ranges(90.0, 119.0, 120.0, 150.0),
    danceability=st.none() | ranges(0.5, 1.0, 1.5),
    loudness=st.none() | ranges(-20.0, -8.0, 0.0),
    keys=st.lists(st.sampled_from(KEYS), max_size=2).map(tuple),
    scale=st.none() | st.sampled_from(Scale),
    genres=any_case(GENRES),
    styles=any_case(STYLES),
    style_min=st.sampled_from((0.0, 0.1, 0.25, 0.5, 1.0)),
    style_mode=st.sampled_from(StyleMode),
)
STYLE_FILTERS = st.builds(
    TrackFilter,
    genres=any_case(GENRES[:2]),
    styles=any_case(STYLES[:2]),
    style_min=st.sampled_from((0.0, 0.25)),
    style_mode=st.sampled_from(StyleMode),
)


@settings(max_examples=150, deadline=None)
@given(wanted=FILTERS | STYLE_FILTERS)
def test_sql_lets_pass_what_the_rules_say(library: Library, wanted: TrackFilter) -> None:
    expected = [track.id for track in library.everything if passes(track, wanted)]
    assert library.matching(wanted) == expected


def test_an_open_filter_lets_everything_pass(library: Library) -> None:
    assert len(library.matching(TrackFilter(style_min=HALF))) == len(library.everything)


def test_a_model_leaves_only_tracks_with_a_vector_of_it(library: Library) -> None:
    wanted = TrackFilter(bpm=Range(100.0))
    expected = [
        track.id for track in library.everything if track.model == "m" and passes(track, wanted)
    ]
    assert library.matching(wanted, "m") == expected
    assert 0 < len(expected) < len(library.matching(wanted))


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
