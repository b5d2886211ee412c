"""One key of a SoundFont, held: samples, loops, envelopes and filter, as floats.

What a player does while it sounds (release, dynamics, bending) is left to ``articulation``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from harmonie_daemon.compose.soundfont.file import Sample, SoundFont
from harmonie_daemon.compose.soundfont.zones import Generator, Zone

SAMPLE_RATE = 44_100
Sound = NDArray[np.float32]
"""Frames by two channels."""

_SILENT_DB = 96.0
_ATTENUATION_SHARE = 0.4
"""Of what a file says: hardware of the time did so, and files are made for it."""
_VELOCITY_CENTS = 2_400
"""How much lower the filter of the softest tone is (section 8.4.2)."""
_OPEN_CENTS = 13_300
"""A cutoff from which on a filter is not heard: 18 kHz."""
_FIRST_STEPS, _STEP_FRAMES, _LATER_STEP_FRAMES = 24, 192, 2_048
"""How often the filter moves: quickly in the attack, then every 46 ms."""
_CENTS_HEARD = 30.0


@dataclass(frozen=True, slots=True)
class Tone:
    """What a key sounds like while it is held."""

    sound: Sound
    rings_out: bool
    """Whether it has come to its end by itself."""


def play_tone(
    font: SoundFont, zones: tuple[Zone, ...], key: int, velocity: int, frames: int
) -> Tone:
    """A key held for so many frames, or until it has faded. Silent if nobody plays it.

    ``velocity`` settles which samples and how bright, not how loud: that is the player's.
    """
    sound = np.zeros((frames, 2), np.float32)
    longest, rings_out = 0, True
    for zone in zones:
        sample = font.sample(zone.sample) if zone.plays(key, velocity) else None
        if sample is None:
            continue
        one = _play_zone(zone, sample, key, velocity, frames)
        longest = max(longest, len(one))
        rings_out = rings_out and len(one) < frames
        pan = min(max(0.5 + zone.amount(Generator.PAN) / 1000, 0.0), 1.0)
        sound[: len(one), 0] += one * np.float32(np.cos(pan * np.pi / 2))
        sound[: len(one), 1] += one * np.float32(np.sin(pan * np.pi / 2))
    return Tone(sound[:longest], rings_out)


def release_of(zones: tuple[Zone, ...], key: int, velocity: int) -> float:
    """Seconds in which a key that is let go falls by 100 dB."""
    playing = (zone for zone in zones if zone.plays(key, velocity))
    return max([0.0, *(zone.seconds(Generator.RELEASE) for zone in playing)])


def _play_zone(
    zone: Zone, sample: Sample, key: int, velocity: int, frames: int
) -> NDArray[np.float32]:
    key = key if zone.amount(Generator.KEY) < 0 else zone.amount(Generator.KEY)
    level_db = _volume_db(zone, key, frames)
    audible = np.flatnonzero(level_db < _SILENT_DB)
    level_db = level_db[: audible[-1] + 1] if len(audible) else level_db[:0]
    bent = zone.amount(Generator.MOD_ENV_TO_PITCH) != 0
    bending = _modulation(zone, key, np.arange(len(level_db))) if bent else None
    played = _resampled(zone, sample, _pitch_ratio(zone, sample, key), bending, len(level_db))
    quieter_db = level_db[: len(played)] + _ATTENUATION_SHARE * (
        max(0, zone.amount(Generator.ATTENUATION)) / 10
    )
    played *= np.power(np.float32(10), quieter_db * np.float32(-1 / 20))
    return _filtered(zone, key, velocity, played)


def _pitch_ratio(zone: Zone, sample: Sample, key: int) -> float:
    root = zone.amount(Generator.ROOT_KEY)
    root = root if 0 <= root <= 127 else sample.key
    cents = (
        (key - root) * zone.amount(Generator.SCALE_TUNING)
        + 100 * zone.amount(Generator.COARSE_TUNE)
        + zone.amount(Generator.FINE_TUNE)
        + sample.correction_cents
    )
    ratio = 2.0 ** (max(-12_000, min(cents, 8_400)) / 1200) * sample.rate / SAMPLE_RATE
    return float(min(ratio, 64.0))


def _resampled(
    zone: Zone,
    sample: Sample,
    ratio: float,
    bending: NDArray[np.float32] | None,
    frames: int,
) -> NDArray[np.float32]:
    """The sample at another speed, its loop over and over; cubic between its frames."""
    start, end = _bounds(zone, sample)
    if bending is None:
        at = start + ratio * np.arange(frames)
    else:
        cents = bending * zone.amount(Generator.MOD_ENV_TO_PITCH)
        steps = np.cumsum(ratio * 2.0 ** (cents[:-1] / 1200))
        at = start + np.concatenate(([0.0], steps))[:frames]
    first, last = _loop(zone, sample, start, end)
    if zone.amount(Generator.SAMPLE_MODES) & 1 and last - first >= 4:
        beyond = at >= last
        at[beyond] = first + (at[beyond] - first) % (last - first)
    else:
        at = at[: np.searchsorted(at, end - 1)]
    return _between(sample.frames, at)


def _bounds(zone: Zone, sample: Sample) -> tuple[int, int]:
    length = len(sample.frames)
    start = zone.amount(Generator.START_OFFSET) + 32_768 * zone.amount(
        Generator.START_COARSE_OFFSET
    )
    end = zone.amount(Generator.END_OFFSET) + 32_768 * zone.amount(Generator.END_COARSE_OFFSET)
    start = min(max(start, 0), length - 4)
    return start, min(max(length + end, start + 4), length)


def _loop(zone: Zone, sample: Sample, start: int, end: int) -> tuple[int, int]:
    first = sample.loop_start + zone.amount(Generator.LOOP_START_OFFSET)
    last = sample.loop_end + zone.amount(Generator.LOOP_END_OFFSET)
    first += 32_768 * zone.amount(Generator.LOOP_START_COARSE_OFFSET)
    last += 32_768 * zone.amount(Generator.LOOP_END_COARSE_OFFSET)
    return min(max(first, start), end), min(max(last, start), end)


def _between(frames: NDArray[np.float32], at: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Catmull-Rom's curve through four frames."""
    whole = at.astype(np.int32)
    share = (at - whole).astype(np.float32)
    padded = np.pad(frames, (1, 2), mode="edge")
    before, here, after, beyond = (padded.take(whole + step) for step in range(4))
    bend = 3 * (here - after) + beyond - before
    slope = 2 * before - 5 * here + 4 * after - beyond
    rise = (after - before + (slope + bend * share) * share) * share
    return (here + rise * np.float32(0.5)).astype(np.float32, copy=False)


