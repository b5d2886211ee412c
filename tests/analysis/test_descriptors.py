from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.analysis.descriptors.loudness import measure_loudness
from harmonie_daemon.analysis.descriptors.onset_functions import onset_functions
from harmonie_daemon.analysis.descriptors.rhythm import reference_confidence, tempo_of
from harmonie_daemon.analysis.descriptors.spectrogram import measure_spectrogram
from harmonie_daemon.analysis.essentia import standard
from harmonie_daemon.analysis.pipeline import hear
from harmonie_daemon.domain.track import Descriptors, Scale
from tests.analysis.sounds import RATE, Sound, chords, clicks, music, sine, write


def descriptors(folder: Path, sound: Sound) -> Descriptors:
    return hear(str(write(folder / "sound.wav", sound, subtype="FLOAT")), ()).descriptors


@pytest.mark.parametrize("bpm", [75.0, 92.5, 120.0, 140.0, 174.0])
def test_the_tempo_of_a_click_track_is_found(tmp_path: Path, bpm: float) -> None:
    found = descriptors(tmp_path, clicks(bpm, 30.0))
    assert found.bpm is not None
    assert found.bpm_confidence is not None
    assert min(abs(found.bpm * octave / bpm - 1) for octave in (0.5, 1, 2)) < 0.01
    assert found.bpm_confidence > 2
    assert found.onset_rate == pytest.approx(bpm / 60, rel=0.1)


@pytest.mark.parametrize(
    ("progression", "key", "scale"),
    [
        (((48, 4), (53, 4), (55, 4), (48, 4)), "C", Scale.MAJOR),
        (((57, 3), (50, 3), (52, 3), (57, 3)), "A", Scale.MINOR),
        (((54, 4), (59, 4), (61, 4), (54, 4)), "F#", Scale.MAJOR),
        (((51, 4), (56, 4), (58, 4), (51, 4)), "Eb", Scale.MAJOR),
        (((49, 3), (54, 3), (56, 3), (49, 3)), "C#", Scale.MINOR),
    ],
)
def test_the_key_of_a_cadence_is_found_and_spelled_our_way(
    tmp_path: Path, progression: tuple[tuple[int, int], ...], key: str, scale: Scale
) -> None:
    found = descriptors(tmp_path, chords(12.0, *progression))
    assert (found.key, found.scale) == (key, scale)
    assert found.key_strength is not None
    assert 0.5 < found.key_strength <= 1


def test_ten_decibels_more_level_is_ten_less_gain(tmp_path: Path) -> None:
    quiet = descriptors(tmp_path, 0.1 * music()).loudness_db
    loud = descriptors(tmp_path, np.float32(0.1 * 10**0.5) * music()).loudness_db
    assert quiet is not None
    assert loud is not None
    assert quiet - loud == pytest.approx(10, abs=0.01)


def test_loudness_agrees_with_essentias_own_replaygain() -> None:
    sound = music(25.0)
    expected = float(standard().ReplayGain(sampleRate=RATE)(sound))
    assert measure_loudness(sound) == pytest.approx(expected, abs=0.001)


def test_stereo_is_as_loud_as_mono(tmp_path: Path) -> None:
    mono = descriptors(tmp_path, music())
    stereo = descriptors(tmp_path, np.stack([music(), music()], axis=1))
    assert mono.loudness_db is not None
    assert stereo.loudness_db == pytest.approx(mono.loudness_db, abs=0.01)


@pytest.mark.parametrize("level", [0.0, 5e-5])
def test_silence_has_no_descriptors(tmp_path: Path, level: float) -> None:
    assert descriptors(tmp_path, sine(440, 5.0, level=level)) == Descriptors()


def test_near_silence_has_no_loudness(tmp_path: Path) -> None:
    assert descriptors(tmp_path, sine(440, 5.0, level=2e-4)).loudness_db is None


@pytest.mark.parametrize("seconds", [0.03, 0.3, 1.0, 2.9])
def test_a_short_sound_has_no_rhythm_but_a_loudness(tmp_path: Path, seconds: float) -> None:
    found = descriptors(tmp_path, sine(440, seconds))
    assert found.bpm is found.bpm_confidence is found.danceability is None
    assert (found.loudness_db is None) == (seconds < 0.05)
    assert (found.onset_rate is None) == (seconds < 0.5)


ODD_SOUNDS = {
    "constant": np.full(10 * RATE, 0.5, np.float32),
    "noise": np.random.default_rng(1).standard_normal(10 * RATE).astype(np.float32),
    "clipped": np.clip(50 * music(), -1, 1),
    "one click": np.eye(1, 10 * RATE, 5 * RATE, dtype=np.float32)[0],
    "huge": 1e20 * music(4.0),
}


@pytest.mark.parametrize("sound", list(ODD_SOUNDS.values()), ids=list(ODD_SOUNDS))
def test_odd_signals_give_sane_numbers_or_none(tmp_path: Path, sound: Sound) -> None:
    found = descriptors(tmp_path, sound)
    numbers = [value for value in (found.bpm, found.danceability, found.loudness_db) if value]
    assert np.isfinite(numbers).all()
    assert found.bpm is None or 30 <= found.bpm <= 300
    assert found.loudness_db is None or found.loudness_db <= 30


def test_the_tempo_is_the_mean_of_the_steady_intervals() -> None:
    beats = np.cumsum([0.39, 0.39, 0.39, 0.40, 0.39, 0.8, 0.39])
    assert tempo_of(beats) == pytest.approx(60 / np.mean([0.39] * 4 + [0.40]))


def test_too_few_beats_and_absurd_tempi_are_none() -> None:
    assert tempo_of(np.array([0.0, 0.5, 1.0])) is None
    assert tempo_of(np.linspace(0.0, 2.0, 21)) is None
    assert tempo_of(np.linspace(0.0, 50.0, 21)) is None


def test_confidence_stays_on_the_reference_scale() -> None:
    assert reference_confidence(0.0) == 0
    assert reference_confidence(2.24) == pytest.approx(1.70, abs=0.01)
    assert reference_confidence(9.0) == 5.32


def test_onset_functions_are_non_negative_and_as_long_as_each_other() -> None:
    curves = onset_functions(measure_spectrogram(clicks(120, 5.0)[::2].copy()).bands)
    assert len({len(curve) for curve in curves}) == 1
    assert all(curve.min() >= 0 and np.isfinite(curve).all() for curve in curves)
