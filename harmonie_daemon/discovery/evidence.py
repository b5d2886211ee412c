"""What speaks for each track of the library, in memory and in step with the store."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from harmonie_daemon.analysis.genre_words import styles_in_genres
from harmonie_daemon.analysis.mood_ranks import ranked
from harmonie_daemon.analysis.styles import tag_key
from harmonie_daemon.discovery.kept_answers import KeptAnswers
from harmonie_daemon.discovery.signs import Place, StyleSign
from harmonie_daemon.discovery.vocabulary import Meaning, Topic, tag_words
from harmonie_daemon.domain.mood import MOOD_AXES, MOOD_LABELS
from harmonie_daemon.similarity.index import positions_of
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.library_view import LibraryView
from harmonie_daemon.store.records import NO_ROWS, EvidenceRows, IdArray
from harmonie_daemon.store.vectors import Vectors

Floats = npt.NDArray[np.float32]
MOOD_NAMES = (*MOOD_AXES, *MOOD_LABELS)
"""The columns of ``TrackEvidence.moods``."""
MOST_TAGS = 5_000
"""Genre tags that are looked at, the most frequent ones; anybody may write anything into a file."""
IN_WORDS = 0.9
"""What a style is worth that stands in the words of a genre tag."""


@dataclass(frozen=True, slots=True)
class LibraryLabel:
    """A style or a genre tag that tracks of the library have."""

    genre: str
    """Blank for a genre tag that no style stands for."""
    style: str
    words: frozenset[str]
    places: Mapping[Place, float] = field(hash=False)
    """Where in the taxonomy it lies, and how surely."""

    @property
    def is_tag(self) -> bool:
        """Whether this is a genre tag as it is written."""
        return not self.genre


@dataclass(frozen=True, slots=True)
class OfStyle:
    """How surely each track is of a genre or style; not to be changed."""

    scores: Floats
    """float32[n], 0 to 1."""
    rows: npt.NDArray[np.int32]
    """The row of labels that says so, -1 without one."""


@dataclass(frozen=True, slots=True)
class TrackEvidence:
    """Arrays over tracks with ascending ids; never changed."""

    ids: IdArray
    bpm: Floats
    """NaN where the tempo is not known with confidence."""
    year: npt.NDArray[np.int16]
    """0 where the tags name none."""
    length_s: Floats
    key: npt.NDArray[np.int8]
    """As ``EvidenceRows`` has it; -1 where it is not known."""
    moods: Floats
    """float32[tracks, 21] in the order of ``MOOD_NAMES``; NaN without moods."""
    owner: npt.NDArray[np.int32]
    """Of each row of labels, the position of its track; ascending."""
    label: npt.NDArray[np.int32]
    """Its label, by position in ``labels``."""
    strength: Floats
    """The root of its probability: a classifier that gives a style a quarter means it."""
    labels: tuple[LibraryLabel, ...]
    _tags: Mapping[str, Meaning] = field(hash=False, compare=False)
    """Genre tags that no style stands for, by their keys."""
    has_label: npt.NDArray[np.bool_] = field(hash=False, compare=False)
    """Which tracks have any."""
    _kept: KeptAnswers = field(hash=False, compare=False)
    _kept_moods: KeptAnswers = field(hash=False, compare=False)
    """Apart, as all of them are asked for again and again."""

    def mood(self, name: str) -> Floats:
        """Half the score of the track, half its rank in the library; NaN without moods."""
        scores: Floats = self._kept_moods.answer(name, lambda: self._mood(name))
        return scores

    def _mood(self, name: str) -> Floats:
        own = self.moods[:, MOOD_NAMES.index(name)].astype(np.float64)
        known = ~np.isnan(own)
        own[known] = ranked(own[known])
        return own.astype(np.float32)

    def of_style(self, sign: StyleSign) -> OfStyle:
        """How surely each track has one of the genres or styles."""
        key = (tuple(sign.places.items()), tuple(sign.words.items()))
        return self._kept.answer(key, lambda: self._of_style(sign))

    def _of_style(self, sign: StyleSign) -> OfStyle:
        worth = np.array([_worth(label, sign) for label in self.labels], np.float32)
        score = np.zeros(len(self.ids), np.float32)
        best = np.full(len(self.ids), -1, np.int32)
        rows = np.flatnonzero(worth[self.label] > 0) if len(worth) else np.zeros(0, np.intp)
        if len(rows):
            values, owner = worth[self.label[rows]] * self.strength[rows], self.owner[rows]
            first = np.flatnonzero(np.diff(owner, prepend=-1))
            most = np.maximum.reduceat(values, first)
            score[owner[first]] = most
            is_best = values == np.repeat(most, np.diff(first, append=len(rows)))
            best[owner[is_best]] = rows[is_best]
        return OfStyle(score, best)

    def positions(self, ids: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Where those of ``ids`` stand that are known."""
        wanted = np.asarray(ids, np.int64)
        if not len(self.ids):
            return np.zeros(0, np.intp)
        at = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        found: npt.NDArray[np.intp] = at[self.ids[at] == wanted]
        return found

    def tag(self, phrase: str) -> Meaning | None:
        """The meaning of a genre tag that no style stands for; ``None`` if no track has it."""
        return self._tags.get(tag_key(phrase))


def _worth(label: LibraryLabel, sign: StyleSign) -> float:
    """What a label is worth for a sign."""
    worth = max((sign.words[word] for word in label.words if word in sign.words), default=0.0)
    for place, sureness in label.places.items():
        worth = max(worth, sureness * sign.places.get(place, 0.0))
    return worth


