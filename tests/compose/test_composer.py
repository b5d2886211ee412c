from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.compose.arrange.progressions import HALF_CADENCES
from harmonie_daemon.compose.composer import compose, composition
from harmonie_daemon.compose.midi import MIDI_LIMITS, read_midi, write_midi
from harmonie_daemon.compose.palettes import instruments_of
from harmonie_daemon.compose.score import Score
from harmonie_daemon.domain.brief import (
    LONGEST_MS,
    SHORTEST_MS,
    Brief,
    BriefSection,
    Emotion,
    Genre,
    MusicalKey,
    Stem,
    TempoWord,
)
from harmonie_daemon.domain.errors import BriefError
from tests.compose.asked import at_ms, in_sections, longest_silence_ms, make_brief, pitched

EACH_GENRE = pytest.mark.parametrize("genre", Genre)


@EACH_GENRE
def test_a_seed_is_a_piece(genre: Genre) -> None:
    brief = make_brief(genre, duration_ms=40_000, title="Söng")
    assert write_midi(compose(brief, 2**64 - 1)) == write_midi(compose(brief, 2**64 - 1))
    assert compose(brief, 2**64 + 5) == compose(brief, 5), "seeds have 64 bits"


def written(score: Score) -> set[tuple[str, int, int]]:
    """The notes as written, not as played: on the nearest sixteenth."""
    return {
        (part.stem, round(note.start / 240), note.pitch)
        for part in score.parts
        for note in part.notes
        if not part.is_drums
    }


@EACH_GENRE
@pytest.mark.parametrize("key", [None, MusicalKey(9, "minor")])
def test_another_seed_is_another_piece(genre: Genre, key: MusicalKey | None) -> None:
    """Even in the same key and at the same tempo; at least half of the notes, on average."""
    brief = make_brief(genre, duration_ms=40_000, key=key, bpm=100.0)
    pieces = [written(compose(brief, seed)) for seed in range(8)]
    shared = [
        len(one & other) / max(len(one), len(other))
        for number, one in enumerate(pieces)
        for other in pieces[:number]
    ]
    assert sum(shared) / len(shared) <= 0.5
    assert max(shared) < 0.9


@EACH_GENRE
def test_eight_seeds_give_eight_melodies(genre: Genre) -> None:
    brief = make_brief(genre, duration_ms=30_000, key=MusicalKey(0, "major"), bpm=90.0)
    melodies = set()
    for seed in range(8):
        lead = next(p for p in compose(brief, seed).parts if p.stem is Stem.MELODY)
        melodies.add(tuple((round(n.start / 240), n.pitch % 12) for n in lead.notes))
    assert len(melodies) == 8


briefs = st.builds(
    lambda genre, tempo, lengths, emotions, bpm, looping, without, key, programs: Brief(
        genre,
        tempo,
        in_sections([*lengths, max(0, SHORTEST_MS - sum(lengths)) + 1], emotions),
        bpm=bpm,
        looping=looping,
        without=without,
        key=key,
        programs=tuple(programs),
    ),
    st.sampled_from(Genre),
    st.sampled_from(TempoWord),
    st.lists(st.integers(1, 30_000), max_size=19),
    st.lists(st.sampled_from(Emotion), min_size=1, max_size=20),
    st.none() | st.floats(20, 300),
    st.booleans(),
    st.sets(st.sampled_from(Stem), max_size=1).map(frozenset),
    st.none() | st.builds(MusicalKey, st.integers(0, 11), st.sampled_from(["major", "minor"])),
    st.lists(st.tuples(st.sampled_from(Stem), st.integers(0, 127)), max_size=5),
)


@settings(max_examples=30, deadline=None)
@given(briefs, st.integers(0, 2**64 - 1))
def test_every_brief_has_a_score_of_its_length(brief: Brief, seed: int) -> None:
    if brief.duration_ms > LONGEST_MS:
        brief = replace(brief, sections=brief.sections[:15])
    score = compose(brief, seed)
    assert score.duration_ms == brief.duration_ms
    assert [(s.start_ms, s.length_ms) for s in score.sections] == [
        (s.start_ms, s.length_ms) for s in brief.sections
    ]
    for section in score.sections:
        assert abs(at_ms(score, section.start) - section.start_ms) < 1
    end = score.sections[-1].start + score.sections[-1].length
    assert abs(at_ms(score, end) - score.duration_ms) < 1
    for part in score.parts:
        assert all(0 <= n.start < n.start + n.length <= end for n in part.notes)
        assert all(1 <= n.velocity <= 127 and 0 <= n.pitch <= 127 for n in part.notes)
        assert list(part.notes) == sorted(part.notes, key=lambda n: (n.start, n.pitch))
        assert part.stem not in brief.without
    assert len({part.name for part in score.parts}) == len(score.parts)
    assert longest_silence_ms(score) <= 1500
    again = read_midi(write_midi(score))
    assert again.duration_ms == score.duration_ms
    assert sum(len(p.notes) for p in again.parts) == sum(len(p.notes) for p in score.parts)


