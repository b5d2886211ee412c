"""All further measurements that moods are made of, by name, from samples at 22.05 kHz."""

from __future__ import annotations

import math
from collections.abc import Mapping

from harmonie_daemon.analysis.descriptors.attacks import measure_attacks, onset_strength
from harmonie_daemon.analysis.descriptors.brightness import measure_brightness
from harmonie_daemon.analysis.descriptors.dynamics import measure_dynamics
from harmonie_daemon.analysis.descriptors.harmony import measure_harmony
from harmonie_daemon.analysis.descriptors.partials import measure_partials
from harmonie_daemon.analysis.descriptors.pulse import measure_pulse
from harmonie_daemon.analysis.descriptors.spectrogram import Spectrogram
from harmonie_daemon.analysis.samples import Samples


def measure_features(samples: Samples, spectrogram: Spectrogram) -> Mapping[str, float]:
    """Names and finite numbers, of at least three seconds of mono samples that are not silent."""
    strength = onset_strength(spectrogram.bands)
    features = {
        **measure_dynamics(samples),
        **measure_brightness(spectrogram),
        **measure_attacks(spectrogram.bands, strength),
        **measure_pulse(strength),
        **measure_harmony(measure_partials(samples)),
    }
    return {name: value for name, value in features.items() if math.isfinite(value)}
