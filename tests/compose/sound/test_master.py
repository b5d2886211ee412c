"""Loudness, ceiling, ends, loops; and stems that sum to the mix."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.compose.composer import compose
from harmonie_daemon.compose.loudness import HOP, LoudnessMeter, lufs_of
from harmonie_daemon.compose.master import CEILING, END_FADE, mastering_for
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound
from harmonie_daemon.domain.brief import Emotion, Genre, Stem
from tests.compose.asked import make_brief
from tests.compose.sound.heard import lufs, make_part, make_score, played


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> Sound:
    shape = (round(seconds * SAMPLE_RATE), 2)
    return (level * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def mastered(sound: Sound, *, looping: bool = False) -> Sound:
    done = sound.copy()
    no_parts = np.zeros(-(-len(sound) // HOP), np.float32)
    mastering_for(sound, no_parts, looping=looping).apply(done)
    return done


@pytest.mark.parametrize("seconds", [0.45, 3.0, 31.7])
def test_the_meter_says_what_pyloudnorm_says_whatever_the_blocks(seconds: float) -> None:
    sound = noise(seconds)
    sound[: len(sound) // 3] *= 0.01
    meter = LoudnessMeter()
    for start in range(0, len(sound), 10_007):
        meter.add(sound[start : start + 10_007])
    assert lufs_of(meter.energies()) == pytest.approx(lufs(sound), abs=0.1)


@pytest.mark.parametrize("level", [1e-3, 0.05, 0.5, 3.0])
def test_whatever_comes_in_leaves_at_the_target_below_the_ceiling(level: float) -> None:
    sound = noise(8.0, level)
    sound[4 * SAMPLE_RATE :: SAMPLE_RATE // 2] *= 12  # clicks for the limiter
    done = mastered(sound)
    assert lufs(done) == pytest.approx(-14, abs=0.5)
    assert np.abs(done).max() <= CEILING


def test_silence_stays_silent() -> None:
    assert not mastered(np.zeros((SAMPLE_RATE, 2), np.float32)).any()


def test_the_limiter_comes_before_the_peak_and_goes_slowly() -> None:
    sound = noise(4.0, 0.05)
    sound[2 * SAMPLE_RATE] = 4.0
    no_parts = np.zeros(-(-len(sound) // HOP), np.float32)
    gains = mastering_for(sound, no_parts).gains(0, len(sound))
    steps = np.abs(np.diff(20 * np.log10(gains)))
    assert gains.min() < 0.4 * gains.max()
    assert steps.max() < 0.2  # dB from one frame to the next


def test_stems_sum_to_the_mix_and_none_clips() -> None:
    for genre in (Genre.INDIAN, Genre.RNB, Genre.AMBIENT):
        score = compose(make_brief(genre, Emotion.ENERGETIC, duration_ms=7_003), 3)
        desk, mix, mastering = played(score)
        total = np.zeros_like(mix)
        for number in range(len(score.parts)):
            stem = desk.play(number).sound
            mastering.apply(stem)
            assert np.abs(stem).max() < 10 ** (-0.8 / 20)  # dry below −1 dBFS, and its room
            total += stem
        assert np.abs(total - mix).max() < 1e-4


def test_what_still_sounds_at_the_end_fades() -> None:
    _, sound, _ = played(make_score(make_part((0, 10, 60, 100), program=48), seconds=4.0))
    assert np.abs(sound[-1]).max() < 1e-4
    assert np.abs(sound[-2 * END_FADE : -END_FADE]).max() > 0.05


def test_a_loop_has_its_tail_at_its_head_and_no_seam() -> None:
    part = make_part((1.0, 0.9, 60, 100), program=48)
    _, once, _ = played(make_score(part, seconds=2.0))
    _, loop, _ = played(make_score(part, seconds=2.0, looping=True))
    assert len(loop) == len(once) == 2 * SAMPLE_RATE
    assert np.abs(once[: SAMPLE_RATE // 4]).max() < 1e-4
    assert np.abs(loop[: SAMPLE_RATE // 4]).max() > 0.01
    step = np.abs(np.diff(loop, axis=0)).max()
    assert np.abs(loop[0] - loop[-1]).max() <= step


def test_the_same_score_gives_the_same_samples() -> None:
    score = compose(make_brief(Genre.INDIE, duration_ms=5_000), 9)
    assert np.array_equal(played(score)[1], played(score)[1])


def test_no_instrument_drowns_the_others() -> None:
    """Within 14 LU of the mix, the melody within 8; whatever the SoundFont's own levels are."""
    for genre in (Genre.POP, Genre.INDIAN):
        score = compose(make_brief(genre, duration_ms=10_000), 2)
        desk, mix, mastering = played(score)
        for number, part in enumerate(score.parts):
            stem = desk.play(number).sound
            mastering.apply(stem)
            below = lufs(mix) - lufs(stem)
            assert below < (8 if part.stem is Stem.MELODY else 14), part.name


def test_one_end_of_the_keyboard_is_as_loud_as_the_other() -> None:
    """A part is brought to its place by how it sounds, not by what its velocities are."""
    for program in (0, 48, 73, 89):
        soft = make_part(*((n / 2, 0.5, 60, 40) for n in range(8)), program=program)
        other = make_part(*((n / 2, 0.5, 72, 100) for n in range(8)), program=11, name="other")
        desk, mix, mastering = played(make_score(soft, other))
        stem = desk.play(0).sound
        mastering.apply(stem)
        assert lufs(mix) - lufs(stem) < 8
