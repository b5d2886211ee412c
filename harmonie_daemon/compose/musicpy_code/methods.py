"""What a program may ask of a value with a point: attributes, and methods with their limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harmonie_daemon.compose.musicpy_code import limits
from harmonie_daemon.compose.musicpy_code import vocabulary as of
from harmonie_daemon.compose.musicpy_code.functions import Function, Given, Parameter
from harmonie_daemon.compose.musicpy_code.kinds import (
    Kind,
    either,
    integer,
    maybe,
    octave_steps,
    several,
    weight,
)
from harmonie_daemon.compose.musicpy_code.plain_functions import SEQUENCE, items_of
from harmonie_daemon.compose.musicpy_code.quiet_musicpy import musicpy as mp


class HeldList(list[Any]):
    """A list that was read out of a musical value: appending to it would change nothing."""


def _semitones(scale: Any) -> HeldList:
    """musicpy keeps them as objects that know of more than numbers."""
    steps = scale.get_interval(standard_interval=False)
    return HeldList(step if isinstance(step, int) else step.value for step in steps)


ATTRIBUTES: Mapping[type, Mapping[str, Callable[[Any], Any]]] = {
    mp.note: {
        "name": lambda note: note.name,
        "num": lambda note: note.num,
        "degree": lambda note: note.degree,
        "duration": lambda note: note.duration,
        "volume": lambda note: note.volume,
        "channel": lambda note: note.channel,
    },
    mp.chord: {
        "notes": lambda chord: HeldList(chord.notes),
        "interval": lambda chord: HeldList(chord.interval),
        "start_time": lambda chord: chord.start_time,
    },
    mp.scale: {
        "notes": lambda scale: HeldList(scale.notes),
        "interval": _semitones,
        "start": lambda scale: scale.start,
        "mode": lambda scale: scale.mode,
    },
    mp.drum: {"notes": lambda drum: drum.notes},
    mp.track: {
        "content": lambda track: track.content,
        "instrument": lambda track: track.instrument,
        "channel": lambda track: track.channel,
        "start_time": lambda track: track.start_time,
    },
    mp.piece: {
        "bpm": lambda piece: piece.bpm,
        "tracks": lambda piece: HeldList(piece.tracks),
    },
}


def _all(given: Given) -> int:
    return 2 * sum(map(weight, given.values()))


def _steps(name: str, given: Given) -> int:
    return octave_steps(given["self"]) if name == "inversion_highest" else 0


def _method(
    owner: type, name: str, *parameters: tuple[str, Kind], required: int = 0, times: int = 1
) -> tuple[type, Function]:
    """A method of musicpy's, called with its owner as ``self``."""
    own = Parameter("self", Kind("itself", lambda value: type(value) is owner))
    return owner, Function(
        name,
        getattr(owner, name),
        (own, *(Parameter(*parameter) for parameter in parameters)),
        required=required + 1,
        cost=lambda given: times * _all(given) + _steps(name, given),
    )


SCALE_DEGREE = integer(1, 14)
MODE_OF_BARS = integer(0, 2)

