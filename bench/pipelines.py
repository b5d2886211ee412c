"""The pipelines under comparison, and the networks they run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sides import Side

from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL

ROOT = Path(__file__).resolve().parent.parent
ESSENTIA, WITH_WEIGHTS, BUILT_IN = "Essentia", "Harmonie, ONNX", "Harmonie, built-in"
EFFNET_MODEL = "discogs-effnet-bs64-1"
EFFNET_PB = "discogs-effnet-bs64-1.pb"
HEAD_PB = "genre_discogs400-discogs-effnet-1.pb"
PUBLISHED = {
    "effnet-{}.onnx": "discogs-effnet-bsdynamic-1.onnx",
    "effnet-{}.pb": EFFNET_PB,
    "head-{}.pb": HEAD_PB,
}
"""The stand-ins' names and those of the files they stand in for."""


def stand_ins(folder: Path, size: Literal["tiny", "full"]) -> Path:
    """The networks in this folder, under the names of the published files."""
    build = [sys.executable, "-m", "tests.standins.build", str(folder)]
    options = ["--full"] if size == "full" else []
    subprocess.run([*build, *options], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    for ours, published in PUBLISHED.items():
        shutil.move(folder / ours.format(size), folder / published)
    return folder


@contextmanager
def running(networks: Path, *names: str) -> Iterator[list[Side]]:
    """The sides of these names, ended afterwards."""
    scripts = {
        ESSENTIA: ("essentia_side.py", networks / EFFNET_PB, networks / HEAD_PB),
        WITH_WEIGHTS: ("harmonie_side.py", EFFNET_MODEL, networks),
        BUILT_IN: ("harmonie_side.py", BUILTIN_MODEL),
    }
    sides = [Side(name, *map(str, scripts[name])) for name in names]
    try:
        yield sides
    finally:
        for side in sides:
            side.close()
