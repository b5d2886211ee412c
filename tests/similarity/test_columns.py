"""Columns: codes for names, and deltas that equal a fresh load."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.domain.track import LEAST_TEMPO_CONFIDENCE, Scale
from harmonie_daemon.similarity.columns import UNKNOWN, Columns, key_code
from tests.playlists.factories import library, make_facets


def test_rows_are_in_order_of_id() -> None:
    columns = Columns.of([make_facets(9, bpm=90), make_facets(2, bpm=None)])
    assert columns.ids.tolist() == [2, 9]
    assert np.isnan(columns.bpm[0])
    assert columns.bpm[1] == 90


def test_a_song_is_its_artist_and_title_and_a_blank_is_nobodys() -> None:
    columns = Columns.of(
        [
            make_facets(1, artist="a", title="x"),
            make_facets(2, artist="a", title="x"),
            make_facets(3, artist="b", title="x"),
            make_facets(4, artist=None, title="x"),
            make_facets(5, artist="a", title=None),
        ]
    )
    assert columns.title[0] == columns.title[1] != columns.title[2]
    assert columns.title[3:].tolist() == [UNKNOWN, UNKNOWN]
    assert columns.artist[3] == UNKNOWN


def test_tracks_that_share_an_artist_are_by_the_same_artist() -> None:
    columns = Columns.of(
        [
            make_facets(1, artist="a", title="x"),
            make_facets(2, artist="a", further_artists=("b",), title="x"),
            make_facets(3, artist="b", title="x"),
            make_facets(4, artist="b", further_artists=("a",), title="y"),
            make_facets(5, artist="c", title="x"),
            make_facets(6, title="x"),
        ]
    )
    by = [np.flatnonzero(columns.is_by(code)).tolist() for code in columns.artist.tolist()]
    assert by == [[0, 1, 3], [0, 1, 2, 3], [1, 2, 3], [0, 1, 2, 3], [4], []]
    songs = [np.flatnonzero(columns.is_song(code)).tolist() for code in columns.title.tolist()]
    assert songs == [[0, 1], [0, 1, 2], [1, 2], [3], [4], []]


def test_album_or_folder_stands_in_for_a_missing_artist() -> None:
    columns = Columns.of(
        [
            make_facets(1, album="ost", folder="games"),
            make_facets(2, album="ost"),
            make_facets(3, folder="ost"),
            make_facets(4, folder="ost"),
            make_facets(5, artist="ost", folder="ost"),
            make_facets(6),
        ]
    )
    album, same_album, folder, same_folder, artist, nothing = columns.artist.tolist()
    assert album == same_album
    assert folder == same_folder
    assert len({album, folder, artist}) == 3
    assert nothing == UNKNOWN
    assert columns.title.tolist() == [UNKNOWN] * 6


def test_a_tempo_without_confidence_is_unknown() -> None:
    below, at, unsaid = (
        make_facets(number, bpm=100, bpm_confidence=confidence)
        for number, confidence in enumerate((LEAST_TEMPO_CONFIDENCE - 0.01, 0.3, None), 1)
    )
    assert np.isnan(Columns.of([below, at, unsaid]).bpm).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("key", "scale", "code"),
    [
        ("C", Scale.MAJOR, 0),
        ("B", Scale.MINOR, 23),
        (None, Scale.MAJOR, UNKNOWN),
        ("C", None, UNKNOWN),
        ("H", Scale.MAJOR, UNKNOWN),
    ],
)
def test_key_codes(key: str | None, scale: Scale | None, code: int) -> None:
    assert key_code(key, scale) == code


@given(st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)))
def test_a_delta_equals_a_fresh_load(first: set[int], changed: set[int], gone: set[int]) -> None:
    facets = {facet.id: facet for facet in library(40)}
    later = {facet.id: facet for facet in library(40, seed=1)}
    gone -= changed
    columns = Columns.of(facets[number] for number in first)  # type: ignore[index]
    columns = columns.apply(
        [later[number] for number in changed],  # type: ignore[index]
        np.array(sorted(gone), np.int64),
    )
    truth = {number: facets[number] for number in first - gone}  # type: ignore[index]
    truth |= {number: later[number] for number in changed}  # type: ignore[index]
    fresh = Columns.of(truth.values(), columns.books)
    for name in ("ids", "artist", "title", "album", "bpm", "danceability", "key", "loudness_db"):
        np.testing.assert_array_equal(getattr(columns, name), getattr(fresh, name))


def test_taking_ignores_what_is_not_there() -> None:
    columns = Columns.of(library(10))
    assert columns.take(np.array([0, 3, 11], np.int64)).ids.tolist() == [3]
    assert len(Columns.of([]).take(np.array([1], np.int64))) == 0
