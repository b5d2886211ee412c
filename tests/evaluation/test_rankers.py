"""Ways of comparing, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.evaluation.baselines import TimbreGaussian, timbre_gaussian
from harmonie_daemon.evaluation.judging import ranked
from harmonie_daemon.evaluation.rankers import Cosine, Euclidean, GaussianDivergence
from tests.evaluation.factories import rng


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
