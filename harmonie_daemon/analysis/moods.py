"""Moods of a track: cues added up to valence and arousal, labels by their place in that plane.

The model and its sources are in ``mood_weights``. Tags and styles draw the result towards what
they suggest; what they and the measurements are worth is said with each score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmonie_daemon.analysis import mood_weights
from harmonie_daemon.analysis.mood_cues import Cues, cues_of
from harmonie_daemon.analysis.mood_priors import (
    Prior,
    labels_of_mood_tags,
    prior_of_genres,
    prior_of_styles,
)
from harmonie_daemon.domain.mood import MOOD_LABELS, Mood, MoodLabel, MoodSource, TrackMoods
from harmonie_daemon.domain.track import Descriptors, StyleScore, Tags

MOODS_VERSION = 2
"""Bumped when moods would come out differently from the same measurements."""

GENRES_WEIGHT, STYLES_WEIGHT, TAGS_WEIGHT = 0.5, 0.6, 0.5
"""How far each draws valence and arousal towards what it suggests."""
REACH = 0.28
"""How far from its place in the plane a label is still felt (one deviation)."""
LEAST_GATE = 0.35
"""A label whose own signs are all missing keeps this share of its score."""
GATE_SLOPE = 1.8
TAGGED_SCORE, TAGGED_CONFIDENCE = 0.9, 0.9
AROUSAL_CONFIDENCE, VALENCE_CONFIDENCE, ACOUSTIC_CONFIDENCE = 0.65, 0.4, 0.5
"""Of measurements at their best: published errors are .20 for arousal and .27 for valence
(MediaEval 2015)."""
LEAST_CERTAINTY = 0.6
"""What is left of these when tempo or mode are anybody's guess."""
ACOUSTIC_RESERVE = 0.3
"""Electronic sounds can be tonal and soft too, so the signs have to be strong."""
DANCED_BPM = 118.0
"""The middle of what is danced to."""
DANCED_OCTAVES = 0.6
LEAST_DANCED = 0.6


@dataclass(frozen=True, slots=True)
class _Evidence:
    """All that is known beside the measurements."""

    prior: Prior | None
    weight: float
    source: MoodSource
    named: frozenset[MoodLabel]
    """Labels that mood tags name."""


def moods_of(
    descriptors: Descriptors,
    features: Mapping[str, float],
    tags: Tags,
    styles: Sequence[StyleScore] | None = None,
) -> TrackMoods | None:
    """The moods of a track by itself; ``None`` when nothing was measured (silence, too short).

    ``styles`` are what a classifier heard, ``None`` without one; genre tags count instead then.
    """
    if not features:
        return None
    cues = cues_of(descriptors, features, tags)
    evidence = _evidence(tags, styles)
    energy_sum = _sum(mood_weights.ENERGY, cues)
    arousal_sum = mood_weights.AROUSAL_FROM_ENERGY * energy_sum + _sum(
        mood_weights.AROUSAL_BESIDE_ENERGY, cues
    )
    valence_sum = _sum(mood_weights.VALENCE, cues)
    arousal_trust = AROUSAL_CONFIDENCE * _certainty(cues.tempo_certainty)
    valence_trust = VALENCE_CONFIDENCE * _certainty(cues.mode_certainty)
    arousal = _drawn(
        "arousal", Mood(_logistic(arousal_sum), MoodSource.AUDIO, arousal_trust), evidence
    )
    valence = _drawn(
        "valence", Mood(_logistic(valence_sum), MoodSource.AUDIO, valence_trust), evidence
    )
    return TrackMoods(
        energy=Mood(_logistic(energy_sum), MoodSource.AUDIO, AROUSAL_CONFIDENCE),
        valence=valence,
        arousal=arousal,
        danceability=Mood(_danceability(cues), MoodSource.AUDIO, arousal_trust),
        labels={label: _label(label, cues, valence, arousal, evidence) for label in MOOD_LABELS},
    )


def _evidence(tags: Tags, styles: Sequence[StyleScore] | None) -> _Evidence:
    named = labels_of_mood_tags(tags.moods)
    if styles:
        prior, weight, source = prior_of_styles(styles), STYLES_WEIGHT, MoodSource.STYLES
    else:
        prior, weight, source = prior_of_genres(tags.genres), GENRES_WEIGHT, MoodSource.GENRES
    return _Evidence(prior, weight * prior.weight if prior else 0.0, source, named)


