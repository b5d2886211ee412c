"""A score written as a program plays the same notes when the evaluator works through it."""

from __future__ import annotations

import warnings
from dataclasses import replace
from random import Random

import pytest

from harmonie_daemon.compose.composer import compose
from harmonie_daemon.compose.midi import read_midi, write_midi
from harmonie_daemon.compose.musicpy_code.child import evaluated
from harmonie_daemon.compose.musicpy_code.studio import open_code_studio
from harmonie_daemon.compose.musicpy_code.transcribing import transcribe
from harmonie_daemon.compose.musicpy_code.verdict import Ending
from harmonie_daemon.compose.score import Bend, Control, Note, Score, ScorePart, Tempo
from harmonie_daemon.domain.brief import (
    LONGEST_MS,
    Brief,
    BriefSection,
    Emotion,
    Genre,
    Stem,
    TempoWord,
)
from harmonie_daemon.domain.errors import MidiError


def replayed(code: str) -> Score:
    """What the evaluator makes of a program, in this process: it is one of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        verdict = evaluated(code)
    assert verdict.ending is Ending.MUSIC, (verdict.line, verdict.words)
    return read_midi(verdict.body)


def played(score: Score) -> list[object]:
    """Everything that is heard of it."""
    return [
        score.tempos,
        *(
            (
                part.name, part.program, part.is_drums, sorted(part.notes, key=repr),
                sorted(part.bends, key=repr), sorted(part.controls, key=repr),
            )
            for part in score.parts
        ),
    ]  # fmt: skip


def same_as_midi(score: Score, code: str) -> None:
    """The program says what our own MIDI file of the score says."""
    assert played(replayed(code)) == played(read_midi(write_midi(score)))


def piece(genre: Genre, emotion: Emotion, length_ms: int, tempo: TempoWord) -> Score:
    half = length_ms // 2
    sections = (BriefSection(emotion, 0, half), BriefSection(Emotion.CALM, half, length_ms - half))
    return compose(Brief(genre, tempo, sections, title=f"A {emotion} piece"), seed=7)


def any_score(chance: Random) -> Score:
    """Odd times, odd names, changes of everything, a part for most of the channels."""
    parts = []
    for number in range(chance.randint(1, 15)):
        is_drums = number == 3
        starts = sorted(chance.sample(range(100_000), chance.randint(1, 60)))
        pitches = chance.sample(range(128), len(starts))  # no pitch twice: nothing is cut short
        notes = tuple(
            Note(
                start, chance.choice((1, 7, 239, 240, 3840, 50_001)), pitch, chance.randint(1, 127)
            )
            for start, pitch in zip(starts, pitches, strict=True)
        )
        times = sorted(chance.sample(range(90_000), 30))
        parts.append(
            ScorePart(
                name=f"it's \"{number}\" \\ # é",
                stem=chance.choice(list(Stem)),
                notes=notes,
                program=chance.randrange(128),
                is_drums=is_drums,
                bends=tuple(Bend(at, chance.uniform(-2, 2)) for at in times),
                controls=tuple(
                    Control(at, chance.choice((1, 11, 64)), chance.randrange(128)) for at in times
                ),
                pan=chance.uniform(-1, 1),
                level_db=chance.uniform(-30, 3),
            )
        )  # fmt: skip
    changes = (0, *sorted(chance.sample(range(1, 90_000), 5)))
    tempos = tuple(Tempo(at, chance.randint(200_000, 3_000_000)) for at in changes)
    return Score("Tit\nle ' \" #", tuple(parts), tempos, 400_000)


@pytest.mark.parametrize("genre", Genre)
@pytest.mark.parametrize("emotion", [Emotion.SAD, Emotion.ENERGETIC, Emotion.DREAMY])
def test_what_the_composer_writes_is_replayed_to_the_tick(genre: Genre, emotion: Emotion) -> None:
    score = piece(genre, emotion, 45_000, TempoWord.MEDIUM)
    same_as_midi(score, transcribe(score))


@pytest.mark.parametrize("seed", range(12))
def test_any_score_is_replayed_to_the_tick(seed: int) -> None:
    score = any_score(Random(seed))
    same_as_midi(score, transcribe(score))


@pytest.mark.parametrize("genre", [Genre.ELECTRONIC, Genre.INDIAN])
async def test_ten_minutes_are_within_the_limits_of_the_jail(genre: Genre) -> None:
    score = piece(genre, Emotion.ENERGETIC, LONGEST_MS, TempoWord.FAST)
    async with open_code_studio() as studio:
        evaluated = await studio.run(transcribe(score))
    assert played(evaluated.score) == played(read_midi(write_midi(score)))


def test_a_long_part_is_several_chords_that_overlap_as_they_should() -> None:
    notes = tuple(
        Note(77 + 91 * place, 2_000, 30 + place % 60, 1 + place % 127) for place in range(9_000)
    )
    score = Score("", (ScorePart("x", Stem.MELODY, notes),), (Tempo(0, 350_000),), 600_000)
    code = transcribe(score)
    assert code.count("= chord(") > 1
    same_as_midi(score, code)


def test_a_program_is_readable() -> None:
    code = transcribe(piece(Genre.POP, Emotion.HAPPY, 30_000, TempoWord.SLOW))
    lines = code.splitlines()
    assert lines[0] == "from musicpy import *"
    assert "# A happy piece" in lines
    assert any(line.startswith("    # calm, from bar ") for line in lines)
    assert lines[-1] == ")"


def test_there_are_fifteen_channels_beside_the_drums() -> None:
    part = ScorePart("x", Stem.MELODY, (Note(0, 1, 60, 1),))
    score = Score("", (part,) * 15, (Tempo(0, 500_000),), 1_000)
    same_as_midi(score, transcribe(score))
    with pytest.raises(MidiError, match="15 channels"):
        transcribe(replace(score, parts=(part,) * 16))