class EvidenceKeeper:
    """Keeps the evidence: read when first asked for, then brought up to date by deltas."""

    def __init__(self, vectors: Vectors, spaces: Spaces) -> None:
        self._vectors, self._spaces = vectors, spaces
        self._lock = asyncio.Lock()
        self._rows = NO_ROWS
        self._generation = -1
        self._evidence = evidence_of(NO_ROWS, {})

    async def current(self) -> TrackEvidence:
        """Of the library as it is now."""
        async with self._lock:
            news = await self._vectors.in_one_state(self._news)
            if news is not None:
                generation, rows, changed, names = news
                self._rows, self._evidence = await self._spaces.compute(
                    _brought_up, self._rows, rows, changed, names
                )
                self._generation = generation
            return self._evidence

    def _news(
        self, view: LibraryView
    ) -> tuple[int, EvidenceRows, IdArray | None, dict[int, tuple[str, str]]] | None:
        if view.generation == self._generation:
            return None
        is_first = self._generation < 0
        changed = None if is_first else view.changes_since(self._generation)
        wanted = None if changed is None else np.array(changed, np.int64)
        return view.generation, view.evidence(changed), wanted, view.labels()


def _brought_up(
    before: EvidenceRows,
    rows: EvidenceRows,
    changed: IdArray | None,
    names: dict[int, tuple[str, str]],
) -> tuple[EvidenceRows, TrackEvidence]:
    if changed is not None:
        rows = _merged(before, rows, changed)
    return rows, evidence_of(rows, names)


def _merged(before: EvidenceRows, after: EvidenceRows, changed: IdArray) -> EvidenceRows:
    """``after`` in the place of whatever was known of the ``changed`` tracks."""
    kept, styles = ~np.isin(before.ids, changed), ~np.isin(before.styled, changed)
    ids = np.concatenate((before.ids[kept], after.ids))
    order = np.argsort(ids, kind="stable")
    gone = set(changed.tolist())

    def over_tracks(name: str) -> npt.NDArray[Any]:
        return np.concatenate((getattr(before, name)[kept], getattr(after, name)))[order]

    styled = np.concatenate((before.styled[styles], after.styled))
    by_track = np.argsort(styled, kind="stable")

    def over_styles(name: str) -> npt.NDArray[Any]:
        return np.concatenate((getattr(before, name)[styles], getattr(after, name)))[by_track]

    return EvidenceRows(
        ids=ids[order],
        bpm=over_tracks("bpm"),
        year=over_tracks("year"),
        length_s=over_tracks("length_s"),
        key=over_tracks("key"),
        moods=over_tracks("moods"),
        styled=styled[by_track],
        style=over_styles("style"),
        probability=over_styles("probability"),
        tags=(*(tag for tag in before.tags if tag[0] not in gone), *after.tags),
    )


def evidence_of(rows: EvidenceRows, names: Mapping[int, tuple[str, str]]) -> TrackEvidence:
    """The evidence in what the store answered; ``names`` are genre and style by number."""
    labels = [_style_label(genre, style) for genre, style in names.values()]
    number = {id_: position for position, id_ in enumerate(names)}
    counts = Counter(name for _, name in rows.tags).most_common(MOST_TAGS)
    tags = {name: len(labels) + position for position, (name, _) in enumerate(counts)}
    labels += map(_tag_label, tags)
    tagged = [(id_, tags[name]) for id_, name in rows.tags if name in tags]
    codes = np.zeros(max(names, default=0) + 1, np.int32)
    codes[list(number)] = list(number.values())
    owner_ids = np.concatenate((rows.styled, np.array([id_ for id_, _ in tagged], np.int64)))
    label = np.concatenate((codes[rows.style], np.array([tag for _, tag in tagged], np.int32)))
    strength = np.concatenate((np.sqrt(rows.probability), np.ones(len(tagged), np.float32)))
    owner, known = positions_of(rows.ids, owner_ids)
    owner, label, strength = owner[known], label[known], strength[known]
    order = np.argsort(owner, kind="stable")  # quick where it is nearly in order
    return TrackEvidence(
        ids=rows.ids,
        bpm=rows.bpm,
        year=rows.year,
        length_s=rows.length_s,
        key=rows.key,
        moods=rows.moods,
        owner=owner[order].astype(np.int32),
        label=label[order].astype(np.int32),
        strength=strength[order].astype(np.float32),
        labels=tuple(labels),
        has_label=np.bincount(owner, minlength=len(rows.ids)).astype(np.bool_),
        _tags=_meanings(tags),
        _kept=KeptAnswers(),
        _kept_moods=KeptAnswers(),
    )


def _meanings(tags: Iterable[str]) -> dict[str, Meaning]:
    """Tags that are alike but for case and signs are one."""
    places: dict[str, dict[Place, float]] = {}
    for name in tags:
        if key := tag_key(name):
            places.setdefault(key, {})["", name] = 1.0
    return {key: Meaning(Topic.GENRE, ((StyleSign(found), 1.0),)) for key, found in places.items()}


def _style_label(genre: str, style: str) -> LibraryLabel:
    """A genre alone is stored as a style of its own name."""
    places: dict[Place, float] = {(genre, None): 1.0, (genre, style): 1.0}
    return LibraryLabel(genre, style, frozenset(tag_words(style)), places)


@lru_cache(2 * MOST_TAGS)
def _tag_label(name: str) -> LibraryLabel:
    places: dict[Place, float] = {("", name): 1.0}
    for score in styles_in_genres([name]):
        places |= {(score.genre, None): IN_WORDS, (score.genre, score.style): IN_WORDS}
    return LibraryLabel("", name, frozenset(tag_words(name)), places)
