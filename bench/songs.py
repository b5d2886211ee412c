"""Songs of our own at known tempo and key, as MIDI and as sound.

A song is made from its style and its seed: tempo, key, progression, which of the style's patterns
each part plays, a melody, fills, and the small inaccuracies of players. Rendered by symusic with a
SoundFont.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt
import symusic
from song_styles import CRASH, KICK, SNARE, STYLES, TOM, Style

RATE_HZ = 44_100
TICKS = 480
"""In a quarter note."""
SECONDS = 60.0
VELOCITIES = {"X": 112, "x": 92, "o": 60}
LATEST_S = 0.008
"""How far a player is off, one deviation."""
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
PROGRESSIONS = {
    True: ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 4, 4), (0, 5, 1, 4)),
    False: ((0, 5, 2, 6), (0, 3, 0, 4), (0, 6, 5, 6), (0, 3, 6, 4)),
}
"""Degrees of the scale by whether it is major."""
TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
PRESENT, STRAYS = 0.7, 0.1
"""How likely a varied song has a part, and a step of its kick is left to chance."""
MELODY_NOTE = 0.35
"""How likely a step off the beat has a note of the melody."""

Sound = npt.NDArray[np.float32]


class UnsteadyError(Exception):
    """A piece sounds different each time."""


@dataclass(frozen=True, slots=True)
class Song:
    """What is true about a piece, and the piece."""

    name: str
    score: symusic.Score
    bpm: float | None
    """``None`` without a beat."""
    key: str | None = None
    scale: str | None = None


def songs(
    seeds: Sequence[int], styles: Sequence[Style] = STYLES, *, varied: bool = False
) -> list[Song]:
    """One of every style for every seed; ``varied`` as ``Writer`` has it."""
    return [Writer(style, seed, varied=varied).song() for seed in seeds for style in styles]


def soundfont() -> Path:
    """The SoundFont that pretty_midi ships."""
    return Path(str(files("pretty_midi") / "TimGM6mb.sf2"))


def render(score: symusic.Score, font: Path) -> Sound:
    """float32[samples], mono at 44.1 kHz, its peak at 0.9.

    ``UnsteadyError`` if the synthesiser says something else each time: on some pieces a filter of
    its runs away.
    """
    first, second = (_played(score, font) for _ in range(2))
    if not np.array_equal(first, second):
        raise UnsteadyError
    return first


def _played(score: symusic.Score, font: Path) -> Sound:
    sound = symusic.Synthesizer(font, RATE_HZ).render(score, stereo=True).mean(axis=0)
    return np.asarray(sound * (0.9 / max(float(np.abs(sound).max()), 1e-9)), np.float32)


class Writer:
    """Writes a song of a style; the same seed writes the same song.

    In a ``varied`` one parts may be missing, players are better or worse and the kick may go
    its own way: to fit with, so that what is fitted does not know the eight styles by heart.
    """

    def __init__(self, style: Style, seed: int, *, varied: bool = False) -> None:
        self._style = style
        self._random = random.Random(f"{style.name} {seed}")
        self._name = f"{style.name} {seed}"
        self._bpm = round(self._random.uniform(*style.bpm_range), 1)
        self._tonic = self._random.randrange(12)
        self._is_major = self._random.random() < 0.5
        self._roots = self._random.choice(PROGRESSIONS[self._is_major])
        seconds_a_bar = style.beats * 60 / self._bpm
        self._bars = max(16, round(SECONDS / seconds_a_bar / 4) * 4)
        self._varied = varied
        self._latest_s = self._random.uniform(0, 1.5 * LATEST_S) if varied else LATEST_S

    def song(self) -> Song:
        """Every part, played from the first bar to the last."""
        score = symusic.Score(TICKS)
        score.tempos.append(symusic.Tempo(0, self._bpm))
        style, choose = self._style, self._random.choice
        drums = {drum: choose(rows) for drum, rows in style.drums.items()}
        if self._varied and KICK in drums:
            drums[KICK] = self._varied_row(drums[KICK])
        bass, chords = choose(style.bass), choose(style.chords)
        chord_program = choose(style.chord_programs)
        parts = (
            self._part("drums", 0, True, self._drums(drums)),
            self._part("bass", choose(style.bass_programs), False, self._bass(bass)),
            self._part("chords", chord_program, False, self._chords(chords)),
            self._part("lead", choose(style.lead_programs), False, self._lead()),
        )
        score.tracks.extend(self._varied_parts(parts) if self._varied else parts)
        scale = "major" if self._is_major else "minor"
        return Song(self._name, score, self._bpm, TONICS[self._tonic], scale)

    def _varied_parts(self, parts: Sequence[symusic.Track]) -> list[symusic.Track]:
        drums, *others = parts
        return [drums, *(part for part in others if self._random.random() < PRESENT)]

    def _varied_row(self, row: str) -> str:
        return row[0] + "".join(
            self._random.choice(".x") if self._random.random() < STRAYS else hit for hit in row[1:]
        )

    def _part(
        self, name: str, program: int, is_drum: bool, notes: Iterator[symusic.Note]
    ) -> symusic.Track:
        track = symusic.Track(name, program, is_drum)
        track.notes.extend(sorted(notes, key=lambda note: note.time))
        return track

    def _drums(self, rows: dict[int, str]) -> Iterator[symusic.Note]:
        for bar in range(self._bars):
            yield from self._crash(bar)
            has_fill = bar % 8 == 7
            for drum, row in rows.items():
                length = len(row) - self._style.steps if has_fill and drum != KICK else len(row)
                for step, hit in self._hits(row[:length]):
                    yield self._note(bar, step, 0.1, drum, VELOCITIES[hit])
            if has_fill:
                yield from self._fill(bar)

    def _crash(self, bar: int) -> Iterator[symusic.Note]:
        if bar % 16 == 0:
            yield self._note(bar, 0, 1.0, CRASH, 90)

    def _fill(self, bar: int) -> Iterator[symusic.Note]:
        last = (self._style.beats - 1) * self._style.steps
        for step in range(self._style.steps):
            yield self._note(bar, last + step, 0.1, self._random.choice((SNARE, TOM)), 90)

    def _bass(self, row: str) -> Iterator[symusic.Note]:
        for bar in range(self._bars):
            for step, hit in self._hits(row):
                degree = self._roots[bar % 4]
                if self._style.walks:
                    degree += self._random.choice((0, 2, 4, 1))
                yield self._note(bar, step, 0.6, self._pitch_above(28, degree), VELOCITIES[hit])

    def _chords(self, row: str) -> Iterator[symusic.Note]:
        for bar in range(self._bars):
            for step, hit in self._hits(row):
                for third in (0, 2, 4):
                    pitch = self._pitch_above(48, self._roots[bar % 4] + third)
                    yield self._note(bar, step, self._style.chord_length, pitch, VELOCITIES[hit])

    def _lead(self) -> Iterator[symusic.Note]:
        """A phrase of two bars that comes again, from the second four bars on."""
        count = 2 * self._style.beats * self._style.steps
        phrase = [
            (step, self._random.choice((0, 0, 2, 4, 4, 1, 5)))
            for step in range(count)
            if self._random.random() < (MELODY_NOTE if step % self._style.steps else 0.6)
        ]
        for bar in range(4, self._bars, 2):
            if bar // 4 % 4 == 3:
                continue
            for step, degree in phrase:
                pitch = self._pitch_above(67, self._roots[bar % 4] + degree)
                yield self._note(bar, step, 0.5, pitch, 84)

    def _hits(self, row: str) -> list[tuple[int, str]]:
        return [(step, hit) for step, hit in enumerate(row) if hit != "."]

    def _pitch_above(self, lowest: int, degree: int) -> int:
        """A degree of the scale within the octave from ``lowest``."""
        scale = MAJOR if self._is_major else MINOR
        return lowest + (self._tonic + scale[degree % 7] - lowest) % 12

    def _note(self, bar: int, step: int, beats: float, pitch: int, velocity: int) -> symusic.Note:
        style = self._style
        pair, second = divmod(step, 2)
        at = bar * style.beats + (2 * pair + 2 * style.swing * second) / style.steps
        off = self._random.gauss(0, self._latest_s) * self._bpm / 60
        loudness = velocity + self._random.randint(-8, 8)
        ticks = max(0, round((at + off) * TICKS))
        return symusic.Note(ticks, round(beats * TICKS), pitch, min(127, max(1, loudness)))
