"""The place of a transcode among the others, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.evaluation.robustness import robustness
from tests.evaluation.factories import unit_rows


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
