"""From a score to a program in our dialect of musicpy that plays the same notes.

musicpy measures time in bars of four beats and rounds ticks down when it writes MIDI. What no
binary fraction holds would come out a tick early, so parts with such times begin a quarter of a
tick late.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from harmonie_daemon.compose.score import (
    DRUM_CHANNEL,
    TICKS_PER_BEAT,
    Note,
    Score,
    ScorePart,
)
from harmonie_daemon.domain.errors import MidiError

TICKS_PER_BAR = 4 * TICKS_PER_BEAT
"""Of musicpy's bars, whatever the metre."""
QUARTER_TICK = f"1/{4 * TICKS_PER_BAR}"
EXACT_TICKS = 15
"""Multiples of this are whole 256ths of a bar, which binary numbers hold exactly."""
LARGEST_NUMERATOR = 999_999
LARGEST_BEND = 8192
BEND_STEPS = LARGEST_BEND // 2
"""Of a semitone; the range is two."""
_LATER = f"(at + 1/4) / {TICKS_PER_BAR}"
_DEEP = " " * 12
LONGEST_CHORD = 100_000
"""Characters; the dialect takes 120,000 in one text."""
MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_US_PER_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class _Seat:
    """Where a part stands in the piece."""

    name: str
    """Of its variable."""
    part: ScorePart
    number: int
    channel: int


@dataclass(slots=True)
class _Chunk:
    """What one chord holds; a text of the dialect has an end."""

    start: int
    """Tick of its first note."""
    lines: list[str] = field(default_factory=list)


def transcribe(score: Score) -> str:
    """The program. Raises ``MidiError`` when there are more melodic parts than channels."""
    seats = _seats(score)
    lines = ["from musicpy import *", "", f"# {_on_one_line(score.title) or 'A piece'}"]
    for seat in seats:
        lines += ["", *_part(seat, score)]
    lines += ["", *_piece(seats, score)]
    return "\n".join(lines) + "\n"


def _seats(score: Score) -> list[_Seat]:
    melodic = iter(MELODIC_CHANNELS)
    seats: list[_Seat] = []
    for number, part in enumerate(part for part in score.parts if part.notes):
        channel = DRUM_CHANNEL if part.is_drums else next(melodic, None)
        if channel is None:
            raise MidiError(f"MIDI has {len(MELODIC_CHANNELS)} channels beside the drums")
        taken = [seat.part.stem for seat in seats].count(part.stem)
        name = part.stem.value if not taken else f"{part.stem.value}_{taken + 1}"
        seats.append(_Seat(name, part, number, channel))
    return seats


def _part(seat: _Seat, score: Score) -> Iterator[str]:
    """The statements that make one part; long ones are made of several chords."""
    part = seat.part
    chunks = _chunks(part, score)
    changes = list(_changes(seat, score))
    for number, chunk in enumerate(chunks, 1):
        name = seat.name if len(chunks) == 1 else f"{seat.name}_part_{number}"
        yield f"{name} = chord("
        yield from chunk.lines
        if number == 1 and changes:
            yield "    ,"
            yield from changes
        yield ")"
    if len(chunks) > 1:
        later = (
            f"({seat.name}_part_{number}, {Fraction(chunk.start - chunks[0].start, TICKS_PER_BAR)})"
            for number, chunk in enumerate(chunks[1:], 2)
        )
        yield f"{seat.name} = {seat.name}_part_1 & {' & '.join(later)}"


