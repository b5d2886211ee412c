"""Fit the weights of analysis/descriptors/tempo_ratios.py.

    pip install '.[bench]'
    apt-get download mma && dpkg -x mma_*.deb MMA
    python bench/tempo_fit.py MMA/usr/share/mma

On songs of our own whose seeds bench/tempo.py does not use, and on accompaniments in a hundred
further styles: a softmax over each song's candidates, those at the true tempo being right. Prints
how right it is on styles left out, then the weights on all.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.optimize
import symusic
from mma_songs import accompaniments
from song_fit_styles import FIT_STYLES
from song_styles import STYLES
from songs import Song, UnsteadyError, render, songs, soundfont

from harmonie_daemon.analysis.descriptors.onset_functions import Curve, onset_functions
from harmonie_daemon.analysis.descriptors.rhythm import tracked
from harmonie_daemon.analysis.descriptors.spectrogram import SAMPLE_RATE, measure_spectrogram
from harmonie_daemon.analysis.descriptors.tempo_ratios import (
    RATIOS,
    candidates,
    correlate,
    evidence,
)
from harmonie_daemon.analysis.samples import resampled

SEEDS = range(100, 114)
RIDGE = 0.1
"""Chosen by leaving styles out, as was what counts as evidence."""
TOLERANCE = 0.04

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Examples:
    """Songs, each with up to seven candidates."""

    styles: npt.NDArray[np.str_]
    true_bpms: Floats
    bpms: Floats
    """float64[songs, 7]: the tracked tempo first; 0 where there are fewer."""
    evidence: Floats
    """float64[songs, 7, 18]."""

    def of(self, chosen: Mask) -> Examples:
        """Those songs."""
        return Examples(
            self.styles[chosen], self.true_bpms[chosen], self.bpms[chosen], self.evidence[chosen]
        )

    @property
    def right(self) -> Mask:
        """Which candidates are."""
        near: Mask = np.abs(self.bpms / self.true_bpms[:, None] - 1) <= TOLERANCE
        return near


def main() -> None:
    """Hear, fit and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mma", type=Path, help="the folder share/mma of Debian's package")
    arguments = parser.parse_args()
    examples = gathered(heard(material(arguments.mma)))
    report(examples)
    print(np.array2string(fitted(examples), precision=2, separator=", "))


def report(examples: Examples) -> None:
    """How often the tempo is right: as tracked, on styles left out of the fit, on all."""
    print(f"{len(examples.styles)} songs, right as tracked: {examples.right[:, 0].mean():.1%}")
    right = []
    for style in np.unique(examples.styles):
        left_out = examples.styles == style
        right.extend(chosen(examples.of(left_out), fitted(examples.of(~left_out))))
    print(f"chosen, on styles left out: {np.mean(right):.1%}")
    print(f"chosen, on those fitted on: {chosen(examples, fitted(examples)).mean():.1%}")


def material(mma: Path) -> Iterator[tuple[str, Song]]:
    """Styles and songs."""
    for song in songs(SEEDS, [*STYLES, *FIT_STYLES], varied=True):
        yield song.name.rsplit(" ", 1)[0], song
    with tempfile.TemporaryDirectory() as folder:
        for name, bpm, path in accompaniments(mma, Path(folder)):
            yield name, Song(name, symusic.Score(path), bpm)


def heard(pieces: Iterator[tuple[str, Song]]) -> Iterator[tuple[str, float, Sequence[Curve]]]:
    """Style, true tempo and onset functions."""
    for style, song in pieces:
        try:
            samples = resampled(render(song.score, soundfont()), SAMPLE_RATE, "LQ")
        except UnsteadyError:
            continue
        assert song.bpm is not None
        yield style, song.bpm, onset_functions(measure_spectrogram(samples).bands)


def gathered(pieces: Iterator[tuple[str, float, Sequence[Curve]]]) -> Examples:
    """What there is to choose from in each piece in which a beat is tracked."""
    styles, true_bpms, bpms, rows = [], [], [], []
    for style, true_bpm, curves in pieces:
        bpm = tracked(curves).bpm
        if bpm is None:
            continue
        found, correlations = candidates(bpm), correlate(curves)
        missing = len(RATIOS) - len(found)
        styles.append(style)
        true_bpms.append(true_bpm)
        bpms.append(found + [0.0] * missing)
        rows.append([evidence(each, bpm, correlations) for each in found + found[:1] * missing])
    return Examples(np.array(styles), np.array(true_bpms), np.array(bpms), np.array(rows))


def fitted(examples: Examples) -> Floats:
    """The weights: a softmax over each song's candidates, those at the true tempo being right."""
    usable = examples.of(examples.right.any(axis=1))
    there, right = usable.bpms > 0, usable.right

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = usable.evidence @ weights
        odds = np.exp(scores - scores.max(axis=1, keepdims=True)) * there
        share = odds / odds.sum(axis=1, keepdims=True)
        of_right = (share * right).sum(axis=1, keepdims=True) + 1e-300
        slope = np.einsum("ijk,ij->k", usable.evidence, share - share * right / of_right)
        total = RIDGE * float(weights @ weights) / 2 - float(np.log(of_right).sum())
        return total, RIDGE * weights + slope

    start = np.zeros(usable.evidence.shape[2])
    found: Floats = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B").x
    return found


def chosen(examples: Examples, weights: Floats) -> Mask:
    """Of each song, whether the best candidate is right."""
    scores = np.where(examples.bpms > 0, examples.evidence @ weights, -np.inf)
    best = scores.argmax(axis=1)
    right: Mask = examples.right[np.arange(len(best)), best]
    return right


if __name__ == "__main__":
    main()
