from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.analysis.decoding import decode
from harmonie_daemon.analysis.embeddings import TIMBRE_MODEL, embedder, successors
from harmonie_daemon.analysis.pipeline import LOW_RATE, quality
from harmonie_daemon.analysis.samples import resampled
from harmonie_daemon.analysis.timbre.filterbanks import filterbanks
from harmonie_daemon.analysis.timbre.frames import measure_frames
from harmonie_daemon.analysis.timbre.vector import load_constants, raw_vector
from harmonie_daemon.analysis.timbre.whitening import bounded
from harmonie_daemon.domain.errors import ConfigurationError
from harmonie_daemon.domain.track import Embedding
from tests.analysis.sounds import Sound, chords, clicks, music, sine

GOLDEN = Path(__file__).parents[2].parent / "shared" / "research" / "timbre316_golden.npz"
LIBRARY = os.environ.get("HARMONIE_TEST_LIBRARY")


def embed(sound: Sound) -> Embedding | None:
    return embedder(TIMBRE_MODEL).embed(resampled(sound, LOW_RATE, "LQ"))


def likeness(one: Sound, other: Sound) -> float:
    first, second = embed(one), embed(other)
    assert first is not None
    assert second is not None
    return float(first @ second)


def test_a_vector_has_316_numbers_and_length_one() -> None:
    vector = embed(music())
    assert vector is not None
    assert vector.shape == (316,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_it_is_a_fixed_function_of_the_sound() -> None:
    assert likeness(music(), music()) == pytest.approx(1, abs=1e-6)


def test_louder_is_nearly_the_same_and_another_sound_is_not() -> None:
    harmony = chords(12.0, (48, 4), (53, 4), (55, 4))
    transposed = chords(12.0, (50, 4), (55, 4), (57, 4))
    drums = clicks(150, 12.0)
    assert likeness(music(), 0.7 * music()) > 0.9
    assert likeness(harmony, transposed) > likeness(harmony, drums)


def test_the_transformation_is_of_each_vector_by_itself_and_of_its_direction() -> None:
    rows = np.random.default_rng(2).normal(size=(40, 316)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    together = successors(rows)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    alone = np.concatenate([successors(row[None]) for row in rows])
    assert np.allclose(together, alone, atol=1e-6)


def test_one_odd_measurement_does_not_decide() -> None:
    weight = load_constants().weight
    usual = np.random.default_rng(5).normal(size=316).astype(np.float32) * weight
    odd = usual.copy()
    odd[40] = 40 * weight[40]
    vectors = np.stack([usual, odd])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    one, other = bounded(vectors, weight)
    assert vectors[0] @ vectors[1] < 0.75
    assert one @ other > 0.8 * np.linalg.norm(one) * np.linalg.norm(other)


@pytest.mark.parametrize("seconds", [3.0, 3.5, 6.0, 12.0])
def test_three_seconds_are_enough(seconds: float) -> None:
    vector = embed(music(seconds))
    assert vector is not None
    assert np.isfinite(vector).all()


def test_silence_and_short_sounds_have_no_vector() -> None:
    assert embed(sine(440, 10.0, level=0)) is None
    assert embed(music(2.9)) is None


def test_a_tone_lights_up_the_bands_around_it() -> None:
    banks = filterbanks()
    frames = measure_frames(resampled(sine(440, 3.0), LOW_RATE, "LQ"), banks)
    assert frames.chroma[10].argmax() == 9
    assert frames.statistics[10, 0] == pytest.approx(440, abs=40)
    assert (frames.mel.shape[1], frames.cent.shape[1]) == (80, 86)
    assert np.allclose(banks.mel.sum(axis=0), 1, atol=1e-5)
    assert np.allclose(banks.cent.sum(axis=0), 1, atol=1e-5)


def test_no_other_model_is_built_in() -> None:
    with pytest.raises(ConfigurationError, match="no embedding model is named 'x'"):
        embedder("x")


@pytest.mark.library
@pytest.mark.skipif(not GOLDEN.exists(), reason=f"{GOLDEN} is not here")
@pytest.mark.skipif(not LIBRARY, reason="HARMONIE_TEST_LIBRARY is not set")
def test_the_vectors_agree_with_the_golden_ones() -> None:
    assert LIBRARY is not None
    with np.load(GOLDEN) as golden:
        for relative_path in golden.files:
            audio = decode(str(Path(LIBRARY) / relative_path))
            recipe = quality(LOW_RATE, audio.native_rate)
            vector = embedder(TIMBRE_MODEL).embed(resampled(audio.samples, LOW_RATE, recipe))
            assert vector is not None
            expected = successors(golden[relative_path][None])[0]
            assert float(vector @ expected) >= 0.99, relative_path


@pytest.mark.library
@pytest.mark.skipif(not GOLDEN.exists(), reason=f"{GOLDEN} is not here")
@pytest.mark.skipif(not LIBRARY, reason="HARMONIE_TEST_LIBRARY is not set")
def test_ten_decibels_move_real_music_less_than_in_the_model_before() -> None:
    assert LIBRARY is not None
    constants, banks = load_constants(), filterbanks()
    cosines = []
    with np.load(GOLDEN) as golden:
        for relative_path in golden.files[::3]:
            samples = resampled(decode(str(Path(LIBRARY) / relative_path)).samples, LOW_RATE, "LQ")
            raw = [raw_vector(each, banks) for each in (samples, samples * np.float32(0.316))]
            before = constants.standardised(np.stack(raw))
            after = successors(before)
            cosines.append((float(before[0] @ before[1]), float(after[0] @ after[1])))
    assert np.mean([after - before for before, after in cosines]) > 0.005
