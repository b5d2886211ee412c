"""From a program's result to a MIDI file, or to what is wrong with it in words."""

from __future__ import annotations

from typing import Any

from harmonie_daemon.compose.musicpy_code import limits
from harmonie_daemon.compose.musicpy_code.faults import FaultError
from harmonie_daemon.compose.musicpy_code.kinds import is_number, shown
from harmonie_daemon.compose.musicpy_code.quiet_musicpy import musicpy as mp

DEFAULT_BPM = 120


def midi_of(result: Any) -> bytes:
    """The file that musicpy writes. Raises ``FaultError``."""
    if type(result) is mp.scale:
        result = result.get_scale()
    if type(result) is mp.note:
        result = mp.chord([result])
    if type(result) not in (mp.chord, mp.track, mp.drum, mp.piece):
        raise FaultError(f"result must be a piece, a track, a chord or a drum, not {shown(result)}")
    _check(_chords(result))
    try:
        written: bytes = mp.write(
            result, bpm=DEFAULT_BPM, save_as_file=False, charset="utf-8"
        ).getvalue()
    except Exception as error:
        raise FaultError(
            "musicpy cannot write this as MIDI: look at channels, instruments and start times"
        ) from error
    return written


def _chords(result: Any) -> list[Any]:
    match result:
        case mp.chord():
            return [result]
        case mp.track():
            return [result.content]
        case mp.drum():
            return [result.notes]
        case _:
            return list(result.tracks)


def _check(chords: list[Any]) -> None:
    if not any(chord.notes for chord in chords):
        raise FaultError("result has no notes")
    if sum(len(chord.notes) for chord in chords) > limits.MOST_NOTES:
        raise FaultError(f"result has more than {limits.MOST_NOTES} notes")
    for track, chord in enumerate(chords, 1):
        if len(chord.notes) != len(chord.interval):
            raise FaultError(f"track {track} has not as many intervals as notes")
        for place, note in enumerate(chord.notes, 1):
            _check_note(note, f"note {place} of track {track}")
        if not all(map(is_number, chord.interval)):
            raise FaultError(f"an interval of track {track} is no number")


def _check_note(note: Any, which: str) -> None:
    if type(note) is not mp.note:
        raise FaultError(f"{which} is {shown(note)}")
    if not 0 <= note.degree <= 127:
        raise FaultError(f"{which} is out of the range of MIDI: its pitch is {note.degree}")
    if not 0 <= note.volume <= 127:
        raise FaultError(f"{which} has a volume of {note.volume}, it must be 0 to 127")
    if not is_number(note.duration) or note.duration < 0:
        raise FaultError(f"{which} has no duration that is a number")
