"""The tempo that is heard is the one that is played, and not a multiple of it."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.analysis.descriptors.onset_functions import onset_functions
from harmonie_daemon.analysis.descriptors.rhythm import measure_rhythm, tracked
from harmonie_daemon.analysis.descriptors.spectrogram import (
    SAMPLE_RATE,
    Bands,
    measure_spectrogram,
)
from harmonie_daemon.analysis.descriptors.tempo_ratios import (
    FASTEST_BPM,
    RATIOS,
    SLOWEST_BPM,
    WEIGHTS,
    candidates,
    correlate,
    evidence,
)
from harmonie_daemon.analysis.samples import resampled
from harmonie_daemon.domain.track import LEAST_TEMPO_CONFIDENCE
from tests.analysis.drums import ROCK, played
from tests.analysis.sounds import RATE, Sound


def bands_of(sound: Sound) -> Bands:
    return measure_spectrogram(resampled(sound, SAMPLE_RATE, "LQ")).bands


@pytest.mark.parametrize("bpm", [108.0, 124.0, 140.0, 156.0])
def test_the_tempo_is_the_one_that_is_played(bpm: float) -> None:
    found = measure_rhythm(bands_of(played(ROCK, bpm))).bpm
    assert found == pytest.approx(bpm, rel=0.01)


def test_the_trackers_alone_take_two_thirds_of_the_beat() -> None:
    """Otherwise the test above would show nothing."""
    found = tracked(onset_functions(bands_of(played(ROCK, 140.0)))).bpm
    assert found == pytest.approx(140.0 * 2 / 3, rel=0.01)


def test_music_without_a_beat_has_a_tempo_that_is_not_believed() -> None:
    rng = np.random.default_rng(7)
    sound = np.zeros(40 * RATE)
    for start in np.sort(rng.uniform(0, 34, 60)):
        time = np.arange(int(5 * RATE)) / RATE
        hz = 220 * 2 ** (rng.integers(0, 24) / 12)
        note = rng.uniform(0.2, 1) * np.sin(2 * np.pi * hz * time) * np.exp(-time)
        sound[int(start * RATE) :][: len(note)] += note
    rhythm = measure_rhythm(bands_of((sound / 10).astype(np.float32)))
    assert rhythm.bpm is None or (rhythm.confidence or 0.0) < LEAST_TEMPO_CONFIDENCE


def test_candidates_stay_within_what_is_a_tempo() -> None:
    assert candidates(100.0) == pytest.approx([100.0 * ratio for ratio in RATIOS])
    for bpm in (45.0, 190.0, 295.0):
        assert all(SLOWEST_BPM <= each <= FASTEST_BPM for each in candidates(bpm))
    assert candidates(15.0) == [15.0]


def test_what_repeats_at_a_beat_shows_at_its_multiples() -> None:
    beat = 43
    curve = np.zeros(40 * beat, np.float32)
    curve[::beat] = 1.0
    found = correlate([curve] * 4)
    assert [found.together[at] for at in (0, beat, 4 * beat)] == pytest.approx([1] * 3, abs=0.05)
    assert found.together[beat // 2] < 0.1
    assert found.low == pytest.approx(found.together)


def test_a_snare_answers_a_kick_a_beat_later() -> None:
    beat = 43
    low, high = np.zeros(40 * beat, np.float32), np.zeros(40 * beat, np.float32)
    low[:: 2 * beat], high[beat :: 2 * beat] = 1.0, 1.0
    answers = correlate([low + high, low, high, high]).answers
    assert answers[beat] == pytest.approx(1.0, abs=0.1)
    assert answers[2 * beat] < 0.1


def test_curves_that_never_move_have_no_say() -> None:
    found = evidence(100.0, 100.0, correlate([np.zeros(300, np.float32)] * 4))
    assert found.shape == WEIGHTS.shape
    assert np.isfinite(found).all()
