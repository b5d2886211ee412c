"""Composed music heard by our own ear.

    python bench/composing_ear.py [--seconds 45] [--random | --asked] [--keep FOLDER]

Twelve pieces of each genre from different prompts are composed, rendered and analysed. Printed:
whether the tempo (or an octave of it), the key and the length that were meant come back; precision
at 5 by genre and the nearest pair, by the cosine of the embeddings that playlists are made with.
With ``--random`` the same is done with as many random notes of the same instruments in the same
registers, which is the floor that a composer has to clear.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from harmonie_daemon.analysis import pipeline
from harmonie_daemon.compose.affects import AFFECTS
from harmonie_daemon.compose.chance import chance_for
from harmonie_daemon.compose.composer import compose
from harmonie_daemon.compose.desk import Desk
from harmonie_daemon.compose.master import mastering_for
from harmonie_daemon.compose.prompt import parse_prompt
from harmonie_daemon.compose.renderer import usual_soundfont
from harmonie_daemon.compose.score import Note, Score
from harmonie_daemon.compose.soundfont import SoundFont
from harmonie_daemon.compose.soundfont.tone import Sound
from harmonie_daemon.domain.brief import Genre
from harmonie_daemon.domain.track import PITCH_CLASSES, Analysis

MODEL = "timbre316-2"
FEELINGS = (
    "happy",
    "sad, slow",
    "calm",
    "energetic, fast",
    "dreamy",
    "angry",
    "hopeful",
    "tense",
    "cheerful, fast",
    "triumphant",
    "relaxing, slow",
    "scary",
)
STYLE_WORDS = {
    Genre.INDIAN: "indian raga",
    Genre.POP: "pop",
    Genre.AMBIENT: "ambient",
    Genre.INDIE: "indie folk",
    Genre.RNB: "rnb",
    Genre.CINEMATIC: "cinematic",
    Genre.HIPHOP: "hip hop",
    Genre.ELECTRONIC: "electronic",
}
ROUND_TRIPS = (Genre.POP, Genre.ELECTRONIC, Genre.INDIE, Genre.INDIAN)
TEMPO_TOLERANCE = 0.04


@dataclass(frozen=True, slots=True)
class Heard:
    """A piece and what analysis made of it."""

    genre: Genre
    prompt: str
    score: Score
    analysis: Analysis


def asked_for(seconds: int) -> Iterator[tuple[Genre, str, int]]:
    """Prompts that name a tempo and a key: each key once or twice over all."""
    for genre in ROUND_TRIPS:
        for number, feeling in enumerate(FEELINGS):
            tonic = PITCH_CLASSES[(5 * number + len(genre)) % 12]
            mode = (
                "minor" if AFFECTS[parse_prompt(feeling).sections[0].emotion].is_dark else "major"
            )
            bpm = 72 + 6 * number
            what = f"{seconds} seconds of {feeling} {STYLE_WORDS[genre]}"
            yield genre, f"{what} in {tonic} {mode} at {bpm} bpm", 1000 * number + 7


def jobs(seconds: int) -> Iterator[tuple[Genre, str, int]]:
    """What is asked for, and with which seed."""
    for genre, style in STYLE_WORDS.items():
        for number, feeling in enumerate(FEELINGS):
            yield genre, f"{seconds} seconds of {feeling} {style}", 1000 * number + len(style)


def hear(job: tuple[Genre, str, int, bool, str]) -> Heard:
    """Compose, render and analyse one piece."""
    genre, prompt, seed, at_random, folder = job
    score = compose(parse_prompt(prompt), seed)
    if at_random:
        score = shuffled(score, seed)
    path = Path(folder) / f"{genre}-{seed}.wav"
    soundfile.write(path, sound_of(score), 44_100)
    return Heard(genre, prompt, score, pipeline.hear(str(path), (MODEL,)))


def shuffled(score: Score, seed: int) -> Score:
    """As many notes of the same instruments, registers and lengths, at random."""
    chance = chance_for(seed, "random")
    end = score.sections[-1].start + score.sections[-1].length
    parts = []
    for part in score.parts:
        pitches = [note.pitch for note in part.notes] or [60]
        notes = [
            Note(
                chance.randrange(max(1, end - note.length)),
                note.length,
                note.pitch if part.is_drums else chance.randint(min(pitches), max(pitches)),
                note.velocity,
            )
            for note in part.notes
        ]
        notes.sort(key=lambda note: (note.start, note.pitch))
        parts.append(replace(part, notes=tuple(notes), bends=(), controls=()))
    return replace(score, parts=tuple(parts))


def sound_of(score: Score) -> Sound:
    """The mastered mix, float32[samples, 2]."""
    desk = Desk(score, SoundFont.open(usual_soundfont()))
    played = desk.play()
    mastering_for(played.sound, played.part_peaks).apply(played.sound)
    return played.sound


def meant_bpm(score: Score) -> float:
    """The tempo of most of the piece."""
    return 60e6 / score.tempos[0].microseconds_per_beat


def octave_of(heard: float, meant: float) -> str:
    """Which octave of the meant tempo was heard, or nothing."""
    for factor, name in (
        (1, "="),
        (2, "x2"),
        (0.5, "/2"),
        (1.5, "x3/2"),
        (3, "x3"),
        (2 / 3, "x2/3"),
    ):
        if abs(heard / (meant * factor) - 1) < TEMPO_TOLERANCE:
            return name
    return ""


def print_round_trips(pieces: list[Heard]) -> None:
    print(
        "| genre | tempo | tempo or its octave | key | key or its relative | length within 10 ms |"
    )
    print("|---|---|---|---|---|---|")
    for genre in dict.fromkeys(piece.genre for piece in pieces):
        own = [piece for piece in pieces if piece.genre is genre]
        octaves = [octave_of(p.analysis.descriptors.bpm or 1, meant_bpm(p.score)) for p in own]
        keys = [key_matches(piece) for piece in own]
        lengths = [abs(p.analysis.duration_s * 1000 - p.score.duration_ms) <= 10 for p in own]
        n = len(own)
        near = sum(octave in ("=", "x2", "/2") for octave in octaves)
        print(
            f"| {genre} | {octaves.count('=')}/{n} | {near}/{n}"
            f" | {keys.count('=')}/{n} | {sum(map(bool, keys))}/{n} | {sum(lengths)}/{n} |"
        )


def key_matches(piece: Heard) -> str:
    """``=`` for the key that was meant, ``~`` for its relative (the same notes)."""
    found, meant = piece.analysis.descriptors, piece.score.key
    assert meant is not None
    if found.key is None:
        return ""
    tonic = PITCH_CLASSES.index(found.key)
    if tonic == meant.tonic and found.scale == meant.mode:
        return "="
    relative = (meant.tonic + 3) % 12 if meant.mode == "minor" else (meant.tonic + 9) % 12
    return "~" if tonic == relative and found.scale != meant.mode else ""


def print_nearness(pieces: list[Heard]) -> None:
    vectors = np.stack([piece.analysis.embeddings[MODEL] for piece in pieces])
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    genres = [piece.genre for piece in pieces]
    nearest = np.argsort(-cosines, axis=1)[:, :5]
    right = [[genres[other] is genres[one] for other in row] for one, row in enumerate(nearest)]
    print("\n| genre | precision at 5 | nearest pair | mean cosine within | taken for |")
    print("|---|---|---|---|---|")
    for genre in Genre:
        own = [n for n, one in enumerate(genres) if one is genre]
        inside = cosines[np.ix_(own, own)]
        others = [genres[o] for n in own for o in nearest[n] if genres[o] is not genre]
        confused = ", ".join(f"{o} {others.count(o)}" for o in dict.fromkeys(sorted(others)))
        mean = inside[~np.eye(len(own), dtype=bool)].mean()
        print(
            f"| {genre} | {np.mean([right[n] for n in own]):.2f} | {inside.max():.3f}"
            f" | {mean:.2f} | {confused or '–'} |"
        )
    one, other = np.unravel_index(cosines.argmax(), cosines.shape)
    print(f"\nprecision at 5: {np.mean(right):.3f}; nearest pair {cosines.max():.3f}:")
    print(f"  {pieces[one].prompt} / {pieces[other].prompt}")
    print(f"pairs over 0.98: {int((cosines > 0.98).sum() / 2)}")


def line_of(piece: Heard, pieces: list[Heard]) -> str:
    """What was meant, what was heard, who played, and the genres of the five nearest."""
    own = piece.analysis.embeddings[MODEL]
    others = sorted(
        (other for other in pieces if other is not piece),
        key=lambda other: -float(other.analysis.embeddings[MODEL] @ own),
    )
    near = " ".join(other.genre for other in others[:5])
    found, meant = piece.analysis.descriptors, piece.score.key
    assert meant is not None
    tempo = (
        f"{meant_bpm(piece.score):.1f} -> {found.bpm or 0:.1f} ({found.bpm_confidence or 0:.1f})"
    )
    octave = octave_of(found.bpm or 1, meant_bpm(piece.score)) or "?"
    key = f"{PITCH_CLASSES[meant.tonic]} {meant.mode} -> {found.key} {found.scale}"
    names = " ".join(part.name for part in piece.score.parts)
    return f"{piece.prompt}: {tempo} {octave}, {key}; {names}: {near}"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seconds", type=int, default=45)
    asked.add_argument("--random", action="store_true")
    asked.add_argument("--asked", action="store_true", help="prompts with a tempo and a key")
    asked.add_argument("--only", type=Genre, help="one genre")
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--each", action="store_true", help="a line for each piece")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch, ProcessPoolExecutor(2) as workers:
        folder = str(options.keep or scratch)
        wanted = asked_for(options.seconds) if options.asked else jobs(options.seconds)
        work = [(*job, options.random, folder) for job in wanted if options.only in (None, job[0])]
        pieces = list(workers.map(hear, work))
    for piece in pieces if options.each else ():
        print(line_of(piece, pieces))
    print_round_trips(pieces)
    if not options.asked:
        print_nearness(pieces)


if __name__ == "__main__":
    main()
