"""A taste out of what somebody met and liked: the formulas, over arrays of the library.

Every number follows from the interactions and from what was heard and counted here:

- an interaction weighs 3 (like), 1 (play), -1 (skip) or -3 (dislike), half of it for every ninety
  days before the last one, and is shared by the tracks of what it was with;
- a genre's score is the sum of the weights of its tracks, each times how surely it is of the genre;
- diversity is the chance that two draws from the genres with a score above 0, each as likely as its
  score is high, are of different ones (Gini-Simpson);
- a mood counts by how far its mean over what is liked lies above that of the library;
- openness is the share of meetings with artists not met before among all that were welcome, one
  of each added, so that who met nobody is at 0.5;
- popularity is the mean rank by plays in this library of what was welcome, by weight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from harmonie_daemon.discovery.evidence import TrackEvidence
from harmonie_daemon.domain.mood import MOOD_LABELS
from harmonie_daemon.similarity.columns import UNKNOWN, Columns

HALF_LIFE_S = 90 * 86_400.0
SHARED_BY = 50
"""Tracks of an artist or a genre that share an interaction with it, evenly drawn."""
MOST_GENRES, MOST_MOODS = 5, 3
LEAST_SHARE = 0.1
"""Of the best genre's score, for another to be named."""
LEAST_LIFT = 0.01
Weights = npt.NDArray[np.float64]


class InteractionKind(StrEnum):
    """What somebody did."""

    LIKE = "like"
    DISLIKE = "dislike"
    PLAY = "play"
    SKIP = "skip"

    @property
    def weight(self) -> float:
        """How much it says."""
        return {"like": 3.0, "play": 1.0, "skip": -1.0, "dislike": -3.0}[self.value]


@dataclass(frozen=True, slots=True)
class Experience:
    """An interaction with something that is in the library."""

    ids: tuple[int, ...]
    """Its tracks."""
    weight: float
    at: float | None = None
    """Unix time; unknown ones count in full, and as the first."""
    is_meeting: bool = True
    """Whether it tells of the artist: not so for a genre, or for what is only said."""


@dataclass(frozen=True, slots=True)
class Taste:
    """The numbers of the document."""

    genres: tuple[str, ...]
    moods: tuple[str, ...]
    openness: float
    popularity: float
    diversity: float
    genre_shares: Mapping[str, float]
    """Of all genres with a score above 0, how much of the whole each is; the largest first."""


def weights_of(experiences: Sequence[Experience], evidence: TrackEvidence) -> Weights:
    """float64[tracks], for each track of the evidence what speaks for it and against it."""
    weights = np.zeros(len(evidence.ids), np.float64)
    newest = max((one.at for one in experiences if one.at is not None), default=0.0)
    places: dict[int, npt.NDArray[np.intp]] = {}  # the tracks of a name are one object
    for one in experiences:
        at = places.get(id(one.ids))
        if at is None:
            at = places[id(one.ids)] = evidence.positions(_some(one.ids))
        if len(at):
            age_s = 0.0 if one.at is None else newest - one.at
            weights[at] += one.weight * 0.5 ** (age_s / HALF_LIFE_S) / len(at)
    return weights


def taste_of(
    met: Sequence[Experience],
    weights: Weights,
    said: Weights,
    evidence: TrackEvidence,
    columns: Columns,
    popularity: npt.NDArray[np.float64],
) -> Taste:
    """``weights`` of what was ``met``, and of what is only ``said`` to be liked.

    ``popularity``: of each track of the evidence, 0 to 1.
    """
    shares = _genre_shares(weights + said, evidence)
    least = LEAST_SHARE * max(shares.values(), default=0.0)
    welcome = np.maximum(weights, 0.0)
    total = float(welcome.sum())
    return Taste(
        genres=tuple(name for name, share in shares.items() if share >= least)[:MOST_GENRES],
        moods=_moods(welcome + said, evidence),
        openness=_openness(met, columns),
        popularity=float(welcome @ popularity) / total if total else 0.0,
        diversity=1.0 - sum(share**2 for share in shares.values()) if shares else 0.0,
        genre_shares=shares,
    )


def _some(ids: Sequence[int]) -> npt.NDArray[np.int64]:
    if len(ids) <= SHARED_BY:
        return np.array(ids, np.int64)
    drawn = np.linspace(0, len(ids) - 1, SHARED_BY).astype(np.intp)
    return np.array(ids, np.int64)[drawn]


def _genre_shares(weights: Weights, evidence: TrackEvidence) -> dict[str, float]:
    """Genres with a score above 0 and their shares of all of that, the largest first."""
    surely = evidence.strength.astype(np.float64) ** 2
    sums = np.bincount(
        evidence.label, weights[evidence.owner] * surely, minlength=len(evidence.labels)
    )
    scores: defaultdict[str, float] = defaultdict(float)
    for label, score in zip(evidence.labels, sums.tolist(), strict=True):
        scores[label.style] += score
    positive = {name: score for name, score in scores.items() if score > 1e-9}
    total = sum(positive.values())
    return {name: positive[name] / total for name in sorted(positive, key=lambda n: -positive[n])}


def _moods(welcome: Weights, evidence: TrackEvidence) -> tuple[str, ...]:
    lifts = {label: _lift(evidence.mood(label), welcome) for label in MOOD_LABELS}
    strongest = sorted(lifts, key=lambda label: -lifts[label])
    return tuple(label for label in strongest if lifts[label] > LEAST_LIFT)[:MOST_MOODS]


def _lift(scores: npt.NDArray[np.float32], welcome: Weights) -> float:
    """How far the mean over what is liked lies above the library's."""
    known = ~np.isnan(scores)
    total = float(welcome[known].sum())
    if not total:
        return 0.0
    return float(welcome[known] @ scores[known]) / total - float(scores[known].mean())


def _openness(met: Sequence[Experience], columns: Columns) -> float:
    known: set[int] = set()
    of_track: dict[int, frozenset[int]] = {}
    new = welcome = 0
    for one in sorted(met, key=lambda one: (one.at is not None, one.at or 0.0)):
        if not (one.is_meeting and one.ids):
            continue
        artists = of_track.get(one.ids[0])
        if artists is None:
            artists = of_track[one.ids[0]] = _artists(one.ids[0], columns)
        if not artists:
            continue
        if one.weight > 0:
            welcome += 1
            new += not artists & known
        known |= artists
    return (new + 1) / (welcome + 2)


def _artists(track_id: int, columns: Columns) -> frozenset[int]:
    """Who plays a track; an interaction is with those of its first one."""
    track = columns.take(np.array([track_id], np.int64))
    if not len(track) or int(track.artist[0]) == UNKNOWN:
        return frozenset()
    return frozenset(columns.books.artists.members(int(track.artist[0])))
