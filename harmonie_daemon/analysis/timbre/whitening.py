"""From timbre316-1 to timbre316-2: a fixed transformation of the vector, nothing is heard anew.

A vector of timbre316-1 is the direction of the standardised and weighted measurements. Given the
length they usually have, the measurements are bounded softly, so that no single odd one decides,
and centred; then each direction counts the less, the more the tracks of one soundtrack differ along
it, or a track from itself at another level or through a codec (within-class covariance
normalisation, Hatch et al. 2006). The length itself, which timbre316-1 did not keep, makes no
difference to what is found (docs/evaluation.md). The constants come from bench/timbre_fit.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import BinaryIO, cast

import numpy as np

from harmonie_daemon.analysis.timbre.frames import Floats

USUAL_LENGTH = 3.75
"""Median length of the standardised and weighted measurements of a track."""
BOUND = 2.0
"""What a standardised measurement approaches however odd it is; small ones stay as they are."""


@dataclass(frozen=True, slots=True)
class Whitening:
    """The constants of the transformation."""

    weight: Floats
    """float32[316], the weights of timbre316-1."""
    centre: Floats
    """float32[316], the mean of bounded measurements."""
    matrix: Floats
    """float32[316, 316], symmetric."""

    @classmethod
    def load(cls, weight: Floats) -> Whitening:
        """With the constants that are installed beside the package."""
        resource = files("harmonie_daemon.analysis") / "data" / "timbre316_whitening.npz"
        with resource.open("rb") as file, np.load(cast(BinaryIO, file)) as stored:
            return cls(weight, stored["centre"], stored["matrix"])

    def whitened(self, vectors: Floats) -> Floats:
        """Vectors of timbre316-2, float32[n, 316] of length 1, from such of timbre316-1."""
        moved = (bounded(vectors, self.weight) - self.centre) @ self.matrix
        whitened: Floats = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return whitened


def bounded(vectors: Floats, weight: Floats) -> Floats:
    """The measurements that vectors of timbre316-1 stand for, bounded and weighted again."""
    measured = vectors * (USUAL_LENGTH / weight)
    softened: Floats = np.float32(BOUND) * np.tanh(measured / np.float32(BOUND)) * weight
    return softened
