"""How well each track answers a query, 0 to 1, as arrays over the library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.analysis.mood_priors import prior_of_styles
from harmonie_daemon.discovery.evidence import Floats, TrackEvidence
from harmonie_daemon.discovery.nearness import Nearness
from harmonie_daemon.discovery.query import Clause, Query
from harmonie_daemon.discovery.signs import (
    KeySign,
    LengthSign,
    MoodSign,
    StyleSign,
    TempoSign,
    YearSign,
)
from harmonie_daemon.discovery.vocabulary import Topic
from harmonie_daemon.discovery.wording import Wording
from harmonie_daemon.domain.track import PITCH_CLASSES, Scale, StyleScore
from harmonie_daemon.store.names import NameKind
from harmonie_daemon.store.records import MINOR

Positions = npt.NDArray[np.intp]
MeasuredSign = MoodSign | TempoSign | YearSign | LengthSign | KeySign
WEIGHTS: dict[Topic | NameKind, float] = {
    **{Topic.GENRE: 3.0, Topic.INSTRUMENT: 2.0, Topic.ERA: 2.5, Topic.TEMPO: 2.0},
    **{Topic.LENGTH: 2.5, Topic.KEY: 2.5},
    **{Topic.MOOD: 1.5, Topic.ENERGY: 1.5, Topic.ACTIVITY: 1.5},
    **{NameKind.ARTIST: 5.0, NameKind.ALBUM: 4.0, NameKind.TITLE: 3.0},
}
"""What a clause counts beside the others: what is a fact counts more than what is felt, and a genre
that nothing is labelled with is only felt."""
WORDS_WEIGHT = 2.0
"""Of words that mean nothing to us and stand in titles, names or tags."""
HALF = 0.5
"""Share of the words that a track must have to be an example of them."""
ASIDE = 0.4
"""The most that sounding like what has the words is worth."""
TAGGED_BY_NAME, FELT_BY_NAME = 0.75, 0.6
"""What it is worth that a title or an album says a genre or an instrument, or anything else."""
SURE = 0.7
"""From here on a track counts as an example of a style, or else the surest do."""
HEARD = 0.6
"""The most that sounding like tracks of a style is worth beside being tagged with it."""
OTHERWISE = 0.5
"""What is left of that for a track whose own tags say something else."""
PROFILE = 0.45
"""The most that having the moods of a style is worth where no track is tagged with it."""
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
COMPARED_WEIGHT = 3.0
"""What ``calmer`` counts beside the track whose like is wanted."""
CLEARLY, CLEARLY_FASTER = 0.3, 0.12
"""How much more of a mood, and what share of a tempo, is clearly more."""
REFUSED = 0.9
"""How much of its relevance a track loses that is just what was refused."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What every track is worth by its genres and styles."""

    scores: Floats
    rows: npt.NDArray[np.int32]
    """The row of labels that says most, -1 without one."""
    is_heard: npt.NDArray[np.bool_]
    """Where it is the sound alone that speaks for a track."""
    is_label: npt.NDArray[np.bool_]
    """Where a label says as much as names do."""
    has_examples: bool
    """Whether anything is labelled so; else the mood of such music is what is compared."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One clause with what every track is worth for it."""

    clause: Clause
    scores: Floats
    weight: float
    is_named: npt.NDArray[np.bool_]
    """Which tracks' names say so."""
    labelled: Labelled | None = None
    """Of a clause that asks for genres or styles."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A query judged over the whole library."""

    relevance: Floats
    clauses: tuple[Judged, ...]
    model: Positions
    """The tracks whose like is wanted."""
    words: Floats | None
    """What every track is worth by words that were not understood; ``None`` where none has any."""


def judge(
    query: Query,
    evidence: TrackEvidence,
    nearness: Nearness,
    wording: Wording,
) -> Judgement:
    """The relevance of every track.

    What is asked for is averaged by weight; what is refused is taken off.
    """
    words = _worded(evidence, nearness, wording)
    model = _model(query, evidence)
    judged = tuple(
        _judged(clause, evidence, nearness, wording.named(number, evidence), model)
        for number, clause in enumerate(query.clauses)
    )
    total = np.zeros(len(evidence.ids), np.float32)
    weights = 0.0
    for one in judged:
        if not one.clause.denied:
            total += np.float32(one.weight) * one.scores
            weights += one.weight
    if words is not None:
        share = WORDS_WEIGHT * _share(query, wording)
        total += np.float32(share) * words
        weights += share
    relevance = total / np.float32(weights) if weights else total
    if not weights and judged:
        relevance = np.full(len(evidence.ids), 0.5, np.float32)  # only refusals
    for one in judged:
        if one.clause.denied:
            relevance = relevance * (1 - np.float32(REFUSED) * one.scores)
    return Judgement(np.clip(relevance, 0.0, 1.0).astype(np.float32), judged, model, words)


def _share(query: Query, wording: Wording) -> float:
    """Words that were not understood count less the more has been."""
    return wording.known_words / (wording.known_words + 0.5 * len(query.clauses))


