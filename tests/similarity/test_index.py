"""The flat index: exact answers, a strict tie rule, snapshots that never change."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from harmonie_daemon.similarity.index import FlatIndex, best, cosines
from tests.playlists.factories import unit_rows


def ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def naive(index: FlatIndex, vec: np.ndarray, k: int, allow: set[int] | None = None) -> list[int]:
    """The same answer by sorting everything."""
    scores = cosines(index.vectors(index.ids), vec)
    ranked = sorted(zip(-scores.astype(float), index.ids.tolist(), strict=True))
    return [found for _, found in ranked if allow is None or found in allow][:k]


def test_search_equals_sorting_everything() -> None:
    rows = unit_rows(500)
    index = FlatIndex(np.arange(10, 510, dtype=np.int64), rows)
    hits = index.search(rows[7], 20)
    assert hits.ids.tolist() == naive(index, rows[7], 20)
    assert hits.ids[0] == 17
    assert np.all(np.diff(hits.scores) <= 0)


@pytest.mark.parametrize("share", [0.02, 0.5, 1.0])
def test_allow_limits_the_answer_whatever_its_size(share: float) -> None:
    rows = unit_rows(400)
    index = FlatIndex(np.arange(400, dtype=np.int64), rows)
    allow = np.flatnonzero(np.random.default_rng(1).random(400) < share).astype(np.int64)
    hits = index.search(rows[0], 30, allow=allow)
    assert hits.ids.tolist() == naive(index, rows[0], 30, set(allow.tolist()))


def test_ids_in_allow_that_the_index_lacks_are_ignored() -> None:
    index = FlatIndex(ids(1, 2, 3), unit_rows(3))
    assert index.search(unit_rows(1)[0], 5, allow=ids(0, 2, 99)).ids.tolist() == [2]


def test_excluded_tracks_leave_room_for_the_next_best() -> None:
    rows = unit_rows(50)
    index = FlatIndex(np.arange(50, dtype=np.int64), rows)
    wanted = [found for found in naive(index, rows[3], 50) if found not in (3, 9)][:10]
    assert index.search(rows[3], 10, exclude=ids(3, 9)).ids.tolist() == wanted


def test_asking_for_more_than_there_is_gives_all_of_it() -> None:
    index = FlatIndex(ids(4, 5), unit_rows(2))
    assert len(index.search(unit_rows(1)[0], 100).ids) == 2
    assert len(index.search(unit_rows(1)[0], 0).ids) == 0


def test_identical_vectors_come_in_order_of_id_wherever_their_rows_stand() -> None:
    rows = unit_rows(300, dim=33)
    twins = np.repeat(rows[:1], 7, axis=0)
    index = FlatIndex(np.arange(100, 400, dtype=np.int64), rows)
    index = index.apply(ids(1, 2, 3, 500, 501, 502, 503), twins, ids())
    found = index.search(rows[0], 5).ids.tolist()
    assert found == [1, 2, 3, 100, 500]


def test_a_snapshot_never_changes() -> None:
    rows = unit_rows(40)
    before = FlatIndex(np.arange(40, dtype=np.int64), rows)
    answer = before.search(rows[0], 40)
    after = before.apply(ids(5, 70), unit_rows(2, seed=9), ids(0))
    again = before.search(rows[0], 40)
    assert again.ids.tolist() == answer.ids.tolist()
    assert after.ids.tolist() == [*range(1, 40), 70]
    assert np.array_equal(after.vectors(ids(70, 5)), unit_rows(2, seed=9)[[1, 0]])


def test_two_successors_of_one_snapshot_do_not_disturb_each_other() -> None:
    base = FlatIndex(ids(1), unit_rows(1))
    one = base.apply(ids(2), unit_rows(1, seed=1), ids())
    two = base.apply(ids(2), unit_rows(1, seed=2), ids())
    assert np.array_equal(one.vectors(ids(2)), unit_rows(1, seed=1))
    assert np.array_equal(two.vectors(ids(2)), unit_rows(1, seed=2))


def test_an_unknown_id_has_no_vector() -> None:
    with pytest.raises(KeyError):
        FlatIndex(ids(1), unit_rows(1)).vectors(ids(2))


changes = st.lists(
    st.tuples(st.sets(st.integers(0, 30), max_size=6), st.sets(st.integers(0, 30), max_size=6)),
    max_size=12,
)


@given(changes)
def test_deltas_lead_where_a_fresh_load_leads(steps: list[tuple[set[int], set[int]]]) -> None:
    rng = np.random.default_rng(0)
    truth: dict[int, np.ndarray] = {}
    index = FlatIndex(ids(), np.zeros((0, 8), np.float32))
    for upserts, deletes in steps:
        gone = deletes - upserts
        rows = unit_rows(len(upserts), 8, seed=int(rng.integers(1000)))
        index = index.apply(ids(*sorted(upserts)), rows, ids(*sorted(gone)))
        truth.update(zip(sorted(upserts), rows, strict=True))
        for track_id in gone:
            truth.pop(track_id, None)
    known = sorted(truth)
    assert index.ids.tolist() == known
    if known:
        fresh = FlatIndex(ids(*known), np.array([truth[track_id] for track_id in known]))
        query = unit_rows(1, 8, seed=5)[0]
        assert index.search(query, 9).ids.tolist() == fresh.search(query, 9).ids.tolist()


@given(st.lists(st.integers(-3, 3)), st.integers(0, 40))
def test_best_is_a_stable_descending_sort(values: list[int], k: int) -> None:
    scores = np.array(values, np.float32)
    wanted = sorted(range(len(values)), key=lambda place: (-values[place], place))[:k]
    assert best(scores, k).tolist() == wanted


def test_many_vectors_are_searched_for_as_one_by_one_in_a_fraction_of_the_time() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((20_000, 316)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = FlatIndex(np.arange(1, 20_001) * 3, vectors)
    allow = index.ids[rng.random(20_000) < 0.9]
    with threadpool_limits(1):
        began = time.thread_time()
        alone = [index.search(one, 20, allow=allow) for one in vectors[:40]]
        between = time.thread_time()
        together = index.search_each(vectors[:40], 20, allow=allow)
        took_s = time.thread_time() - between
    assert [hits.ids.tolist() for hits in together] == [hits.ids.tolist() for hits in alone]
    for one, other in zip(together, alone, strict=True):
        assert np.allclose(one.scores, other.scores, atol=2e-6)
    assert took_s < 0.7 * (between - began)


def test_many_vectors_are_searched_for_after_changes() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((60, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = FlatIndex(np.arange(1, 51), vectors[:50])
    changed = index.apply(np.array([3, 70, 90]), vectors[50:53], np.array([5, 6]))
    found = changed.search_each(vectors[50:], 4, allow=np.array([1, 3, 5, 9, 70, 90, 400]))
    assert [hits.ids.tolist() for hits in found] == [
        changed.search(one, 4, allow=np.array([1, 3, 5, 9, 70, 90, 400])).ids.tolist()
        for one in vectors[50:]
    ]
    assert found[0].ids[0] == 3
    assert changed.search_each(vectors[:0], 4, allow=changed.ids) == []
