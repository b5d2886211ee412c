"""What keeps it music: over all genres, emotions and tempi, on what the composer says it meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from harmonie_daemon.compose.arrange.progressions import CADENCE_CHORDS
from harmonie_daemon.compose.arrange.voicing import mean_motion
from harmonie_daemon.compose.chance import chance_for
from harmonie_daemon.compose.composer import Composed, compose, composition
from harmonie_daemon.compose.instruments import program_range
from harmonie_daemon.compose.score import DRUM_CHANNEL, Note, ScorePart, Voice
from harmonie_daemon.domain.brief import Emotion, Genre, Stem, TempoWord
from tests.compose.asked import at_ms, cells, in_sections, longest_silence_ms, make_brief

_CELLS = list(cells())
EACH_GENRE = pytest.mark.parametrize("genre", Genre)


@cache
def pieces_of(genre: Genre) -> list[Composed]:
    """A short piece for each emotion and tempo."""
    return [
        composition(make_brief(genre, emotion, tempo), seed)
        for seed, (of, emotion, tempo) in enumerate(_CELLS)
        if of is genre
    ]


def tonal(piece: Composed) -> list[ScorePart]:
    return [part for part in piece.score.parts if not part.is_drums]


def span_index(piece: Composed, tick: int) -> int:
    return max(n for n, span in enumerate(piece.harmony) if span.start <= tick)


def lead(piece: Composed) -> ScorePart:
    return next(p for p in piece.score.parts if p.stem is Stem.MELODY)


@EACH_GENRE
def test_every_note_is_of_the_scale_or_of_what_a_borrowed_chord_brings(genre: Genre) -> None:
    borrowed = total = 0
    for piece in pieces_of(genre):
        for part in tonal(piece):
            for note in part.notes:
                spans = [piece.harmony[span_index(piece, note.start + late)] for late in (0, 60)]
                assert any(note.pitch % 12 in span.allowed for span in spans), part.name
                borrowed += all(note.pitch % 12 not in span.scale for span in spans)
                total += 1
    assert borrowed / total < 0.1, "the scale must stay the rule"


@EACH_GENRE
def test_no_note_is_out_of_its_instruments_reach(genre: Genre) -> None:
    for piece in pieces_of(genre):
        for part in tonal(piece):
            low, high = program_range(part.program)
            if part.voice is Voice.TANPURA:
                low, high = 36, 72
            assert all(low <= note.pitch <= high for note in part.notes), part.name


@EACH_GENRE
def test_strong_beats_have_tones_of_the_chord(genre: Genre) -> None:
    right = total = 0
    for piece in pieces_of(genre):
        beat = 960
        for note in lead(piece).notes:
            span = piece.harmony[span_index(piece, note.start + 60)]
            off = (note.start - span.start) % (2 * beat)
            if min(off, 2 * beat - off) < 60:
                right += note.pitch % 12 in span.chord.tones
                total += 1
    assert total > 100
    assert right / total >= 0.8


@EACH_GENRE
def test_voices_move_little_from_chord_to_chord(genre: Genre) -> None:
    moves = [mean_motion(piece.harmony) for piece in pieces_of(genre)]
    assert sum(moves) / len(moves) <= 3
    assert max(moves) <= 4


def figures(notes: Sequence[Note]) -> list[tuple[object, ...]]:
    """Each two intervals in a row with their rhythm; steps count as steps in any mode."""
    moves = [(b.pitch - a.pitch, round((b.start - a.start) / 240)) for a, b in pairwise(notes)]
    coarse = [((s > 0) - (s < 0) if abs(s) <= 2 else (2 if s > 0 else -2), t) for s, t in moves]
    return list(pairwise(coarse))


def recurring_share(notes: Sequence[Note]) -> float:
    found = figures(notes)
    return sum(found.count(one) > 1 for one in found) / len(found)


@EACH_GENRE
def test_a_motif_comes_again(genre: Genre) -> None:
    """At least 30 % of its figures are heard more than once; in the same notes shuffled, fewer."""
    shares, shuffled = [], []
    for emotion in Emotion:
        notes = lead(composition(make_brief(genre, emotion, duration_ms=60_000), 5)).notes
        pitches = chance_for(1, "shuffled").sample([n.pitch for n in notes], len(notes))
        mixed = [replace(note, pitch=p) for note, p in zip(notes, pitches, strict=True)]
        shares.append(recurring_share(notes))
        shuffled.append(recurring_share(mixed))
    assert min(shares) >= 0.3
    assert sum(shares) > sum(shuffled) * 1.2


@EACH_GENRE
def test_a_piece_comes_home(genre: Genre) -> None:
    """The last bass note is the tonic, and the bar before is one that leads there."""
    for piece in pieces_of(genre):
        final = piece.harmony[-1]
        low = [n for p in tonal(piece) for n in p.notes if n.start + 60 >= final.start]
        assert piece.score.key is not None
        assert min(low, key=lambda note: note.pitch).pitch % 12 == piece.score.key.tonic
        if genre is not Genre.INDIAN:
            assert final.numeral in ("I", "i")
            assert piece.harmony[-2].numeral in CADENCE_CHORDS


@EACH_GENRE
def test_something_sounds_all_the_time(genre: Genre) -> None:
    for piece in pieces_of(genre):
        assert longest_silence_ms(piece.score) <= 1500


@EACH_GENRE
def test_sections_stand_where_they_were_asked_for(genre: Genre) -> None:
    for piece in pieces_of(genre):
        section = piece.score.sections[0]
        assert abs(at_ms(piece.score, section.start + section.length) - section.length_ms) < 1
        assert piece.score.duration_ms == 20_000


@EACH_GENRE
def test_beat_genres_never_run_dry(genre: Genre) -> None:
    """Hip-hop and relaxing once gave 132 notes a minute and no drums."""
    for tempo in TempoWord:
        piece = composition(make_brief(genre, Emotion.RELAXING, tempo, 60_000), 3)
        counts = {part.stem: len(part.notes) for part in piece.score.parts}
        if genre not in (Genre.AMBIENT, Genre.CINEMATIC):
            assert counts[Stem.PERCUSSION] > 100
            assert sum(len(part.notes) for part in piece.score.parts) > 200


@EACH_GENRE
def test_there_are_four_named_instruments(genre: Genre) -> None:
    for piece in pieces_of(genre):
        names = [part.name for part in piece.score.parts]
        assert len(set(names)) == len(names) == 4
        assert all("-" in name for name in names)
        assert len([part for part in piece.score.parts if part.is_drums]) <= 1 < DRUM_CHANNEL


@pytest.mark.parametrize("genre", [Genre.POP, Genre.INDIE, Genre.RNB, Genre.HIPHOP])
def test_the_bass_goes_with_the_bass_drum(genre: Genre) -> None:
    """On six of ten strokes, but where the style plays against it (electronic)."""
    together = strokes = 0
    for piece in pieces_of(genre):
        kicks = [n.start for p in piece.score.parts if p.is_drums for n in p.notes if n.pitch == 36]
        bass = [n.start for p in piece.score.parts if p.stem is Stem.BASS for n in p.notes]
        together += sum(any(abs(kick - note) < 70 for note in bass) for kick in kicks)
        strokes += len(kicks)
    assert together / strokes >= 0.6


def test_drums_and_melody_leave_before_something_calmer() -> None:
    sections = in_sections([20_000, 20_000], [Emotion.ENERGETIC, Emotion.CALM])
    for genre in Genre:
        brief = replace(make_brief(genre), sections=sections)
        score = compose(brief, 2)
        border = score.sections[1].start
        for part in score.parts:
            if part.stem is Stem.PERCUSSION:
                assert not any(border - 1300 < note.start < border - 60 for note in part.notes)
        assert longest_silence_ms(score) <= 1500
