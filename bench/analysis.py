"""What analysing a track costs, beside the plain Essentia pipeline on the same files.

    python bench/analysis.py LIBRARY [--tracks N]

CPU seconds (user and system) per track by stage, and the ratio of ours to the baseline
(essentia_side.py): same files, same run, one thread and one process each, the same stand-in
network of EfficientNet-B0's size, since the published weights may not be redistributed. Twice: with
weights, by onnxruntime, and without, where the built-in embedding takes the network's place.
Then the memory of a worker on a file of ten minutes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
import soundfile
from pipelines import BUILT_IN, EFFNET_MODEL, ESSENTIA, WITH_WEIGHTS, running, stand_ins
from rich.console import Console
from rich.table import Table
from sides import OTHER, Heard, by_turns, spread

from harmonie_daemon.analysis.decoding import decode
from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.samples import SAMPLE_RATE
from harmonie_daemon.library.scanner import walk

EMBEDDINGS = ("effnet", BUILTIN_MODEL)
WANTED_RATIO = 1 / 3
LONG_S = 600


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("library", type=Path)
    parser.add_argument("--tracks", type=int, default=None, help="at most so many, spread evenly")
    arguments = parser.parse_args()
    found = sorted(file.path for file in walk([str(arguments.library.resolve())]).files)
    if not found:
        sys.exit(f"no music in {arguments.library}")
    paths = spread(found, arguments.tracks or len(found))
    with tempfile.TemporaryDirectory() as name:
        networks = stand_ins(Path(name), "full")
        with running(networks, ESSENTIA, WITH_WEIGHTS, BUILT_IN) as sides:
            heard = by_turns(paths, sides)
        report_costs([each for _, each in heard])
        report_memory(ten_minutes(paths, Path(name) / "long.flac"), networks)


def report_costs(heard: Sequence[tuple[Heard, ...]]) -> None:
    """CPU seconds per track by stage, ours beside the baseline's."""
    tracks = len(heard)
    seconds = sum(float(each[-1].findings.values["duration_s"] or 0) for each in heard)
    baseline, weights, built_in = (mean_stages(side) for side in zip(*heard, strict=True))
    table = Table(title=f"{tracks} tracks of {seconds / tracks:.0f} s on average, CPU s per track")
    for heading in ("stage", ESSENTIA, WITH_WEIGHTS, "ratio", BUILT_IN, "ratio"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for stage in dict.fromkeys([*baseline, *weights, *built_in]):
        if stage not in EMBEDDINGS and stage != OTHER:
            add_row(table, stage, *(side.get(stage, 0.0) for side in (baseline, weights, built_in)))
    sides = (baseline, weights, built_in)
    add_row(table, "embedding, styles", *map(embedding_cost, sides))
    add_row(table, OTHER, *(side.get(OTHER, 0.0) for side in sides))
    totals = [sum(side.values()) for side in sides]
    add_row(table, "all", *totals)
    Console(width=110).print(table)
    for name, total in zip((WITH_WEIGHTS, BUILT_IN), totals[1:], strict=True):
        ratio = total / totals[0]
        verdict = "at most a third" if ratio <= WANTED_RATIO else "MORE THAN A THIRD"
        print(f"{name}: {ratio:.3f} of {ESSENTIA}, {1 / ratio:.2f} times cheaper: {verdict}")


def mean_stages(heard: Sequence[Heard]) -> dict[str, float]:
    """CPU seconds per track by stage."""
    total: dict[str, float] = {}
    for each in heard:
        for stage, seconds in each.stages.items():
            total[stage] = total.get(stage, 0.0) + seconds / len(heard)
    return total


def embedding_cost(stages: Mapping[str, float]) -> float:
    """Whatever stands for the track: a network and its head, or the built-in embedding."""
    return sum(stages.get(stage, 0.0) for stage in EMBEDDINGS)


def add_row(table: Table, name: str, baseline: float, *ours: float) -> None:
    """One stage, each of ours with its ratio to the baseline."""
    cells = [cell for cost in ours for cell in (f"{cost:.3f}", ratio_text(cost, baseline))]
    table.add_row(name, f"{baseline:.3f}", *cells)


def ratio_text(cost: float, baseline: float) -> str:
    """Nothing where the baseline has no such stage."""
    return f"{cost / baseline:.2f}" if baseline > 0.0005 else ""


def ten_minutes(paths: Sequence[str], target: Path) -> str:
    """A stereo file of ten minutes made of the library's music, one piece after another."""
    missing = LONG_S * SAMPLE_RATE
    with soundfile.SoundFile(target, "w", SAMPLE_RATE, 2, subtype="PCM_16") as file:
        for path in cycle(paths):
            samples = decode(path).samples[:missing]
            file.write(np.stack([samples, samples], axis=1))
            missing -= len(samples)
            if not missing:
                return str(target)
    raise AssertionError("a cycle does not end")


def report_memory(path: str, networks: Path) -> None:
    """The peak (VmHWM) on this file: of the baseline's process, and of our workers."""
    with running(networks, ESSENTIA) as (side,):
        peaks = {ESSENTIA: side.hear(path).peak_bytes}
    jobs = {WITH_WEIGHTS: (EFFNET_MODEL, str(networks)), BUILT_IN: (BUILTIN_MODEL,)}
    for name, arguments in jobs.items():
        script = Path(__file__).with_name("worker_memory.py")
        command = [sys.executable, str(script), path, *arguments]
        peaks[name] = int(subprocess.check_output(command))
    for name, peak_bytes in peaks.items():
        print(f"{name}: peak memory on {LONG_S} s of music {peak_bytes / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
