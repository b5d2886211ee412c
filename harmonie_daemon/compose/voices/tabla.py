"""Tabla: two drums, computed.

The paste on the right drum (dayan) makes its membrane ring in nearly whole multiples of one tone
(C. V. Raman, 1934); the left one (bayan) is pressed after the stroke, which lets its pitch glide.
Both are tuned to Sa: a tabla in another key than the drone is heard as a wrong note all along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harmonie_daemon.compose.score import TablaStroke
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound, Tone

_DAYAN_HZ, _BAYAN_HZ = 277.18, 82.41
_DAYAN_CLASS, _BAYAN_CLASS = 1, 4
"""Pitch classes that these are; a drum is tuned to the Sa that is nearest."""
_MODES = (1.0, 2.003, 3.012, 4.01, 5.03)
TABLA_RELEASE_S = 1.5
_LONGEST_S = 2.5


@dataclass(frozen=True, slots=True)
class _Stroke:
    """How a hand falls."""

    base_hz: float
    levels: tuple[float, ...]
    """Of each mode."""
    decays_s: tuple[float, ...]
    """In which each mode falls to a third."""
    noise: float
    noise_decay_s: float
    glide: float = 0.0
    """How much higher the pitch begins."""
    glide_s: float = 0.1
    pan: float = 0.0


_STROKES = {
    TablaStroke.NA: _Stroke(
        _DAYAN_HZ, (0.15, 1.0, 0.75, 0.35, 0.2), (0.18, 0.55, 0.4, 0.22, 0.15), 0.5, 0.006, pan=0.12
    ),
    TablaStroke.TIN: _Stroke(
        _DAYAN_HZ, (0.9, 0.7, 0.3, 0.12, 0.06), (0.6, 0.45, 0.25, 0.12, 0.1), 0.2, 0.005, pan=0.12
    ),
    TablaStroke.TE: _Stroke(
        _DAYAN_HZ, (0.25, 0.3, 0.25, 0.2, 0.15), (0.03, 0.025, 0.02, 0.02, 0.015), 1.0, 0.018,
        pan=0.12,
    ),
    TablaStroke.KA: _Stroke(
        2 * _BAYAN_HZ, (0.5, 0.3, 0.2, 0.1, 0.05), (0.04, 0.03, 0.02, 0.02, 0.01), 1.0, 0.022,
        pan=-0.12,
    ),
    TablaStroke.GE: _Stroke(
        _BAYAN_HZ, (1.0, 0.45, 0.16, 0.06, 0.03), (0.5, 0.3, 0.15, 0.1, 0.08), 0.22, 0.008,
        glide=0.42, glide_s=0.09, pan=-0.12,
    ),
}  # fmt: skip


def strike_tabla(pitch: int, velocity: int, frames: int, *, sa: int = _DAYAN_CLASS) -> Tone:
    """A stroke (``TablaStroke``; other pitches ring like ``TIN``), the harder the brighter.

    ``sa`` is the pitch class that the drums are tuned to.
    """
    known = pitch in tuple(TablaStroke)
    stroke = _STROKES[TablaStroke(pitch) if known else TablaStroke.TIN]
    count = min(frames, round(_LONGEST_S * SAMPLE_RATE))
    time = np.arange(count) / SAMPLE_RATE
    phase = 2 * np.pi * stroke.base_hz * _tuning(stroke, sa) * _glided(time, stroke)
    sound = np.zeros(count)
    hardness = velocity / 127
    for number, (mode, level, decay_s) in enumerate(
        zip(_MODES, stroke.levels, stroke.decays_s, strict=True)
    ):
        brightness = (0.35 + 0.65 * hardness) ** number
        sound += level * brightness * np.exp(-time / decay_s) * np.sin(mode * phase)
    sound += stroke.noise * hardness * _slap(count, pitch) * np.exp(-time / stroke.noise_decay_s)
    sound *= np.minimum(1.0, (np.arange(count) + 1) / 40)  # no click at the first frame
    return Tone(_placed(sound, stroke.pan), rings_out=count < frames)


def _tuning(stroke: _Stroke, sa: int) -> float:
    """How much higher Sa is than what the drum is at; at most a tritone either way."""
    own = _DAYAN_CLASS if stroke.base_hz == _DAYAN_HZ else _BAYAN_CLASS
    return float(2 ** (((sa - own + 6) % 12 - 6) / 12))


def _glided(time: NDArray[np.float64], stroke: _Stroke) -> NDArray[np.float64]:
    """Seconds at the base tone's pace, run through faster at first."""
    fall = stroke.glide * stroke.glide_s * (1 - np.exp(-time / stroke.glide_s))
    glided: NDArray[np.float64] = time + fall
    return glided


def _slap(count: int, pitch: int) -> NDArray[np.float64]:
    """The skin under the fingers: noise, the same for every stroke of a kind."""
    noise = np.random.default_rng(pitch).standard_normal(count)
    smoothed: NDArray[np.float64] = np.convolve(noise, (0.25, 0.5, 0.25), "same")
    return smoothed


def _placed(sound: NDArray[np.float64], pan: float) -> Sound:
    angle = (pan + 1) * np.pi / 4
    return np.stack((sound * np.cos(angle), sound * np.sin(angle)), axis=1).astype(np.float32)
