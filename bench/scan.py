"""CPU seconds per track that hearing a library costs, split by stage, beside decoding alone.

    python bench/scan.py LIBRARY [--tracks N]

The baseline is a decode of the same files in the same run: no scan can cost less. The absolute
figures are this machine's; the ratios carry over.
"""

# isort: off
import harmonie_daemon.workers.environment  # one thread, set before numpy
import harmonie_daemon.analysis.preload  # noqa: F401 - what a worker has loaded too
# isort: on

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harmonie_daemon.analysis.decoding import decode
from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.pipeline import hear
from harmonie_daemon.domain.errors import DecodeError
from harmonie_daemon.library.scanner import walk


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("library", type=Path)
    parser.add_argument("--tracks", type=int, default=None, help="at most so many, spread evenly")
    arguments = parser.parse_args()
    found = sorted(file.path for file in walk([str(arguments.library.resolve())]).files)
    report(measure(spread(found, arguments.tracks or len(found))))


def spread(paths: Sequence[str], count: int) -> list[str]:
    """``count`` of the paths at even distances."""
    step = max(1.0, len(paths) / count)
    return [paths[int(index * step)] for index in range(min(count, len(paths)))]


def measure(paths: Sequence[str]) -> dict[str, float]:
    """CPU seconds by stage, with the baseline, the number of tracks and their seconds."""
    totals: defaultdict[str, float] = defaultdict(float)
    for path in paths:
        _read(path)
        started = time.process_time()
        try:
            duration_s = decode(path).duration_s
        except DecodeError as error:
            print(f"{path}: {error}")
            continue
        totals["decode alone"] += time.process_time() - started
        for stage, spent_s in hear(path, (BUILTIN_MODEL,)).stage_cpu_s.items():
            totals[stage] += spent_s
        totals["tracks"] += 1
        totals["duration"] += duration_s
    return totals


def _read(path: str) -> None:
    """Bring the file into the page cache, so that nobody pays for the disk."""
    with Path(path).open("rb") as file:
        while file.read(1 << 20):
            pass


def report(totals: dict[str, float]) -> None:
    """Print CPU seconds per track and the ratio of each stage to decoding alone."""
    if not totals:
        print("nothing to measure")
        return
    tracks, duration_s = totals.pop("tracks"), totals.pop("duration")
    baseline = totals.pop("decode alone")
    table = Table(title=f"{tracks:.0f} tracks of {duration_s / tracks:.0f} s on average")
    for heading in ("stage", "CPU s per track", "per 210 s of music", "ratio to decode alone"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    rows = [
        ("decode alone (baseline)", baseline),
        *totals.items(),
        ("all stages", sum(totals.values())),
    ]
    for stage, spent_s in rows:
        table.add_row(
            stage,
            f"{spent_s / tracks:.3f}",
            f"{spent_s / duration_s * 210:.3f}",
            f"{spent_s / baseline:.2f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
