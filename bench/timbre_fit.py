"""Make the constants of timbre316-2 again from the training library.

    ../shared/library/build LIBRARY train
    python bench/timbre_hearing.py LIBRARY MEASUREMENTS.npz
    python bench/timbre_fit.py MEASUREMENTS.npz \\
        harmonie_daemon/analysis/data/timbre316_whitening.npz

timbre_left_out.py shows how the choices below were made. For the constants that are shipped 79
tracks were heard softer, and 43 of them through the codecs (in a second file of measurements,
which may follow the first).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from timbre_hearing import SOFTER
from timbre_library import Doubles, Mask, Measured

from harmonie_daemon.analysis.timbre.whitening import Whitening, bounded

MIXED = frozenset(
    {
        "colobot-common-sounds", "drascula-music", "freedroidrpg-data", "megaglest-data",
        "supertux-data", "warmux-data",
    }
)  # fmt: skip
"""Packages by many hands, or with much that is no music. Left out, they make no difference."""
OPUS = "opus 64k"
STEMS = ("guitar.", "rhythm.", "drums.")
"""Names of files that hold one instrument of the song beside them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What there is to choose in a fit; chosen by leaving packages out."""

    shrinkage: float = 0.8
    """Share of the scaled identity in the within-class covariance."""
    level_weight: float = 0.3
    """How much the covariance of what ten decibels change counts beside it."""
    codec_weight: float = 1.0
    """Likewise of what Opus at 64 kbit/s changes, which changes more than the other codecs."""
    without_mixed: bool = False
    """Whether packages of many hands are no classes."""


def main() -> None:
    """Fit on everything, and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measurements", type=Path, nargs="+")
    parser.add_argument("constants", type=Path)
    arguments = parser.parse_args()
    measured = Measured.load(*arguments.measurements)
    found = fitted(measured, np.ones(len(measured.paths), np.bool_))
    np.savez_compressed(arguments.constants, centre=found.centre, matrix=found.matrix)


def fitted(measured: Measured, known: Mask, choice: Choice | None = None) -> Whitening:
    """The constants from the ``known`` tracks alone."""
    choice = choice or Choice()
    rows, packages = measured.bounded(), measured.packages
    within = _within_classes(rows, measured, known, choice)
    within = within + choice.level_weight * _of_change(SOFTER, rows, measured, known)
    within = within + choice.codec_weight * _of_change(OPUS, rows, measured, known)
    evenly = np.trace(within) / len(within) * np.eye(len(within))
    values, axes = np.linalg.eigh((1 - choice.shrinkage) * within + choice.shrinkage * evenly)
    means = [rows[known & (packages == name)].mean(axis=0) for name in np.unique(packages[known])]
    return Whitening(
        weight=measured.weight,
        centre=np.mean(means, axis=0).astype(np.float32),
        matrix=((axes / np.sqrt(values)) @ axes.T).astype(np.float32),
    )


def _within_classes(rows: Doubles, measured: Measured, known: Mask, choice: Choice) -> Doubles:
    """The pooled covariance of tracks around the mean of their package."""
    total, freedom = np.zeros((rows.shape[1], rows.shape[1])), 0
    names = [PurePosixPath(path).name for path in measured.paths]
    whole = np.array([not name.startswith(STEMS) for name in names])
    for package in np.unique(measured.packages):
        members = known & whole & (measured.packages == package)
        if np.count_nonzero(members) >= 2 and not (choice.without_mixed and package in MIXED):
            gaps = rows[members] - rows[members].mean(axis=0)
            total += gaps.T @ gaps
            freedom += len(gaps) - 1
    return total / freedom


def _of_change(way: str, rows: Doubles, measured: Measured, known: Mask) -> Doubles:
    """The mean square of what another way of hearing changes."""
    positions, changed = measured.changed[way]
    chosen = known[positions]
    gaps = bounded(changed[chosen], measured.weight) - rows[positions[chosen]]
    return np.asarray(gaps.T @ gaps / len(gaps))


if __name__ == "__main__":
    main()
