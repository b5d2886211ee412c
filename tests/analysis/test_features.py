"""Each further measurement against sounds whose answer is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from harmonie_daemon.analysis.descriptors.features import measure_features
from harmonie_daemon.analysis.descriptors.spectrogram import SAMPLE_RATE, measure_spectrogram
from tests.analysis.sounds import Sound, chords, clicks, sine

RNG = np.random.default_rng(7)
NOISE = (0.1 * RNG.standard_normal(12 * 44_100)).astype(np.float32)


def features(sound: Sound) -> Mapping[str, float]:
    """Of 44.1 kHz samples, taken at half the rate without a filter: the sounds are low enough."""
    halved = np.ascontiguousarray(sound[::2])
    return measure_features(halved, measure_spectrogram(halved))


def dyad(low_hz: float, ratio: float) -> Sound:
    return sum(
        (sine(low_hz * r * n, 6.0, level=0.1 / n) for r in (1.0, ratio) for n in range(1, 7)),
        np.zeros(6 * 44_100, np.float32),
    )


def test_a_steady_sine_has_its_level_its_crest_and_its_pitch() -> None:
    found = features(sine(440.0, 12.0, level=0.5))
    assert found["level_db"] == pytest.approx(20 * np.log10(0.5) - 3.01, abs=0.02)
    assert found["crest_db"] == pytest.approx(3.01, abs=0.05)
    assert found["loudness_range_db"] == pytest.approx(0.0, abs=0.01)
    assert found["register_semitones"] == pytest.approx(69.0, abs=0.05)
    assert found["centroid_hz"] == pytest.approx(440.0, rel=0.05)
    assert found["zero_crossing"] == pytest.approx(2 * 440 / SAMPLE_RATE, rel=0.02)
    assert found["tonal"] > 0.95
    assert found["event_rate"] < 0.3


def test_noise_is_flat_bright_and_without_pitch() -> None:
    noise, tone = features(NOISE), features(sine(440.0, 12.0))
    assert noise["flatness_db"] > -4 > -20 > tone["flatness_db"]
    assert noise["centroid_hz"] == pytest.approx(SAMPLE_RATE / 4, rel=0.05)
    assert noise["rolloff_hz"] == pytest.approx(0.85 * SAMPLE_RATE / 2, rel=0.03)
    assert noise["tonal"] < 0.2
    assert noise["low_ratio"] < 0.05
    assert features(sine(80.0, 6.0))["low_ratio"] > 0.9


@pytest.mark.parametrize("bpm", [60.0, 120.0, 150.0])
def test_clicks_are_events_with_a_clear_pulse(bpm: float) -> None:
    found = features(clicks(bpm, 20.0))
    assert found["event_rate"] == pytest.approx(bpm / 60, rel=0.06)
    assert found["pulse_clarity"] > 0.8
    assert features(NOISE)["pulse_clarity"] < 0.3
    assert found["percussive_ratio"] > 0.6 > features(sine(440.0, 6.0))["percussive_ratio"]
    assert found["depth_db"] > 10 > features(sine(440.0, 6.0))["depth_db"]


def test_cadences_in_major_and_minor_lie_on_either_side() -> None:
    assert features(chords(12.0, (48, 4), (53, 4), (55, 4), (48, 4)))["mode_margin"] > 0.1
    assert features(chords(12.0, (57, 3), (50, 3), (52, 4), (57, 3)))["mode_margin"] < -0.1


def test_a_semitone_is_rougher_than_a_fifth_and_that_than_an_octave() -> None:
    semitone, fifth, octave = (features(dyad(262.0, ratio)) for ratio in (16 / 15, 3 / 2, 2.0))
    assert semitone["dissonance"] > 2 * fifth["dissonance"] > 2 * octave["dissonance"]


def test_a_quiet_half_widens_the_loudness_range_by_as_much() -> None:
    loud = chords(15.0, (48, 4), (53, 4))
    found = features(np.concatenate([loud, 0.25 * loud]))
    assert found["loudness_range_db"] == pytest.approx(12.0, abs=1.5)


def test_gain_changes_the_level_alone() -> None:
    sound = chords(8.0, (48, 4), (53, 4), (55, 4)) + clicks(110, 8.0)[: 8 * 44_100]
    plain, louder = features(sound), features(4 * sound)
    assert louder["level_db"] - plain["level_db"] == pytest.approx(12.04, abs=0.01)
    for name in set(plain) - {"level_db"}:
        assert louder[name] == pytest.approx(plain[name], rel=1e-3, abs=1e-6), name
