"""What a player does with held tones: how long, how loud, how bent; in frames of sound."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harmonie_daemon.compose.clock import FrameClock
from harmonie_daemon.compose.score import Control, ScorePart
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE

MODULATION, VOLUME, PAN, EXPRESSION, SUSTAIN = 1, 7, 10, 11, 64
LONGEST_TONE = 20 * SAMPLE_RATE
"""Frames; what is held longer is laid together out of several."""
OVERLAP = SAMPLE_RATE
"""Frames in which such tones give way to each other."""
MOST_VOICES = 48
"""Tones of one part at once."""
_DRUMS_RING = 4 * SAMPLE_RATE
_HATS = frozenset({42, 44, 46})
_CHOKE = round(0.02 * SAMPLE_RATE)
_PEDAL_DOWN = 64
_USUAL_VOLUME = 100
_GLIDE = round(0.25 * SAMPLE_RATE)
"""Within which a controller comes to its new value; zipper noise is the alternative."""
CURVE_STEP = 64
"""Frames from one point of a curve of pitch to the next."""
_VIBRATO_HZ, _VIBRATO_CENTS = 5.3, 50.0


@dataclass(frozen=True, slots=True)
class Strike:
    """One tone of a part, in frames."""

    start: int
    length: int
    pitch: int
    velocity: int
    continues: int = 0
    """How often a tone of ``LONGEST_TONE`` has been laid before this one."""
    is_continued: bool = False
    chokes: bool = False
    """Ends at once instead of in its own time."""

    @property
    def end(self) -> int:
        """The frame at which the key is let go."""
        return self.start + self.length


def strikes_of(part: ScorePart, clock: FrameClock) -> list[Strike]:
    """The notes of a part by start: with the pedal, drums that ring, hats that end each other, and
    never more at once than ``MOST_VOICES``."""
    starts = clock.frames([note.start for note in part.notes])
    ends = clock.frames([note.start + note.length for note in part.notes])
    strikes = [
        Strike(int(start), max(1, int(end - start)), note.pitch, note.velocity)
        for note, start, end in zip(part.notes, starts, ends, strict=True)
    ]
    strikes.sort(key=lambda strike: (strike.start, strike.pitch))
    if part.is_drums:
        return _within_voices(_ringing(strikes))
    held = _within_voices(_pedalled(strikes, part.controls, clock))
    return list(_laid_together(held))


def _within_voices(strikes: list[Strike]) -> list[Strike]:
    """One too many ends the one that has sounded longest, as in every synthesiser; it bounds what a
    file of others can cost."""
    lengths = [strike.length for strike in strikes]
    sounding: list[int] = []
    for number, strike in enumerate(strikes):
        sounding = [other for other in sounding if strikes[other].end > strike.start]
        if len(sounding) >= MOST_VOICES:
            longest = sounding.pop(0)
            lengths[longest] = strike.start - strikes[longest].start
        sounding.append(number)
    return [
        replace(strike, length=length)
        for strike, length in zip(strikes, lengths, strict=True)
        if length > 0
    ]


def _ringing(strikes: list[Strike]) -> list[Strike]:
    hats = sorted(strike.start for strike in strikes if strike.pitch in _HATS)
    rung = []
    for strike in strikes:
        length = max(strike.length, _DRUMS_RING)
        following = bisect_right(hats, strike.start) if strike.pitch in _HATS else len(hats)
        if following < len(hats) and hats[following] < strike.start + length:
            choked = replace(strike, length=hats[following] - strike.start, chokes=True)
            rung.append(choked)
        else:
            rung.append(replace(strike, length=length))
    return rung


def _pedalled(
    strikes: list[Strike], controls: Iterable[Control], clock: FrameClock
) -> list[Strike]:
    """Notes that end while the pedal is down sound until it comes up, or their key is struck."""
    pedal = [control for control in controls if control.number == SUSTAIN]
    if not pedal:
        return strikes
    times = [int(frame) for frame in clock.frames([control.at for control in pedal])]
    struck: dict[int, list[int]] = defaultdict(list)
    for strike in strikes:
        struck[strike.pitch].append(strike.start)
    held = []
    for strike in strikes:
        at = bisect_right(times, strike.end) - 1
        end = strike.end
        if at >= 0 and pedal[at].value >= _PEDAL_DOWN:
            up = next((times[n] for n in range(at, len(pedal)) if pedal[n].value < _PEDAL_DOWN), -1)
            again = bisect_left(struck[strike.pitch], strike.end)
            ends = [up] if up >= 0 else [strike.end + LONGEST_TONE]
            ends += struck[strike.pitch][again : again + 1]
            end = max(end, min(ends))
        held.append(replace(strike, length=end - strike.start))
    return held


def _laid_together(strikes: list[Strike]) -> Iterator[Strike]:
    pieces = [piece for strike in strikes for piece in _pieces(strike)]
    yield from sorted(pieces, key=lambda piece: (piece.start, piece.pitch))


def _pieces(strike: Strike) -> Iterator[Strike]:
    start, number = strike.start, 0
    while strike.end - start > LONGEST_TONE:
        yield replace(strike, start=start, length=LONGEST_TONE, continues=number, is_continued=True)
        start += LONGEST_TONE - OVERLAP
        number += 1
    yield replace(strike, start=start, length=strike.end - start, continues=number)


@dataclass(frozen=True, slots=True)
class Curve:
    """A controller over time: points in frames, straight lines between them."""

    frames: NDArray[np.float64]
    values: NDArray[np.float64]

    def at(self, start: int, count: int) -> NDArray[np.float32]:
        """Its values at so many frames."""
        times = np.arange(start, start + count)
        return np.interp(times, self.frames, self.values).astype(np.float32)


def loudness_curve(part: ScorePart, clock: FrameClock) -> Curve | None:
    """The gain of volume and expression; ``None`` where they stay as they usually are."""
    volume = _curve(part.controls, VOLUME, _USUAL_VOLUME, clock)
    expression = _curve(part.controls, EXPRESSION, 127, clock)
    if volume is None and expression is None:
        return None
    frames = np.unique(np.concatenate([curve.frames for curve in (volume, expression) if curve]))
    gain = np.ones(len(frames))
    for curve, full in ((volume, _USUAL_VOLUME), (expression, 127)):
        if curve is not None:
            gain *= (np.interp(frames, curve.frames, curve.values) / full) ** 2
    return Curve(frames, gain)


def pan_of(part: ScorePart) -> float:
    """−1 to 1: the part's own, or what its controller says when it begins to play."""
    if part.pan or not part.notes:
        return max(-1.0, min(1.0, part.pan))
    said = [
        control.value
        for control in part.controls
        if control.number == PAN and control.at <= part.notes[0].start
    ]
    return max(-1.0, min(1.0, (said[-1] - 64) / 63)) if said else 0.0


