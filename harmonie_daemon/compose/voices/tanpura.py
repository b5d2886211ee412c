"""Tanpura: a plucked string (Karplus and Strong, 1983) on a curved bridge, computed.

The string wraps around the bridge (javari), which keeps handing energy to its high partials; here
partials bloom one after another on top of the plain string.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound, Tone

TANPURA_RELEASE_S = 3.0
_LONGEST_S = 12.0
_DECAY_S = 4.5
_PARTIALS = 24
_BLOOM_S = 0.075
"""By how much later each partial is at its fullest than the one below."""
_HIGHEST_HZ = 6_000.0
_STRING_SHARE, _BRIDGE_SHARE = 0.5, 0.6
_SPREAD = 0.35
"""Radians between the ears, for each partial as often as its number."""
_STEP = 32
"""Frames from one point of an envelope to the next."""
_TABLE_BITS = 14


def pluck_tanpura(pitch: int, velocity: int, frames: int) -> Tone:
    """An open string of this MIDI pitch."""
    hertz = 440.0 * 2.0 ** ((pitch - 69) / 12)
    count = min(frames, round(_LONGEST_S * SAMPLE_RATE))
    sound = _bridge(hertz, count) * np.float32(_BRIDGE_SHARE * (0.5 + velocity / 254))
    sound += (_STRING_SHARE * _string(hertz, count, pitch)).astype(np.float32)[:, None]
    return Tone(sound, rings_out=count < frames)


def _string(hertz: float, count: int, seed: int) -> NDArray[np.float64]:
    """A loop of one period with a gentle low-pass and a fractional delay in it."""
    period = SAMPLE_RATE / hertz
    whole = int(period - 0.5)
    share = period - 0.5 - whole
    kept = 10 ** (-3 / (hertz * _DECAY_S))
    averaging = np.convolve((1 - share, share), (0.5, 0.5)) * kept
    feedback = np.concatenate(([1.0], np.zeros(whole - 1), -averaging))
    pluck = np.zeros(count)
    noise = np.random.default_rng(seed).standard_normal(whole)
    pluck[: min(whole, count)] = (noise - noise.mean())[:count]
    string: NDArray[np.float64] = signal.lfilter([0.5, 0.5], feedback, pluck)
    string /= np.abs(string).max() + 1e-9
    return string


def _bridge(hertz: float, count: int) -> Sound:
    """Partials that come one by one and go."""
    points = -(-count // _STEP)
    time = np.arange(points + 1, dtype=np.float64) * (_STEP / SAMPLE_RATE)
    between = np.arange(_STEP, dtype=np.float32)[None, :] / _STEP
    clock = np.arange(points * _STEP, dtype=np.uint32)
    sine = np.sin(2 * np.pi * np.arange(2**_TABLE_BITS) / 2**_TABLE_BITS).astype(np.float32)
    sound = np.zeros((points * _STEP, 2), np.float32)
    for number in range(1, min(_PARTIALS, int(_HIGHEST_HZ / hertz)) + 1):
        shape = _bloom(time, number)[:, None]
        envelope = (shape[:-1] + (shape[1:] - shape[:-1]) * between).ravel()
        turn = np.uint32(round(number * hertz * 1.0003 / SAMPLE_RATE * 2**32))
        for ear in range(2):
            phase = np.uint32(round(ear * _SPREAD * number / (2 * np.pi) * 2**32) % 2**32)
            at = (clock * turn + phase) >> np.uint32(32 - _TABLE_BITS)  # turns whole at 2**32
            sound[:, ear] += envelope * sine.take(at)
    sound /= np.abs(sound).max(initial=0.0) + np.float32(1e-9)
    return sound[:count]


def _bloom(time: NDArray[np.float64], number: int) -> NDArray[np.float32]:
    """The envelope of a partial."""
    bloom = number * _BLOOM_S
    shape = (time / bloom) * np.exp(1 - time / bloom) * np.exp(-time / _DECAY_S)
    sway = 1 + 0.3 * np.sin(2 * np.pi * (0.6 + 0.07 * number) * time + number)
    envelope: NDArray[np.float32] = (shape * sway / number**0.7).astype(np.float32)
    return envelope
