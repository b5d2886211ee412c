"""What tags and folders say of what belongs together, and samples that keep it whole."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.domain.track import AudioFile, Tags
from harmonie_daemon.evaluation.ground_truth import (
    Subject,
    Truth,
    labels,
    questions,
    shortage,
    whole_folders,
)
from tests.evaluation.factories import subject
from tests.factories import make_file


def test_labels_are_compared_as_people_do_and_placeholders_say_nothing():
    subjects = [subject(artist=artist) for artist in ("Björk", "BJÖRK ", "Various Artists")]
    assert labels(Truth.ARTIST, subjects).sharing(0).tolist() == [True, True, False]


def test_the_album_artist_stands_in_for_an_artist_that_is_missing():
    tracks = [subject(artist=None, album_artist="X"), subject(artist="X")]
    assert labels(Truth.ARTIST, tracks).sharing(0).tolist() == [True, True]


def test_albums_of_one_name_by_two_album_artists_are_two():
    tracks = [subject(album="Best", album_artist=name) for name in ("A", "B")]
    assert labels(Truth.ALBUM, tracks).distinct == 2


def test_the_folder_is_the_first_below_the_root_and_loose_files_have_none():
    paths = ("Jazz/A/1.flac", "Jazz/B/2.flac", "Pop/3.flac", "loose.flac")
    found = labels(Truth.FOLDER, [subject(path) for path in paths])
    assert found.sharing(0).tolist() == [True, True, False, False]
    assert not found.known[3]


def many(count: int, **tags: object) -> list[Subject]:
    return [subject(f"{n % 3}/{n}.flac", **tags) for n in range(count)]


def test_too_few_tagged_tracks_leave_no_question_and_say_why():
    tracks = [*many(30, genres=()), *many(4, genres=("Rock",)), *many(3, genres=("Pop",))]
    assert questions(Truth.GENRE, tracks) == {}
    assert "7 of 37 tracks have a usable genre (2 different), 7 share" in shortage(
        Truth.GENRE, tracks
    )


def test_one_genre_for_everything_tells_nothing_apart():
    assert questions(Truth.GENRE, many(30, genres=("Rock",))) == {}


def test_a_filter_that_leaves_no_queries_is_left_out():
    rock = many(12, genres=("Rock",), artist="A", album="1")
    pop = many(12, genres=("Pop",), artist="B", album="2")
    assert list(questions(Truth.GENRE, [*rock, *pop])) == [None]


def test_filters_are_asked_for_where_tags_allow():
    tracks = [
        subject(f"{n}.flac", genres=(genre,), artist=f"{genre} {n % 3}", album=f"{genre} {n % 6}")
        for genre, n in itertools.product(("Rock", "Pop"), range(12))
    ]
    assert list(questions(Truth.GENRE, tracks)) == [None, Truth.ALBUM, Truth.ARTIST]
    assert list(questions(Truth.ARTIST, tracks)) == [None, Truth.ALBUM]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=20),
    st.integers(1, 200),
    st.integers(0, 1_000),
)
def test_a_sample_is_whole_folders_and_not_much_too_large(sizes: list[int], most: int, seed: int):
    files: list[AudioFile] = [
        make_file(f"{folder}/{number}.flac")
        for folder, size in enumerate(sizes)
        for number in range(size)
    ]
    chosen = whole_folders(files, most, np.random.default_rng(seed))
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= 1.5 * most
    assert chosen
    folders = [int(files[position].relative_path.split("/")[0]) for position in chosen]
    for folder in set(folders):
        assert sizes[folder] > most or folders.count(folder) == sizes[folder]
    if most >= len(files):
        assert len(chosen) == len(files)


def test_tags_alone_make_a_subject():
    assert labels(Truth.GENRE, [Subject(make_file(), Tags())]).distinct == 0
