import time
from collections.abc import Callable

import numpy as np
import pytest

from harmonie_daemon.similarity.id_sets import shared, without
from harmonie_daemon.store.records import IdArray

NONE = np.zeros(0, np.int64)


@pytest.mark.parametrize("spread", [1, 1000])
@pytest.mark.parametrize("count", [0, 1, 40, 900])
def test_they_are_what_sets_are(spread: int, count: int) -> None:
    rng = np.random.default_rng(count)
    ids = np.sort(rng.choice(1000, 500, replace=False)).astype(np.int64) * spread
    others = (rng.integers(0, 1200, count) * spread).tolist()
    assert without(ids, others).tolist() == sorted(set(ids.tolist()) - set(others))
    assert shared(ids, others).tolist() == sorted(set(ids.tolist()) & set(others))
    assert without(NONE, others).tolist() == shared(NONE, others).tolist() == []


@pytest.mark.parametrize("operation", [without, shared])
def test_a_large_library_is_not_sorted(operation: Callable[[IdArray, IdArray], IdArray]) -> None:
    ids = np.arange(1, 300_001)
    others = np.random.default_rng(0).permutation(ids)[:200_000]
    began = time.thread_time()
    np.unique(np.concatenate((ids, others)))
    sorting = time.thread_time() - began
    took = min(_seconds(lambda: operation(ids, others)) for _ in range(3))
    assert took < sorting / 4


def _seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
