"""Mode, register and sensory dissonance from partials.

The margin between modes is that of the best correlations with the key profiles of Krumhansl and
Kessler 1982; dissonance is that of Plomp and Levelt 1965 as Sethares 1993 put it in numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harmonie_daemon.analysis.descriptors.partials import Floats, Partials

MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
HIGHEST_FUNDAMENTAL_HZ = 2_000.0
"""What lies above is overtones, which say less about chords and register."""
CURVE_FALLS = (3.5, 5.75)
CURVE_SCALE, CURVE_SLOPE, CURVE_OFFSET = 0.24, 0.021, 19.0
"""Of Sethares 1993: the roughest interval narrows, in relation, with the frequency."""


def measure_harmony(partials: Partials) -> Mapping[str, float]:
    """``mode_margin`` (major positive), ``register_semitones`` (MIDI), ``dissonance``, ``tonal``.

    Dissonance is per unit of amplitude, 0 to about 0.2. Nothing if nothing tonal sounds.
    """
    if not len(partials.tonal):
        return {}
    return {
        "mode_margin": mode_margin(_chroma(partials)),
        "register_semitones": _register(partials),
        "dissonance": _dissonance(partials),
        "tonal": float(partials.tonal.mean()),
    }


def mode_margin(chroma: Floats) -> float:
    """Best correlation with a major key less that with a minor one, of float64[12] from C."""
    major, minor = (
        max(np.corrcoef(chroma, np.roll(profile, tonic))[0, 1] for tonic in range(12))
        for profile in (MAJOR, MINOR)
    )
    return float(major - minor) if np.isfinite(major - minor) else 0.0


def _low(partials: Partials) -> tuple[Floats, Floats]:
    """Pitches in semitones and their amplitudes, 0 for what is too high."""
    pitch = 12 * np.log2(np.maximum(partials.hz, 1.0) / 440) + 69
    return pitch, np.where(partials.hz < HIGHEST_FUNDAMENTAL_HZ, partials.amplitude, 0.0)


def _chroma(partials: Partials) -> Floats:
    """float64[12] from C: the frames' pitch classes, each frame counting the same."""
    pitch, amplitude = _low(partials)
    amplitude = amplitude / np.maximum(amplitude.sum(axis=1, keepdims=True), 1e-12)
    classes = np.rint(pitch).astype(np.intp) % 12
    return np.bincount(classes.ravel(), amplitude.ravel(), minlength=12).astype(np.float64)


def _register(partials: Partials) -> float:
    pitch, amplitude = _low(partials)
    return float((pitch * amplitude).sum() / max(amplitude.sum(), 1e-12))


def _dissonance(partials: Partials) -> float:
    """Mean over frames of the roughness of all pairs over the sum of their weaker halves."""
    lower, upper = np.triu_indices(partials.hz.shape[1], 1)
    low, high = partials.hz[:, lower], partials.hz[:, upper]
    weaker = np.minimum(partials.amplitude[:, lower], partials.amplitude[:, upper])
    apart = CURVE_SCALE / (CURVE_SLOPE * low + CURVE_OFFSET) * np.maximum(high - low, 0.0)
    rough = np.exp(-CURVE_FALLS[0] * apart) - np.exp(-CURVE_FALLS[1] * apart)
    total = np.maximum(weaker.sum(axis=1), 1e-12)
    return float(((rough * weaker).sum(axis=1) / total).mean())