def _worded(evidence: TrackEvidence, nearness: Nearness, wording: Wording) -> Floats | None:
    """What has the words, and less what sounds like it."""
    words = wording.coverage(evidence)
    if words is None:
        return None
    most = float(words.max())
    examples = evidence.ids[words >= max(HALF, most)]
    return np.asarray(np.maximum(words, np.float32(ASIDE * most) * nearness.to(examples)))


def _model(query: Query, evidence: TrackEvidence) -> Positions:
    """The tracks whose like is wanted: those that ``calmer`` is measured by."""
    ids = [id_ for one in query.clauses if one.alike and not one.denied for id_ in one.ids]
    return evidence.positions(sorted(set(ids)))


def _judged(
    clause: Clause,
    evidence: TrackEvidence,
    nearness: Nearness,
    named: npt.NDArray[np.bool_],
    model: Positions,
) -> Judged:
    weight = COMPARED_WEIGHT if clause.compared else WEIGHTS[clause.topic]
    if clause.meaning is None:
        return Judged(clause, _of_name(clause, evidence, nearness), weight, named)
    total, weights = np.zeros(len(evidence.ids), np.float32), 0.0
    labelled = None
    for sign, share in clause.meaning.signs:
        if clause.compared and isinstance(sign, MoodSign | TempoSign):
            scores = _compared(sign, evidence, model)
        elif isinstance(sign, StyleSign):
            labelled = _labelled(sign, clause, evidence, nearness, named)
            scores = labelled.scores
        else:
            scores = _of_sign(sign, evidence)
        total += np.float32(share) * scores
        weights += share
    scores = total / np.float32(weights)
    if labelled is None:
        scores = np.maximum(scores, np.float32(FELT_BY_NAME) * named)
    if labelled is not None and not labelled.has_examples:
        weight = min(weight, WEIGHTS[Topic.MOOD])
    return Judged(clause, scores, weight, named, labelled)


def _of_name(clause: Clause, evidence: TrackEvidence, nearness: Nearness) -> Floats:
    """Those of the name; what sounds like them, less, unless the name is refused. Asked for what
    is like a title, not it."""
    own = evidence.positions(sorted(clause.ids))
    if clause.denied and not clause.alike:
        scores = np.zeros(len(evidence.ids), np.float32)
        scores[own] = 1.0
        return scores
    scores = nearness.to(clause.ids)
    if not clause.alike:
        scores = np.float32(HEARD) * scores
        scores[own] = 1.0
    elif clause.topic is NameKind.TITLE:
        scores[own] = 0.0
    return scores


def _compared(sign: MoodSign | TempoSign, evidence: TrackEvidence, model: Positions) -> Floats:
    """0 for what has no more of it than the model, 1 from ``CLEARLY`` more on."""
    gain = gain_over(sign, evidence, model)
    if gain is None:
        return _of_sign(sign, evidence)
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


def _of_sign(sign: MeasuredSign, evidence: TrackEvidence) -> Floats:
    match sign:
        case MoodSign():
            scores = evidence.mood(sign.name)
            return _without_nan(1 - scores if sign.low else scores)
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


def _labelled(
    sign: StyleSign,
    clause: Clause,
    evidence: TrackEvidence,
    nearness: Nearness,
    named: npt.NDArray[np.bool_],
) -> Labelled:
    """By labels and names; tracks without them by what those with them sound like.

    What is refused is not taken for that by its sound where its own labels say something else.
    """
    found = evidence.of_style(sign)
    labels, rows = found.scores, found.rows
    said = np.maximum(labels, np.float32(TAGGED_BY_NAME) * named)
    surest = float(said.max(initial=0.0))
    if surest > 0:
        sure = np.flatnonzero(said >= min(SURE, surest))
        heard = np.float32(HEARD * surest) * nearness.to(evidence.ids[sure])
    else:
        heard = np.float32(PROFILE) * _profile(sign, evidence)
    otherwise = np.float32(0.0 if clause.denied else OTHERWISE)
    heard = heard * np.where(evidence.has_label, otherwise, np.float32(1.0))
    return Labelled(np.maximum(said, heard), rows, heard > said, labels >= said, surest > 0)


def _profile(sign: StyleSign, evidence: TrackEvidence) -> Floats:
    """How near the moods of each track are to what its styles suggest before a note is heard."""
    styles = [
        StyleScore(genre, style or genre, worth)
        for (genre, style), worth in sign.places.items()
        if genre
    ]
    prior = prior_of_styles(styles)
    if prior is None:
        return np.zeros(len(evidence.ids), np.float32)
    valence, arousal = evidence.mood("valence"), evidence.mood("arousal")
    away = np.hypot(valence - np.float32(prior.valence), arousal - np.float32(prior.arousal))
    score = np.exp(-(away**2) / np.float32(2 * 0.3**2))
    for label, share in prior.labels.items():
        score = score * (1 - np.float32(0.5 * share) * (1 - evidence.mood(label)))
    return _without_nan(score)


def _without_nan(scores: Floats) -> Floats:
    return np.asarray(np.nan_to_num(scores, nan=0.0), np.float32)
