"""The tanpura, the plucked voice that answers the bowed or blown one, and gliding between tones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from harmonie_daemon.compose.arrange.melody import melody_cells, reach_of, set_on
from harmonie_daemon.compose.arrange.motifs import Motif
from harmonie_daemon.compose.arrange.plan import PiecePlan
from harmonie_daemon.compose.arrange.raga import RAGAS
from harmonie_daemon.compose.arrange.rhythm import loudness
from harmonie_daemon.compose.palettes import Player
from harmonie_daemon.compose.score import TICKS_PER_BEAT, Bend, Note
from harmonie_daemon.compose.theory import nearest

_TANPURA_VELOCITIES = (66, 60, 60, 70)
_RING_BEATS = 4
_CHIKARI_FROM = 0.5
_GLIDE_FROM_BEATS = 0.9
_GLIDE_POINTS = 6
_GRACE_US = 60_000
_MOST_BEND = 2


def tanpura_notes(plan: PiecePlan, player: Player) -> list[Note]:
    """Pa, Sa', Sa', Sa, a string a beat, each ringing on; with Ma where a raga has no Pa."""
    upper = nearest(min(player.low + 14, player.high), {plan.tonic}, player.low, player.high)
    lower = upper - 12 if upper - 12 >= player.low else upper
    notes: list[Note] = []
    turn = 0
    for bar in plan.grid.bars:
        raga = RAGAS[plan.span_at(bar.start).numeral]
        first = lower + raga.drone
        for start in range(bar.start, bar.end, bar.beat):
            pitch = (first, upper, upper, lower)[turn % 4]
            length = min(_RING_BEATS * bar.beat, plan.grid.end - start)
            notes.append(Note(start, length, pitch, _TANPURA_VELOCITIES[turn % 4]))
            turn += 1
    return notes


def answer_notes(plan: PiecePlan, player: Player) -> list[Note]:
    """Where the first voice rests, its last phrase again, lower; else high strings now and then."""
    notes: list[Note] = []
    high_string = nearest(player.high - 6, {plan.tonic}, player.low, player.high)
    for passage in plan.passages:
        reach = reach_of(player, passage.affect.valence)
        cells = melody_cells(plan, passage)
        heard: Motif | None = None
        before: int | None = None
        for index, (bar, cell) in enumerate(zip(plan.bars_of(passage), cells, strict=True)):
            resting = cell is None or (passage.theme == "-" and not passage.is_intro)
            if resting and (heard or cell):
                aim = reach.middle + (index % 4 - 1.5)
                answer = list(set_on(plan, bar, heard or cell, aim, reach, before, passage))
                notes.extend(answer)
                before = answer[-1].pitch if answer else before
            elif passage.energy > _CHIKARI_FROM and not passage.is_intro:
                for start in range(bar.start + bar.beat, bar.end, 2 * bar.beat):
                    length = min(bar.beat, bar.end - start)
                    notes.append(Note(start, length, high_string, loudness(56, passage.energy)))
            heard = cell or heard
    return notes


def glides(plan: PiecePlan, notes: Sequence[Note]) -> tuple[Bend, ...]:
    """Meend: out of a long note into the next one; kan: a touch of the neighbour before a note."""
    bends: list[Bend] = []
    chance = plan.chance("meend")
    for note, following in pairwise(notes):
        step = following.pitch - note.pitch
        near = 0 < abs(step) <= _MOST_BEND and following.start - note.start - note.length < 240
        if near and note.length >= _GLIDE_FROM_BEATS * TICKS_PER_BEAT and chance.random() < 0.7:
            bends.extend(_ramp(note, following.start, step))
        elif near and chance.random() < 0.35:
            bends.extend(_grace(plan, following, -step))
    unique = {bend.at: bend for bend in bends}
    return tuple(unique[at] for at in sorted(unique))


def _ramp(note: Note, until: int, step: int) -> Iterator[Bend]:
    start = note.start + round(note.length * 0.72)
    for point in range(1, _GLIDE_POINTS + 1):
        share = point / _GLIDE_POINTS
        at = start + round((until - 1 - start) * share)
        yield Bend(at, step * share * share * (3 - 2 * share))
    yield Bend(until, 0.0)


def _grace(plan: PiecePlan, note: Note, step: int) -> Iterator[Bend]:
    ticks = _GRACE_US * TICKS_PER_BEAT // plan.grid.us_per_beat(note.start)
    yield Bend(note.start, float(step))
    yield Bend(note.start + min(ticks, note.length // 2 or 1), 0.0)
