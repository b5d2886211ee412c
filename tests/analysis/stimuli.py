"""One pattern played in many ways: everything but the cue under test stays the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.analysis.sounds import RATE, Sound

PROGRESSIONS = ((0, 5, 7, 0), (0, 9, 5, 7), (0, 7, 5, 0), (5, 0, 7, 0))
"""Roots of four bars in semitones over the tonic; the 9 becomes an 8 in minor."""
MELODIES = ((0, 1, 2, 1), (2, 1, 0, 2), (0, 2, 1, 2), (2, 0, 1, 0))
"""Notes of the bar's triad, one a beat."""
TONIC = 57
BEATS = 32


@dataclass(frozen=True)
class Performance:
    """How the pattern is played."""

    pattern: int = 0
    tonic: int = TONIC
    bpm: float = 100.0
    is_major: bool = True
    overtones: float = 1.3
    """Exponent of their decay: small is bright."""
    length: float = 1.0
    """Of a note, in shares of its beat."""
    gain_db: float = -18.0
    has_beat: bool = True


def render(performance: Performance) -> Sound:
    """Mono at 44.1 kHz, eight bars."""
    beat = 60 / performance.bpm
    seconds = BEATS * beat
    sound = np.zeros(int(seconds * RATE) + RATE)
    notes: dict[int, npt.NDArray[np.float64]] = {}
    rng = np.random.default_rng(performance.pattern)
    hit = rng.standard_normal(3_000) * np.exp(-np.arange(3_000) / 500)
    for index in range(BEATS):
        start = int(index * beat * RATE)
        triad = _triad(performance, index // 4)
        melody = triad[MELODIES[performance.pattern % 4][index % 4]] + 12
        for pitch, level in (
            (triad[0] - 12, 0.5),
            *((note, 0.25) for note in triad),
            (melody, 0.6),
        ):
            if pitch not in notes:
                notes[pitch] = _note(performance, pitch, beat)
            sound[start : start + len(notes[pitch])] += level * notes[pitch]
        if performance.has_beat:
            sound[start : start + len(hit)] += 0.25 * hit
    sound = sound[: int(seconds * RATE)]
    loud = np.sqrt(np.mean(sound**2))
    return (sound * 10 ** (performance.gain_db / 20) / loud * 0.5).astype(np.float32)


def _triad(performance: Performance, bar: int) -> tuple[int, int, int]:
    """The chord of a bar: of the key's own scale, so that minor is minor throughout."""
    degree = PROGRESSIONS[performance.pattern % 4][bar % 4]
    scale = (0, 2, 4, 5, 7, 9, 11) if performance.is_major else (0, 2, 3, 5, 7, 8, 10)
    degree = degree if performance.is_major or degree != 9 else 8
    step = scale.index(degree)
    ladder = [note + 12 * octave for octave in range(3) for note in scale]
    first, third, fifth = (ladder[step + rise] for rise in (0, 2, 4))
    return performance.tonic + first, performance.tonic + third, performance.tonic + fifth


def _note(performance: Performance, pitch: int, beat: float) -> npt.NDArray[np.float64]:
    seconds = performance.length * beat
    time = np.arange(int(seconds * RATE)) / RATE
    hz = 440 * 2 ** ((pitch - 69) / 12)
    partials = [n for n in range(1, 13) if n * hz < 10_000]
    tone = sum(np.sin(2 * np.pi * n * hz * time) / n**performance.overtones for n in partials)
    fade = np.minimum(1, np.minimum(time / 0.01, (seconds - time) / 0.03))
    return np.asarray(tone * np.clip(fade, 0, 1) * np.exp(-time / 1.5))
