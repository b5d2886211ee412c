"""The picker's rules: gates, cooldown, doubles, ties, variation."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.domain.playlist import Diversity, Transitions
from harmonie_daemon.domain.track import Facets, Scale
from harmonie_daemon.playlists.diversity import (
    COOLDOWN_PENALTY,
    COOLDOWN_PICKS,
    FAR_BELOW,
    penalty,
)
from harmonie_daemon.playlists.harmony import compatible
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.similarity.columns import Columns
from tests.playlists.factories import library, make_facets


def picked(
    facets: list[Facets], scores: list[float], n: int, rules: Rules | None = None, seed: int = 0
) -> list[int]:
    """Ids of the list that these scores (in order of id) give."""
    columns = Columns.of(facets)
    picker = Picker(rules or Rules(), np.random.default_rng(seed))
    picker.fill(picker.offer(columns), np.array(scores, np.float32), n)
    return [item.track_id for item in picker.items]


def test_the_best_score_comes_first_and_ties_go_to_the_smallest_id() -> None:
    facets = [make_facets(number) for number in (3, 5, 8, 9)]
    assert picked(facets, [0.5, 0.9, 0.5, 0.9], 4) == [5, 9, 3, 8]


def test_an_artist_rests_until_others_are_much_worse() -> None:
    facets = [make_facets(1, artist="a"), make_facets(2, artist="a"), make_facets(3, artist="b")]
    assert picked(facets, [1.0, 0.99, 0.75], 3) == [1, 3, 2]
    assert picked(facets, [1.0, 0.99, 0.60], 3) == [1, 2, 3]
    free = Rules(Diversity(artist_cooldown=False))
    assert picked(facets, [1.0, 0.99, 0.75], 3, free) == [1, 2, 3]


def test_tracks_without_an_artist_never_rest() -> None:
    facets = [make_facets(1), make_facets(2), make_facets(3, artist="b")]
    assert picked(facets, [1.0, 0.99, 0.98], 3) == [1, 2, 3]


def test_an_album_without_artists_rests_like_an_artist() -> None:
    facets = [make_facets(1, album="ost"), make_facets(2, album="ost"), make_facets(3, artist="b")]
    assert picked(facets, [1.0, 0.99, 0.75], 3) == [1, 3, 2]


def test_no_artist_runs_longer_than_two_while_others_are_near() -> None:
    many = [make_facets(number, artist="a") for number in range(1, 9)]
    others = [make_facets(number, artist=f"b{number}") for number in range(9, 12)]
    scores = [1.0] * 8 + [1.0 - 0.9 * FAR_BELOW] * 3
    assert picked([*many, *others], scores, 11) == [1, 2, 9, 3, 4, 10, 5, 6, 11, 7, 8]
    far = [1.0] * 8 + [0.9 - FAR_BELOW] * 3
    assert picked([*many, *others], far, 8) == list(range(1, 9))
    free = Rules(Diversity(artist_cooldown=False))
    assert picked([*many, *others], scores, 8, free) == list(range(1, 9))


def test_a_long_run_waits_for_a_larger_pool_if_one_can_come() -> None:
    columns = Columns.of([make_facets(number, artist="a") for number in range(1, 5)])
    picker = Picker(Rules(), np.random.default_rng(0))
    scores = np.ones(4, np.float32)
    assert picker.fill(picker.offer(columns, is_last=False), scores, 4) == 1
    assert picker.fill(picker.offer(columns, is_last=False), scores, 1) is None
    assert picker.fill(picker.offer(columns), scores, 2) == 3


def test_a_near_tempo_wins_among_tracks_that_sound_about_as_near() -> None:
    facets = [
        make_facets(1, bpm=100),
        make_facets(2, bpm=140),
        make_facets(3, bpm=204),
        make_facets(4, bpm=140, bpm_confidence=0.1),
    ]
    assert picked(facets, [1.0, 0.6, 0.5, 0.55], 4) == [1, 3, 4, 2]
    assert picked(facets, [1.0, 0.9, 0.5, 0.55], 2) == [1, 2]
    steady = Rules(flow=False)
    assert picked(facets, [1.0, 0.6, 0.5, 0.55], 4, steady) == [1, 2, 4, 3]


def test_the_cooldown_falls_in_equal_steps_to_nothing() -> None:
    steps = [penalty(age) for age in range(COOLDOWN_PICKS + 1)]
    assert steps[0] == COOLDOWN_PENALTY
    assert steps[-1] == 0
    assert np.allclose(np.diff(steps), -COOLDOWN_PENALTY / COOLDOWN_PICKS)


def test_a_song_comes_once_even_if_the_list_stays_short() -> None:
    facets = [make_facets(number, artist="a", title="x") for number in (1, 2, 3)]
    assert picked(facets, [0.1, 0.2, 0.3], 3) == [3]
    twice = Rules(Diversity(dedupe_titles=False))
    assert picked(facets, [0.1, 0.2, 0.3], 3, twice) == [3, 2, 1]


def test_tracks_without_artist_or_title_are_no_doubles() -> None:
    facets = [
        make_facets(1, artist="a"),
        make_facets(2, artist="a"),
        make_facets(3, title="x"),
        make_facets(4, title="x"),
    ]
    assert len(picked(facets, [0.4, 0.3, 0.2, 0.1], 4)) == 4


def test_excluded_songs_do_not_come_in_another_recording() -> None:
    columns = Columns.of([make_facets(1, artist="a", title="x"), make_facets(2)])
    other = Columns.of([make_facets(3, artist="a", title="x")], columns.books)
    picker = Picker(Rules(), np.random.default_rng(0))
    picker.exclude(other)
    picker.fill(picker.offer(columns), np.array([1.0, 0.5], np.float32), 2)
    assert [item.track_id for item in picker.items] == [2]


def test_tempo_stays_within_the_tolerance_and_a_missing_one_passes() -> None:
    rules = Rules(transitions=Transitions(bpm_tolerance=5))
    facets = [make_facets(1, bpm=120.1), make_facets(2, bpm=125.1), make_facets(3, bpm=126.0)]
    assert picked(facets, [1.0, 0.5, 0.9], 3, rules) == [1, 2, 3]
    facets = [make_facets(1, bpm=100), make_facets(2, bpm=None), make_facets(3, bpm=160)]
    assert picked(facets, [1.0, 0.5, 0.9], 3, rules) == [1, 2, 3]
    facets = [make_facets(1, bpm=100), make_facets(2, bpm=106)]
    assert picked(facets, [1.0, 0.9], 2, rules) == [1]


def test_keys_stay_compatible_and_a_missing_one_does_not_pass() -> None:
    rules = Rules(transitions=Transitions(key_compatible=True))
    facets = [
        make_facets(1, key="C"),
        make_facets(2, key="F#"),
        make_facets(3, key=None),
        make_facets(4, key="A", scale=Scale.MINOR),
    ]
    assert picked(facets, [0.9, 0.8, 1.0, 0.1], 4, rules) == [1, 4]


def test_an_artist_rests_after_a_track_shared_with_another() -> None:
    facets = [
        make_facets(1, artist="a", further_artists=("b",)),
        make_facets(2, artist="b"),
        make_facets(3, artist="c"),
    ]
    assert picked(facets, [0.9, 0.8, 0.7], 3, Rules()) == [1, 3, 2]


def test_a_song_with_a_guest_is_the_same_song() -> None:
    facets = [
        make_facets(1, artist="a", further_artists=("b",), title="x"),
        make_facets(2, artist="a", title="x"),
        make_facets(3, artist="b", title="x"),
        make_facets(4, artist="c", title="x"),
    ]
    assert picked(facets, [0.9, 0.8, 0.7, 0.6], 4, Rules()) == [1, 4]


def test_variation_strays_from_the_best_but_not_far() -> None:
    facets = [make_facets(number) for number in range(100)]
    scores = [1 - number / 100 for number in range(100)]
    rules = Rules(variation=0.5)
    lists = {tuple(picked(facets, scores, 10, rules, seed)) for seed in range(5)}
    assert len(lists) == 5
    assert max(max(ids) for ids in lists) < 10 + 13
    assert picked(facets, scores, 10, rules, 3) == picked(facets, scores, 10, rules, 3)


rules_of_any_kind = st.builds(
    Rules,
    diversity=st.builds(Diversity),
    transitions=st.builds(
        Transitions,
        bpm_tolerance=st.none() | st.floats(0, 60),
        key_compatible=st.booleans(),
    ),
    variation=st.floats(0, 1),
)


@settings(deadline=None, max_examples=60)
@given(rules_of_any_kind, st.integers(0, 60), st.integers(0, 40), st.integers(0, 99))
def test_every_list_keeps_the_rules(rules: Rules, size: int, n: int, seed: int) -> None:
    facets = library(size)
    scores = np.random.default_rng(seed).random(size).tolist()
    ids = picked(facets, scores, n, rules, seed)
    assert ids == picked(facets, scores, n, rules, seed)
    assert len(ids) == len(set(ids)) <= n
    by_id = {facet.id: facet for facet in facets}
    chosen = [by_id[track_id] for track_id in ids]  # type: ignore[index]
    assert_no_song_twice(chosen, rules.diversity)
    assert_transitions(ids, Columns.of(facets), rules.transitions)


def assert_no_song_twice(chosen: list[Facets], rules: Diversity) -> None:
    songs = [(it.artist_key, it.title_key) for it in chosen if it.artist_key and it.title_key]
    assert not rules.dedupe_titles or len(songs) == len(set(songs))


def assert_transitions(ids: list[int], columns: Columns, rules: Transitions) -> None:
    rows = np.searchsorted(columns.ids, ids)
    for before, after in itertools.pairwise(rows.tolist()):
        gap = abs(columns.bpm[before] - columns.bpm[after])
        assert rules.bpm_tolerance is None or not gap > rules.bpm_tolerance + 1e-5
        if rules.key_compatible:
            assert compatible(int(columns.key[before]), columns.key[[after]])[0]
