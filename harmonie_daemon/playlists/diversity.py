"""Variety: no song twice, an artist rests for a few picks, and never plays for long."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.playlist import Diversity
from harmonie_daemon.similarity.columns import Columns
from harmonie_daemon.similarity.index import Floats

COOLDOWN_PICKS = 4
"""Picks after which an artist is as welcome as before; listeners notice a return sooner."""
COOLDOWN_PENALTY = 0.3
"""What the artist of the last pick loses, in units of score; it shrinks to nothing in equal
steps. More than one standard deviation of the cosine between two tracks (0.23 measured for the
built-in embedding), so that another artist usually wins, yet a much closer track still can."""
LONGEST_RUN = 2
"""Tracks of one artist in a row, as long as others are left ..."""
FAR_BELOW = 1.5 * COOLDOWN_PENALTY
"""... whose score is no more than this below: beyond that it would be other music altogether."""


class DiversityState:
    """What a list contains so far, as far as the two rules of ``Diversity`` care."""

    __slots__ = ("_recent_artists", "_rules", "_titles")

    def __init__(self, rules: Diversity) -> None:
        self._rules = rules
        self._recent_artists: deque[int] = deque(maxlen=COOLDOWN_PICKS)
        self._titles: set[int] = set()

    def heard(self, titles: Iterable[int]) -> None:
        """No track with one of these (artist, title) codes is wanted any more."""
        self._titles.update(titles)

    def picked(self, artist: int) -> None:
        """The next entry of the list is by the artists of this code."""
        self._recent_artists.appendleft(artist)

    def is_duplicate(self, title: int) -> bool:
        """Whether this (artist, title) code was heard already."""
        return self._rules.dedupe_titles and title in self._titles

    def duplicates(self, titles: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """Which of these (artist, title) codes were heard already."""
        if not self._rules.dedupe_titles or not self._titles:
            return np.zeros(len(titles), np.bool_)
        return np.isin(titles, np.fromiter(self._titles, np.int32))

    def cooled(self, columns: Columns, scores: Floats) -> Floats:
        """``scores`` less what artists lose who were picked lately."""
        loss = np.zeros_like(scores)
        if self._rules.artist_cooldown:
            for age, artist in enumerate(self._recent_artists):
                np.maximum(loss, penalty(age), out=loss, where=columns.is_by(artist))
        return scores - loss

    def overplayed(self, columns: Columns) -> npt.NDArray[np.bool_]:
        """Which tracks would make a run of one artist longer than ``LONGEST_RUN``."""
        is_overplayed = np.zeros(len(columns), np.bool_)
        if self._rules.artist_cooldown and len(self._recent_artists) >= LONGEST_RUN:
            run = itertools.islice(self._recent_artists, LONGEST_RUN)
            np.logical_and.reduce([columns.is_by(artist) for artist in run], out=is_overplayed)
        return is_overplayed


def penalty(age: int) -> float:
    """The loss of an artist with ``age`` picks by others since: falls linearly to 0."""
    return COOLDOWN_PENALTY * max(0.0, 1.0 - age / COOLDOWN_PICKS)
