"""How a piece ends: everybody on the tonic, held, and silent before the time is over."""

from __future__ import annotations

from harmonie_daemon.compose.arrange.bass import root_of
from harmonie_daemon.compose.arrange.drum_patterns import CRASH, KICK
from harmonie_daemon.compose.arrange.melody import reach_of
from harmonie_daemon.compose.arrange.plan import PiecePlan
from harmonie_daemon.compose.arrange.rhythm import loudness
from harmonie_daemon.compose.palettes import PartRole, Player
from harmonie_daemon.compose.score import TICKS_PER_BEAT, Note
from harmonie_daemon.compose.theory import nearest
from harmonie_daemon.compose.timing import Bar

_TAIL_MS = 700
"""From the last note's end to the end of the piece: releases and reverberation."""


def has_ending(plan: PiecePlan) -> bool:
    """Whether the last bar is held; a loop goes on, and a single bar must play."""
    return not plan.brief.looping and len(plan.grid.bars) > 1


def final_bar(plan: PiecePlan) -> Bar:
    """The bar that is held."""
    return plan.grid.bars[-1]


def with_ending(plan: PiecePlan, player: Player, notes: list[Note]) -> list[Note]:
    """The part with its last bar replaced by the held tonic, and nothing that rings into it."""
    if not has_ending(plan):
        return notes
    bar = final_bar(plan)
    kept = [
        note
        if note.start + note.length <= bar.start
        else Note(note.start, bar.start - note.start, note.pitch, note.velocity)
        for note in notes
        if note.start < bar.start
    ]
    return kept + _last_notes(plan, player, bar, kept)


def _last_notes(plan: PiecePlan, player: Player, bar: Bar, before: list[Note]) -> list[Note]:
    passage = plan.passages[-1]
    span = plan.span_at(bar.start)
    tail = _TAIL_MS * 1000 * TICKS_PER_BEAT // plan.grid.us_per_beat(bar.start)
    length = max(bar.length - tail, bar.length // 2, 1)
    velocity = loudness(84, passage.energy)
    match player.role:
        case PartRole.DRUMS if player.is_drums:
            played = any(note.start >= bar.start - 2 * bar.length for note in before)
            hits = (KICK, CRASH) if passage.energy > 0.45 else (KICK,)
            return [Note(bar.start, bar.beat, p, velocity) for p in hits] if played else []
        case PartRole.DRUMS:
            pitch = nearest(player.low + 3, {plan.tonic}, player.low, player.high)
            return [Note(bar.start, length, pitch, velocity)] if before else []
        case PartRole.CHORDS:
            return [Note(bar.start, length, pitch, velocity) for pitch in span.voicing]
        case PartRole.BASS:
            return [Note(bar.start, length, root_of(player, plan.tonic), velocity)]
        case _:
            reach = reach_of(player, passage.affect.valence)
            near = before[-1].pitch if before else round(reach.middle)
            pitch = nearest(near, {plan.tonic}, reach.low, reach.high)
            return [Note(bar.start, length, pitch, velocity)]
