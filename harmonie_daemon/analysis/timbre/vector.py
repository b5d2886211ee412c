"""timbre316: a fixed function from samples to 316 numbers; nothing to download, no state.

Statistics of frames and DCT-compressed block-level patterns, standardised with constants
fitted once on 314 tracks (``data/timbre316_constants.npz``), each group weighted alike,
normalised to length 1: that is timbre316-1. Centring matters: without it a few tracks are
everybody's neighbour. ``whitening`` makes timbre316-2 of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import BinaryIO, cast

import numpy as np

from harmonie_daemon.analysis.timbre.filterbanks import SAMPLE_RATE, Filterbanks, filterbanks
from harmonie_daemon.analysis.timbre.frames import Floats, measure_frames
from harmonie_daemon.analysis.timbre.patterns import pattern_groups
from harmonie_daemon.analysis.timbre.statistics import statistic_groups
from harmonie_daemon.analysis.timbre.whitening import Whitening
from harmonie_daemon.domain.track import Embedding

DIMENSION = 316
SHORTEST_S = 3.0
SILENT_PEAK = 1e-4
"""A track whose loudest sample is below this (-80 dBFS) has no timbre."""


@dataclass(frozen=True, slots=True)
class Constants:
    """Mean, deviation and group weight of each of the 316 numbers, float32[316]."""

    mean: Floats
    deviation: Floats
    weight: Floats

    def standardised(self, raw: Floats) -> Floats:
        """Vectors of timbre316-1, float32[n, 316] of length 1, from measurements float32[n, 316].

        One that cannot be measured has no finite numbers.
        """
        scaled = (raw - self.mean) / self.deviation * self.weight
        lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            standardised: Floats = (scaled / lengths).astype(np.float32)
        return standardised


class TimbreVector:
    """Computes the embedding; holds the filterbanks and the constants."""

    def __init__(self, constants: Constants, whitening: Whitening, banks: Filterbanks) -> None:
        self._constants = constants
        self._whitening = whitening
        self._banks = banks

    @classmethod
    def load(cls) -> TimbreVector:
        """With the constants that are installed beside the package."""
        constants = load_constants()
        return cls(constants, Whitening.load(constants.weight), filterbanks())

    def embed(self, samples: Floats) -> Embedding | None:
        """The vector of mono samples at 22.05 kHz; ``None`` if silent or under 3 s."""
        if len(samples) < SHORTEST_S * SAMPLE_RATE or np.abs(samples).max() < SILENT_PEAK:
            return None
        raw = raw_vector(samples, self._banks)
        vector = self._whitening.whitened(self._constants.standardised(raw[None]))[0]
        return vector if np.isfinite(vector).all() else None


def raw_vector(samples: Floats, banks: Filterbanks) -> Floats:
    """The 316 numbers before standardisation, float32[316]."""
    frames = measure_frames(samples, banks)
    groups = [*statistic_groups(frames), *pattern_groups(frames)]
    return np.concatenate(groups).astype(np.float32)


def load_constants() -> Constants:
    """Those that are installed beside the package."""
    resource = files("harmonie_daemon.analysis") / "data" / "timbre316_constants.npz"
    with resource.open("rb") as file, np.load(cast(BinaryIO, file)) as stored:
        return Constants(mean=stored["mu"], deviation=stored["sd"], weight=stored["w"])
