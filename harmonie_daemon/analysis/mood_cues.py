"""Measurements as cues: how far each lies from what is usual, in usual deviations.

What is usual is fixed, so that a track's score does not change with the tracks around it. The
figures are rounded medians and spreads of about a hundred freely licensed tracks, moved a little
towards denser productions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from harmonie_daemon.domain.track import Descriptors, Scale, Tags

CLIP = 2.5
DEPENDABLE_BPM_CONFIDENCE = 2.0
USUAL_BPM = 110.0
EVENTS_PER_BEAT = 1.5
SLOWEST_FELT_BPM, FASTEST_FELT_BPM = 50.0, 220.0
OCTAVE_STRAIN = 0.35
"""What it costs to read the tempo an octave away from the one found."""
STRAIN_SCALE = 0.2
"""A reading that much more strained counts e times less."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Centre and spread of a measurement."""

    centre: float
    spread: float

    def deviation(self, value: float | None) -> float:
        """From -2.5 to 2.5; 0 for what could not be measured."""
        if value is None:
            return 0.0
        return max(-CLIP, min(CLIP, (value - self.centre) / self.spread))


USUAL: Mapping[str, Usual] = {
    "level_db": Usual(-16.0, 7.0),
    "crest_db": Usual(11.8, 2.2),
    "loudness_range_db": Usual(5.5, 3.5),
    "event_rate": Usual(1.2, 1.1),
    "flux": Usual(0.085, 0.025),
    "depth_db": Usual(5.5, 2.8),
    "percussive_ratio": Usual(0.38, 0.09),
    "centroid_hz": Usual(10.2, 0.6),
    "rolloff_hz": Usual(9.0, 1.1),
    "flatness_db": Usual(-18.5, 4.5),
    "low_ratio": Usual(0.29, 0.16),
    "pulse_clarity": Usual(0.52, 0.2),
    "mode_margin": Usual(0.0, 0.14),
    "register_semitones": Usual(61.0, 5.0),
    "dissonance": Usual(0.034, 0.010),
    "tonal": Usual(0.8, 0.12),
    "danceability": Usual(1.15, 0.25),
    "tempo": Usual(0.0, 0.4),
}
_IN_OCTAVES = frozenset({"event_rate", "centroid_hz", "rolloff_hz"})
SLOWEST_EVENTS = 0.2
"""Events per second that count as none: keeps the logarithm finite."""


@dataclass(frozen=True, slots=True)
class Cues:
    """Deviations by name, and how dependable tempo and mode are (0 to 1)."""

    deviations: Mapping[str, float]
    bpm: float | None
    """The tempo as it is felt, after the choice between octaves."""
    tempo_certainty: float
    mode_certainty: float

    def __getitem__(self, name: str) -> float:
        return self.deviations[name]


def cues_of(descriptors: Descriptors, features: Mapping[str, float], tags: Tags) -> Cues:
    """From what was measured; tempo and key in the tags overrule what was measured."""
    deviations = {
        name: usual.deviation(_scaled(name, features.get(name))) for name, usual in USUAL.items()
    }
    deviations["danceability"] = USUAL["danceability"].deviation(descriptors.danceability)
    bpm, tempo_certainty = _tempo(descriptors, features.get("event_rate"), tags)
    octaves = None if bpm is None else math.log2(bpm / USUAL_BPM)
    deviations["tempo"] = tempo_certainty * USUAL["tempo"].deviation(octaves)
    mode, mode_certainty = _mode(descriptors, deviations["mode_margin"], tags)
    deviations["mode"] = mode
    return Cues(deviations, bpm, tempo_certainty, mode_certainty)


def scale_of_key_tag(key: str | None) -> Scale | None:
    """``Am``, ``F# minor``, ``8A`` (Camelot) and ``Ebm`` are minor, ``C`` and ``8B`` major."""
    text = (key or "").strip()
    if match := re.fullmatch(r"(1[0-2]|0?[1-9])\s*([ABab])", text):
        return Scale.MINOR if match[2] in "Aa" else Scale.MAJOR
    match = re.fullmatch(r"[A-Ga-g]\s*[#b♯♭]?\s*(m|min|minor|maj|major|M)?", text)
    if match is None:
        return None
    return Scale.MINOR if match[1] in {"m", "min", "minor"} else Scale.MAJOR


def _scaled(name: str, value: float | None) -> float | None:
    if value is None or name not in _IN_OCTAVES:
        return value
    return math.log2(max(value, SLOWEST_EVENTS))


def _tempo(
    descriptors: Descriptors, event_rate: float | None, tags: Tags
) -> tuple[float | None, float]:
    """The felt tempo, with its certainty.

    A tracker errs by octaves, and so do listeners (McKinney and Moelants 2006). The octaves are
    averaged, the more heavily the nearer they lie to a usual tempo and to a usual number of events
    a beat; a choice between them would jump where two are equally likely.
    """
    if tags.bpm is not None and SLOWEST_FELT_BPM <= tags.bpm <= FASTEST_FELT_BPM:
        return tags.bpm, 1.0
    if descriptors.bpm is None:
        return None, 0.0
    found = descriptors.bpm
    by_events = 60 * max(event_rate or 0.0, SLOWEST_EVENTS) / EVENTS_PER_BEAT

    def strain(octave: int) -> float:
        bpm = found * 2.0**octave
        unusual = abs(math.log2(bpm / USUAL_BPM)) + abs(math.log2(bpm / by_events))
        return 0.5 * unusual + OCTAVE_STRAIN * abs(octave)

    weights = {octave: math.exp(-strain(octave) / STRAIN_SCALE) for octave in (-1, 0, 1)}
    shift = (weights[1] - weights[-1]) / sum(weights.values())
    certainty = min(1.0, (descriptors.bpm_confidence or 0.0) / DEPENDABLE_BPM_CONFIDENCE)
    return found * 2.0**shift, certainty


def _mode(descriptors: Descriptors, margin: float, tags: Tags) -> tuple[float, float]:
    """Minor (-2.5) to major (2.5), half from the key that was found, half from the margin."""
    tagged = scale_of_key_tag(tags.key)
    if tagged is not None:
        return (1.5 if tagged is Scale.MAJOR else -1.5), 1.0
    strength = descriptors.key_strength or 0.0
    if descriptors.scale is None:
        return 0.5 * margin, 0.0
    found = 1.5 * strength if descriptors.scale is Scale.MAJOR else -1.5 * strength
    agreed = found * margin > 0
    return 0.5 * found + 0.5 * margin, strength if agreed else 0.4 * strength
