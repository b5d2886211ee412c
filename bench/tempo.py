"""How often the tempo is right, beside Essentia's multifeature tracker on the same sound.

    pip install '.[bench]'
    apt-get download openttd-openmsx planetblupi-music-midi
    for each in *.deb; do dpkg -x $each MIDI; done
    python bench/tempo.py MIDI

Forty songs of our own (five of each of eight styles, at known tempo and key), every MIDI file in
a folder that keeps one tempo for four fifths of its time, and thirty pieces without a beat. Prints
Markdown. Key is not asked about: symusic plays some instruments of its SoundFont thirds and fourths
too high (A3 of the piano sounds at 299 Hz). The weights that choose were fitted on other songs
(tempo_fit.py).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import symusic
from beatless import beatless
from songs import RATE_HZ, Song, Sound, UnsteadyError, render, songs, soundfont

from harmonie_daemon.analysis.descriptors.onset_functions import onset_functions
from harmonie_daemon.analysis.descriptors.rhythm import Rhythm, measure_rhythm, tracked
from harmonie_daemon.analysis.descriptors.spectrogram import SAMPLE_RATE, measure_spectrogram
from harmonie_daemon.analysis.essentia import standard
from harmonie_daemon.analysis.samples import resampled
from harmonie_daemon.domain.track import LEAST_TEMPO_CONFIDENCE

SEEDS, BEATLESS_SEEDS = range(5), range(6)
STEADY_SHARE = 0.8
DEFAULT_BPM = 120.0
"""Of a MIDI file that names no tempo."""
LONGEST_S = 300
TOLERANCES = (0.04, 0.01)
OURS, TRACKED, ESSENTIA = "Harmonie", "its tracker alone", "Essentia multifeature"


@dataclass(frozen=True, slots=True)
class Heard:
    """What each method says of a piece."""

    song: Song
    rhythms: dict[str, Rhythm]
    cpu_s: dict[str, float] = field(default_factory=dict)


def main() -> None:
    """Hear and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("midi", type=Path, help="a folder with MIDI files")
    parser.add_argument("--all", action="store_true", help="print every piece")
    arguments = parser.parse_args()
    own, packages = list(heard(songs(SEEDS))), list(heard(midi_files(arguments.midi)))
    if arguments.all:
        for each in [*own, *packages]:
            found = (f"{each.rhythms[name].bpm or 0:.1f}" for name in (OURS, TRACKED, ESSENTIA))
            print(f"{each.song.name}: {each.song.bpm}, heard", *found)
    print("| pieces | method | within 4 % | within 1 % | 4 %, octaves allowed | 1 % |")
    print("|---|---|---|---|---|---|")
    for title, pieces in {"own songs": own, "packages": packages, "all": own + packages}.items():
        report_tempo(f"{title} ({len(pieces)})", pieces)
    report_cost(own + packages)
    report_confidence(own + packages, list(heard(beatless(BEATLESS_SEEDS))))


def midi_files(folder: Path) -> Iterator[Song]:
    """Those of one tempo."""
    for path in sorted(folder.rglob("*.mid")):
        score = symusic.Score(path)
        bpm, part = main_tempo(score)
        if part >= STEADY_SHARE:
            yield Song(path.stem, score, bpm)
        else:
            print(f"{path.stem}: {bpm:g} for {part:.0%} of its time, left out", file=sys.stderr)


def main_tempo(score: symusic.Score) -> tuple[float, float]:
    """The tempo of most of the time, and its share of it."""
    changes = [(tempo.time, tempo.qpm) for tempo in score.tempos]
    if not changes or changes[0][0] > 0:
        changes.insert(0, (0, DEFAULT_BPM))
    seconds: dict[float, float] = {}
    ends = [time for time, _ in changes[1:]] + [score.end()]
    for (start, bpm), end in zip(changes, ends, strict=True):
        seconds[round(bpm, 2)] = seconds.get(round(bpm, 2), 0.0) + max(0, end - start) / bpm
    longest = max(seconds, key=lambda bpm: seconds[bpm])
    return longest, seconds[longest] / sum(seconds.values())


def heard(pieces: Iterator[Song] | Sequence[Song]) -> Iterator[Heard]:
    """Each piece by all methods, one after the other."""
    for song in pieces:
        try:
            sound = render(song.score, soundfont())[: LONGEST_S * RATE_HZ]
        except UnsteadyError:
            print(f"{song.name}: sounds different each time, left out", file=sys.stderr)
            continue
        yield _heard(song, sound)


def _heard(song: Song, sound: Sound) -> Heard:
    low = resampled(sound, SAMPLE_RATE, "LQ")
    bands = measure_spectrogram(low).bands
    curves = onset_functions(bands)
    methods: dict[str, Callable[[], Rhythm]] = {
        OURS: lambda: measure_rhythm(bands),
        TRACKED: lambda: tracked(curves),
        ESSENTIA: lambda: _multifeature(sound),
    }
    rhythms, cpu_s = {}, {}
    for name, method in methods.items():
        began = time.process_time()
        rhythms[name] = method()
        cpu_s[name] = time.process_time() - began
    return Heard(song, rhythms, cpu_s)


def _multifeature(sound: Sound) -> Rhythm:
    bpm, _, confidence, *_ = standard().RhythmExtractor2013(method="multifeature")(sound)
    return Rhythm(float(bpm), float(confidence))


def report_tempo(title: str, pieces: Sequence[Heard]) -> None:
    """A row for each method."""
    for name in (OURS, TRACKED, ESSENTIA):
        ratios = np.array([(each.rhythms[name].bpm or 0) / (each.song.bpm or 1) for each in pieces])
        cells = [
            f"{_near(ratios, tolerance, octaves).mean():.1%}"
            for octaves in ((1.0,), (0.5, 1.0, 2.0))
            for tolerance in TOLERANCES
        ]
        print(f"| {title} | {name} |", " | ".join(cells), "|")


def _near(ratios: np.ndarray, tolerance: float, octaves: Sequence[float]) -> np.ndarray:
    near: np.ndarray = np.any([np.abs(ratios / each - 1) <= tolerance for each in octaves], axis=0)
    return near


def report_cost(pieces: Sequence[Heard]) -> None:
    """CPU seconds; ours without the spectrogram, which other measurements need anyway."""
    for name in (OURS, TRACKED, ESSENTIA):
        print(f"{name}: {np.mean([each.cpu_s[name] for each in pieces]):.3f} CPU s a piece")


def report_confidence(with_beat: Sequence[Heard], without: Sequence[Heard]) -> None:
    """How well confidence tells a beat from none."""
    unknown = [
        np.mean([_is_unknown(each.rhythms[OURS]) for each in pieces])
        for pieces in (with_beat, without)
    ]
    print(f"Tempo unknown: {unknown[0]:.1%} of those with a beat, {unknown[1]:.1%} without")


def _is_unknown(rhythm: Rhythm) -> bool:
    return rhythm.bpm is None or (rhythm.confidence or 0.0) < LEAST_TEMPO_CONFIDENCE


if __name__ == "__main__":
    main()