def _volume_db(zone: Zone, key: int, frames: int) -> NDArray[np.float32]:
    """How far below full the volume envelope is: its attack is straight in amplitude, its decay in
    decibels."""
    delay = zone.seconds(Generator.DELAY) * SAMPLE_RATE
    attack = zone.seconds(Generator.ATTACK) * SAMPLE_RATE
    hold = _for_key(zone, Generator.HOLD, Generator.KEY_TO_HOLD, key) * SAMPLE_RATE
    decay = _for_key(zone, Generator.DECAY, Generator.KEY_TO_DECAY, key) * SAMPLE_RATE
    sustain_db = min(max(zone.amount(Generator.SUSTAIN) / 10, 0.0), 100.0)
    time = np.arange(frames, dtype=np.float32)
    held = np.float32(delay + attack + hold)
    level = np.clip((time - held) * np.float32(100 / decay), 0, np.float32(sustain_db))
    rising = time < delay + attack
    risen = np.clip((time[rising] - delay + 1) / (attack + 1), 1e-5, 1)
    level[rising] = -20 * np.log10(risen)
    quieter: NDArray[np.float32] = level.astype(np.float32, copy=False)
    return quieter


def _modulation(zone: Zone, key: int, time: NDArray[np.int64]) -> NDArray[np.float32]:
    """The modulation envelope, 0 to 1, at these frames."""
    delay = zone.seconds(Generator.MOD_DELAY)
    attack = delay + zone.seconds(Generator.MOD_ATTACK)
    hold = attack + _for_key(zone, Generator.MOD_HOLD, Generator.KEY_TO_MOD_HOLD, key)
    decay = _for_key(zone, Generator.MOD_DECAY, Generator.KEY_TO_MOD_DECAY, key)
    sustain = 1 - min(max(zone.amount(Generator.MOD_SUSTAIN), 0), 1000) / 1000
    corners = (delay, attack, hold, hold + decay * (1 - sustain) + 1e-6)
    shape = np.interp(time / SAMPLE_RATE, corners, (0.0, 1.0, 1.0, sustain))
    return shape.astype(np.float32)


