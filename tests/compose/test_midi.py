from __future__ import annotations

import io
import struct
import tracemalloc
from contextlib import suppress
from dataclasses import replace

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.compose.composer import compose
from harmonie_daemon.compose.midi import MIDI_LIMITS, MidiLimits, read_midi, write_midi
from harmonie_daemon.compose.score import Bend, Note, Score, ScorePart, Tempo
from harmonie_daemon.domain.brief import Emotion, Genre, Stem
from harmonie_daemon.domain.errors import MidiError
from tests.compose.asked import make_brief


def file_of(*tracks: bytes, kind: int = 1, division: int = 960, count: int | None = None) -> bytes:
    header = struct.pack(
        ">4sIHHH", b"MThd", 6, kind, len(tracks) if count is None else count, division
    )
    return header + b"".join(struct.pack(">4sI", b"MTrk", len(one)) + one for one in tracks)


TEMPO = b"\x00\xff\x51\x03"
END = b"\x00\xff\x2f\x00"
NOTE = b"\x00\x90\x3c\x40\x60\x80\x3c\x00"


@pytest.mark.parametrize("genre", Genre)
def test_what_is_written_is_read_again(genre: Genre) -> None:
    score = compose(make_brief(genre, title="Frühling 春"), 7)
    again = read_midi(write_midi(score))
    assert [part.name for part in again.parts] == [part.name for part in score.parts]
    for mine, theirs in zip(score.parts, again.parts, strict=True):
        assert sorted(mine.notes, key=repr) == sorted(theirs.notes, key=repr)
        assert (mine.program, mine.is_drums) == (theirs.program, theirs.is_drums)
        assert len(mine.bends) == len(theirs.bends)
    assert (again.title, again.key) == (score.title, score.key)
    assert (again.tempos, again.duration_ms) == (score.tempos, score.duration_ms)
    assert again.beats_per_bar == score.beats_per_bar
    assert [(p.pan, p.level_db) for p in again.parts] == [
        (pytest.approx(p.pan, abs=0.02), pytest.approx(p.level_db, abs=0.2)) for p in score.parts
    ]
    assert write_midi(again) == write_midi(read_midi(write_midi(again)))


def test_others_read_it_too() -> None:
    score = compose(make_brief(Genre.POP, Emotion.TENSE, duration_ms=31_234), 9)
    theirs = mido.MidiFile(file=io.BytesIO(write_midi(score)), charset="utf-8")
    assert abs(theirs.length * 1000 - score.duration_ms) < 1
    assert [track.name for track in theirs.tracks[1:]] == [part.name for part in score.parts]
    markers = [one.text for one in theirs.tracks[0] if one.type == "marker"]
    assert markers == ["tense"]
    notes = sum(one.type == "note_on" for track in theirs.tracks for one in track)
    assert notes == sum(len(part.notes) for part in score.parts)


def test_too_many_parts_for_the_channels_are_refused() -> None:
    part = ScorePart("melody-x", Stem.MELODY, (Note(0, 10, 60, 90),))
    score = Score("", (part,) * 15, (Tempo(0, 500_000),), 1000)
    assert len(read_midi(write_midi(score)).parts) == 15
    with pytest.raises(MidiError, match="15 channels"):
        write_midi(replace(score, parts=(part,) * 16))


def test_a_single_track_is_parted_by_channels_and_stems_follow_from_instruments() -> None:
    track = (
        b"\x00\xff\x03\x05Piece"
        b"\x00\xc1\x21\x00\x91\x24\x50\x00\x99\x24\x70\x00\x90\x48\x60"
        b"\x83\x60\x81\x24\x00\x00\x89\x24\x00\x00\x80\x48\x00" + END
    )
    score = read_midi(file_of(track, kind=0, division=480))
    assert score.title == "Piece"
    assert [(p.stem, p.is_drums) for p in score.parts] == [
        (Stem.CHORDS, False),
        (Stem.BASS, False),
        (Stem.PERCUSSION, True),
    ]
    assert score.parts[0].notes == (Note(0, 960, 72, 96),)
    assert score.tempos == (Tempo(0, 500_000),)
    assert score.duration_ms == 500


def test_notes_that_nobody_ends_end_with_their_track() -> None:
    score = read_midi(file_of(b"\x00\x90\x3c\x40\x87\x40\xff\x2f\x00"))
    assert score.parts[0].notes == (Note(0, 960, 60, 64),)


def test_bends_are_semitones() -> None:
    bends = (Bend(0, 2.0), Bend(10, -2.0), Bend(20, 0.0), Bend(30, 0.5))
    part = ScorePart("a-b", Stem.MELODY, (Note(0, 960, 60, 90),), bends=bends)
    again = read_midi(write_midi(Score("", (part,), (Tempo(0, 500_000),), 500)))
    assert [round(b.semitones, 2) for b in again.parts[0].bends] == [2.0, -2.0, 0.0, 0.5]


