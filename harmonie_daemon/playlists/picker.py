"""The one picker behind every mode: which candidate comes next.

A list in the making is a ``Picker``; it offers itself ``Candidates`` (a pool of tracks) and
fills itself from them under whatever scores the mode computes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.playlist import Diversity, PlaylistItem, Transitions
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.diversity import FAR_BELOW, DiversityState
from harmonie_daemon.playlists.tempo import tempo_losses
from harmonie_daemon.playlists.transitions import may_follow
from harmonie_daemon.similarity.columns import UNKNOWN, Columns
from harmonie_daemon.similarity.index import Floats, best
from harmonie_daemon.store.records import IdArray

ADVENTUROUS_CHOICES = 24
"""How many of the best candidates full variation chooses among, besides the very best."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What makes a list more than its scores."""

    diversity: Diversity = field(default_factory=Diversity)
    transitions: Transitions = field(default_factory=Transitions)
    flow: bool = True
    """Whether a tempo near that of the entry before counts for a candidate."""
    variation: float = 0.0
    """0 (always the best candidate) to 1 (any of the best few)."""


@dataclass(slots=True)
class Candidates:
    """A pool of tracks (ids ascending) and which of them are out for good."""

    columns: Columns
    dead: npt.NDArray[np.bool_]
    is_last: bool = True
    """Whether this is the largest pool that there will be."""


class Picker:
    """One list in the making: its entries, and what they forbid the next one."""

    def __init__(self, rules: Rules, rng: np.random.Generator) -> None:
        self._rules = rules
        self._rng = rng
        self._diversity = DiversityState(rules.diversity)
        self._excluded: set[int] = set()
        self._bpm = np.nan
        self._key = UNKNOWN
        self.items: list[PlaylistItem] = []

    def __len__(self) -> int:
        return len(self.items)

    @property
    def excluded(self) -> IdArray:
        """The ids that cannot come any more, ascending."""
        return np.array(sorted(self._excluded), np.int64)

    def exclude(self, columns: Columns) -> None:
        """Keep these tracks, and other recordings of the same songs, off the list."""
        self._excluded.update(columns.ids.tolist())
        for title in columns.title.tolist():
            self._diversity.heard(columns.books.titles.alike(title))

    def put(self, columns: Columns, row: int, score: float) -> bool:
        """Append a track whatever its score; no if it, or its song, is in the list already."""
        track_id, title = int(columns.ids[row]), int(columns.title[row])
        if track_id in self._excluded or self._diversity.is_duplicate(title):
            return False
        self._excluded.add(track_id)
        self._diversity.heard(columns.books.titles.alike(title))
        self._diversity.picked(int(columns.artist[row]))
        self._bpm, self._key = float(columns.bpm[row]), int(columns.key[row])
        self.items.append(PlaylistItem(TrackId(track_id), score))
        return True

    def offer(self, columns: Columns, *, is_last: bool = True) -> Candidates:
        """A pool to pick from, less what the list rules out already."""
        dead = np.isin(columns.ids, self.excluded) | self._diversity.duplicates(columns.title)
        return Candidates(columns, dead, is_last)

    def fill(
        self, pool: Candidates, scores: Floats, count: int, shown: Floats | None = None
    ) -> int | None:
        """Pick up to ``count`` tracks by ``scores`` (one for each candidate).

        ``shown`` are the scores of the entries, where these are not those that decide. Returns the
        row of the last pick; ``None`` when no candidate was admissible. A run of one artist goes
        on only if the pool is the last one.
        """
        shown = scores if shown is None else shown
        last = None
        for _ in range(count):
            row = self._choose(pool, scores)
            if row is None:
                break
            self.put(pool.columns, row, float(shown[row]))
            self._strike(pool, row)
            last = row
        return last

    def _choose(self, pool: Candidates, scores: Floats) -> int | None:
        admissible = ~pool.dead & may_follow(
            self._rules.transitions, self._bpm, self._key, pool.columns
        )
        if admissible.any():
            admissible = self._without_long_runs(pool, scores, admissible)
        if not admissible.any():
            return None
        effective = self._diversity.cooled(pool.columns, scores)
        if self._rules.flow:
            effective -= tempo_losses(self._bpm, pool.columns.bpm)
        effective[~admissible] = -np.inf
        if self._rules.variation == 0.0:
            return int(np.argmax(effective))
        return self._venture(effective, int(np.count_nonzero(admissible)))

    def _without_long_runs(
        self, pool: Candidates, scores: Floats, admissible: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        """Others than the artist who played twice; all, if others are far and no pool follows."""
        overplayed = self._diversity.overplayed(pool.columns)
        if not overplayed.any():
            return admissible
        is_near = scores >= scores[admissible].max() - FAR_BELOW
        others = admissible & ~overplayed & is_near
        return others if others.any() or not pool.is_last else admissible

    def _venture(self, effective: Floats, admissible: int) -> int:
        """Draw among the best few, better ones more often (Gumbel-max sampling).

        The temperature is ``variation`` in units of the spread of those few, because cosines
        lie much closer together in some models than in others.
        """
        choices = 1 + round(self._rules.variation * ADVENTUROUS_CHOICES)
        top = best(effective, min(choices, admissible))
        values = effective[top].astype(np.float64)
        spread = float(values[0] - values[-1]) or 1.0
        noise = self._rng.gumbel(size=len(top))
        return int(top[np.argmax(values + self._rules.variation * spread * noise)])

    def _strike(self, pool: Candidates, row: int) -> None:
        pool.dead[row] = True
        title = pool.columns.title[row]
        if self._rules.diversity.dedupe_titles:
            pool.dead |= pool.columns.is_song(int(title))