def _for_key(zone: Zone, generator: Generator, by_key: Generator, key: int) -> float:
    cents = zone.amount(generator) + (60 - key) * zone.amount(by_key)
    return float(2.0 ** (min(max(cents, -12_000), 8_000) / 1200))


def _filtered(
    zone: Zone, key: int, velocity: int, sound: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Through a low-pass of two poles that follows the modulation envelope."""
    starts = np.concatenate(
        (
            np.arange(_FIRST_STEPS) * _STEP_FRAMES,
            np.arange(_FIRST_STEPS * _STEP_FRAMES, max(len(sound), 1), _LATER_STEP_FRAMES),
        )
    )
    starts = starts[starts < len(sound)]
    cents = (
        zone.amount(Generator.FILTER_CUTOFF)
        + zone.amount(Generator.MOD_ENV_TO_FILTER) * _modulation(zone, key, starts)
        - _VELOCITY_CENTS * (1 - velocity / 127)
    )
    if not len(starts) or cents.min() > _OPEN_CENTS:
        return sound
    resonance_db = zone.amount(Generator.FILTER_Q) / 10
    state = np.zeros(2)
    for start, end, cutoff_cents in _steady(starts, cents, len(sound)):
        forward, backward = _low_pass(cutoff_cents, resonance_db)
        sound[start:end], state = signal.lfilter(forward, backward, sound[start:end], zi=state)
    return sound


def _steady(
    starts: NDArray[np.int64], cents: NDArray[np.float32], end: int
) -> Iterator[tuple[int, int, float]]:
    """Stretches in which the cutoff does not move by what one could hear."""
    kept = [0]
    for number in range(1, len(starts)):
        if abs(cents[number] - cents[kept[-1]]) > _CENTS_HEARD:
            kept.append(number)
    bounds = [*(int(starts[number]) for number in kept), end]
    for number, (first, last) in zip(kept, pairwise(bounds), strict=True):
        yield first, last, float(cents[number])


def _low_pass(
    cutoff_cents: float, resonance_db: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """R. Bristow-Johnson's low-pass, unity at its peak's foot as section 8.1.3 wants it."""
    hertz = min(8.176 * 2.0 ** (max(cutoff_cents, 1_500) / 1200), 0.45 * SAMPLE_RATE)
    quality = 10 ** ((resonance_db - 3.01) / 20)
    gain = 10 ** (-max(resonance_db, 0.0) / 40)
    angle = 2 * np.pi * hertz / SAMPLE_RATE
    alpha = np.sin(angle) / (2 * quality)
    cosine = np.cos(angle)
    middle = gain * (1 - cosine)
    forward = np.array([middle / 2, middle, middle / 2]) / (1 + alpha)
    return forward, np.array([1 + alpha, -2 * cosine, 1 - alpha]) / (1 + alpha)
