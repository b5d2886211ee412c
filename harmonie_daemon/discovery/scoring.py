"""How well each track answers a query, 0 to 1, as arrays over the library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.analysis.mood_priors import prior_of_styles
from harmonie_daemon.discovery.evidence import Floats, TrackEvidence
from harmonie_daemon.discovery.nearness import Nearness
from harmonie_daemon.discovery.query import Clause, Query
from harmonie_daemon.discovery.sign_scores import Positions, compared, of_sign, without_nan
from harmonie_daemon.discovery.signs import MoodSign, StyleSign, TempoSign
from harmonie_daemon.discovery.vocabulary import Topic
from harmonie_daemon.discovery.wording import Wording
from harmonie_daemon.domain.track import StyleScore
from harmonie_daemon.store.names import NameKind

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
COMPARED_WEIGHT = 3.0
"""What ``calmer`` counts beside the track whose like is wanted."""
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
            scores = compared(sign, evidence, model)
        elif isinstance(sign, StyleSign):
            labelled = _labelled(sign, clause, evidence, nearness, named)
            scores = labelled.scores
        else:
            scores = of_sign(sign, evidence)
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
    return without_nan(score)