def _drawn(axis: str, heard: Mood, evidence: _Evidence) -> Mood:
    """The axis after styles or genres, then mood tags, have pulled at it."""
    if evidence.prior is not None:
        aim = float(getattr(evidence.prior, axis))
        heard = _pulled(heard, aim, evidence.weight, evidence.source)
    named = [label for label in MOOD_LABELS if label in evidence.named and label != "acoustic"]
    places = [mood_weights.PLACES[label] for label in named]
    if places:
        aim = sum(float(getattr(place, axis)) for place in places) / len(places)
        heard = _pulled(heard, aim, TAGS_WEIGHT, MoodSource.TAGS)
    return heard


def _pulled(heard: Mood, aim: float, weight: float, source: MoodSource) -> Mood:
    """Nearer to the aim, and the more trusted the less that takes."""
    agreement = 1 - abs(heard.value - aim)
    return Mood(
        value=(1 - weight) * heard.value + weight * aim,
        source=source,
        confidence=heard.confidence + (1 - heard.confidence) * weight * agreement,
    )


def _label(label: MoodLabel, cues: Cues, valence: Mood, arousal: Mood, evidence: _Evidence) -> Mood:
    if label == "acoustic":
        score = _logistic(_sum(mood_weights.ACOUSTICNESS, cues) - ACOUSTIC_RESERVE)
        mood = Mood(score, MoodSource.AUDIO, ACOUSTIC_CONFIDENCE)
    else:
        score = _nearness(label, valence.value, arousal.value) * _gate(label, cues)
        score *= mood_weights.UNSAID_SHARE if label in mood_weights.SAID else 1.0
        score *= _likelihood(label, evidence)
        strongest = max(valence, arousal, key=lambda mood: mood.confidence).source
        mood = Mood(score, strongest, math.sqrt(valence.confidence * arousal.confidence))
    if evidence.prior is not None and (share := evidence.prior.labels.get(label, 0.0)) > 0:
        pull = evidence.weight * share
        mood = Mood(mood.value + pull * (1 - mood.value), evidence.source, mood.confidence)
    if label in evidence.named:
        return Mood(max(mood.value, TAGGED_SCORE), MoodSource.TAGS, TAGGED_CONFIDENCE)
    return mood


def _likelihood(label: MoodLabel, evidence: _Evidence) -> float:
    """From 1 down to what a genre that lies elsewhere leaves of a label: no thrash is a party."""
    prior = evidence.prior
    if prior is None:
        return 1.0
    return 1 - evidence.weight * (1 - _nearness(label, prior.valence, prior.arousal))


def _nearness(label: MoodLabel, valence: float, arousal: float) -> float:
    place = mood_weights.PLACES[label]
    distance = math.hypot(valence - place.valence, arousal - place.arousal)
    return math.exp(-(distance**2) / (2 * REACH**2))


def _gate(label: MoodLabel, cues: Cues) -> float:
    """From ``LEAST_GATE`` to 1, by the signs that tell a label from its neighbours."""
    total = 0.0
    for name, weight in mood_weights.PLACES[label].signs.items():
        match name:
            case "danceable":
                total += weight * _sum(mood_weights.DANCEABILITY, cues)
            case _:
                total += weight * cues[name]
    return LEAST_GATE + (1 - LEAST_GATE) * _logistic(total, GATE_SLOPE)


def _danceability(cues: Cues) -> float:
    """Steadiness times a bell around the tempi that are danced to."""
    steady = _logistic(_sum(mood_weights.DANCEABILITY, cues))
    if cues.bpm is None:
        return LEAST_DANCED * steady
    octaves = math.log2(cues.bpm / DANCED_BPM) / DANCED_OCTAVES
    return steady * (LEAST_DANCED + (1 - LEAST_DANCED) * math.exp(-(octaves**2) / 2))


def _sum(weights: Mapping[str, float], cues: Cues) -> float:
    return sum(weight * cues[name] for name, weight in weights.items())


def _logistic(total: float, slope: float = mood_weights.SLOPE) -> float:
    return 1 / (1 + math.exp(-slope * total))


def _certainty(share: float) -> float:
    return LEAST_CERTAINTY + (1 - LEAST_CERTAINTY) * share
