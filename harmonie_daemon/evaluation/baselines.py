"""What a worker hears for the older methods that an evaluation is compared with."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.errors import DecodeError

TARGET = "harmonie_daemon.evaluation.baselines:hear_baseline"
"""What a ``workers.Supervisor`` is to run; only a worker loads a decoder or bliss."""
MFCC, BLISS = "mfcc", "bliss"

COEFFICIENTS = 20
SAMPLE_RATE = 22_050
FRAME, HOP = 2_048, 512
POWER_FLOOR = 1e-10
LEAST_VARIANCE = 1e-3
"""Added to each variance (of log power), so that the covariance of any sound has an inverse."""
STRETCH_FRAMES = 512

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BaselineJob:
    """A file, and the method that is to hear it."""

    path: str
    method: str


@dataclass(frozen=True, slots=True)
class TimbreGaussian:
    """The distribution of a track's 20 cepstral coefficients."""

    mean: Floats
    """float64[20]."""
    covariance: Floats
    """float64[20, 20], positive definite."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """A method can do nothing with a file, and why, in words for a person."""

    reason: str


Heard = TimbreGaussian | npt.NDArray[np.float32] | Unheard


def bliss_is_installed() -> bool:
    """Whether the package bliss-audio is there; it is not loaded to find out."""
    return importlib.util.find_spec("bliss_audio") is not None


def hear_baseline(job: BaselineJob) -> Heard:
    """Run in a worker: a Gaussian for ``mfcc``, float32[23] (bliss-audio 0.2) for ``bliss``."""
    methods: Mapping[str, Callable[[str], Heard]] = {MFCC: _hear_mfcc, BLISS: _hear_bliss}
    try:
        return methods[job.method](job.path)
    except DecodeError as error:
        return Unheard(str(error))


def timbre_gaussian(samples: npt.NDArray[np.float32]) -> TimbreGaussian | None:
    """Mean and covariance of the MFCCs of mono samples at 22.05 kHz (Mandel and Ellis 2005).

    80 mel bands, 20 coefficients with the zeroth, every frame of 2048 samples, hop 512.
    ``None`` for fewer frames than coefficients (half a second).
    """
    if len(samples) < FRAME + COEFFICIENTS * HOP:
        return None
    coefficients = _coefficients(samples)
    covariance = np.cov(coefficients, rowvar=False) + LEAST_VARIANCE * np.eye(COEFFICIENTS)
    return TimbreGaussian(coefficients.mean(axis=0), covariance)


def _coefficients(samples: npt.NDArray[np.float32]) -> Floats:
    """float64[frames, 20]."""
    import scipy.fft  # noqa: PLC0415 - only workers need it

    from harmonie_daemon.analysis.timbre.filterbanks import filterbanks  # noqa: PLC0415

    bank = filterbanks().mel
    window = (np.hanning(FRAME) * 4 / FRAME).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    parts = []
    for start in range(0, len(windows), STRETCH_FRAMES):
        spectrum = scipy.fft.rfft(windows[start : start + STRETCH_FRAMES] * window, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        mel = np.log(np.maximum(power @ bank, POWER_FLOOR)).astype(np.float64)
        parts.append(scipy.fft.dct(mel, norm="ortho", axis=1)[:, :COEFFICIENTS])
    return np.concatenate(parts)


def _hear_mfcc(path: str) -> TimbreGaussian | Unheard:
    from harmonie_daemon.analysis.decoding import decode  # noqa: PLC0415 - only workers need it
    from harmonie_daemon.analysis.samples import resampled  # noqa: PLC0415

    gaussian = timbre_gaussian(resampled(decode(path).samples, SAMPLE_RATE, "HQ"))
    return gaussian or Unheard("too short")


def _hear_bliss(path: str) -> npt.NDArray[np.float32] | Unheard:
    """bliss decodes by itself. Its extension module panics where others raise.

    Imported by name: it is optional, and never in the daemon's own process.
    """
    bliss_audio = importlib.import_module("bliss_audio")
    try:
        return np.array(bliss_audio.Song(path).analysis, np.float32)
    except UnicodeEncodeError:
        return Unheard("bliss reads no file whose name is not UTF-8")
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # pyo3's, derived from BaseException
            raise
        return Unheard(str(error))
