"""Played by hand: swing, a little early and late, and with accents."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from harmonie_daemon.compose.arrange.drum_patterns import KICK
from harmonie_daemon.compose.arrange.plan import PiecePlan
from harmonie_daemon.compose.arrange.rhythm import by_time
from harmonie_daemon.compose.palettes import PartRole, Player
from harmonie_daemon.compose.score import TICKS_PER_BEAT, Note
from harmonie_daemon.compose.timing import Bar

_VELOCITY_SPREAD = 4.0
_MOST_SHIFT_STEPS = 0.4
"""Of a step; further off it would be another rhythm."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """Which bar a tick is in."""

    bars: tuple[Bar, ...]
    starts: tuple[int, ...]

    def bar_at(self, tick: int) -> Bar:
        return self.bars[max(0, bisect_right(self.starts, tick) - 1)]


def performed(plan: PiecePlan, player: Player, notes: Sequence[Note]) -> tuple[Note, ...]:
    """The notes as somebody plays them. What starts a section stays on time."""
    chance = plan.chance("performance", player.name)
    style = plan.style
    swing = plan.chance("swing").choice(style.swings)
    clock = _Clock(plan.grid.bars, tuple(bar.start for bar in plan.grid.bars))
    borders = {section.start for section in plan.grid.sections}
    ms = 1000 * TICKS_PER_BEAT / plan.grid.tempos[0].microseconds_per_beat
    played = []
    for note in notes:
        bar = clock.bar_at(note.start)
        shift = chance.gauss(_lateness(plan, player, note), style.timing_ms) * ms
        most = _MOST_SHIFT_STEPS * bar.step
        shift = max(-most, min(most, shift)) + _swung(note.start - bar.start, bar, swing)
        start = note.start
        if note.start not in borders:
            start = max(bar.start if bar.number == 0 else 0, note.start + round(shift))
            start = min(start, plan.grid.end - 1)
        end = min(note.start + note.length, plan.grid.end)
        velocity = round(note.velocity + chance.gauss(0, _VELOCITY_SPREAD))
        played.append(Note(start, max(1, end - start), note.pitch, max(1, min(127, velocity))))
    return _without_collisions(by_time(played))


def _lateness(plan: PiecePlan, player: Player, note: Note) -> float:
    drums, bass, melody = plan.style.late_ms
    match player.role:
        case PartRole.DRUMS:
            return drums if note.pitch != KICK else 0.0
        case PartRole.BASS:
            return bass
        case PartRole.LEAD:
            return melody
        case _:
            return 0.0


def _swung(offset: int, bar: Bar, swing: float) -> float:
    """How much later the second sixteenth of each pair comes."""
    on_second = offset // bar.step % 2 == 1
    return (swing - 0.5) * 2 * bar.step if on_second else 0.0


def _without_collisions(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """A key that is struck again was let go before."""
    done: list[Note] = []
    last: dict[int, int] = {}
    for note in notes:
        at = last.get(note.pitch)
        if at is not None:
            before = done[at]
            if before.start == note.start:
                continue
            if before.start + before.length > note.start:
                done[at] = Note(
                    before.start, note.start - before.start, before.pitch, before.velocity
                )
        last[note.pitch] = len(done)
        done.append(note)
    return tuple(done)