@EACH_GENRE
def test_what_is_asked_for_wins_over_the_genre(genre: Genre) -> None:
    brief = make_brief(
        genre,
        duration_ms=33_333,
        bpm=93.0,
        key=MusicalKey(3, "minor"),
        programs=((Stem.MELODY, 71), (Stem.BASS, 32)),
        without=frozenset({Stem.PERCUSSION}),
    )
    score = compose(brief, 4)
    assert {round(60e6 / t.microseconds_per_beat, 1) for t in score.tempos} == {93.0}
    assert score.key == MusicalKey(3, "minor")
    programs = {part.stem: part.program for part in score.parts}
    assert Stem.PERCUSSION not in programs
    assert 71 in [part.program for part in score.parts if part.stem is Stem.MELODY]
    assert any("clarinet" in part.name for part in score.parts)
    if Stem.BASS in programs:
        assert programs[Stem.BASS] == 32


def test_the_usual_instruments_of_a_genre_have_four_names() -> None:
    assert instruments_of(Genre.INDIAN) == (
        "percussion-tabla",
        "drone-tanpura",
        "melody-sarangi",
        "melody-sarod",
    )
    for genre in Genre:
        assert len(set(instruments_of(genre))) == 4


@EACH_GENRE
def test_a_loop_leads_back_to_its_beginning(genre: Genre) -> None:
    for emotion in Emotion:
        brief = make_brief(genre, emotion, duration_ms=24_000, looping=True)
        piece = composition(brief, 3)
        score = piece.score
        end = score.sections[-1].start + score.sections[-1].length
        sounding = [n for p in score.parts for n in p.notes if n.start + n.length > end - 240]
        assert sounding, "it plays to its very end"
        assert any(n.start < 60 for p in score.parts for n in p.notes)
        assert not any(passage.is_intro for passage in piece.passages)
        if genre is not Genre.INDIAN:
            assert piece.harmony[0].numeral in ("I", "i", "Isus2")
            assert any(piece.harmony[-1].numeral in half for half in HALF_CADENCES.values())


@EACH_GENRE
def test_an_ending_is_held_and_then_silent(genre: Genre) -> None:
    for emotion in (Emotion.HAPPY, Emotion.SAD):
        score = compose(make_brief(genre, emotion, duration_ms=47_011), 11)
        last = max(at_ms(score, n.start + n.length) for n in pitched(score))
        assert 200 < score.duration_ms - last < 1500


@EACH_GENRE
@pytest.mark.thorough
def test_ten_minutes_are_within_what_we_read(genre: Genre) -> None:
    for bpm in (None, 300.0):
        brief = make_brief(genre, Emotion.ENERGETIC, TempoWord.FAST, LONGEST_MS, bpm=bpm)
        score = compose(brief, 6)
        assert sum(len(part.notes) for part in score.parts) <= MIDI_LIMITS.notes
    assert read_midi(write_midi(score)).duration_ms == LONGEST_MS


@pytest.mark.parametrize(
    ("brief", "says"),
    [
        (make_brief(duration_ms=SHORTEST_MS - 1), "5 to 600 s"),
        (make_brief(duration_ms=LONGEST_MS + 1), "5 to 600 s"),
        (replace(make_brief(), sections=()), "5 to 600 s"),
        (
            replace(make_brief(), sections=(BriefSection(Emotion.SAD, 5, 9000),)),
            "begin at 0",
        ),
        (
            replace(
                make_brief(),
                sections=(BriefSection(Emotion.SAD, 0, 9000), BriefSection(Emotion.SAD, 9000, 0)),
            ),
            "last some time",
        ),
        (make_brief(without=frozenset(Stem)), "nothing is left to play"),
        (
            make_brief(Genre.INDIAN, without=frozenset(set(Stem) - {Stem.BASS})),
            "no other instruments",
        ),
    ],
)
def test_what_cannot_be_composed_is_refused_with_words(brief: Brief, says: str) -> None:
    with pytest.raises(BriefError, match=says):
        compose(brief, 1)
