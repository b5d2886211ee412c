from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.analysis.effnet.mel import (
    FRAME,
    FRAMES_AT_ONCE,
    HOP,
    SAMPLE_RATE,
    mel_bands,
    patch_batches,
    patch_starts,
)
from harmonie_daemon.analysis.essentia import standard
from harmonie_daemon.analysis.samples import Samples, resampled
from tests.analysis.sounds import music, sine

NOISE = (0.2 * np.random.default_rng(5).standard_normal(3 * SAMPLE_RATE)).astype(np.float32)


def essentia_bands(samples: Samples) -> np.ndarray:
    """Frame by frame, centred: half a frame of silence before and as much as needed behind."""
    algorithm = standard().TensorflowInputMusiCNN()
    padded = np.concatenate([np.zeros(HOP, np.float32), samples, np.zeros(FRAME, np.float32)])
    count = -(-len(samples) // HOP)
    return np.array([algorithm(padded[i * HOP : i * HOP + FRAME]) for i in range(count)])


@pytest.mark.parametrize(
    "sound",
    [
        NOISE,
        resampled(music(5.0), SAMPLE_RATE, "HQ"),
        sine(1_000, 2.5, level=0.9, rate=SAMPLE_RATE),
        1e-4 * NOISE,
        np.zeros(40_000, np.float32),
        NOISE[:40_001],
    ],
    ids=["noise", "music", "tone", "faint", "silence", "odd length"],
)
def test_every_frame_is_what_essentia_computes(sound: Samples) -> None:
    ours, theirs = mel_bands(sound), essentia_bands(sound)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-4


def test_blocks_leave_no_seam() -> None:
    sound = np.tile(NOISE, 14)
    bands = mel_bands(sound)
    assert len(bands) > FRAMES_AT_ONCE
    around = slice(FRAMES_AT_ONCE - 3, FRAMES_AT_ONCE + 3)
    start = (FRAMES_AT_ONCE - 20) * HOP
    excerpt = mel_bands(sound[start : start + 40 * HOP])
    assert np.allclose(bands[around], excerpt[17:23], atol=1e-5)


def test_a_tone_lights_up_its_band() -> None:
    low = mel_bands(sine(200, 1.0, rate=SAMPLE_RATE))[10].argmax()
    high = mel_bands(sine(5_000, 1.0, rate=SAMPLE_RATE))[10].argmax()
    assert low < 10
    assert high > 80


@pytest.mark.parametrize(
    ("frames", "starts"), [(0, ()), (127, ()), (128, (0,)), (189, (0,)), (190, (0, 62))]
)
def test_a_rest_too_short_for_a_patch_is_left_out(frames: int, starts: tuple[int, ...]) -> None:
    assert patch_starts(frames) == starts


def test_patches_are_thinned_evenly_from_end_to_end() -> None:
    every = patch_starts(10_000)
    some = patch_starts(10_000, 16)
    assert len(some) == 16
    assert (some[0], some[-1]) == (every[0], every[-1])
    assert set(some) <= set(every)
    gaps = np.diff(some)
    assert gaps.max() - gaps.min() <= 62
    assert patch_starts(10_000, len(every)) == every


def test_batches_hold_every_patch_once() -> None:
    bands = np.arange(400 * 96, dtype=np.float32).reshape(400, 96)
    starts = patch_starts(400)
    batches = list(patch_batches(bands, starts, 3))
    assert [len(batch) for batch in batches] == [3, 2]
    assert np.array_equal(np.concatenate(batches)[:, 0, 0], [bands[s, 0] for s in starts])
