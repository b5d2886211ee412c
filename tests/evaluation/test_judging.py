"""Hand-computed cases, and what must hold for any ranking."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.evaluation.judging import (
    HUB_K,
    Labels,
    Question,
    bootstrapped,
    examine,
    hubness_of,
    judge,
    ranked,
)
from harmonie_daemon.evaluation.rankers import Chance, Cosine
from tests.evaluation.factories import one_each, rng, unit_rows

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
    (found,) = examine(Cosine(vectors), 24, [Question(truth)], rng()).retrievals
    assert found is not None
    assert found.queries == 24
    assert found.precision_at_5.value == found.mean_average_precision.value == 1.0
    assert found.precision_at_10.value == 0.5  # there are only five others
    assert (found.precision_at_5.low, found.precision_at_5.high) == (1.0, 1.0)


def test_chance_comes_near_the_share_of_right_tracks():
    truth = one_each(*(str(position % 4) for position in range(200)))
    (found,) = examine(Chance(200, rng()), 200, [Question(truth)], rng()).retrievals
    assert found is not None
    assert found.precision_at_5.value == pytest.approx(49 / 199, abs=0.05)


def test_a_question_nobody_can_answer_is_none():
    assert examine(
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
    hubness = examine(Cosine(vectors), 60, [], rng()).hubness
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
    hubness = examine(Chance(count, np.random.default_rng(seed)), count, [], rng()).hubness
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