def _chunks(part: ScorePart, score: Score) -> list[_Chunk]:
    """The notes as lines of text, a bar each, with the sections as comments."""
    bar = score.beats_per_bar * TICKS_PER_BEAT
    beginnings = {section.start // bar: section.emotion for section in score.sections}
    chunks: list[_Chunk] = []
    size, last_bar = LONGEST_CHORD, -1
    for start, words in _bars(part.notes, bar):
        if size + len(words) > LONGEST_CHORD:
            chunks.append(_Chunk(start))
            size = 0
        number = start // bar
        begun = [at for at in beginnings if last_bar < at <= number]
        if begun:
            emotion = beginnings[max(begun)]
            chunks[-1].lines.append(f"    # {emotion.value}, from bar {max(begun) + 1}")
        chunks[-1].lines.append(f"    '{words}, '")
        size, last_bar = size + len(words) + 2, number
    for chunk in chunks:
        chunk.lines[-1] = chunk.lines[-1].removesuffix(", '") + "'"
    return chunks


def _bars(notes: Sequence[Note], bar: int) -> Iterator[tuple[int, str]]:
    """For each bar in which notes begin, the tick of the first, and all of them."""
    words: list[str] = []
    first = notes[0].start
    for note, following in zip(notes, [*notes[1:], None], strict=True):
        end = note.start + note.length if following is None else following.start
        words.append(_note(note, end - note.start))
        if following is None or following.start // bar != note.start // bar:
            yield first, ", ".join(words)
            words, first = [], 0 if following is None else following.start


def _note(note: Note, until_next: int) -> str:
    """``C4[length;time to the next note;velocity]``."""
    octave = note.pitch // 12 - 1
    if octave < 0:  # musicpy reads no minus there
        name = f"{_NAMES[note.pitch % 12]}0(-12)"
    else:
        name = f"{_NAMES[note.pitch % 12]}{octave}"
    gap = "." if until_next == note.length else _bars_text(until_next)
    return f"{name}[{_bars_text(note.length)};{gap};{note.velocity}]"


def _bars_text(ticks: int) -> str:
    """Ticks as bars, in musicpy's texts: ``1/8``."""
    bars = Fraction(ticks, TICKS_PER_BAR)
    if bars.numerator > LARGEST_NUMERATOR:
        return f"{ticks / TICKS_PER_BAR:.9f}"
    return str(bars)


def _at(ticks: int) -> str:
    """A place in time as an expression, never a tick early."""
    if ticks % EXACT_TICKS == 0:
        return str(Fraction(ticks, TICKS_PER_BAR))
    return _late(ticks)


def _changes(seat: _Seat, score: Score) -> Iterator[str]:
    """Tempos (in the first part) and pitch bends, as arguments of a chord."""
    if seat.number == 0 and len(score.tempos) > 1:
        yield "    tempos=["
        for tempo in score.tempos[1:]:
            yield f"        tempo({_bpm(tempo.microseconds_per_beat)}, {_at(tempo.at)}),"
        yield "    ],"
    if seat.part.bends:
        bends = [(bend.at, round(bend.semitones * BEND_STEPS)) for bend in seat.part.bends]
        values = [max(0, min(2 * LARGEST_BEND - 1, LARGEST_BEND + value)) for _, value in bends]
        yield "    pitch_bends=["
        yield f"        pitch_bend(value - {LARGEST_BEND}, {_LATER}, mode='values')"
        yield from _pairs([at for at, _ in bends], values)
        yield "    ],"


def _pairs(times: Sequence[int], values: Sequence[int]) -> Iterator[str]:
    """The rest of a list comprehension over ticks and values: two nodes of the tree for each."""
    yield "        for at, value in zip("
    for numbers in (times, values):
        listed = f"[{', '.join(map(str, numbers))}],"
        yield from textwrap.wrap(listed, 88, initial_indent=_DEEP, subsequent_indent=_DEEP + " ")
    yield "        )"


def _piece(seats: Sequence[_Seat], score: Score) -> Iterator[str]:
    yield "result = piece("
    yield f"    [{', '.join(seat.name for seat in seats)}],"
    yield f"    [{', '.join(str(seat.part.program + 1) for seat in seats)}],"
    yield f"    bpm={_bpm(score.tempos[0].microseconds_per_beat)},"
    yield f"    start_times=[{', '.join(_start(seat.part) for seat in seats)}],"
    yield f"    track_names=[{', '.join(repr(_on_one_line(seat.part.name)) for seat in seats)}],"
    yield f"    channels=[{', '.join(str(seat.channel) for seat in seats)}],"
    pans = (f"[pan({round(64 + 63 * seat.part.pan)}, mode='value')]" for seat in seats)
    yield f"    pan=[{', '.join(pans)}],"
    levels = (f"[volume({_level(seat.part)}, mode='value')]" for seat in seats)
    yield f"    volume=[{', '.join(levels)}],"
    yield from _controls(seats)
    yield ")"


def _controls(seats: Sequence[_Seat]) -> Iterator[str]:
    """Every controller of every part as a list of its own; all of them one after another."""
    opening = "    other_messages=["
    for seat in seats:
        for number in sorted({control.number for control in seat.part.controls}):
            found = [control for control in seat.part.controls if control.number == number]
            yield opening
            yield (
                f"        event('control_change', track={seat.number}, start_time={_LATER}, "
                f"channel={seat.channel}, control={number}, value=value)"
            )
            yield from _pairs([one.at for one in found], [one.value for one in found])
            opening = "    ] + ["
    if opening == "    ] + [":
        yield "    ],"


def _start(part: ScorePart) -> str:
    """Of the first note; a quarter of a tick later where rounding down would be wrong."""
    notes = part.notes
    if all(note.start % EXACT_TICKS == note.length % EXACT_TICKS == 0 for note in notes):
        return str(Fraction(notes[0].start, TICKS_PER_BAR))
    return _late(notes[0].start)


def _late(ticks: int) -> str:
    return f"{Fraction(ticks, TICKS_PER_BAR)} + {QUARTER_TICK}" if ticks else QUARTER_TICK


def _level(part: ScorePart) -> int:
    return max(0, min(127, round(100 * 10 ** (part.level_db / 40))))


def _bpm(microseconds_per_beat: int) -> str:
    bpm = Fraction(_US_PER_MINUTE, microseconds_per_beat)
    return str(bpm.numerator) if bpm.denominator == 1 else repr(float(bpm))


def _on_one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:100]
