"""Groups 1 to 9 of timbre316: statistics of frames, without regard to their order in time.

The tonal interval vector follows Bernardes et al. 2016; the tempo profile is the
autocorrelation of the spectral flux at 24 tempi.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.fft

from harmonie_daemon.analysis.timbre.filterbanks import HOP, SAMPLE_RATE
from harmonie_daemon.analysis.timbre.frames import CONTRAST_EVERY, Frames

FRAMES_PER_SECOND = SAMPLE_RATE / HOP
QUIET_DB = 60.0
"""Frames this much below the loud ones (95th percentile) are left out."""
MFCC_COUNT = 20
TEMPI_BPM = np.geomspace(30, 240, 24)

Floats = npt.NDArray[np.float32]
Group = npt.NDArray[np.floating]

RMS_COLUMN = 3
FLUX_COLUMN = 6


def statistic_groups(frames: Frames) -> list[Group]:
    """Nine groups in this order.

    Cepstrum mean 20, deviation 20 and deviation of change 20; contrast mean 7 and deviation 7;
    frame statistics mean 7 and deviation 7; tonal intervals 12; tempo profile 24.
    """
    heard = audible(frames.statistics[:, RMS_COLUMN])
    mfcc = scipy.fft.dct(frames.mel[heard], type=2, norm="ortho", axis=1)[:, :MFCC_COUNT]
    contrast = frames.contrast[heard[::CONTRAST_EVERY]]
    if not len(contrast):
        contrast = frames.contrast
    logs = np.log(np.maximum(frames.statistics[heard], 1e-6))
    return [
        mfcc.mean(axis=0),
        _log_deviation(mfcc),
        _log_deviation(np.diff(mfcc, axis=0)),
        contrast.mean(axis=0),
        contrast.std(axis=0),
        logs.mean(axis=0),
        logs.std(axis=0),
        _tonal_intervals(frames.chroma[heard]),
        _tempo_profile(frames.statistics[:, FLUX_COLUMN]),
    ]


def audible(rms: Floats) -> npt.NDArray[np.bool_]:
    """bool[frames]: frames within 60 dB of the loud ones."""
    level_db = 10 * np.log10(rms.astype(np.float64) ** 2 + 1e-10)
    heard: npt.NDArray[np.bool_] = level_db > np.percentile(level_db, 95) - QUIET_DB
    return heard


def _log_deviation(values: Floats) -> Group:
    deviation: Group = np.log(values.std(axis=0) + 1e-3)
    return deviation


def _tonal_intervals(chroma: Floats) -> Group:
    """Size of the Fourier coefficients 1 to 6 of each chroma: mean, then deviation."""
    share = chroma / np.maximum(chroma.sum(axis=1, keepdims=True), 1e-12)
    sizes = np.abs(np.fft.fft(share, axis=1)[:, 1:7])
    return np.concatenate([sizes.mean(axis=0), sizes.std(axis=0)])


def _tempo_profile(flux: Floats) -> Group:
    centred = flux.astype(np.float64) - flux.mean()
    size = scipy.fft.next_fast_len(2 * len(centred))
    spectrum = scipy.fft.rfft(centred, size)
    correlation = scipy.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[: len(centred)]
    lags = FRAMES_PER_SECOND * 60 / TEMPI_BPM
    profile: Group = np.interp(
        lags, np.arange(len(centred)), correlation / max(correlation[0], 1e-12)
    )
    return profile
