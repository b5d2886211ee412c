"""The space that tracks are grouped in: centred, turned onto its principal axes, of length 1.

Centring and reduction without whitening keep tracks that are near to everything from gathering
strangers (Feldbauer & Flexer, "Centering Versus Scaling for Hubness Reduction", 2016).
Runs in a worker.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harmonie_daemon.playlists.clusters.facts import VECTORS, Floats, Rows, let_go

VARIANCE = 0.9
"""Share of the variance that is kept unless a number of components is asked for."""
FEWEST_AXES = 16
"""A library of a few sharply different kinds has less, in which all of a kind are the same."""
MOST_AXES = 128
"""Vectors full of noise have a thousand, which would only cost memory and time."""
BATCH = 4_096
"""Vectors in memory at a time."""
TURNED, USUAL = "turned.npy", "usual.npy"


@dataclass(frozen=True, slots=True)
class SoundSpace:
    """Tracks on the principal axes of their library, the most telling first."""

    turned: Floats
    """float32[rows, axes], not yet of length 1."""
    usual: int
    """Axes that hold ``VARIANCE``, ``FEWEST_AXES`` to ``MOST_AXES``."""

    def points(self, components: int = 0, rows: Rows | slice = slice(None)) -> Floats:
        """float32[rows, components], length 1 (or 0 in the very middle); 0: the usual number."""
        reduced = np.array(self.turned[rows, : self.kept(components)], np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", reduced, reduced))[:, None]
        reduced /= np.where(lengths > 1e-6, lengths, 1.0)
        return reduced

    def kept(self, components: int) -> int:
        """How many components that really are."""
        axes: int = self.turned.shape[1]
        return min(components or self.usual, axes)

    @classmethod
    def read(cls, folder: Path) -> SoundSpace:
        """The space that was prepared there."""
        return cls(np.load(folder / TURNED, mmap_mode="r"), int(np.load(folder / USUAL)))


def prepare(folder: Path, rows: Rows, most_components: int) -> SoundSpace:
    """Find the axes of the vectors in the folder and keep there where these rows lie on them.

    Vectors are read from the file a stretch at a time; so many axes are kept as are asked for,
    and at least the usual number.
    """
    mapped = np.load(folder / VECTORS, mmap_mode="r")
    mean, axes, variances = _principal(mapped, rows)
    shares = np.cumsum(variances) / max(float(variances.sum()), 1e-12)
    enough = int(np.searchsorted(shares, VARIANCE)) + 1
    usual = min(max(enough, FEWEST_AXES), MOST_AXES, len(variances))
    kept = axes[:, : min(max(usual, most_components), len(variances))].astype(np.float32)
    turned = np.empty((len(rows), kept.shape[1]), np.float32)
    for start in range(0, len(rows), BATCH):
        stretch = slice(start, start + BATCH)
        turned[stretch] = (mapped[rows[stretch]] - mean) @ kept
        let_go(mapped)
    np.save(folder / TURNED, turned)
    np.save(folder / USUAL, np.array(usual))
    return SoundSpace(turned, usual)


def _principal(
    mapped: np.memmap[tuple[int, int], np.dtype[np.float32]], rows: Rows
) -> tuple[Floats, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean float32[dim]; axes float64[dim, dim] in columns and their variances, largest first."""
    dim = mapped.shape[1]
    total, products = np.zeros(dim), np.zeros((dim, dim))
    for start in range(0, len(rows), BATCH):
        batch = mapped[rows[start : start + BATCH]].astype(np.float64)
        total += batch.sum(axis=0)
        products += batch.T @ batch
        let_go(mapped)
    mean = total / len(rows)
    variances, axes = np.linalg.eigh(products / len(rows) - np.outer(mean, mean))
    order = np.argsort(-variances, kind="stable")
    return mean.astype(np.float32), axes[:, order], np.maximum(variances[order], 0.0)
