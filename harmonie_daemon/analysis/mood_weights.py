"""The numbers of the mood model: what each cue adds, and where the labels lie.

Cues add linearly and hardly interact (Eerola, Friberg and Bresin 2013); arousal follows density,
brightness and tempo, valence mode, consonance and pulse (Gabrielsson and Lindström 2010; Yang and
Chen 2011). The weights are ours.

How loud a file is mastered says little: players even it out (ReplayGain). So level counts for at
most a fiftieth per 6 dB, and loudness is heard in how compressed, dense and bright the sound is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harmonie_daemon.domain.mood import MoodLabel

SLOPE = 1.8
"""Of the logistic curve: sums of about ±0.8, which are usual, spread over 0.2 to 0.8."""

ENERGY: Mapping[str, float] = {
    "level_db": 0.04,
    "crest_db": -0.22,
    "event_rate": 0.10,
    "flux": 0.18,
    "percussive_ratio": 0.10,
    "centroid_hz": 0.18,
    "flatness_db": 0.14,
    "dissonance": 0.12,
    "depth_db": 0.04,
    "loudness_range_db": -0.08,
}
"""How much sound there is: dense, bright, rough and compressed."""
AROUSAL_FROM_ENERGY = 0.35
AROUSAL_BESIDE_ENERGY: Mapping[str, float] = {
    "tempo": 0.26,
    "event_rate": 0.24,
    "depth_db": 0.12,
    "register_semitones": 0.04,
}
"""How much happens: fast, eventful, detached and pulsing, whatever it sounds like."""
VALENCE: Mapping[str, float] = {
    "mode": 0.40,
    "pulse_clarity": 0.12,
    "danceability": 0.06,
    "tempo": 0.16,
    "event_rate": 0.04,
    "centroid_hz": 0.08,
    "rolloff_hz": 0.06,
    "register_semitones": 0.06,
    "depth_db": 0.08,
    "dissonance": -0.18,
    "flatness_db": -0.08,
}
DANCEABILITY: Mapping[str, float] = {
    "danceability": 0.45,
    "pulse_clarity": 0.40,
    "low_ratio": 0.10,
    "percussive_ratio": 0.10,
    "loudness_range_db": -0.10,
}
ACOUSTICNESS: Mapping[str, float] = {
    "tonal": 0.25,
    "flatness_db": -0.25,
    "low_ratio": -0.25,
    "crest_db": 0.20,
    "percussive_ratio": -0.12,
    "loudness_range_db": 0.15,
    "centroid_hz": -0.10,
}


@dataclass(frozen=True, slots=True)
class MoodPlace:
    """Where a label lies in the plane, and what else it takes."""

    valence: float
    arousal: float
    signs: Mapping[str, float]
    """Weights of cues that tell it from its neighbours; ``danceable`` is the
    sum above."""


PLACES: Mapping[MoodLabel, MoodPlace] = {
    "aggressive": MoodPlace(0.25, 0.80, {"dissonance": 0.4, "flux": 0.3, "flatness_db": 0.3}),
    "ambient": MoodPlace(
        0.50, 0.15, {"pulse_clarity": -0.5, "event_rate": -0.4, "danceable": -0.3}
    ),
    "chilling": MoodPlace(0.60, 0.32, {"pulse_clarity": 0.5, "crest_db": -0.2, "low_ratio": 0.3}),
    "dark": MoodPlace(0.22, 0.48, {"rolloff_hz": -0.5, "mode": -0.3, "register_semitones": -0.3}),
    "energetic": MoodPlace(0.58, 0.86, {"event_rate": 0.5, "tempo": 0.3, "percussive_ratio": 0.2}),
    "epic": MoodPlace(0.52, 0.72, {"loudness_range_db": 0.7, "crest_db": 0.2, "danceable": -0.3}),
    "happy": MoodPlace(0.85, 0.62, {"mode": 0.6, "dissonance": -0.3}),
    "melancholy": MoodPlace(0.28, 0.34, {"mode": -0.4, "tempo": -0.3, "tonal": 0.3}),
    "party": MoodPlace(0.74, 0.80, {"danceable": 0.9}),
    "relaxed": MoodPlace(0.66, 0.25, {"dissonance": -0.3, "flux": -0.4, "percussive_ratio": -0.3}),
    "romantic": MoodPlace(0.68, 0.34, {"tonal": 0.5, "loudness_range_db": 0.3, "low_ratio": -0.3}),
    "sad": MoodPlace(0.14, 0.22, {"mode": -0.6, "event_rate": -0.3}),
    "serious": MoodPlace(0.40, 0.45, {"danceable": -0.6, "pulse_clarity": -0.3, "low_ratio": -0.2}),
    "sexy": MoodPlace(0.60, 0.48, {"low_ratio": 0.5, "danceable": 0.5, "tempo": -0.3}),
    "sleepy": MoodPlace(0.48, 0.08, {"event_rate": -0.6, "flux": -0.4}),
    "warm": MoodPlace(0.68, 0.40, {"centroid_hz": -0.5, "dissonance": -0.3, "depth_db": -0.3}),
}
"""All labels but ``acoustic``, which is a matter of sound alone."""
SAID = frozenset({"sexy"})
"""Labels that no sound shows: such a bass and such a beat are in a thousand soundtracks, too."""
UNSAID_SHARE = 0.25
"""What is left of them where neither tags nor styles say so."""
