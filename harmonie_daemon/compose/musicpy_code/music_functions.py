"""The functions of the dialect that are musicpy's own."""

from __future__ import annotations

from typing import Any

from harmonie_daemon.compose.musicpy_code import limits, patterns
from harmonie_daemon.compose.musicpy_code import vocabulary as of
from harmonie_daemon.compose.musicpy_code.faults import FaultError
from harmonie_daemon.compose.musicpy_code.functions import Function, Given, Parameter
from harmonie_daemon.compose.musicpy_code.kinds import either, integer, maybe, several, weight, word
from harmonie_daemon.compose.musicpy_code.quiet_musicpy import musicpy as mp

NOTES = either(
    of.CHORD_TEXT,
    several(either(of.NOTE, of.REST, of.CHORD_TEXT), limits.LONGEST_LIST),
)
CHANGES = several(of.EVENT, limits.MOST_EVENTS)
PANS = either(of.PAN, several(of.PAN, limits.MOST_EVENTS))
VOLUMES = either(of.VOLUME, several(of.VOLUME, limits.MOST_EVENTS))


def _control(
    type: str,
    track: int = 0,
    start_time: float = 0,
    channel: int = 0,
    control: int = 0,
    value: int = 0,
) -> Any:
    return mp.event(
        type, track=track, start_time=start_time, channel=channel, control=control, value=value
    )


def _built(*each: Any, **named: Any) -> Any:
    if any(isinstance(one, list) for one in each) and len(each) > 1:
        raise FaultError("build takes tracks, or one list of tracks")
    return mp.build(*each, **named)


def _joined_cost(given: Given) -> int:
    """Each one is added to all before it, which are copied several times for that."""
    chords = given.get("chordlist", given.get("*", ()))
    return 2 * sum(weight(chord) * (len(chords) - place) for place, chord in enumerate(chords))


def _p(name: str, kind: Any) -> Parameter:
    return Parameter(name, kind)


