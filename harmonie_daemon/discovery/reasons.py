"""Why a track answers a query: the evidence, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harmonie_daemon.discovery.evidence import TrackEvidence
from harmonie_daemon.discovery.scoring import Judged, Judgement
from harmonie_daemon.discovery.signs import MoodSign, StyleSign, TempoSign, YearSign
from harmonie_daemon.domain.text import folded_key
from harmonie_daemon.domain.track import Track
from harmonie_daemon.store.names import NameKind

MOST = 4
SPEAKS = 0.45
"""What a clause must be worth for a track to be named among the reasons."""
WORDS_WORTH = 1.5
"""What words that were not understood weigh beside clauses."""
FELT = 0.5
"""Likewise a mood, and little of it below one minus this."""


@dataclass(frozen=True, slots=True)
class _Reason:
    worth: float
    text: str


def reasons(
    track: Track, position: int, judgement: Judgement, evidence: TrackEvidence, words: Sequence[str]
) -> tuple[str, ...]:
    """The weightiest reasons for a track at this position of the evidence."""
    found = [
        reason
        for judged in judgement.clauses
        if not judged.clause.denied and judged.scores[position] >= SPEAKS
        for reason in _of_clause(track, position, judged, evidence)
    ]
    found += [_Reason(WORDS_WORTH, text) for text in _of_words(track, words)]
    ranked = sorted(found, key=lambda reason: -reason.worth)
    return tuple(dict.fromkeys(reason.text for reason in ranked))[:MOST]


def _of_clause(
    track: Track, position: int, judged: Judged, evidence: TrackEvidence
) -> Iterator[_Reason]:
    worth = judged.weight * float(judged.scores[position])
    clause = judged.clause
    if clause.meaning is None:
        yield _Reason(worth, _of_name(track, position, judged))
        return
    for sign, share in clause.meaning.signs:
        match sign:
            case StyleSign():
                text = _of_style(position, judged, evidence)
            case MoodSign():
                text = _of_mood(sign, position, evidence)
            case TempoSign():
                text = _of_tempo(position, evidence)
            case YearSign():
                text = f"from {evidence.year[position]}" if evidence.year[position] else None
        if text is not None:
            yield _Reason(worth * share, text)
    if judged.is_named[position]:
        yield from (_Reason(worth, text) for text in _of_words(track, clause.names))


def _of_name(track: Track, position: int, judged: Judged) -> str:
    clause = judged.clause
    if track.id not in clause.ids or clause.alike:
        return f"sounds like {clause.phrase} ({judged.scores[position]:.2f})"
    match clause.topic:
        case NameKind.ARTIST:
            return f"by {', '.join(track.tags.artists) or clause.phrase}"
        case NameKind.ALBUM:
            return f"on the album {track.tags.album or clause.phrase}"
        case _:
            return f"called {track.tags.title or clause.phrase}"


def _of_style(position: int, judged: Judged, evidence: TrackEvidence) -> str | None:
    if judged.labelled is None:
        return None
    if judged.labelled.is_heard[position]:
        kind = "sounds like" if judged.labelled.has_examples else "has the mood of"
        asked = (*judged.clause.names, judged.clause.phrase)[0]
        return f"{kind} {asked} ({judged.labelled.scores[position]:.2f})"
    if not judged.labelled.is_label[position]:
        return None  # its names say so
    row = int(judged.labelled.rows[position])
    label = evidence.labels[evidence.label[row]]
    probability = float(evidence.strength[row]) ** 2
    if label.is_tag:
        return f"genre {label.style}"
    return f"style {label.style}" + (f" {probability:.2f}" if probability < 1 else "")


def _of_mood(sign: MoodSign, position: int, evidence: TrackEvidence) -> str | None:
    value = float(evidence.mood(sign.name)[position])
    if sign.low:
        return f"little {_noun(sign.name)} ({value:.2f})" if value <= 1 - FELT else None
    return f"{_noun(sign.name)} {value:.2f}" if value >= FELT else None


def _noun(name: str) -> str:
    return {"danceability": "danceable"}.get(name, name)


def _of_tempo(position: int, evidence: TrackEvidence) -> str | None:
    bpm = float(evidence.bpm[position])
    return f"{bpm:.0f} BPM" if bpm == bpm else None  # noqa: PLR0124 - NaN


def _of_words(track: Track, words: Sequence[str]) -> Iterator[str]:
    """Which of the words stand in what the file says of itself."""
    tags = track.tags
    named = (("title", tags.title), ("artist", tags.artist), ("album", tags.album))
    for kind, name in named:
        key = folded_key(name) or ""
        if any(word in key for word in words):
            yield f"{kind} {name}"