MUSICAL = (
    _method(mp.note, "up", ("unit", of.SEMITONES)),
    _method(mp.note, "down", ("unit", of.SEMITONES)),
    _method(mp.note, "sharp", ("unit", integer(0, 12)), times=12),
    _method(mp.note, "flat", ("unit", integer(0, 12)), times=12),
    _method(mp.note, "set_volume", ("vol", of.LOUDNESS), required=1),
    _method(mp.note, "set_channel", ("channel", of.CHANNEL), required=1),
    _method(mp.note, "with_channel", ("channel", of.CHANNEL), required=1),
    _method(mp.note, "dotted", ("num", integer(0, 4))),
    _method(mp.note, "reset_octave", ("num", of.OCTAVE), required=1),
    _method(
        mp.note,
        "set",
        ("duration", maybe(of.BARS)),
        ("volume", maybe(of.LOUDNESS)),
        ("channel", maybe(of.CHANNEL)),
    ),
    _method(
        mp.chord, "up", ("unit", either(of.SEMITONES, several(of.SEMITONES, limits.MOST_NOTES)))
    ),
    _method(
        mp.chord, "down", ("unit", either(of.SEMITONES, several(of.SEMITONES, limits.MOST_NOTES)))
    ),
    _method(mp.chord, "sharp", ("unit", integer(0, 12)), times=12),
    _method(mp.chord, "flat", ("unit", integer(0, 12)), times=12),
    _method(
        mp.chord,
        "set",
        ("duration", maybe(of.EACH_BARS)),
        ("interval", maybe(of.EACH_BARS)),
        ("volume", maybe(of.EACH_LOUDNESS)),
    ),
    _method(mp.chord, "set_volume", ("vol", of.EACH_LOUDNESS), required=1),
    _method(mp.chord, "reverse", times=2),
    _method(mp.chord, "reverse_chord", times=2),
    _method(mp.chord, "inversion", ("num", integer(1, 64)), times=2),
    _method(mp.chord, "inversion_highest", ("ind", integer(1, 64)), required=1, times=4),
    _method(mp.chord, "rest", ("length", of.BARS), ("dotted", maybe(integer(0, 4))), required=1),
    _method(mp.chord, "with_start", ("start_time", of.BARS), required=1),
    _method(mp.chord, "get_duration"),
    _method(mp.chord, "get_volume"),
    _method(mp.chord, "get_degree"),
    _method(mp.chord, "names"),
    _method(mp.chord, "bars", ("start_time", of.BARS), ("mode", MODE_OF_BARS)),
    _method(mp.chord, "get", ("ls", several(of.SMALL, 64)), required=1),
    _method(
        mp.chord,
        "cut",
        ("ind1", of.BARS),
        ("ind2", maybe(of.BARS)),
        ("start_time", of.BARS),
        times=3,
    ),
    _method(mp.chord, "on", ("root", of.A_NOTE), ("duration", of.BARS), required=1),
    _method(mp.chord, "omit", ("ind", either(of.SMALL, of.PITCH_NAME)), required=1),
    _method(mp.chord, "sus", ("num", integer(2, 4))),
    _method(mp.chord, "sort", ("indlist", several(integer(1, 64), 64, least=1)), required=1),
    _method(mp.chord, "reset_octave", ("num", of.OCTAVE), required=1, times=2),
    _method(mp.chord, "dotted", ("ind", of.INDEX), ("num", integer(0, 4))),
    _method(mp.chord, "with_same_channel", ("channel", maybe(of.CHANNEL))),
    _method(mp.scale, "up", ("unit", of.SEMITONES), times=20),
    _method(mp.scale, "down", ("unit", of.SEMITONES), times=20),
    _method(mp.scale, "names"),
    _method(
        mp.scale,
        "get_scale",
        ("intervals", of.EACH_BARS),
        ("durations", maybe(of.EACH_BARS)),
        times=4,
    ),
    _method(
        mp.scale,
        "pick_chord_by_degree",
        ("degree1", integer(0, 7)),
        ("duration", of.EACH_BARS),
        ("interval", of.EACH_BARS),
        ("num", integer(1, 7)),
        ("step", integer(1, 6)),
        required=1,
        times=4,
    ),
    _method(
        mp.scale,
        "get_note_from_degree",
        ("degree", SCALE_DEGREE),
        ("pitch", maybe(of.OCTAVE)),
        required=1,
    ),
    _method(mp.scale, "inversion", ("ind", integer(1, 7)), required=1, times=20),
    _method(mp.track, "up", ("n", of.SEMITONES)),
    _method(mp.track, "down", ("n", of.SEMITONES)),
    _method(
        mp.track,
        "add_pan",
        ("value", of.LOUDNESS),
        ("start_time", of.BARS),
        ("mode", of.MODE),
        required=1,
    ),
    _method(
        mp.track,
        "add_volume",
        ("value", of.LOUDNESS),
        ("start_time", of.BARS),
        ("mode", of.MODE),
        required=1,
    ),
    _method(mp.drum, "with_start", ("start_time", of.BARS), required=1),
    _method(mp.piece, "up", ("n", of.SEMITONES), ("mode", integer(0, 1)), times=2),
    _method(mp.piece, "down", ("n", of.SEMITONES), ("mode", integer(0, 1)), times=2),
    _method(mp.piece, "append", ("new_track", of.TRACK), required=1, times=2),
    _method(
        mp.piece,
        "add_tempo_change",
        ("bpm", of.BPM),
        ("start_time", of.BARS),
        ("track_ind", integer(0, limits.MOST_TRACKS - 1)),
        required=2,
    ),
    _method(
        mp.piece,
        "add_pan",
        ("value", of.LOUDNESS),
        ("ind", integer(0, limits.MOST_TRACKS - 1)),
        ("start_time", of.BARS),
        ("mode", of.MODE),
        required=2,
    ),
    _method(
        mp.piece,
        "add_volume",
        ("value", of.LOUDNESS),
        ("ind", integer(0, limits.MOST_TRACKS - 1)),
        ("start_time", of.BARS),
        ("mode", of.MODE),
        required=2,
    ),
    _method(mp.piece, "bars", ("mode", MODE_OF_BARS), times=2),
)

ANYTHING = Kind("a value", lambda value: True)
LIST = Parameter("self", Kind("itself", lambda value: type(value) is list))
TEXT = Parameter("self", Kind("itself", lambda value: type(value) is str))
PLAIN = (
    (
        list,
        Function(
            "append",
            lambda self, object: self.append(object),
            (LIST, Parameter("object", ANYTHING)),
            required=2,
        ),
    ),
    (
        list,
        Function(
            "extend",
            lambda self, iterable: self.extend(items_of(iterable)),
            (LIST, Parameter("iterable", SEQUENCE)),
            required=2,
        ),
    ),
    (
        str,
        Function(
            "join",
            lambda self, iterable: self.join(iterable),
            (TEXT, Parameter("iterable", several(TEXT.kind, limits.LONGEST_LIST))),
            required=2,
            cost=lambda given: len(given["self"]) * len(given["iterable"]),
        ),
    ),
)


def _method_table() -> dict[tuple[type, str], Function]:
    return {(owner, function.name): function for owner, function in (*MUSICAL, *PLAIN)}


METHODS = _method_table()
