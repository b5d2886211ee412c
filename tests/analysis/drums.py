"""Drum patterns played by synthesised drums, at any tempo."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tests.analysis.sounds import RATE, Sound

ROCK = {
    "kick": "x.......x.x.....",
    "snare": "....x.......x...",
    "hat": "x.x.x.x.x.x.x.x.",
    "bass": "x.x.x.x.x.x.x.x.",
}
STEPS_PER_BEAT = 4


def played(rows: Mapping[str, str], bpm: float, bars: int = 16) -> Sound:
    """Mono at 44.1 kHz; a row has sixteen steps."""
    step_s = 60 / bpm / STEPS_PER_BEAT
    steps = len(next(iter(rows.values())))
    sound = np.zeros(int((bars * steps + 4) * step_s * RATE) + RATE)
    rng = np.random.default_rng(1)
    for name, row in rows.items():
        for step in range(bars * steps):
            if row[step % steps] == "x":
                hit = _hit(name, step // steps, rng)
                start = int(step * step_s * RATE)
                sound[start : start + len(hit)] += hit
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def _hit(name: str, bar: int, rng: np.random.Generator) -> Sound:
    time = np.arange(int(0.3 * RATE)) / RATE
    root = 55 * 2 ** ((0, 5, 7, 3)[bar % 4] / 12)
    noise = rng.standard_normal(len(time))
    match name:
        case "kick":
            hit = np.sin(2 * np.pi * 60 * time) * np.exp(-time / 0.06)
        case "snare":
            hit = 0.6 * noise * np.exp(-time / 0.05)
        case "hat":
            hit = 0.25 * np.diff(noise, prepend=0) * np.exp(-time / 0.015)
        case "bass":
            hit = 0.6 * sum(np.sin(2 * np.pi * n * root * time) / n for n in (1, 2, 3))
            hit = hit * np.exp(-time / 0.2)
        case _:
            raise ValueError(name)
    return np.asarray(hit)
