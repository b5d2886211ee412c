"""The tabla: a theka over and over, fuller with more energy, and a tihai where something ends."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from harmonie_daemon.compose.arrange.drums import drums_play
from harmonie_daemon.compose.arrange.plan import Passage, PiecePlan
from harmonie_daemon.compose.arrange.rhythm import SHORTEST, loudness
from harmonie_daemon.compose.palettes import Player
from harmonie_daemon.compose.score import Note, TablaStroke
from harmonie_daemon.compose.timing import Bar

_STROKES: dict[str, tuple[TablaStroke, ...]] = {
    "dha": (TablaStroke.NA, TablaStroke.GE),
    "dhin": (TablaStroke.TIN, TablaStroke.GE),
    "na": (TablaStroke.NA,),
    "tin": (TablaStroke.TIN,),
    "te": (TablaStroke.TE,),
    "ge": (TablaStroke.GE,),
    "ke": (TablaStroke.KA,),
}
_KEHERWA = "dha ge na tin na ke dhin na"
_DADRA = "dha dhin na dha tin na"
_TEENTAL = "dha dhin dhin dha dha dhin dhin dha dha tin tin na na dhin dhin dha"
_JHAPLIKE = "dhin na dhin dhin na tin na dhin"
_THEKAS = {4: ((_KEHERWA, 2), (_TEENTAL, 4), (_TEENTAL, 2), (_JHAPLIKE, 2)), 3: ((_DADRA, 2),)}
"""Bols, and how many steps each lasts, by the beats of a bar."""
_FILLERS = ("te", "ke", "te", "te", "ge")
_RING_BEATS = 0.9
_TIHAI_WORDS = ("dha", "te", "ke", "dha")
_BUSY_FROM, _QUIET_BELOW = 0.45, 0.3


def tabla_notes(plan: PiecePlan, player: Player) -> list[Note]:
    """The whole part."""
    del player
    chance = plan.chance("tala")
    theka, steps_each = chance.choice(_THEKAS[plan.grid.beats_per_bar])
    bols = theka.split()
    notes: list[Note] = []
    for passage in plan.passages:
        if not drums_play(plan, passage):
            continue
        bars = plan.bars_of(passage)
        for bar in bars:
            is_end = bar is bars[-1] and not passage.is_last
            turn = (bar.number - bars[0].number) * plan.grid.beats_per_bar * 4 // steps_each
            if is_end and passage.energy > _QUIET_BELOW:
                notes.extend(_tihai(plan, bar, passage))
            else:
                notes.extend(_cycle(plan, bar, bols, steps_each, turn, passage))
    return notes


def _cycle(
    plan: PiecePlan, bar: Bar, bols: list[str], steps_each: int, turn: int, passage: Passage
) -> Iterator[Note]:
    chance = plan.chance("tabla", bar.number)
    steps = -(-bar.length // bar.step)
    for step in range(steps):
        start = bar.start + step * bar.step
        if step % steps_each == 0:
            accent = 12 if step == 0 else 0
            yield from _strokes(
                bar,
                start,
                bols[(turn + step // steps_each) % len(bols)],
                passage.energy,
                88 + accent,
            )
        elif _filled(step, steps_each, passage.energy, chance):
            yield from _strokes(bar, start, chance.choice(_FILLERS), passage.energy, 52)


def _filled(step: int, steps_each: int, energy: float, chance: Random) -> bool:
    """Between two bols: their middle first, quicker ones with more energy."""
    middle = step * 2 % steps_each == 0
    share = energy if middle else energy - _BUSY_FROM
    return chance.random() < share


def _tihai(plan: PiecePlan, bar: Bar, passage: Passage) -> Iterator[Note]:
    """A phrase three times, whose last stroke is the first of the next bar."""
    words = _TIHAI_WORDS if plan.grid.beats_per_bar == 4 else _TIHAI_WORDS[1:]
    period = len(words) + 1
    sam = plan.grid.beats_per_bar * 4
    first = sam - (2 * period + len(words) - 1)
    for turn in range(3):
        for at, word in enumerate(words):
            step = first + turn * period + at
            start = bar.start + step * bar.step
            if start < bar.end:
                yield from _strokes(bar, start, word, passage.energy, 84 + 5 * turn)


def _strokes(bar: Bar, start: int, bol: str, energy: float, velocity: int) -> Iterator[Note]:
    length = min(round(_RING_BEATS * bar.beat), bar.end - start)
    if length >= SHORTEST:
        for stroke in _STROKES[bol]:
            yield Note(start, length, int(stroke), loudness(velocity, energy - 0.2))
