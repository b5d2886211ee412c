"""A score as a Standard MIDI File: named tracks, a tempo map, the sections as markers."""

from __future__ import annotations

import io
from collections.abc import Iterable

import mido

from harmonie_daemon.compose.midi_collecting import (
    PAN,
    PAN_MIDDLE,
    PAN_WIDTH,
    VOLUME,
    VOLUME_AT_0_DB,
    MidiLimits,
)
from harmonie_daemon.compose.midi_reading import MIDI_LIMITS, read_midi
from harmonie_daemon.compose.score import DRUM_CHANNEL, TICKS_PER_BEAT, Score, ScorePart
from harmonie_daemon.domain.errors import MidiError

__all__ = ["MIDI_LIMITS", "MidiLimits", "read_midi", "write_midi"]

_MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_BEND_RANGE_SEMITONES = 2
_Timed = tuple[int, int, mido.Message | mido.MetaMessage]
"""Tick, rank among what happens at that tick, message."""


def write_midi(score: Score) -> bytes:
    """The bytes of a type 1 file; the same for equal scores.

    One track for the piece, then one for each part. The file ends when the sound does.

    Raises:
        MidiError: more melodic parts than MIDI has channels.
    """
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, charset="utf-8")
    end = score_end_tick(score)
    file.tracks.append(_track(_of_piece(score), end))
    melodic = iter(_MELODIC_CHANNELS)
    for part in score.parts:
        channel = DRUM_CHANNEL if part.is_drums else next(melodic, None)
        if channel is None:
            raise MidiError(
                f"MIDI has {len(_MELODIC_CHANNELS)} channels beside the drums; write fewer parts"
            )
        file.tracks.append(_track(_of_part(part, channel), end))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def score_end_tick(score: Score) -> int:
    """The tick at which ``duration_ms`` is over."""
    left_us = score.duration_ms * 1000
    for tempo, following in zip(score.tempos, score.tempos[1:], strict=False):
        span_us = (following.at - tempo.at) * tempo.microseconds_per_beat // TICKS_PER_BEAT
        if span_us >= left_us:
            return tempo.at + left_us * TICKS_PER_BEAT // tempo.microseconds_per_beat
        left_us -= span_us
    last = score.tempos[-1]
    return last.at + round(left_us * TICKS_PER_BEAT / last.microseconds_per_beat)


def _of_piece(score: Score) -> Iterable[_Timed]:
    yield 0, 0, mido.MetaMessage("track_name", name=score.title)
    yield (
        0,
        1,
        mido.MetaMessage("time_signature", numerator=score.beats_per_bar, denominator=4),
    )
    if score.key is not None:
        names = _MINOR_KEYS if score.key.mode == "minor" else _MAJOR_KEYS
        yield 0, 2, mido.MetaMessage("key_signature", key=names[score.key.tonic])
    for tempo in score.tempos:
        yield tempo.at, 3, mido.MetaMessage("set_tempo", tempo=tempo.microseconds_per_beat)
    for section in score.sections:
        yield section.start, 4, mido.MetaMessage("marker", text=section.emotion)


def _of_part(part: ScorePart, channel: int) -> Iterable[_Timed]:
    yield 0, 0, mido.MetaMessage("track_name", name=part.name)
    yield 0, 1, mido.Message("program_change", channel=channel, program=part.program)
    yield 0, 2, _control(channel, VOLUME, round(VOLUME_AT_0_DB * 10 ** (part.level_db / 40)))
    yield 0, 2, _control(channel, PAN, round(PAN_MIDDLE + PAN_WIDTH * part.pan))
    for control in part.controls:
        yield control.at, 3, _control(channel, control.number, control.value)
    for bend in part.bends:
        pitch = round(bend.semitones / _BEND_RANGE_SEMITONES * 8192)
        pitch = max(-8192, min(8191, pitch))
        yield bend.at, 4, mido.Message("pitchwheel", channel=channel, pitch=pitch)
    for note in part.notes:
        about = {"channel": channel, "note": note.pitch}
        yield note.start, 5, mido.Message("note_on", velocity=note.velocity, **about)
        yield note.start + note.length, -1, mido.Message("note_off", velocity=0, **about)


def _control(channel: int, number: int, value: int) -> mido.Message:
    return mido.Message(
        "control_change", channel=channel, control=number, value=max(0, min(127, value))
    )


def _track(messages: Iterable[_Timed], end: int) -> mido.MidiTrack:
    """Absolute ticks become distances; a note that ends where another starts ends first."""
    track, now = mido.MidiTrack(), 0
    for at, _, message in sorted(messages, key=lambda timed: timed[:2]):
        message.time = at - now
        track.append(message)
        now = at
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - now)))
    return track


_MAJOR_KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_KEYS = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")
