"""Kinds of argument in the words of music, for the tables of functions and methods."""

from __future__ import annotations

import re

from harmonie_daemon.compose.musicpy_code import limits
from harmonie_daemon.compose.musicpy_code.kinds import (
    Kind,
    either,
    integer,
    maybe,
    number,
    one,
    pair,
    several,
    text,
    word,
)
from harmonie_daemon.compose.musicpy_code.quiet_musicpy import musicpy as mp

BARS = number(0, limits.LONGEST_BARS)
"""A duration or a place in time; 1 is a bar of four beats."""
SHIFT = number(-limits.LONGEST_BARS, limits.LONGEST_BARS)
SEMITONES = integer(-127, 127)
OCTAVE = integer(-1, 10)
LOUDNESS = number(0, 127)
CHANNEL = integer(0, 15)
INDEX = integer(-limits.MOST_NOTES, limits.MOST_NOTES)
TIMES = integer(1, 1_000)
PROGRAM = either(integer(1, 128), text(40, "the name of a General MIDI instrument"))
BPM = number(limits.SLOWEST_BPM, limits.FASTEST_BPM)
TITLE = text(200, "a text")
NAME = r"[A-Ga-g](?:#{1,2}|b{1,2})?"
NOTE_NAME = text(8, "the name of a note such as 'C#4'", rf"{NAME}(?:-?\d{{1,2}})?")
PITCH_NAME = text(4, "the name of a pitch such as 'C#'", NAME)
CHORD_NAME = text(60, "the name of a chord such as 'Cmaj7' or 'Am/E'", r"[A-Ga-g][^\[\]{}]*")
SCALE_NAME = text(60, "the name of a scale such as 'major'", r"[A-Za-z0-9#' -]+")
CHORD_TYPE = text(40, "a type of chord such as 'maj7'", r"[^\[\]{}]*")
KEY_NAME = text(60, "a key such as 'C major'", rf" *{NAME}\d{{0,2}} +[A-Za-z0-9#' -]+")
BEND_VALUE = number(-8192, 8191)
DRUM_PATTERN = text(4_000, "a drum pattern such as 'K, H, S, H'")

NOTE = one(mp.note, "a note")
CHORD = one(mp.chord, "a chord")
SCALE = one(mp.scale, "a scale")
TRACK = one(mp.track, "a track")
PIECE = one(mp.piece, "a piece")
DRUM = one(mp.drum, "a drum")
REST = one(mp.rest, "a rest")
TEMPO = one(mp.tempo, "a tempo")
BEND = one(mp.pitch_bend, "a pitch_bend")
PAN = one(mp.pan, "a pan")
VOLUME = one(mp.volume, "a volume")
EVENT = one(mp.event, "an event")
A_NOTE = either(NOTE, NOTE_NAME)

EACH_BARS = either(BARS, several(maybe(BARS), limits.MOST_NOTES))
EACH_SHIFT = either(SHIFT, several(SHIFT, limits.MOST_NOTES))
EACH_LOUDNESS = either(LOUDNESS, several(LOUDNESS, limits.MOST_NOTES))


def chord_text() -> Kind:
    """Notes with their settings, separated by commas: ``'C4[1/8;1/8;90], E4'``.

    Every quantifier is possessive: each text is matched in one way or none, in linear time.
    """
    steps = r"[+-]{1,2}+(?:\d{1,2}+(?:o\d{0,2}+)?+)?+"
    note = rf"(?>{NAME}\d{{0,2}}+|{steps}|r)\.*+"
    value = r"\d{1,6}+(?:\.\d{1,12}+)?+"
    setting = rf"(?>n|\.{{0,3}}+(?:{value}(?:/{value})?+)?+\.{{0,3}}+)"
    settings = rf"\[{setting}(?:;{setting}){{0,2}}+\]"
    pattern = re.compile(rf"(?:{note}(?:;{note})*+(?:\({steps}\))?+(?:{settings})?+)?+")

    def accepts(value: object) -> bool:
        if type(value) is not str or len(value) > limits.LONGEST_TEXT:
            return False
        return all(pattern.fullmatch(part) for part in value.replace(" ", "").split(","))

    return Kind("notes such as 'C4, E4[1/8;1/8;90]'", accepts)


CHORD_TEXT = chord_text()
SETTINGS = several(either(maybe(EACH_BARS), EACH_LOUDNESS), 3, least=1)
"""Behind ``%``: duration, interval, volume."""
REPEATED = pair(TIMES, SHIFT)
MODE = word("percentage", "value")
SMALL = integer(-64, 64)
NOTE_SETTINGS = several(maybe(number(0, limits.LONGEST_BARS)), 3, least=1)
