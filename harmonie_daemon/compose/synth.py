"""A part of a score as sound, block after block: no more of it is in memory than one block.

Held tones come from ``instrument``, how they are played from ``articulation``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from harmonie_daemon.compose.articulation import (
    CURVE_STEP,
    LONGEST_TONE,
    OVERLAP,
    Bending,
    Strike,
    loudness_curve,
    pan_of,
    strikes_of,
)
from harmonie_daemon.compose.clock import FrameClock
from harmonie_daemon.compose.instrument import Instrument
from harmonie_daemon.compose.score import ScorePart
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound

LONGEST_RELEASE = 2 * SAMPLE_RATE
"""Frames that a tone may go on after it was let go."""
_SHORTEST_RELEASE = round(0.03 * SAMPLE_RATE)
_CHOKE = round(0.02 * SAMPLE_RATE)
_HEARD_SHARE = 0.6
"""Of a release: it falls by 100 dB, of which 60 are heard."""
_REENTRY = 4 * SAMPLE_RATE
"""Where in a tone one joins that goes on longer than ``LONGEST_TONE``."""
_FADED = 0.1
_HIGH_PASS_HZ = 20.0
_NEVER_DENORMAL = np.float32(1e-12)
"""A constant that the high-pass takes out again: in silence its numbers would become so small that
processors take a hundred times as long for them."""


def gain_of(velocity: int) -> float:
    """As SoundFonts have it: 40 dB for each tenth part of the velocity (section 8.4.1)."""
    return (velocity / 127) ** 2


class PartSound:
    """The sound of one part. Blocks are asked for in order, from the first frame on."""

    def __init__(
        self, part: ScorePart, instrument: Instrument, clock: FrameClock, *, gain: float = 1.0
    ) -> None:
        self._instrument = instrument
        self._strikes = strikes_of(part, clock)
        self._next = 0
        self._at = 0
        self._rest: Sound = np.zeros((0, 2), np.float32)
        self._bending = Bending(part, clock) if part.bends or part.controls else None
        self._curve = loudness_curve(part, clock)
        angle = (pan_of(part) + 1) * np.pi / 4
        self._gains = (gain * np.sqrt(2) * np.array([np.cos(angle), np.sin(angle)])).astype("f4")
        self._high_pass = signal.butter(
            2, _HIGH_PASS_HZ, "highpass", fs=SAMPLE_RATE, output="sos"
        ).astype(np.float32)
        self._state = np.zeros((1, 2, 2), np.float32)
        self._expect_all()

    def block(self, frames: int) -> Sound:
        """What sounds in the next so many frames; the caller may change it."""
        until = self._at + frames
        sound = _longer(self._rest, frames)
        while self._next < len(self._strikes) and self._strikes[self._next].start < until:
            strike = self._strikes[self._next]
            played = self._played(strike)
            offset = strike.start - self._at
            sound = _longer(sound, offset + len(played))
            sound[offset : offset + len(played)] += played
            self._next += 1
        block, self._rest = sound[:frames].copy(), sound[frames:].copy()
        if self._curve is not None:
            block *= self._curve.at(self._at, frames)[:, None]
        block *= self._gains
        self._at = until
        block += _NEVER_DENORMAL
        passed, self._state = signal.sosfilt(self._high_pass, block, axis=0, zi=self._state)
        high: Sound = passed.astype(np.float32, copy=False)
        return high

    def _played(self, strike: Strike) -> Sound:
        """One tone as it is played, with its release."""
        release = self._release(strike)
        frames = strike.length + release
        speeds = None if self._bending is None else self._bending.speeds(strike, frames)
        skipped = _REENTRY if strike.continues else 0
        wanted = skipped + frames
        if speeds is not None:
            wanted = skipped + round(float(speeds.max()) * frames) + CURVE_STEP
        sound = self._instrument.tone(strike.pitch, strike.velocity, wanted).sound
        if strike.continues and _has_faded(sound):
            return sound[:0]
        sound = sound[skipped:wanted]
        if speeds is not None:
            sound = _at_speeds(sound, speeds)
        return self._shaped(strike, sound[:frames], release)

    def _expect_all(self) -> None:
        for strike in self._strikes:
            skipped = _REENTRY if strike.continues else 0
            frames = skipped + strike.length + self._release(strike)
            self._instrument.expect(strike.pitch, strike.velocity, frames)

    def _release(self, strike: Strike) -> int:
        if strike.is_continued:
            return 0
        if strike.chokes:
            return _CHOKE
        release_s = self._instrument.release_s(strike.pitch, strike.velocity)
        heard = round(_HEARD_SHARE * release_s * SAMPLE_RATE)
        return min(max(heard, _SHORTEST_RELEASE), LONGEST_RELEASE)

    def _shaped(self, strike: Strike, sound: Sound, release: int) -> Sound:
        shaped = sound * np.float32(gain_of(strike.velocity))
        tail = shaped[strike.length :]
        if release:
            decades = -5 * _HEARD_SHARE * np.linspace(0, 1, release, dtype=np.float32)
            tail *= np.power(np.float32(10), decades[: len(tail)])[:, None]
        if strike.continues:
            shaped[:OVERLAP] *= _ramp(min(OVERLAP, len(shaped)))[:, None]
        if strike.is_continued and len(shaped) == strike.length:
            shaped[-OVERLAP:] *= _ramp(OVERLAP)[::-1, None]
        return shaped


def _longer(sound: Sound, frames: int) -> Sound:
    """With silence behind it, to at least so many frames; grows by seconds, not by notes."""
    if len(sound) >= frames:
        return sound
    wanted = np.zeros((frames + 4 * SAMPLE_RATE, 2), np.float32)
    wanted[: len(sound)] = sound
    return wanted


def _has_faded(sound: Sound) -> bool:
    """Whether a tone of ``LONGEST_TONE`` dies away: then it is not struck again to go on."""
    if len(sound) < LONGEST_TONE:
        return True
    early, late = sound[_REENTRY // 4 : _REENTRY], sound[LONGEST_TONE - SAMPLE_RATE : LONGEST_TONE]
    return float(np.abs(late).mean()) < _FADED * float(np.abs(early).mean())


def _at_speeds(sound: Sound, speeds: NDArray[np.float64]) -> Sound:
    """A tone whose pitch moves: linear between frames."""
    points = np.arange(len(speeds)) * CURVE_STEP
    each = np.interp(np.arange(points[-1]), points, speeds)
    at = np.concatenate(([0.0], np.cumsum(each)))
    at = at[: np.searchsorted(at, len(sound) - 2)]
    whole = at.astype(np.int64)
    share = (at - whole).astype(np.float32)[:, None]
    bent: Sound = sound[whole] * (1 - share) + sound[whole + 1] * share
    return bent


def _ramp(frames: int) -> NDArray[np.float32]:
    return np.linspace(0, 1, frames, dtype=np.float32)
