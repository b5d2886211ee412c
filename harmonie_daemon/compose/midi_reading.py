"""Reading a MIDI file that nobody vouches for.

The reader is our own, not mido's: what a hostile file may cost must be known before it is paid,
and mido makes an object of every event before anything can be counted. Here the file is walked
once, nothing is kept but notes, controllers and tempos, and each is counted as it is met.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from harmonie_daemon.compose.midi_collecting import MidiLimits, MidiPiece, MidiPlayer, collected
from harmonie_daemon.compose.score import Bend, Control, Score
from harmonie_daemon.domain.brief import MusicalKey
from harmonie_daemon.domain.errors import MidiError

_LONGEST_NAME = 100
_US_PER_MINUTE = 60_000_000
MIDI_LIMITS = MidiLimits()


def read_midi(data: bytes, limits: MidiLimits = MIDI_LIMITS) -> Score:
    """The score in a MIDI file of type 0 or 1.

    A part is what one track plays on one channel. Its stem follows from its instrument. The
    piece lasts until its last track ends, or its last note if that is later.

    Raises:
        MidiError: it is damaged, uses SMPTE time, holds no note, or passes a limit.
    """
    if len(data) > limits.bytes:
        raise MidiError(f"the MIDI file is over {limits.bytes:,} bytes; make it smaller")
    try:
        piece = _read_piece(data, limits)
    except (struct.error, IndexError) as error:
        raise MidiError("the MIDI file ends in the middle of something; write it anew") from error
    return collected(piece, limits)


def _read_piece(data: bytes, limits: MidiLimits) -> MidiPiece:
    if data[:4] != b"MThd":
        raise MidiError("this is no MIDI file: it does not begin with MThd")
    size, kind, tracks, division = struct.unpack_from(">IHHH", data, 4)
    if kind not in (0, 1):
        raise MidiError(f"MIDI files of type {kind} are not read; write type 0 or 1")
    if division & 0x8000 or not division:
        raise MidiError("the MIDI file counts in SMPTE frames; write it with ticks per beat")
    if tracks > limits.tracks:
        raise MidiError(f"the MIDI file has over {limits.tracks} tracks; join some")
    piece = MidiPiece(limits, division)
    for number, chunk in enumerate(_tracks(data, 8 + size)):
        if number >= limits.tracks:
            raise MidiError(f"the MIDI file has over {limits.tracks} tracks; join some")
        _TrackReader(piece, chunk, first=number == 0).read()
    return piece


def _tracks(data: bytes, at: int) -> Iterator[bytes]:
    while at + 8 <= len(data):
        kind, size = struct.unpack_from(">4sI", data, at)
        if at + 8 + size > len(data):
            raise MidiError("the MIDI file ends in the middle of a track; write it anew")
        if kind == b"MTrk":
            yield data[at + 8 : at + 8 + size]
        at += 8 + size


class _TrackReader:
    """Walks one track, putting what it finds into the piece."""

    def __init__(self, piece: MidiPiece, data: bytes, *, first: bool) -> None:
        self._piece = piece
        self._data = data
        self._first = first
        self._at = 0
        self._own_tick = 0
        self._name = ""
        self._parts: dict[int, MidiPlayer] = {}

    def read(self) -> None:
        status = 0
        while self._at < len(self._data):
            self._piece.count_event()
            self._own_tick += self._number()
            byte = self._data[self._at]
            if byte & 0x80:
                status = byte
                self._at += 1
            if status == 0xFF:
                if not self._meta():
                    break
                status = 0
            elif status in (0xF0, 0xF7):
                self._skip(self._number())
                status = 0
            elif 0x80 <= status < 0xF0:
                self._channel_event(status)
            else:
                raise MidiError("the MIDI file has bytes that belong to no event; write it anew")
        self._end()

    def _number(self) -> int:
        """A variable-length quantity of at most four bytes."""
        value = 0
        for _ in range(4):
            byte = self._data[self._at]
            self._at += 1
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value
        raise MidiError("the MIDI file has a number of over four bytes; write it anew")

    def _skip(self, size: int) -> bytes:
        """The next ``size`` bytes, which are then behind."""
        if self._at + size > len(self._data):
            raise MidiError("the MIDI file ends in the middle of an event; write it anew")
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken

    def _meta(self) -> bool:
        """One meta event; whether the track goes on after it."""
        kind = self._data[self._at]
        self._at += 1
        body = self._skip(self._number())
        piece = self._piece
        if kind == 0x2F:
            return False
        if kind == 0x03 and not self._name:
            self._name = _readable(body)
            if self._first:
                piece.title = self._name
            for part in self._parts.values():
                part.name = self._name
        elif kind == 0x51 and len(body) == 3:
            self._tempo(int.from_bytes(body, "big"))
        elif kind == 0x58 and len(body) == 4 and 1 <= body[0] <= 32:
            piece.beats_per_bar = body[0]
        elif kind == 0x59 and len(body) == 2 and piece.key is None:
            piece.key = _key(body)
        return True

    def _tempo(self, microseconds: int) -> None:
        limits = self._piece.limits
        if not limits.least_bpm <= _US_PER_MINUTE / max(1, microseconds) <= limits.most_bpm:
            raise MidiError(
                f"the piece has a tempo outside {limits.least_bpm:g} to {limits.most_bpm:g} BPM"
            )
        self._piece.tempos[self._piece.ticks(self._own_tick)] = microseconds

    def _channel_event(self, status: int) -> None:
        kind, channel = status & 0xF0, status & 0x0F
        body = self._skip(1 if kind in (0xC0, 0xD0) else 2)
        if any(byte & 0x80 for byte in body):
            raise MidiError("the MIDI file has an event with a value over 127; write it anew")
        part = self._parts.get(channel)
        if part is None:
            part = self._parts[channel] = MidiPlayer(self._name, channel)
        at = self._piece.ticks(self._own_tick)
        if kind == 0x90 and body[1]:
            self._piece.count_note()
            part.note_on(at, body[0], body[1])
        elif kind in (0x80, 0x90):
            part.note_off(at, body[0])
        elif kind == 0xB0:
            part.controls.append(Control(at, body[0], body[1]))
        elif kind == 0xC0 and not part.notes:
            part.program = body[0]
        elif kind == 0xE0:
            part.bends.append(Bend(at, ((body[1] << 7 | body[0]) - 8192) / 4096))

    def _end(self) -> None:
        end = self._piece.ticks(self._own_tick)
        self._piece.end = max(self._piece.end, end)
        for channel in sorted(self._parts):
            self._parts[channel].end(end)
            if self._parts[channel].notes:
                self._piece.playing.append(self._parts[channel])
        if len(self._piece.playing) > self._piece.limits.channels:
            raise MidiError(f"the piece has over {self._piece.limits.channels} parts; join some")


def _readable(name: bytes) -> str:
    try:
        text = name[: 4 * _LONGEST_NAME].decode("utf-8")
    except UnicodeDecodeError:
        text = name[:_LONGEST_NAME].decode("latin-1")
    return "".join(sign for sign in text if sign.isprintable())[:_LONGEST_NAME].strip()


def _key(body: bytes) -> MusicalKey | None:
    """Sharps (negative: flats), and 1 for minor."""
    (fifths,) = struct.unpack_from(">b", body)
    if not -7 <= fifths <= 7 or body[1] > 1:
        return None
    tonic = fifths * 7 % 12
    return MusicalKey((tonic + 9) % 12, "minor") if body[1] else MusicalKey(tonic, "major")
