"""What timbre_hearing.py heard, as timbre316-1 has it, and ways of leaving packages out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from timbre_hearing import ORIGINAL

from harmonie_daemon.analysis.timbre import load_constants
from harmonie_daemon.analysis.timbre.whitening import bounded

FOLDS = 3
FEWEST = 3
"""Tracks that make a package worth asking about."""
UNEVEN = 4.0
"""How far chance may change the order of packages by size, in tracks."""

Doubles = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Measured:
    """The training library as timbre316-1 hears it."""

    paths: tuple[str, ...]
    """Relative to the library; the first folder is the package."""
    vectors: Vectors
    """float32[n, 316]."""
    changed: Mapping[str, tuple[Positions, Vectors]]
    """Way of hearing to the positions of some tracks and their vectors after the change."""
    weight: Vectors
    """float32[316], of timbre316-1."""

    @classmethod
    def load(cls, *measurements: Path) -> Measured:
        """One file of timbre_hearing.py, and others with more ways for some of its tracks."""
        constants = load_constants()
        paths: tuple[str, ...] = ()
        vectors = np.empty((0, len(constants.weight)), np.float32)
        changed: dict[str, tuple[Positions, Vectors]] = {}
        for path in measurements:
            with np.load(path) as stored:
                here = tuple(str(path) for path in stored["paths"])
                if not paths:
                    paths, vectors = here, constants.standardised(stored[ORIGINAL])
                places = np.array([paths.index(path) for path in here], np.intp)
                for way in stored.files:
                    if f"rows of {way}" in stored.files and way != ORIGINAL:
                        rows = places[stored[f"rows of {way}"]]
                        found = (rows, constants.standardised(stored[way]))
                        changed[way] = _joined(changed.get(way), found)
        return cls(paths, vectors, changed, constants.weight)

    @property
    def packages(self) -> npt.NDArray[np.str_]:
        """str[n]."""
        return np.array([path.partition("/")[0] for path in self.paths])

    def bounded(self) -> Doubles:
        """What the covariances are taken of, float64[n, 316]."""
        return bounded(self.vectors, self.weight).astype(np.float64)


def _joined(
    one: tuple[Positions, Vectors] | None, other: tuple[Positions, Vectors]
) -> tuple[Positions, Vectors]:
    if one is None:
        return other
    return np.concatenate((one[0], other[0])), np.concatenate((one[1], other[1]))


def folds(measured: Measured, rng: np.random.Generator) -> Iterator[Mask]:
    """Which tracks are left out, a third of the packages each time, all of them in the end.

    Packages are dealt by size, so that each library has about as many tracks.
    """
    names, counts = np.unique(measured.packages, return_counts=True)
    names, counts = names[counts >= FEWEST], counts[counts >= FEWEST]
    order = np.argsort(-(counts + rng.normal(0, UNEVEN, len(counts))))
    for fold in range(FOLDS):
        yield np.isin(measured.packages, names[order[fold::FOLDS]])