FUNCTIONS = (
    Function(
        "note",
        mp.note,
        (
            _p("name", of.PITCH_NAME),
            _p("num", of.OCTAVE),
            _p("duration", of.BARS),
            _p("volume", of.LOUDNESS),
            _p("channel", maybe(of.CHANNEL)),
        ),
        required=1,
    ),
    Function(
        "N",
        mp.to_note,
        (
            _p("notename", of.NOTE_NAME),
            _p("duration", of.BARS),
            _p("volume", of.LOUDNESS),
            _p("pitch", of.OCTAVE),
            _p("channel", maybe(of.CHANNEL)),
        ),
        required=1,
    ),
    Function(
        "C",
        mp.trans,
        (
            _p("obj", of.CHORD_NAME),
            _p("pitch", of.OCTAVE),
            _p("duration", of.EACH_BARS),
            _p("interval", maybe(of.EACH_BARS)),
        ),
        required=1,
        cost=lambda given: 200,
    ),
    Function(
        "chord",
        mp.chord,
        (
            _p("notes", NOTES),
            _p("duration", maybe(of.EACH_BARS)),
            _p("interval", maybe(of.EACH_SHIFT)),
            _p("volume", maybe(of.EACH_LOUDNESS)),
            _p("rootpitch", of.OCTAVE),
            _p("other_messages", CHANGES),
            _p("start_time", maybe(of.BARS)),
            _p("default_duration", of.BARS),
            _p("default_interval", of.BARS),
            _p("default_volume", of.LOUDNESS),
            _p("tempos", maybe(several(of.TEMPO, limits.MOST_EVENTS))),
            _p("pitch_bends", maybe(several(of.BEND, limits.MOST_EVENTS))),
        ),
        required=1,
    ),
    Function(
        "get_chord",
        mp.get_chord,
        (
            _p("start", of.A_NOTE),
            _p("current_chord_type", of.CHORD_TYPE),
            _p("duration", of.EACH_BARS),
            _p("intervals", maybe(of.EACH_BARS)),
        ),
        required=2,
        cost=lambda given: 200,
    ),
    Function(
        "scale",
        mp.scale,
        (
            _p("start", of.A_NOTE),
            _p("mode", maybe(of.SCALE_NAME)),
            _p("interval", maybe(several(integer(0, 24), 24, least=1))),
        ),
        required=2,
        cost=lambda given: 5_000 if "interval" in given else 200,
    ),
    Function(
        "S",
        mp.to_scale,
        (_p("obj", of.KEY_NAME), _p("pitch", maybe(of.OCTAVE))),
        required=1,
        cost=lambda given: 500,
    ),
    Function("rest", mp.rest, (_p("duration", of.BARS), _p("dotted", maybe(integer(0, 4))))),
    Function(
        "track",
        mp.track,
        (
            _p("content", of.CHORD),
            _p("instrument", of.PROGRAM),
            _p("start_time", of.BARS),
            _p("channel", maybe(of.CHANNEL)),
            _p("track_name", maybe(of.TITLE)),
            _p("pan", maybe(PANS)),
            _p("volume", maybe(VOLUMES)),
            _p("bpm", of.BPM),
            _p("name", maybe(of.TITLE)),
        ),
        required=1,
    ),
    Function(
        "drum",
        mp.drum,
        (
            _p("pattern", of.DRUM_PATTERN),
            _p("name", maybe(of.TITLE)),
            _p("i", of.PROGRAM),
            _p("start_time", maybe(of.BARS)),
            _p("default_duration", of.BARS),
            _p("default_interval", of.BARS),
            _p("default_volume", of.LOUDNESS),
        ),
        required=1,
        cost=lambda given: patterns.cost(given["pattern"]),
        keywords_after=1,
    ),
    Function(
        "translate",
        mp.translate,
        (
            _p("pattern", of.DRUM_PATTERN),
            _p("default_duration", of.BARS),
            _p("default_interval", of.BARS),
            _p("default_volume", of.LOUDNESS),
            _p("start_time", maybe(of.BARS)),
        ),
        required=1,
        cost=lambda given: patterns.cost(given["pattern"]),
    ),
    Function("tempo", mp.tempo, (_p("bpm", of.BPM), _p("start_time", of.BARS)), required=1),
    Function(
        "pitch_bend",
        mp.pitch_bend,
        (
            _p("value", of.BEND_VALUE),
            _p("start_time", of.BARS),
            _p("mode", word("cents", "semitones", "values")),
            _p("channel", maybe(of.CHANNEL)),
        ),
        required=1,
    ),
    *(
        Function(
            name,
            call,
            (
                _p("value", of.LOUDNESS),
                _p("start_time", of.BARS),
                _p("mode", of.MODE),
                _p("channel", maybe(of.CHANNEL)),
            ),
            required=1,
        )
        for name, call in (("pan", mp.pan), ("volume", mp.volume))
    ),
    Function(
        "event",
        _control,
        (
            _p("type", word("control_change")),
            _p("track", integer(0, limits.MOST_TRACKS - 1)),
            _p("start_time", of.BARS),
            _p("channel", of.CHANNEL),
            _p("control", integer(0, 127)),
            _p("value", integer(0, 127)),
        ),
        required=1,
        keywords_after=3,
    ),
    *(
        Function(
            name,
            mp.piece,
            (
                _p("tracks", several(of.CHORD, limits.MOST_TRACKS, least=1)),
                _p("instruments", maybe(several(of.PROGRAM, limits.MOST_TRACKS))),
                _p("bpm", of.BPM),
                _p("start_times", maybe(several(of.BARS, limits.MOST_TRACKS))),
                _p("track_names", maybe(several(of.TITLE, limits.MOST_TRACKS))),
                _p("channels", maybe(several(of.CHANNEL, limits.MOST_TRACKS))),
                _p("name", maybe(of.TITLE)),
                _p("pan", maybe(several(several(of.PAN, limits.MOST_EVENTS), limits.MOST_TRACKS))),
                _p(
                    "volume",
                    maybe(several(several(of.VOLUME, limits.MOST_EVENTS), limits.MOST_TRACKS)),
                ),
                _p("other_messages", CHANGES),
            ),
            required=1,
        )
        for name in ("piece", "P")
    ),
    Function(
        "build",
        _built,
        (_p("bpm", of.BPM), _p("name", maybe(of.TITLE))),
        rest=_p("each", either(of.TRACK, several(of.TRACK, limits.MOST_TRACKS, least=1))),
        cost=lambda given: sum(map(weight, given["*"])),
    ),
    Function(
        "concat",
        mp.concat,
        (
            _p("chordlist", several(of.CHORD, 1_000, least=1)),
            _p("mode", word("+", "|", "&")),
            _p("extra", maybe(of.SHIFT)),
        ),
        required=1,
        cost=_joined_cost,
    ),
    Function("multi_voice", mp.multi_voice, rest=_p("each", of.CHORD), cost=_joined_cost),
    Function(
        "degree_to_note",
        mp.degree_to_note,
        (_p("degree", integer(0, 127)), _p("duration", of.BARS), _p("volume", of.LOUDNESS)),
        required=1,
    ),
    Function(
        "degrees_to_chord",
        mp.degrees_to_chord,
        (
            _p("ls", several(integer(0, 127), limits.LONGEST_LIST)),
            _p("duration", maybe(of.EACH_BARS)),
            _p("interval", maybe(of.EACH_SHIFT)),
            _p("volume", maybe(of.EACH_LOUDNESS)),
        ),
        required=1,
        cost=lambda given: 10 * weight(given["ls"]),
    ),
    Function("dotted", mp.dotted, (_p("duration", of.BARS), _p("num", integer(0, 4))), required=1),
)
