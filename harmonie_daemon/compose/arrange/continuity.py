"""No holes: where nothing would sound for too long, somebody holds the harmony."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harmonie_daemon.compose.arrange.bass import root_of
from harmonie_daemon.compose.arrange.ending import has_ending
from harmonie_daemon.compose.arrange.plan import HarmonySpan, PiecePlan
from harmonie_daemon.compose.palettes import PartRole, Player
from harmonie_daemon.compose.score import TICKS_PER_BEAT, Note
from harmonie_daemon.compose.theory import nearest

LONGEST_HOLE_MS = 1_200
_HELPERS = (PartRole.CHORDS, PartRole.DRONE, PartRole.SECOND, PartRole.BASS, PartRole.LEAD)
_VELOCITY = 58


def without_holes(plan: PiecePlan, parts: dict[Player, list[Note]]) -> dict[Player, list[Note]]:
    """The parts, one of which has held notes more wherever all would be silent."""
    helper = next((p for role in _HELPERS for p in parts if p.role is role), None)
    if helper is None:
        return parts
    added = [
        note
        for start, end in _holes(plan, parts.values())
        for span in _spans(plan, start, end)
        for note in _held(helper, span, max(start, span.start), min(end, span.end))
    ]
    return {**parts, helper: parts[helper] + added} if added else parts


def _holes(plan: PiecePlan, parts: Iterable[list[Note]]) -> Iterator[tuple[int, int]]:
    sounding = sorted((note.start, note.start + note.length) for part in parts for note in part)
    end = plan.grid.end
    reached = 0
    for start, stop in (*sounding, (end, end)):
        if start > reached:
            us = (start - reached) * plan.grid.us_per_beat(reached) / TICKS_PER_BEAT
            rings_out = start == end and has_ending(plan)
            if us > LONGEST_HOLE_MS * 1000 and not (rings_out and us < 1_400_000):
                yield reached, start
        reached = max(reached, stop)


def _spans(plan: PiecePlan, start: int, end: int) -> Iterator[HarmonySpan]:
    at = start
    while at < end:
        span = plan.span_at(at)
        yield span
        at = span.end


def _held(player: Player, span: HarmonySpan, start: int, end: int) -> Iterator[Note]:
    if player.role is PartRole.CHORDS:
        pitches = span.voicing
    elif player.role is PartRole.BASS:
        pitches = (root_of(player, span.chord.root),)
    else:
        middle = (player.low + player.high) / 2
        pitches = (nearest(middle, span.chord.tones, player.low, player.high),)
    for pitch in pitches:
        yield Note(start, max(1, end - start), pitch, _VELOCITY)
