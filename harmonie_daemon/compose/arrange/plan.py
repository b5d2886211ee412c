"""What is settled before a note is written: time, form, harmony and who plays."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harmonie_daemon.compose.affects import AFFECTS, Affect
from harmonie_daemon.compose.chance import chance_for
from harmonie_daemon.compose.palettes import PartRole, Player
from harmonie_daemon.compose.styles import Style
from harmonie_daemon.compose.theory import Chord
from harmonie_daemon.compose.timing import Bar, Grid
from harmonie_daemon.domain.brief import Brief, Emotion


@dataclass(frozen=True, slots=True)
class Passage:
    """A phrase of some bars with one energy and one theme."""

    number: int
    section: int
    first: int
    last: int
    """Its bars: from ``first`` up to ``last``, excluded."""
    emotion: Emotion
    energy: float
    """0 to 1."""
    theme: str
    """``A`` and ``B`` have a melody of their own; ``-`` has none."""
    is_intro: bool = False
    is_last: bool = False

    @property
    def affect(self) -> Affect:
        """The emotion in figures."""
        return AFFECTS[self.emotion]


@dataclass(frozen=True, slots=True)
class HarmonySpan:
    """One chord as long as it sounds; ticks."""

    start: int
    length: int
    chord: Chord
    scale: frozenset[int]
    """Pitch classes of the section's mode."""
    allowed: frozenset[int]
    """What may sound meanwhile: the scale, or where the chord is borrowed, what goes with it."""
    numeral: str
    voicing: tuple[int, ...] = ()
    """Pitches of the accompanying chord, upwards."""
    rising: frozenset[int] = frozenset()
    """What a melody climbs through, where that is not all that is allowed."""
    dwelt_on: int | None = None
    """The pitch class that a melody prefers to be at."""

    @property
    def end(self) -> int:
        """Where the next one starts."""
        return self.start + self.length

    @property
    def borrowed(self) -> frozenset[int]:
        """Pitch classes that are not of the scale."""
        return self.allowed - self.scale


@dataclass(frozen=True, slots=True)
class PiecePlan:
    """A piece before its notes."""

    brief: Brief
    seed: int
    style: Style
    grid: Grid
    tonic: int
    players: tuple[Player, ...]
    passages: tuple[Passage, ...]
    harmony: tuple[HarmonySpan, ...]

    def chance(self, *purpose: object) -> Random:
        """Dice for one purpose of this piece."""
        return chance_for(self.seed, *purpose)

    def bars_of(self, passage: Passage) -> tuple[Bar, ...]:
        """Its bars in order."""
        return self.grid.bars[passage.first : passage.last]

    def spans_in(self, bar: Bar) -> tuple[HarmonySpan, ...]:
        """The chords of a bar; one always starts with it."""
        return tuple(one for one in self._near(bar.start) if bar.start <= one.start < bar.end)

    def span_at(self, tick: int) -> HarmonySpan:
        """The chord that sounds at a tick."""
        return self.harmony[self._index_at(tick)]

    def has(self, role: PartRole) -> bool:
        """Whether anybody plays this."""
        return any(player.role is role for player in self.players)

    def _index_at(self, tick: int) -> int:
        low, high = 0, len(self.harmony) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.harmony[middle].start <= tick:
                low = middle
            else:
                high = middle - 1
        return low

    def _near(self, tick: int) -> tuple[HarmonySpan, ...]:
        at = self._index_at(tick)
        return self.harmony[at : at + 5]
