"""The tanpura, and the plucked voice that answers the bowed or blown one."""

from __future__ import annotations

from harmonie_daemon.compose.arrange.melody import melody_cells, reach_of, set_on
from harmonie_daemon.compose.arrange.motifs import Motif
from harmonie_daemon.compose.arrange.plan import PiecePlan
from harmonie_daemon.compose.arrange.raga import RAGAS
from harmonie_daemon.compose.arrange.rhythm import loudness
from harmonie_daemon.compose.palettes import Player
from harmonie_daemon.compose.score import Note
from harmonie_daemon.compose.theory import nearest

_TANPURA_VELOCITIES = (66, 60, 60, 70)
_TANPURA_GAPS = (
    (1, 1, 1, 1),
    (1.5, 0.5, 1, 1),
    (1.5, 0.75, 0.75, 1.5),
    (1, 0.5, 1, 1.5),
    (1.25, 0.75, 1, 2),
)
"""Beats from string to string; players keep their own time."""
_RING_BEATS = 4
_CHIKARI_FROM = 0.5


def tanpura_notes(plan: PiecePlan, player: Player) -> list[Note]:
    """Pa, Sa', Sa', Sa in a rhythm of its own, each string ringing on; Ma where there is no Pa."""
    upper = nearest(min(player.low + 14, player.high), {plan.tonic}, player.low, player.high)
    lower = upper - 12 if upper - 12 >= player.low else upper
    gaps = plan.chance("tanpura").choice(_TANPURA_GAPS)
    beat, end = plan.grid.bars[0].beat, plan.grid.end
    notes: list[Note] = []
    start = 0.0
    while start < end:
        string = len(notes) % 4
        raga = RAGAS[plan.span_at(int(start)).numeral]
        pitch = (lower + raga.drone, upper, upper, lower)[string]
        length = min(_RING_BEATS * beat, end - int(start))
        notes.append(Note(int(start), length, pitch, _TANPURA_VELOCITIES[string]))
        start += gaps[string] * beat
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
