"""Music without a beat, to see that its tempo is not believed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import symusic
from songs import MAJOR, MINOR, SECONDS, TICKS, Song

QUARTERS = int(SECONDS * 2)
"""At 120 a minute, the tempo of a MIDI file that names none."""
PADS, BELLS, PIANOS, WINDS = (89, 91, 94, 95), (14, 9, 98), (0, 1), (122, 75, 77)


def beatless(seeds: Sequence[int]) -> Iterator[Song]:
    """Five kinds for every seed."""
    kinds = {
        "pads": _pads, "bells": _bells, "rubato": _rubato, "wind": _wind, "cloud": _cloud,
    }  # fmt: skip
    for seed in seeds:
        for name, play in kinds.items():
            choices = random.Random(f"{name} {seed}")
            score = symusic.Score(TICKS)
            score.tracks.extend(play(choices, choices.choice((MAJOR, MINOR))))
            yield Song(f"{name} {seed}", score, None)


def _pads(choices: random.Random, scale: Sequence[int]) -> Iterator[symusic.Track]:
    """Chords that melt into each other every three to nine seconds."""
    at, notes = 0.0, []
    while at < QUARTERS:
        length = choices.uniform(6, 18)
        root = choices.randrange(7)
        for third in (0, 2, 4, 7):
            late = choices.uniform(0, 3)
            notes.append(_note(at + late, length * 1.4, 45 + _pitch(scale, root + third), 70))
        at += length
    yield _track(choices.choice(PADS), notes)


def _bells(choices: random.Random, scale: Sequence[int]) -> Iterator[symusic.Track]:
    """Single strokes at any time."""
    count = choices.randint(30, 80)
    notes = [
        _note(
            choices.uniform(0, QUARTERS),
            8,
            60 + _pitch(scale, choices.randrange(14)),
            choices.randint(40, 100),
        )
        for _ in range(count)
    ]
    yield _track(choices.choice(BELLS), notes)


def _rubato(choices: random.Random, scale: Sequence[int]) -> Iterator[symusic.Track]:
    """A piano whose notes are never alike in length."""
    at, notes = 0.0, []
    while at < QUARTERS:
        length = 0.9 * 2 ** choices.gauss(0, 0.8)
        notes.append(_note(at, 2 * length, 64 + _pitch(scale, choices.randrange(10)), 80))
        if choices.random() < 0.3:
            notes.append(_note(at, 4 * length, 40 + _pitch(scale, choices.randrange(7)), 70))
        at += length
    yield _track(choices.choice(PIANOS), notes)


def _wind(choices: random.Random, scale: Sequence[int]) -> Iterator[symusic.Track]:
    """Surf or breath over a drone."""
    drone = [_note(0, QUARTERS, 36 + choices.randrange(12) + third, 70) for third in (0, 7, 12)]
    yield _track(choices.choice(PADS), drone)
    at, notes = 0.0, []
    while at < QUARTERS:
        length = choices.uniform(2, 12)
        notes.append(_note(at, length, 60 + _pitch(scale, choices.randrange(7)), 70))
        at += length * choices.uniform(0.6, 1.6)
    yield _track(choices.choice(WINDS), notes)


def _cloud(choices: random.Random, scale: Sequence[int]) -> Iterator[symusic.Track]:
    """Very many short notes at any time, as rain falls."""
    notes = [
        _note(
            choices.uniform(0, QUARTERS),
            0.5,
            55 + _pitch(scale, choices.randrange(21)),
            choices.randint(30, 100),
        )
        for _ in range(choices.randint(300, 900))
    ]
    yield _track(choices.choice((45, 11, 12, 0)), notes)


def _track(program: int, notes: list[symusic.Note]) -> symusic.Track:
    track = symusic.Track("", program, False)
    track.notes.extend(sorted(notes, key=lambda note: note.time))
    return track


def _note(at: float, quarters: float, pitch: int, velocity: int) -> symusic.Note:
    return symusic.Note(round(at * TICKS), round(quarters * TICKS), pitch, velocity)


def _pitch(scale: Sequence[int], degree: int) -> int:
    return scale[degree % 7] + 12 * (degree // 7)
