"""Scores by hand and from briefs, played, and what can be measured of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyloudnorm

from harmonie_daemon.compose.composer import compose
from harmonie_daemon.compose.desk import Desk
from harmonie_daemon.compose.master import Mastering, mastering_for
from harmonie_daemon.compose.renderer import usual_soundfont
from harmonie_daemon.compose.score import Note, Score, ScorePart, Tempo
from harmonie_daemon.compose.soundfont import SoundFont
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound
from harmonie_daemon.domain.brief import Brief, Stem

BEAT = 960
SECOND = 2 * BEAT
"""Ticks, at 120 beats a minute."""


@cache
def font() -> SoundFont:
    return SoundFont.open(usual_soundfont())


def make_part(*notes: tuple[float, float, int, int], **changes: object) -> ScorePart:
    """Notes as (start in seconds, length in seconds, pitch, velocity)."""
    made = tuple(
        Note(round(start * SECOND), round(length * SECOND), pitch, velocity)
        for start, length, pitch, velocity in notes
    )
    about: dict[str, object] = {"name": "melody-flute", "stem": Stem.MELODY, "program": 73}
    return ScorePart(notes=made, **{**about, **changes})  # type: ignore[arg-type]


def make_score(*parts: ScorePart, seconds: float = 4.0, looping: bool = False) -> Score:
    return Score(
        "by hand", parts, (Tempo(0, 500_000),), duration_ms=round(seconds * 1000), looping=looping
    )


def played(score: Score) -> tuple[Desk, Sound, Mastering]:
    """The desk, the finished mix, and what finished it."""
    desk = Desk(score, font())
    rough = desk.play()
    mastering = mastering_for(rough.sound, rough.part_peaks, looping=score.looping)
    mastering.apply(rough.sound)
    return desk, rough.sound, mastering


def rendered(brief: Brief, seed: int = 1) -> Sound:
    return played(compose(brief, seed))[1]


def lufs(sound: Sound) -> float:
    """By pyloudnorm's own meter."""
    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(sound.astype(np.float64)))


def longest_silence_s(sound: Sound) -> float:
    """The longest time below −60 dBFS, in steps of 50 ms."""
    step = SAMPLE_RATE // 20
    whole = sound[: len(sound) // step * step].reshape(-1, step, 2)
    longest = running = 0
    for is_silent in np.abs(whole).max(axis=(1, 2)) < 10 ** (-60 / 20):
        running = running + 1 if is_silent else 0
        longest = max(longest, running)
    return longest / 20


def is_sound(brief: Brief, seed: int = 1) -> list[str]:
    """What is wrong with how a brief sounds; empty if nothing is."""
    sound = rendered(brief, seed)
    wrong = []
    if len(sound) != round(brief.duration_ms * SAMPLE_RATE / 1000):
        wrong.append(f"{len(sound)} frames")
    if longest_silence_s(sound) > 1.5:
        wrong.append(f"silent for {longest_silence_s(sound):.2f} s")
    if abs(lufs(sound) + 14) > 0.5:
        wrong.append(f"{lufs(sound):.2f} LUFS")
    if np.abs(sound).max() > 10 ** (-1 / 20):
        wrong.append(f"peak {20 * np.log10(np.abs(sound).max()):.2f} dBFS")
    if np.abs(sound.mean(axis=0)).max() > 1e-3:
        wrong.append("DC")
    if not np.isfinite(sound).all():
        wrong.append("not a number")
    return wrong
