"""The ways of comparing tracks that an evaluation sets side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from harmonie_daemon.evaluation.baselines import TimbreGaussian
from harmonie_daemon.similarity.index import cosines
from harmonie_daemon.similarity.proximity import Crowd, distances

Matrix = npt.NDArray[np.float32]
Scores = npt.NDArray[np.floating]


class Cosine:
    """Cosine of vectors of length 1, as the daemon itself compares tracks."""

    def __init__(self, vectors: Matrix) -> None:
        """``vectors`` is float32[n, dim]."""
        self._vectors = vectors

    def scores(self, query: int) -> Scores:
        """See ``judging.Ranker``."""
        cosines: Scores = self._vectors @ self._vectors[query]
        return cosines


class Mutual:
    """Mutual proximity of vectors of length 1, as the daemon ranks by it."""

    def __init__(self, vectors: Matrix) -> None:
        """``vectors`` is float32[n, dim] with n >= 2."""
        self._vectors = vectors
        self._outlook = Crowd.of([vectors]).seen_from(vectors)

    def scores(self, query: int) -> Scores:
        """See ``judging.Ranker``."""
        found = cosines(self._vectors, self._vectors[query])
        return -distances(found, self._outlook, self._outlook.at(np.array([query])))


class Euclidean:
    """Nearness in Euclidean distance, which bliss recommends for its features."""

    def __init__(self, vectors: Matrix) -> None:
        """``vectors`` is float[n, dim]."""
        self._vectors = vectors

    def scores(self, query: int) -> Scores:
        """See ``judging.Ranker``."""
        distances: Scores = np.linalg.norm(self._vectors - self._vectors[query], axis=1)
        return -distances


class GaussianDivergence:
    """Symmetric Kullback-Leibler divergence of one Gaussian per track (Mandel and Ellis 2005).

    With precision P, covariance C, mean m and dimension d, the divergence of i and j is
    ½ tr(Pᵢ Cⱼ + Pⱼ Cᵢ) + ½ (mᵢ - mⱼ)ᵀ (Pᵢ + Pⱼ) (mᵢ - mⱼ) - d.
    """

    def __init__(self, gaussians: Sequence[TimbreGaussian]) -> None:
        self._means = np.stack([gaussian.mean for gaussian in gaussians])
        self._covariances = np.stack([gaussian.covariance for gaussian in gaussians])
        self._precisions = np.linalg.inv(self._covariances)

    def scores(self, query: int) -> Scores:
        """See ``judging.Ranker``."""
        precision, covariance = self._precisions[query], self._covariances[query]
        traces = np.einsum("ij,nij->n", precision, self._covariances)
        traces += np.einsum("nij,ij->n", self._precisions, covariance)
        gaps = self._means - self._means[query]
        squares = np.einsum("ni,nij,nj->n", gaps, self._precisions + precision, gaps)
        divergences: Scores = (traces + squares) / 2 - len(precision)
        return -divergences


class Chance:
    """A fresh random order for each query: what no listening at all would reach."""

    def __init__(self, count: int, rng: np.random.Generator) -> None:
        self._count = count
        self._rng = rng

    def scores(self, query: int) -> Scores:
        """See ``judging.Ranker``."""
        del query
        return self._rng.random(self._count)
