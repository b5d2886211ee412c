"""Why a track answers a query: the evidence, in words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from harmonie_daemon.discovery.evidence import TrackEvidence
from harmonie_daemon.discovery.scoring import Judged, Judgement
from harmonie_daemon.discovery.sign_scores import HALF_BPM, HALF_YEARS, Positions, gain_over
from harmonie_daemon.discovery.signs import (
    KeySign,
    LengthSign,
    MoodSign,
    StyleSign,
    TempoSign,
    YearSign,
)
from harmonie_daemon.domain.track import Descriptors, Track, display_path
from harmonie_daemon.domain.words import searchable
from harmonie_daemon.store.names import NameKind
from harmonie_daemon.store.texts import SHORTEST_BEGINNING

MOST = 4
LEAST_ASIDE = 0.25
"""From here on sounding like what was asked for is named."""
SPEAKS = 0.45
"""What a clause must be worth for a track to be named among the reasons."""
WORDS_WORTH = 1.5
"""What words that were not understood weigh beside clauses."""
REFUSAL_WORTH = 0.5
"""What it weighs, beside what was asked for, that something refused is not there."""
FELT = 0.5
"""Likewise a mood, and little of it below one minus this."""
_WORD = re.compile(r"[^\W_]+")


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
        for reason in _of_any_clause(track, position, judged, evidence, judgement.model)
    ]
    found += _of_further_words(track, position, judgement, words)
    ranked = sorted(found, key=lambda reason: -reason.worth)
    return tuple(dict.fromkeys(reason.text for reason in ranked))[:MOST]


def _of_any_clause(
    track: Track, position: int, judged: Judged, evidence: TrackEvidence, model: Positions
) -> Iterator[_Reason]:
    if judged.clause.denied:
        yield from _of_refusal(position, judged, evidence)
    elif judged.clause.compared and len(model) and judged.scores[position] >= SPEAKS:
        yield from _of_comparison(position, judged, evidence, model)
    elif judged.scores[position] >= SPEAKS:
        yield from _of_clause(track, position, judged, evidence)


def _of_comparison(
    position: int, judged: Judged, evidence: TrackEvidence, model: Positions
) -> Iterator[_Reason]:
    """What a track has more or less of than the model."""
    for sign, share in judged.clause.meaning.signs if judged.clause.meaning is not None else ():
        if not isinstance(sign, MoodSign | TempoSign):
            continue
        gain = gain_over(sign, evidence, model)
        if gain is None or not gain[position] > 0:
            continue
        if isinstance(sign, TempoSign):
            degree = "faster" if sign.high is None else "slower"
            text = f"{degree}, {evidence.bpm[position]:.0f} BPM"
        else:
            degree = "less" if sign.low else "more"
            text = f"{degree} {_noun(sign.name)} ({evidence.mood(sign.name)[position]:.2f})"
        yield _Reason(judged.weight * float(judged.scores[position]) * share, text)


def _of_refusal(position: int, judged: Judged, evidence: TrackEvidence) -> Iterator[_Reason]:
    """That there is little of a mood that was refused."""
    if judged.clause.meaning is None:
        return
    for sign, share in judged.clause.meaning.signs:
        if isinstance(sign, MoodSign):
            text = _of_mood(replace(sign, low=not sign.low), position, evidence)
            if text is not None:
                yield _Reason(REFUSAL_WORTH * judged.weight * share, text)


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
                text = _of_tempo(sign, float(evidence.bpm[position]))
            case YearSign():
                text = _of_year(sign, int(evidence.year[position]))
            case LengthSign():
                text = _of_length(sign, track.duration_s)
            case KeySign():
                text = _of_key(sign, track.descriptors)
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
        if judged.labelled.scores[position] < LEAST_ASIDE:
            return None  # other signs of the word speak for it
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


def _of_tempo(sign: TempoSign, bpm: float) -> str | None:
    """Also of twice or half the tempo, as a pulse can be counted either way."""
    if _is_within(bpm, sign.low, sign.high, HALF_BPM):
        return f"{bpm:.0f} BPM"
    if sign.low is None or sign.high is None:
        return None
    for factor, name in ((0.5, "half"), (2.0, "twice")):
        if _is_within(bpm * factor, sign.low, sign.high, HALF_BPM):
            return f"{bpm:.0f} BPM, {name} of it {bpm * factor:.0f}"
    return None


def _of_year(sign: YearSign, year: int) -> str | None:
    is_near = year > 0 and _is_within(year, sign.first, sign.last, HALF_YEARS)
    return f"from {year}" if is_near else None


def _of_length(sign: LengthSign, seconds: float) -> str | None:
    if not _is_within(seconds, sign.low, sign.high, 0.5):
        return None
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} long"


def _of_key(sign: KeySign, heard: Descriptors) -> str | None:
    if heard.key is None or heard.scale is None:
        return None
    is_it = sign.key in (None, heard.key) and sign.scale in (None, heard.scale)
    return f"in {heard.key} {heard.scale}" if is_it else None


def _is_within(value: float, low: float | None, high: float | None, slack: float) -> bool:
    """Not of NaN."""
    return (low or -math.inf) - slack <= value <= (math.inf if high is None else high) + slack


def _of_further_words(
    track: Track, position: int, judgement: Judgement, words: Sequence[str]
) -> list[_Reason]:
    """That a track has words that were not understood, or sounds like what has them."""
    texts = list(_of_words(track, words))
    worth = 0.0 if judgement.words is None else float(judgement.words[position])
    if not texts and worth >= LEAST_ASIDE:
        texts = [f"sounds like what is called {' '.join(words)} ({worth:.2f})"]
    return [_Reason(WORDS_WORTH, text) for text in texts]


def _of_words(track: Track, phrases: Sequence[str]) -> Iterator[str]:
    """Which of the phrases stand in what the file says of itself, else in its path."""
    tags = track.tags
    artists = dict.fromkeys((*tags.artists, *tags.album_artists))
    named = [
        ("title", tags.title),
        *(("artist", artist) for artist in artists),
        ("album", tags.album),
        *(("genre", genre) for genre in tags.genres),
    ]
    said = [
        f"{kind} {name}" for kind, name in named if any(has_phrase(name, one) for one in phrases)
    ]
    path = display_path(track.file.relative_path)
    if not said and any(has_phrase(path, phrase) for phrase in phrases):
        said = [f"file {path}"]
    yield from said


def has_phrase(name: str | None, phrase: str) -> bool:
    """Whether the words of a phrase stand in a name, as the index of words finds them."""
    words, wanted = _spaced(name), _spaced(phrase)
    if len(wanted.rpartition(" ")[2]) < SHORTEST_BEGINNING:
        words, wanted = words + " ", wanted + " "
    return bool(wanted.strip()) and f" {wanted}" in f" {words}"


def _spaced(text: str | None) -> str:
    return " ".join(_WORD.findall(searchable(text)))
