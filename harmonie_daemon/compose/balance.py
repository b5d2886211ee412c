"""How loud each part is played, so that none drowns, whatever the SoundFont's own levels are.

A part's loudness is estimated from its most played tones before anything is rendered; it is brought
to what its stem should have. What the score says (dynamics, ``level_db``) comes on top.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from harmonie_daemon.compose.articulation import Strike, strikes_of
from harmonie_daemon.compose.clock import FrameClock
from harmonie_daemon.compose.instrument import Instrument
from harmonie_daemon.compose.loudness import k_weighting
from harmonie_daemon.compose.score import ScorePart
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE
from harmonie_daemon.compose.synth import gain_of
from harmonie_daemon.domain.brief import Stem

TARGET_LUFS = {
    Stem.MELODY: -20.0,
    Stem.PERCUSSION: -21.5,
    Stem.BASS: -22.5,
    Stem.CHORDS: -24.0,
}
_SEVERAL_DB = 7.0
"""By how much ten parts of one stem are softer each than one alone."""
_TONES, _DRUM_TONES = 4, 7
_HEARD = 3 * SAMPLE_RATE // 2
"""Frames of a tone that are listened to."""
_STEP = SAMPLE_RATE // 20
_REFERENCE_VELOCITY = 96
_MOST_DB = 30.0


def part_gains(
    parts: Sequence[ScorePart], instruments: Sequence[Instrument], clock: FrameClock
) -> list[float]:
    """A factor for each part."""
    of_stem = Counter(part.stem for part in parts if part.notes)
    gains = []
    for part, instrument in zip(parts, instruments, strict=True):
        estimated = _estimated_lufs(strikes_of(part, clock), instrument, part.is_drums)
        several_db = _SEVERAL_DB * np.log10(max(1, of_stem[part.stem]))
        wanted_db = TARGET_LUFS[part.stem] - several_db - estimated
        wanted_db = max(-_MOST_DB, min(_MOST_DB, wanted_db)) + part.level_db
        gains.append(float(10 ** (wanted_db / 20)))
    return gains


def _estimated_lufs(strikes: Sequence[Strike], instrument: Instrument, is_drums: bool) -> float:
    """Of the time in which it plays."""
    if not strikes:
        return TARGET_LUFS[Stem.MELODY]
    weights: dict[int, float] = defaultdict(float)
    for strike in strikes:
        weights[strike.pitch] += gain_of(strike.velocity) * min(strike.length, _HEARD)
    chosen = sorted(weights, key=lambda pitch: (-weights[pitch], pitch))
    chosen = sorted(chosen[: _DRUM_TONES if is_drums else _TONES])
    energies = {pitch: _energy(instrument, pitch) for pitch in chosen}
    total = 0.0
    for strike in strikes:
        nearest = min(chosen, key=lambda pitch: (abs(pitch - strike.pitch), pitch))
        energy = energies[nearest]
        step = min(-(-strike.length // _STEP), len(energy)) - 1
        total += float(energy[step]) * gain_of(strike.velocity) ** 2
    return float(-0.691 + 10 * np.log10(max(total / _playing_frames(strikes), 1e-12)))


def _energy(instrument: Instrument, pitch: int) -> NDArray[np.float64]:
    """Of a tone until the end of each step, as the ear weights it."""
    sound = instrument.tone(pitch, _REFERENCE_VELOCITY, _HEARD).sound[:_HEARD]
    heard = np.zeros(_HEARD)
    if len(sound):  # a SoundFont may have no sound for a key
        heard[: len(sound)] = np.square(signal.sosfilt(k_weighting(), sound, axis=0)).sum(axis=1)
    summed: NDArray[np.float64] = np.cumsum(heard.reshape(-1, _STEP).sum(axis=1))
    return summed


def _playing_frames(strikes: Sequence[Strike]) -> int:
    frames, until = 0, 0
    for strike in strikes:
        end = strike.start + min(max(strike.length, _STEP), _HEARD)
        frames += max(0, end - max(until, strike.start))
        until = max(until, end)
    return max(frames, _STEP)
