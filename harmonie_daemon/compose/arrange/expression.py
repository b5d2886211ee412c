"""What happens to a note while it sounds: swells, pumping, vibrato, and gliding to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random

from harmonie_daemon.compose.arrange.drums import drums_play
from harmonie_daemon.compose.arrange.plan import Passage, PiecePlan
from harmonie_daemon.compose.palettes import PartRole, Player
from harmonie_daemon.compose.score import TICKS_PER_BEAT, Bend, Control, Note
from harmonie_daemon.domain.brief import Genre

_MODULATION, _EXPRESSION = 1, 11
_VIBRATO_FROM_US, _VIBRATO_AFTER_US, _VIBRATO = 800_000, 400_000, 46
_PUMP = ((0.0, 62), (0.25, 88), (0.5, 110), (0.75, 122))
"""Loudness through a beat under the bass drum of electronic music."""
_MOST_BEND = 2
"""Semitones; the range that MIDI files assume."""
_GLIDE_FROM_BEATS = 0.9
_GLIDE_POINTS = 6
_GLIDE_FROM = 0.72
"""Of a note's length."""
_GRACE_US = 60_000
_LEGATO_TICKS = 240
_MEEND_SHARE, _KAN_SHARE, _SLIDE_SHARE = 0.7, 0.35, 0.5


def controls_of(plan: PiecePlan, player: Player, notes: Sequence[Note]) -> tuple[Control, ...]:
    """Swells or pumping for chords, vibrato for the long notes of melodies."""
    if player.role in (PartRole.CHORDS, PartRole.SECOND):
        return tuple(one for passage in plan.passages for one in _loudness(plan, passage))
    if player.role is PartRole.LEAD:
        return tuple(_vibrato(plan, notes))
    return ()


def bends_of(plan: PiecePlan, player: Player, notes: Sequence[Note]) -> tuple[Bend, ...]:
    """Meend and kan for the voices of ragas, slides for the bass of hip-hop."""
    chance = plan.chance("glides", player.name)
    if plan.style.genre is Genre.INDIAN and player.role is PartRole.LEAD:
        return _in_order(_meend(plan, notes, chance))
    if plan.style.genre is Genre.HIPHOP and player.role is PartRole.BASS:
        return _in_order(_slides(notes, chance))
    return ()


def _loudness(plan: PiecePlan, passage: Passage) -> Iterator[Control]:
    if plan.style.genre is Genre.ELECTRONIC and drums_play(plan, passage):
        for bar in plan.bars_of(passage):
            for beat in range(bar.start, bar.end, bar.beat):
                for share, value in _PUMP:
                    at = beat + round(share * bar.beat)
                    if at < bar.end:
                        yield Control(at, _EXPRESSION, value)
        return
    yield from _swells(plan, passage)


def _swells(plan: PiecePlan, passage: Passage) -> Iterator[Control]:
    """Up to the middle of a phrase and down again; into a livelier one only up."""
    bars = plan.bars_of(passage)
    last = passage.number + 1 == len(plan.passages)
    rising = not last and plan.passages[passage.number + 1].energy > passage.energy + 0.1
    for index, bar in enumerate(bars):
        along = (index + 0.5) / len(bars)
        shape = along if rising else 1 - abs(2 * along - 1)
        for half in range(2):
            value = min(127, round(96 + 28 * shape) + half)
            yield Control(bar.start + half * bar.length // 2, _EXPRESSION, value)


def _vibrato(plan: PiecePlan, notes: Sequence[Note]) -> Iterator[Control]:
    for note in notes:
        us = note.length * plan.grid.us_per_beat(note.start) / TICKS_PER_BEAT
        if us > _VIBRATO_FROM_US:
            onset = round(note.length * _VIBRATO_AFTER_US / us)
            yield Control(note.start + onset, _MODULATION, _VIBRATO)
            yield Control(note.start + note.length, _MODULATION, 0)


def _meend(plan: PiecePlan, notes: Sequence[Note], chance: Random) -> Iterator[Bend]:
    """Out of a long note into the next one, or a touch of the neighbour before a short one."""
    for note, following in pairwise(notes):
        step = following.pitch - note.pitch
        if not _joined(note, following):
            continue
        if note.length >= _GLIDE_FROM_BEATS * TICKS_PER_BEAT and chance.random() < _MEEND_SHARE:
            yield from _ramp(note, following.start, step)
        elif chance.random() < _KAN_SHARE:
            grace = _GRACE_US * TICKS_PER_BEAT // plan.grid.us_per_beat(following.start)
            yield Bend(following.start, float(-step))
            yield Bend(following.start + min(grace, following.length // 2 or 1), 0.0)


def _slides(notes: Sequence[Note], chance: Random) -> Iterator[Bend]:
    for note, following in pairwise(notes):
        if _joined(note, following) and chance.random() < _SLIDE_SHARE:
            yield from _ramp(note, following.start, following.pitch - note.pitch)


def _joined(note: Note, following: Note) -> bool:
    """Near enough to glide: at most a whole tone, hardly a gap."""
    gap = following.start - note.start - note.length
    return 0 < abs(following.pitch - note.pitch) <= _MOST_BEND and gap < _LEGATO_TICKS


def _ramp(note: Note, until: int, step: int) -> Iterator[Bend]:
    """Slowly away, quickly across, and back to nothing as the next note starts."""
    start = note.start + round(note.length * _GLIDE_FROM)
    for point in range(1, _GLIDE_POINTS + 1):
        share = point / _GLIDE_POINTS
        at = start + round((until - 1 - start) * share)
        yield Bend(at, step * share * share * (3 - 2 * share))
    yield Bend(until, 0.0)


def _in_order(bends: Iterator[Bend]) -> tuple[Bend, ...]:
    """By time, the last of several at one tick."""
    latest = {bend.at: bend for bend in bends}
    return tuple(latest[at] for at in sorted(latest))
