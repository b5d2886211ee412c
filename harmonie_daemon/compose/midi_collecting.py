"""What is being read out of a MIDI file, counted against the limits, and the score it becomes."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

from harmonie_daemon.compose.instruments import instrument_name, usual_stem
from harmonie_daemon.compose.score import (
    DRUM_CHANNEL,
    TICKS_PER_BEAT,
    Bend,
    Control,
    Note,
    Score,
    ScorePart,
    Tempo,
)
from harmonie_daemon.domain.brief import LONGEST_MS, MusicalKey
from harmonie_daemon.domain.errors import MidiError

VOLUME, PAN = 7, 10
"""Controllers."""
VOLUME_AT_0_DB, PAN_MIDDLE, PAN_WIDTH = 100, 64, 63
"""How a part's level and place are written."""
_DEFAULT_TEMPO = 500_000
"""Microseconds per beat where a file says nothing."""
_ROUNDING_US = 1_000
"""What whole ticks and whole microseconds per beat may add to ten minutes."""


@dataclass(frozen=True, slots=True)
class MidiLimits:
    """How much a file may hold."""

    bytes: int = 2_000_000
    events: int = 200_000
    tracks: int = 64
    channels: int = 16
    """Parts that play: pairs of track and channel."""
    notes: int = 20_000
    duration_ms: int = LONGEST_MS
    least_bpm: float = 20.0
    most_bpm: float = 300.0


@dataclass(slots=True)
class MidiPlayer:
    """What one track plays on one channel, as it is being read."""

    name: str
    channel: int
    program: int = 0
    notes: list[Note] = field(default_factory=list)
    held: dict[int, deque[tuple[int, int]]] = field(default_factory=dict)
    controls: list[Control] = field(default_factory=list)
    bends: list[Bend] = field(default_factory=list)

    def note_on(self, at: int, pitch: int, velocity: int) -> None:
        """A key goes down; the same one may be down already."""
        self.held.setdefault(pitch, deque()).append((at, velocity))

    def note_off(self, at: int, pitch: int) -> None:
        """The key that is down longest goes up."""
        waiting = self.held.get(pitch)
        if waiting:
            start, velocity = waiting.popleft()
            self.notes.append(Note(start, max(1, at - start), pitch, velocity))

    def end(self, at: int) -> None:
        """Whatever is still held ends with its track."""
        for pitch in sorted(self.held):
            while self.held[pitch]:
                self.note_off(at, pitch)


@dataclass(slots=True)
class MidiPiece:
    """A file while it is being read, and what it may hold."""

    limits: MidiLimits
    division: int
    playing: list[MidiPlayer] = field(default_factory=list)
    tempos: dict[int, int] = field(default_factory=dict)
    title: str = ""
    key: MusicalKey | None = None
    beats_per_bar: int = 4
    events: int = 0
    note_ons: int = 0
    end: int = 0

    def count_event(self) -> None:
        """One more of anything."""
        self.events += 1
        if self.events > self.limits.events:
            raise MidiError(f"the MIDI file has over {self.limits.events:,} events; use fewer")

    def count_note(self) -> None:
        """One more key that goes down."""
        self.note_ons += 1
        if self.note_ons > self.limits.notes:
            raise MidiError(f"the piece has over {self.limits.notes:,} notes; write fewer")

    def ticks(self, own: int) -> int:
        """Our ticks for those of the file."""
        return round(own * TICKS_PER_BEAT / self.division)


def collected(piece: MidiPiece, limits: MidiLimits) -> Score:
    """The score of all that was read.

    Raises:
        MidiError: there is nothing, or it takes too long.
    """
    if not piece.playing:
        raise MidiError("the piece has no notes; write some")
    tempos = _tempo_map(piece.tempos)
    last = max(note.start + note.length for part in piece.playing for note in part.notes)
    duration_us = _microseconds(tempos, max(last, piece.end))
    if duration_us > limits.duration_ms * 1000 + _ROUNDING_US:
        raise MidiError(f"the piece is longer than {limits.duration_ms // 1000} s; shorten it")
    return Score(
        title=piece.title,
        parts=tuple(_part(part) for part in piece.playing),
        tempos=tempos,
        duration_ms=min(max(1, round(duration_us / 1000)), limits.duration_ms),
        key=piece.key,
        beats_per_bar=piece.beats_per_bar,
    )


def _tempo_map(found: dict[int, int]) -> tuple[Tempo, ...]:
    at_first = {0: _DEFAULT_TEMPO} | found
    return tuple(Tempo(at, at_first[at]) for at in sorted(at_first))


def _microseconds(tempos: tuple[Tempo, ...], until: int) -> float:
    total = 0.0
    for tempo, following in pairwise((*tempos, Tempo(max(until, tempos[-1].at), 0))):
        ticks = max(0, min(following.at, until) - tempo.at)
        total += ticks * tempo.microseconds_per_beat / TICKS_PER_BEAT
    return total


def _part(part: MidiPlayer) -> ScorePart:
    is_drums = part.channel == DRUM_CHANNEL
    first = min(note.start for note in part.notes)
    settings = {one.number: one.value for one in part.controls if _is_setting(one, first)}
    return ScorePart(
        name=part.name or instrument_name(part.program, is_drums=is_drums),
        stem=usual_stem(part.program, is_drums=is_drums),
        notes=tuple(sorted(part.notes, key=lambda note: (note.start, note.pitch))),
        program=part.program,
        is_drums=is_drums,
        controls=tuple(one for one in part.controls if not _is_setting(one, first)),
        bends=tuple(part.bends),
        pan=max(-1.0, (settings.get(PAN, PAN_MIDDLE) - PAN_MIDDLE) / PAN_WIDTH),
        level_db=40 * math.log10(max(1, settings.get(VOLUME, VOLUME_AT_0_DB)) / VOLUME_AT_0_DB),
    )


def _is_setting(control: Control, first_note: int) -> bool:
    """Volume and place from before the first note are the part's own."""
    return control.number in (VOLUME, PAN) and control.at <= first_note
