"""How far our descriptors agree with the plain Essentia pipeline, as a Markdown table.

    python bench/agreement.py LIBRARY [--tracks N] [--weights FOLDER]

Same files, same run. Where the two differ neither is the truth: what matters is that a
library analysed by the one reads like a library analysed by the other. ``--weights``: a folder with
the published networks (.onnx and .pb); without it stand-ins are built, which tell as well whether
both run the same network on the same sound.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pipelines import ESSENTIA, WITH_WEIGHTS, running, stand_ins
from sides import Heard, by_turns, spread

from harmonie_daemon.analysis.descriptors.tonality import SPELLINGS
from harmonie_daemon.library.scanner import walk

BPM_TOLERANCE, LOUDNESS_TOLERANCE_DB = 0.04, 0.2
CONFIDENT = 1.5
"""RhythmExtractor2013's own documentation calls less than this low confidence."""
OCTAVES = (0.5, 1.0, 2.0)
CORRELATED = ("bpm_confidence", "key_strength", "loudness_db", "danceability", "onset_rate")

Floats = npt.NDArray[np.float64]


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("library", type=Path)
    parser.add_argument("--tracks", type=int, default=None, help="at most so many, spread evenly")
    parser.add_argument("--weights", type=Path, default=None)
    arguments = parser.parse_args()
    found = sorted(file.path for file in walk([str(arguments.library.resolve())]).files)
    if not found:
        sys.exit(f"no music in {arguments.library}")
    paths = spread(found, arguments.tracks or len(found))
    with tempfile.TemporaryDirectory() as name:
        networks = arguments.weights or stand_ins(Path(name), "tiny")
        with running(networks, ESSENTIA, WITH_WEIGHTS) as sides:
            heard = by_turns(paths, sides)
    print(f"{len(heard)} of {len(paths)} tracks\n")
    print("| what | agreement | tracks |\n|---|---|---|")
    for line in [
        *tempo(heard),
        *key(heard),
        *loudness(heard),
        *correlations(heard),
        *network(heard),
    ]:
        print(f"| {line.what} | {line.agreement} | {line.tracks} |")


Pairs = Sequence[tuple[str, Sequence[Heard]]]
"""Path, and what the baseline and we have to say."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    what: str
    agreement: str
    tracks: int


def numbers(heard: Pairs, name: str) -> Floats:
    """float64[n, 2]: the values where both have one, the baseline's first."""
    rows = [[side.findings.values[name] for side in sides] for _, sides in heard]
    return np.array([row for row in rows if None not in row], np.float64).reshape(-1, 2)


def tempo(heard: Pairs) -> list[Line]:
    """All tracks, then those where the baseline is sure of itself."""
    confident = [
        each
        for each in heard
        if float(each[1][0].findings.values["bpm_confidence"] or 0) > CONFIDENT
    ]
    named = {"": heard, f", baseline's confidence above {CONFIDENT}": confident}
    return [line for suffix, some in named.items() for line in _tempo(numbers(some, "bpm"), suffix)]


def _tempo(bpm: Floats, suffix: str) -> list[Line]:
    ratios = bpm[:, 1] / bpm[:, 0]
    same = np.abs(ratios - 1) <= BPM_TOLERANCE
    near_octave = np.any([np.abs(ratios / each - 1) <= BPM_TOLERANCE for each in OCTAVES], axis=0)
    percent = f"{BPM_TOLERANCE:.0%}"
    return [
        Line(f"BPM within {percent}{suffix}", share(same), len(bpm)),
        Line(f"BPM within {percent} or an octave{suffix}", share(near_octave), len(bpm)),
    ]


def key(heard: Pairs) -> list[Line]:
    """Tonic and scale; spellings of a black key are one key."""
    rows = [
        [(side.findings.values["key"], side.findings.values["scale"]) for side in sides]
        for _, sides in heard
    ]
    rows = [row for row in rows if row[1][0] is not None]
    named = [[(SPELLINGS.get(str(name), name), scale) for name, scale in row] for row in rows]
    return [
        Line("key and scale", share(np.array([a == b for a, b in named])), len(named)),
        Line("key", share(np.array([a[0] == b[0] for a, b in named])), len(named)),
    ]


def loudness(heard: Pairs) -> list[Line]:
    """ReplayGain in dB."""
    gains = numbers(heard, "loudness_db")
    apart = np.abs(gains[:, 1] - gains[:, 0])
    return [
        Line(f"loudness within {LOUDNESS_TOLERANCE_DB} dB", share(apart <= 0.2), len(gains)),
        Line("loudness, largest difference", f"{apart.max():.3f} dB", len(gains)),
    ]


def correlations(heard: Pairs) -> list[Line]:
    """Pearson's, and how far the values themselves lie apart."""
    lines = []
    for name in CORRELATED:
        pairs = numbers(heard, name)
        apart = np.abs(pairs[:, 1] - pairs[:, 0]).mean()
        text = f"r = {np.corrcoef(pairs.T)[0, 1]:.3f}, mean difference {apart:.3f}"
        lines.append(Line(f"{name}", f"{text} of {pairs[:, 0].std():.3f} sd", len(pairs)))
    return lines


def network(heard: Pairs) -> list[Line]:
    """The same network on each side's samples at 16 kHz."""
    both = [
        [side.findings for side in sides]
        for _, sides in heard
        if all(side.findings.embedding and side.findings.styles for side in sides)
    ]
    cosines = np.array([cosine(*(each.embedding for each in pair)) for pair in both])
    styles = np.array([[each.styles for each in pair] for pair in both])
    apart = np.abs(styles[:, 0] - styles[:, 1]).max(axis=1)
    return [
        Line("EffNet embedding, cosine", f"{describe(cosines, 'least')}", len(both)),
        Line("style probabilities, largest difference", f"{describe(apart, 'most')}", len(both)),
    ]


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """Of two vectors of any length."""
    return float(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b))


def describe(values: Floats, worst: str) -> str:
    """Median and the worst track."""
    extreme = values.min() if worst == "least" else values.max()
    return f"median {np.median(values):.6f}, {worst} {extreme:.6f}"


def share(agree: npt.NDArray[np.bool_]) -> str:
    """As a percentage, with the count."""
    return f"{agree.mean():.1%} ({agree.sum()})" if len(agree) else "no tracks"


if __name__ == "__main__":
    main()
