"""Bars and tempos: how a brief's milliseconds become beats without losing one of them.

A section lasts a whole number of bars where its tempo can stretch to that by 6 %; else a whole
number of beats, its last bar being shorter or longer; else, and wherever a tempo was asked for in
so many words, the tempo stays and the last bar takes what is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from harmonie_daemon.compose.score import TICKS_PER_BEAT, ScoreSection, Tempo
from harmonie_daemon.domain.brief import Brief

_US_PER_MINUTE = 60_000_000
SLOWEST_BPM, FASTEST_BPM = 20.0, 300.0
_SLOWEST_US, _FASTEST_US = 3_000_000, 200_000
_MOST_STRETCH = 0.06
_SLOWEST_FELT, _FASTEST_FELT = 50.0, 152.0
"""Beats per minute that a body follows; a tempo outside is felt at its half or its double."""
_SLOW_US = 1_500_000
_RITARD = 1.136
"""How much longer the last beats before the final bar last: 12 % slower."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar as it is felt; ticks."""

    number: int
    section: int
    start: int
    length: int
    beat: int
    """Of a felt beat; a quarter of it is a step."""

    @property
    def end(self) -> int:
        """Where the next one starts."""
        return self.start + self.length

    @property
    def step(self) -> int:
        """A quarter of a beat."""
        return self.beat // 4


@dataclass(frozen=True, slots=True)
class Grid:
    """The time of a whole piece."""

    bars: tuple[Bar, ...]
    tempos: tuple[Tempo, ...]
    sections: tuple[ScoreSection, ...]
    beats_per_bar: int

    @property
    def end(self) -> int:
        """The tick at which the last bar is over."""
        return self.bars[-1].end

    def us_per_beat(self, at: int) -> int:
        """Microseconds of a quarter note at a tick."""
        return [tempo for tempo in self.tempos if tempo.at <= at][-1].microseconds_per_beat


def lay_out(brief: Brief, bpm: float, beats_per_bar: int) -> Grid:
    """The bars of a brief at about this tempo, or exactly at the one it asks for."""
    exact = brief.bpm is not None
    bpm = min(FASTEST_BPM, max(SLOWEST_BPM, brief.bpm or bpm))
    felt = _felt(bpm)
    if brief.duration_ms * 1000 < 2 * beats_per_bar * felt * _US_PER_MINUTE / bpm:
        felt /= 2
    bars: list[Bar] = []
    tempos: list[Tempo] = []
    sections: list[ScoreSection] = []
    tick, now_us = 0, 0.0
    for number, section in enumerate(brief.sections):
        length_us = (section.start_ms + section.length_ms) * 1000 - now_us
        us_per_beat, ticks = _tempo(length_us, bpm, felt, beats_per_bar, exact=exact)
        if not tempos or tempos[-1].microseconds_per_beat != us_per_beat:
            tempos.append(Tempo(tick, us_per_beat))
        sections.append(
            ScoreSection(section.emotion, tick, ticks, section.start_ms, section.length_ms)
        )
        beat = round(TICKS_PER_BEAT * felt)
        for length in _bar_lengths(ticks, beat * beats_per_bar):
            bars.append(Bar(len(bars), number, tick, length, beat))
            tick += length
        now_us += ticks * us_per_beat / TICKS_PER_BEAT
    return Grid(tuple(bars), tuple(tempos), tuple(sections), beats_per_bar)


def _felt(bpm: float) -> float:
    """How many written beats one felt beat is: a power of two."""
    felt = 1.0
    while bpm / felt > _FASTEST_FELT:
        felt *= 2
    while bpm / felt < _SLOWEST_FELT:
        felt /= 2
    return felt


def _tempo(
    length_us: float, bpm: float, felt: float, beats_per_bar: int, *, exact: bool
) -> tuple[int, int]:
    """Microseconds per beat and the ticks of a section; both together meet its length."""
    us_per_beat = _US_PER_MINUTE / bpm
    if not exact:
        beats = length_us / (us_per_beat * felt)
        for whole in (round(beats / beats_per_bar) * beats_per_bar, round(beats)):
            if whole and abs(whole / beats - 1) <= _MOST_STRETCH:
                us_per_beat = length_us / (whole * felt)
                break
    us_per_beat = min(_SLOWEST_US, max(_FASTEST_US, us_per_beat))
    wanted = length_us * TICKS_PER_BEAT / us_per_beat
    ticks = max(1, math.ceil(wanted - 1e-6) if us_per_beat > _SLOW_US else round(wanted))
    fitted = round(length_us * TICKS_PER_BEAT / ticks)
    if not _FASTEST_US <= fitted <= _SLOWEST_US:
        fitted = round(us_per_beat)
    return fitted, max(1, round(length_us * TICKS_PER_BEAT / fitted))


def _bar_lengths(ticks: int, bar: int) -> list[int]:
    count = max(1, round(ticks / bar))
    return [bar] * (count - 1) + [ticks - bar * (count - 1)]


def slowing_down(grid: Grid) -> Grid:
    """The same grid with its last two beats before the final bar drawn out.

    The final bar, which only rings, is shorter by as much.
    """
    final = grid.bars[-1]
    us_per_beat = grid.us_per_beat(final.start)
    drawn_out = 2 * final.beat
    start = final.start - drawn_out
    slower = round(us_per_beat * _RITARD)
    owed_us = drawn_out * (slower - us_per_beat)
    faster = round((final.length * us_per_beat - owed_us) / final.length)
    if start <= grid.sections[-1].start or slower > _SLOWEST_US or faster < _FASTEST_US:
        return grid
    return replace(grid, tempos=(*grid.tempos, Tempo(start, slower), Tempo(final.start, faster)))
