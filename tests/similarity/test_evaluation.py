"""Hand-computed cases, and what must hold for any ranking."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.analysis.baselines import TimbreGaussian, timbre_gaussian
from harmonie_daemon.domain.track import AudioFile, Tags
from harmonie_daemon.similarity.evaluation import (
    HUB_K,
    Labels,
    Question,
    bootstrapped,
    evaluate,
    hubness_of,
    judge,
    ranked,
)
from harmonie_daemon.similarity.ground_truth import (
    Subject,
    Truth,
    labels,
    questions,
    shortage,
    whole_folders,
)
from harmonie_daemon.similarity.rankers import Chance, Cosine, Euclidean, GaussianDivergence
from harmonie_daemon.similarity.robustness import robustness
from tests.factories import make_file, make_tags


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def one_each(*names: str) -> Labels:
    return Labels([[name] for name in names])


def unit_rows(count: int, dim: int = 8) -> np.ndarray:
    rows = rng().standard_normal((count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def subject(path: str = "Folder/01.flac", **tags: object) -> Subject:
    return Subject(make_file(path), make_tags(**tags))


# Judging one ranking


def test_precision_counts_right_tracks_among_the_first_k_over_k():
    truth = one_each(*"aababbbb")
    # Relevant to 0 are 1 and 3, found in second and fourth place.
    outcome = judge(Question(truth), 0, np.array([2, 1, 4, 3, 5, 6, 7]))
    assert outcome == pytest.approx([2 / 5, 2 / 10, (1 / 2 + 2 / 4) / 2, 2 / 5])


def test_a_query_without_a_right_candidate_is_no_query():
    assert judge(Question(one_each("a", "b", "b")), 0, np.array([1, 2])) is None


def test_with_a_filter_only_tracks_known_to_differ_are_candidates():
    truth = one_each("rock", "rock", "pop", "rock", "pop", "rock")
    artists = Labels([["x"], ["x"], [], ["y"], ["z"], []])
    outcome = judge(Question(truth, artists), 0, np.array([1, 2, 5, 4, 3]))
    assert outcome is not None
    # 1 is by the same artist, of 2 and 5 nobody knows; 4 and 3 are left, and 3 is right.
    assert outcome[2] == pytest.approx(1 / 2)
    assert judge(Question(truth, artists), 5, np.arange(5)) is None


def test_tracks_of_unknown_truth_are_no_candidates():
    truth = Labels([["rock"], [], [], ["rock"]])
    outcome = judge(Question(truth), 0, np.array([1, 2, 3]))
    assert outcome is not None
    assert outcome[2] == 1.0


def test_one_common_genre_of_several_is_enough():
    shared = Labels([["rock", "live"], ["pop", "live"], ["pop"]]).sharing(0)
    assert shared.tolist() == [True, True, False]


def test_ties_are_broken_by_position_and_the_query_is_not_among_its_own_neighbours():
    assert ranked(np.array([0.5, 1.0, 0.5, 0.5]), 1).tolist() == [0, 2, 3]


# A whole evaluation


def test_perfect_vectors_find_everything_again():
    vectors = np.repeat(np.eye(4, dtype=np.float32), 6, axis=0)
    truth = one_each(*(str(group) for group in np.repeat(np.arange(4), 6)))
    (found,) = evaluate(Cosine(vectors), 24, [Question(truth)], rng()).retrievals
    assert found is not None
    assert found.queries == 24
    assert found.precision_at_5.value == found.mean_average_precision.value == 1.0
    assert found.precision_at_10.value == 0.5  # there are only five others
    assert (found.precision_at_5.low, found.precision_at_5.high) == (1.0, 1.0)


def test_chance_comes_near_the_share_of_right_tracks():
    truth = one_each(*(str(position % 4) for position in range(200)))
    (found,) = evaluate(Chance(200, rng()), 200, [Question(truth)], rng()).retrievals
    assert found is not None
    assert found.precision_at_5.value == pytest.approx(49 / 199, abs=0.05)


def test_a_question_nobody_can_answer_is_none():
    assert evaluate(
        Cosine(unit_rows(3)), 3, [Question(one_each("a", "b", "c"))], rng()
    ).retrievals == (None,)


def test_the_same_seed_gives_the_same_intervals():
    values = rng().random((30, 2))
    assert bootstrapped(values, np.random.default_rng(1)) == bootstrapped(
        values, np.random.default_rng(1)
    )


def test_a_larger_sample_has_a_narrower_interval():
    (few,) = bootstrapped(rng().random((10, 1)), rng())
    (many,) = bootstrapped(rng().random((1_000, 1)), rng())
    assert many.high - many.low < (few.high - few.low) / 5


def test_the_interval_is_as_wide_as_the_normal_distribution_says():
    values = rng().random((2_000, 1))
    (figure,) = bootstrapped(values, rng())
    half = 1.96 * float(values.std()) / np.sqrt(2_000)
    assert figure.high - figure.value == pytest.approx(half, rel=0.1)


def test_hubness_of_a_hand_made_case():
    hubness = hubness_of(np.array([0, 0, 0, 4]))
    assert hubness.skewness == pytest.approx(2 / np.sqrt(3))  # mean 1, third moment 6, spread √3
    assert (hubness.most, hubness.antihubs) == (4, 0.75)


def test_no_spread_is_no_skewness():
    assert hubness_of(np.array([3, 3, 3])).skewness == 0.0


def test_a_track_that_is_near_everyone_is_a_hub():
    vectors = unit_rows(60, dim=60)
    centre = vectors.mean(axis=0)
    vectors[0] = centre / np.linalg.norm(centre)
    hubness = evaluate(Cosine(vectors), 60, [], rng()).hubness
    assert hubness.most > 3 * HUB_K
    assert hubness.skewness > 1.0


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sets(st.sampled_from("abc"), max_size=2), min_size=12, max_size=30),
    st.randoms(use_true_random=False),
)
def test_whatever_the_ranking_figures_stay_within_their_bounds(
    of_track: list[set[str]], random: object
):
    count = len(of_track)
    truth = Labels(of_track)
    scores = np.array([random.random() for _ in range(count)])  # type: ignore[attr-defined]
    for query in range(count):
        outcome = judge(Question(truth), query, ranked(scores, query))
        has_company = any(
            other & of_track[query] for place, other in enumerate(of_track) if place != query
        )
        assert (outcome is not None) == has_company
        if outcome is not None:
            at_5, _, average, best = outcome
            assert 0 <= at_5 <= best <= 1
            assert 0 < average <= 1


@settings(max_examples=30, deadline=None)
@given(st.integers(11, 40), st.integers(0, 2**32 - 1))
def test_appearances_add_up_to_ten_for_each_query(count: int, seed: int):
    hubness = evaluate(Chance(count, np.random.default_rng(seed)), count, [], rng()).hubness
    assert HUB_K <= hubness.most <= count - 1
    assert 0 <= hubness.antihubs < 1


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(12)))
def test_average_precision_is_best_when_the_right_ones_come_first(order: list[int]):
    truth = one_each(*"aaaabbbbbbbbb")
    ranking = np.array([place + 1 for place in order])
    outcome = judge(Question(truth), 0, ranking)
    assert outcome is not None
    right_first = set(ranking[:3]) == {1, 2, 3}
    assert (outcome[2] == pytest.approx(1.0)) == right_first


# Ways of comparing


def gaussian(mean: list[float], variances: list[float]) -> TimbreGaussian:
    return TimbreGaussian(np.array(mean), np.diag(variances))


def test_divergence_of_one_dimensional_gaussians_by_hand():
    # KL(N(0,1), N(2,4)) + KL(N(2,4), N(0,1)), each ½ (v/w + d²/w - 1 + ln(w/v))
    by_hand = 0.5 * (1 / 4 + 4 / 4 - 1 + np.log(4)) + 0.5 * (4 + 4 - 1 - np.log(4))
    scores = GaussianDivergence([gaussian([0], [1]), gaussian([2], [4])]).scores(0)
    assert scores == pytest.approx([0, -by_hand])


def test_divergence_is_symmetric_and_zero_only_for_the_same():
    made = [timbre_gaussian(rng().standard_normal(40_000).astype(np.float32) * f) for f in (1, 2)]
    noise = [one for one in made if one is not None]
    ranker = GaussianDivergence(noise)
    assert ranker.scores(0)[1] == pytest.approx(ranker.scores(1)[0])
    assert ranker.scores(0)[0] == pytest.approx(0, abs=1e-6)
    assert ranker.scores(0)[1] < -0.01


def test_euclidean_prefers_the_nearer_where_cosine_prefers_the_direction():
    rows = np.array([[1, 0], [2, 0], [1, 0.5]], np.float32)
    assert ranked(Euclidean(rows).scores(0), 0).tolist() == [2, 1]
    assert ranked(Cosine(rows).scores(0), 0).tolist()[0] == 1


def test_too_short_a_sound_has_no_gaussian_and_silence_has_one_that_can_be_inverted():
    assert timbre_gaussian(np.zeros(5_000, np.float32)) is None
    silent = timbre_gaussian(np.zeros(40_000, np.float32))
    assert silent is not None
    assert np.isfinite(np.linalg.inv(silent.covariance)).all()


# Ground truth


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


# Transcodes


def test_untouched_transcodes_are_found_first_with_the_same_neighbours():
    library = unit_rows(40)
    found = robustness(library, np.array([3, 7]), library[[3, 7]])
    assert (found.tracks, found.found_first, found.worst_rank) == (2, 1.0, 1)
    assert (found.median_cosine, found.shared_neighbours) == (pytest.approx(1.0), 1.0)
    assert found.other_cosine < 1.0


def test_a_transcode_that_sounds_like_another_track_ranks_its_original_behind_it():
    library = np.eye(5, dtype=np.float32)
    transcode = np.array([[0.6, 0.8, 0, 0, 0]], np.float32)
    found = robustness(library, np.array([0]), transcode)
    assert (found.found_first, found.worst_rank) == (0.0, 2)
    assert found.least_cosine == pytest.approx(0.6)


def test_tags_alone_make_a_subject():
    assert labels(Truth.GENRE, [Subject(make_file(), Tags())]).distinct == 0
