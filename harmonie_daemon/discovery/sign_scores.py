"""How well every track shows one sign that is measured, 0 to 1: moods, tempo, year, length, key."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from harmonie_daemon.discovery.evidence import Floats, TrackEvidence
from harmonie_daemon.discovery.signs import KeySign, LengthSign, MoodSign, TempoSign, YearSign
from harmonie_daemon.domain.track import PITCH_CLASSES, Scale
from harmonie_daemon.store.records import MINOR

Positions = npt.NDArray[np.intp]
MeasuredSign = MoodSign | TempoSign | YearSign | LengthSign | KeySign
HALF_BPM = 10.0
"""A tempo this far outside what was asked for counts half."""
OCTAVE = 0.6
"""What twice or half the tempo counts: a pulse can be counted either way."""
NO_TEMPO = 0.25
NO_YEAR = 0.15
HALF_LENGTH_S = 15.0
"""A length this far outside what was asked for counts half."""
RELATIVE_KEY = 0.3
"""What the key of the same notes counts: analysis takes one for the other now and then."""
NO_KEY = 0.15
HALF_YEARS = 1.0
"""A year this far outside what was asked for counts half."""
CLEARLY, CLEARLY_FASTER = 0.3, 0.12
"""How much more of a mood, and what share of a tempo, is clearly more."""


def compared(sign: MoodSign | TempoSign, evidence: TrackEvidence, model: Positions) -> Floats:
    """0 for what has no more of it than the model, 1 from ``CLEARLY`` more on."""
    gain = gain_over(sign, evidence, model)
    if gain is None:
        return of_sign(sign, evidence)
    clearly = CLEARLY_FASTER if isinstance(sign, TempoSign) else CLEARLY
    scores = np.clip(gain / np.float32(clearly), 0.0, 1.0)
    unknown = NO_TEMPO if isinstance(sign, TempoSign) else 0.0
    return np.where(np.isnan(gain), np.float32(unknown), scores).astype(np.float32)


def gain_over(
    sign: MoodSign | TempoSign, evidence: TrackEvidence, model: Positions
) -> Floats | None:
    """How much more of it every track has than the model, of tempos as a share; less is negative.

    NaN where it is not known, ``None`` where it is not known of the model.
    """
    values = evidence.bpm if isinstance(sign, TempoSign) else evidence.mood(sign.name)
    known = values[model][~np.isnan(values[model])]
    if not len(known):
        return None
    level = np.float32(known.mean())
    if isinstance(sign, TempoSign):
        more, is_less = values / level - 1, sign.high is not None
    else:
        more, is_less = values - level, sign.low
    return np.asarray(-more if is_less else more, np.float32)


def of_sign(sign: MeasuredSign, evidence: TrackEvidence) -> Floats:
    """How well every track shows it; what is not known of a track counts little."""
    match sign:
        case MoodSign():
            scores = evidence.mood(sign.name)
            return without_nan(1 - scores if sign.low else scores)
        case TempoSign():
            return _of_tempo(sign, evidence.bpm)
        case YearSign():
            year = evidence.year.astype(np.float32)
            scores = _within(year, sign.first, sign.last, HALF_YEARS)
            return np.where(year > 0, scores, np.float32(NO_YEAR)).astype(np.float32)
        case LengthSign():
            return _within(evidence.length_s, sign.low, sign.high, HALF_LENGTH_S)
        case KeySign():
            return _of_key(sign, evidence.key)


def _of_tempo(sign: TempoSign, bpm: Floats) -> Floats:
    scores = _within(bpm, sign.low, sign.high, HALF_BPM)
    for factor in (0.5, 2.0):
        octave = _within(bpm * np.float32(factor), sign.low, sign.high, HALF_BPM)
        both = sign.low is not None and sign.high is not None
        scores = np.maximum(scores, np.float32(OCTAVE if both else 0.0) * octave)
    return np.where(np.isnan(bpm), np.float32(NO_TEMPO), scores).astype(np.float32)


def _of_key(sign: KeySign, keys: npt.NDArray[np.int8]) -> Floats:
    scores = np.zeros(len(keys), np.float32)
    known = keys >= 0
    wanted = np.ones(len(keys), np.bool_)
    if sign.scale is not None:
        wanted &= (keys >= MINOR) == (sign.scale is Scale.MINOR)
    if sign.key is not None:
        note = PITCH_CLASSES.index(sign.key)
        if sign.scale is not None:
            relative = (note + 3) % 12 if sign.scale is Scale.MINOR else MINOR + (note - 3) % 12
            scores[keys == relative] = RELATIVE_KEY
        wanted &= keys % MINOR == note
    scores[known & wanted] = 1.0
    scores[~known] = NO_KEY
    return scores


def _within(values: Floats, low: float | None, high: float | None, half: float) -> Floats:
    """1 within the bounds, half as much for every ``half`` outside of them."""
    below = np.zeros_like(values) if low is None else np.maximum(0, np.float32(low) - values)
    above = np.zeros_like(values) if high is None else np.maximum(0, values - np.float32(high))
    return np.asarray(np.float32(0.5) ** ((below + above) / np.float32(half)), np.float32)


def without_nan(scores: Floats) -> Floats:
    """What is not known is not so."""
    return np.asarray(np.nan_to_num(scores, nan=0.0), np.float32)