LONG = b"\x00\x90\x3c\x40\xff\xff\xff\x7f\x80\x3c\x00" + END
HOSTILE = {
    "nothing": (b"", "does not begin with MThd"),
    "no MIDI": (b"RIFF" + b"\0" * 40, "does not begin with MThd"),
    "a cut header": (b"MThd\0\0\0\6\0", "ends in the middle"),
    "type 2": (file_of(NOTE + END, kind=2), "type 2"),
    "SMPTE": (file_of(NOTE + END, division=0xE728), "SMPTE"),
    "division by zero": (file_of(NOTE + END, division=0), "SMPTE"),
    "65535 tracks": (file_of(END, count=0xFFFF), "over 64 tracks"),
    "65 tracks, saying one": (file_of(*[END] * 65, count=1), "over 64 tracks"),
    "a track of 4 GB": (file_of() + b"MTrk\xff\xff\xff\xff" + END, "middle of a track"),
    "text of 256 MB": (file_of(b"\x00\xff\x01\xff\xff\xff\x7f"), "middle of an event"),
    "endless number": (file_of(b"\xff\xff\xff\xff\xff\xff"), "over four bytes"),
    "data without status": (file_of(b"\x00\x3c\x40" + END), "belong to no event"),
    "realtime": (file_of(b"\x00\xf8" + NOTE + END), "belong to no event"),
    "a value over 127": (file_of(b"\x00\x90\x3c\x80\x00" + END), "over 127"),
    "a cut event": (file_of(b"\x00\x90\x3c"), "ends in the middle"),
    "no notes": (file_of(END), "no notes"),
    "only note-offs": (file_of(b"\x00\x80\x3c\x00" * 1000 + END), "no notes"),
    "20,001 notes": (file_of(b"\x00\x90\x3c\x40" + b"\x01\x3c\x40" * 20_000 + END), "20,000 notes"),
    "200,001 controllers": (
        file_of(b"\x00\xb0\x07\x40" + b"\x00\x07\x41" * 200_001),
        "200,000 events",
    ),
    "17 parts": (file_of(*[NOTE + END] * 17), "over 16 parts"),
    "three days": (file_of(LONG), "longer than 600 s"),
    "a late end": (file_of(NOTE + b"\xff\xff\xff\x7f\xff\x2f\x00"), "longer than 600 s"),
    "301 BPM": (
        file_of(b"\x00\xff\x51\x03" + (199_000).to_bytes(3, "big") + NOTE + END),
        "20 to 300",
    ),
    "19 BPM": (
        file_of(b"\x00\xff\x51\x03" + (3_100_000).to_bytes(3, "big") + NOTE + END),
        "20 to 300",
    ),
    "tempo zero": (file_of(TEMPO + b"\0\0\0" + NOTE + END), "20 to 300"),
    "2 MB": (b"MThd" + b"\0" * 2_000_000, "over 2,000,000 bytes"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_with_words(what: str) -> None:
    data, says = HOSTILE[what]
    with pytest.raises(MidiError, match=says):
        read_midi(data)


@pytest.mark.parametrize(
    "data",
    [
        file_of(b"\x00\xb0\x01\x40" + b"\x00\x01\x41" * 20_000 + NOTE + END),
        file_of(b"\x00\x90\x3c\x40" + b"\x00\x3c\x00" * 20_000 + END),
        file_of(b"".join(b"\x00\xff\x01\x7f" + b"x" * 127 for _ in range(500)) + NOTE + END),
        file_of(*[b"\x00\x90\x3c\x40" + b"\x00\x3c\x40" * 300] * 60),
    ],
    ids=["controllers", "note-offs", "texts", "held keys"],
)
def test_a_hostile_file_costs_memory_by_its_events(data: bytes) -> None:
    """At most two hundred bytes for three: forty megabytes for all the events that are read."""
    tracemalloc.start()
    try:
        with suppress(MidiError):
            read_midi(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200 * 20_000 + 2**20


def test_limits_are_the_callers() -> None:
    data = write_midi(compose(make_brief(), 1))
    assert read_midi(data, MIDI_LIMITS).parts
    with pytest.raises(MidiError, match="over 10 notes"):
        read_midi(data, MidiLimits(notes=10))
    with pytest.raises(MidiError, match="longer than 5 s"):
        read_midi(data, MidiLimits(duration_ms=5_000))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(1, 0x7FFF))
def test_any_bytes_give_a_score_or_an_error_of_ours(body: bytes, division: int) -> None:
    for data in (body, file_of(body, division=division), file_of(NOTE + body, division=division)):
        try:
            score = read_midi(data)
        except MidiError:
            continue
        assert score.duration_ms <= MIDI_LIMITS.duration_ms
        assert read_midi(write_midi(score)).parts