def _curve(controls: Iterable[Control], number: int, usual: int, clock: FrameClock) -> Curve | None:
    chosen = [control for control in controls if control.number == number]
    if not chosen:
        return None
    times = clock.frames([control.at for control in chosen])
    frames, values = [0.0], [float(usual if times[0] > 0 else chosen[0].value)]
    for index, (control, time) in enumerate(zip(chosen, times, strict=True)):
        until = float(times[index + 1]) if index + 1 < len(times) else np.inf
        reached = min(float(time) + _GLIDE, until)
        if reached <= frames[-1]:
            values[-1] = float(control.value)
            continue
        if time > frames[-1]:
            frames.append(float(time))
            values.append(values[-1])
        frames.append(reached)
        values.append(float(control.value))
    return Curve(np.array(frames), np.array(values))


class Bending:
    """The pitch of a part over time: its bends, and the vibrato of the modulation wheel."""

    def __init__(self, part: ScorePart, clock: FrameClock) -> None:
        wheel = [control for control in part.controls if control.number == MODULATION]
        self._bend_at = clock.frames([bend.at for bend in part.bends])
        self._cents = np.array([100 * bend.semitones for bend in part.bends])
        self._wheel_at = clock.frames([control.at for control in wheel])
        self._depth = np.array([_VIBRATO_CENTS * control.value / 127 for control in wheel])

    def speeds(self, strike: Strike, count: int) -> NDArray[np.float64] | None:
        """How much faster its tone runs at every ``CURVE_STEP`` of so many frames; ``None`` if it
        stays as it is. What comes after its end does not bend it."""
        times = strike.start + np.arange(0, count + CURVE_STEP, CURVE_STEP)
        until = np.minimum(times, strike.end - 1)
        cents = _smooth(_stepped(self._bend_at, self._cents, until), 9)
        depth = _smooth(_stepped(self._wheel_at, self._depth, until), 81)
        if not cents.any() and not depth.any():
            return None
        sway = np.sin(2 * np.pi * _VIBRATO_HZ * (times - strike.start) / SAMPLE_RATE)
        speeds: NDArray[np.float64] = 2.0 ** ((cents + depth * sway) / 1200)
        return speeds


def _stepped(
    at: NDArray[np.int64], values: NDArray[np.float64], times: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The last value set at or before each time; 0 before the first."""
    if not len(at):
        return np.zeros(len(times))
    which = np.searchsorted(at, times, side="right") - 1
    return np.where(which < 0, 0.0, values[np.maximum(which, 0)])


def _smooth(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    if not values.any():
        return values
    padded = np.pad(values, width // 2, mode="edge")
    smoothed: NDArray[np.float64] = np.convolve(padded, np.full(width, 1 / width), "valid")
    return smoothed
