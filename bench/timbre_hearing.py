"""The measurements of the built-in embedding over a library, as it is and changed, kept in a file.

    python bench/timbre_hearing.py LIBRARY MEASUREMENTS.npz [--changed N] [--workers N]

Every track is heard as it is; N tracks of each package also ten decibels softer, without their
first and last ten seconds, and through the codecs of ``harmonie evaluate``. A package is the
first folder below the library. The result holds, for each way of hearing, the float32[n, 316]
before standardisation and the positions of its rows in ``paths``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av.error
import numpy as np
import numpy.typing as npt
import sides

from harmonie_daemon.analysis.decoding import decode
from harmonie_daemon.analysis.pipeline import LOW_RATE, quality
from harmonie_daemon.analysis.samples import Samples, resampled
from harmonie_daemon.analysis.timbre.filterbanks import Filterbanks, filterbanks
from harmonie_daemon.analysis.timbre.vector import raw_vector
from harmonie_daemon.domain.errors import DecodeError
from harmonie_daemon.evaluation.transcoding import CODECS, transcode
from harmonie_daemon.library.scanner import walk

ORIGINAL, SOFTER, TRIMMED = "original", "-10 dB", "10 s trimmed"
WAYS = (SOFTER, TRIMMED, *CODECS)
SOFTER_FACTOR = 10 ** (-10 / 20)
TRIMMED_S = 10.0
SHORTEST_S = 25.0
"""Jingles and effects have neither a mix nor a form to learn from."""

Raw = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file and the ways in which it is to be heard, too."""

    path: str
    ways: tuple[str, ...]


def main() -> None:
    """Hear and save."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("library", type=Path)
    parser.add_argument("measurements", type=Path)
    parser.add_argument("--changed", type=int, default=4, help="tracks per package")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    root = arguments.library.resolve()
    paths = sorted(file.path for file in walk([str(root)]).files)
    wanted = _wanted(paths, root, arguments.changed, tuple(arguments.ways))
    heard = dict(sorted(_heard(wanted, arguments.workers)))
    _save(arguments.measurements, root, heard)


def _wanted(paths: Iterable[str], root: Path, changed: int, ways: tuple[str, ...]) -> list[Wanted]:
    by_package: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        by_package[Path(path).relative_to(root).parts[0]].append(path)
    chosen = {path for found in by_package.values() for path in sides.spread(found, changed)}
    return [Wanted(path, ways if path in chosen else ()) for path in paths]


def _heard(works: list[Wanted], workers: int) -> Iterator[tuple[str, dict[str, Raw]]]:
    with ProcessPoolExecutor(workers) as pool:
        jobs = {pool.submit(measurements, work): work.path for work in works}
        for done, job in enumerate(as_completed(jobs), 1):
            print(f"{done}/{len(jobs)} {jobs[job]}", flush=True)
            if found := job.result():
                yield jobs[job], found


def measurements(work: Wanted) -> dict[str, Raw]:
    """Run in a process of its own: way of hearing to float32[316]; empty if it cannot be heard."""
    try:
        samples = low_samples(work.path)
    except DecodeError as error:
        print(f"{work.path}: {error}")
        return {}
    if len(samples) < SHORTEST_S * LOW_RATE:
        return {}
    found = {way: _changed(work.path, samples, way) for way in (ORIGINAL, *work.ways)}
    return {way: raw for way, raw in found.items() if raw is not None}


def _changed(path: str, samples: Samples, way: str) -> Raw | None:
    if way == ORIGINAL:
        return raw_vector(samples, _banks())
    if way == SOFTER:
        return raw_vector(samples * np.float32(SOFTER_FACTOR), _banks())
    if way == TRIMMED:
        edge = int(TRIMMED_S * LOW_RATE)
        return raw_vector(samples[edge:-edge], _banks())
    return _encoded(path, way)


def _encoded(path: str, name: str) -> Raw | None:
    codec = CODECS[name]
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / f"transcode{codec.suffix}")
        try:
            transcode(path, target, codec)
        except av.error.FFmpegError as error:
            print(f"{path}: {name}: {error}")
            return None
        return raw_vector(low_samples(target), _banks())


def low_samples(path: str) -> Samples:
    """The file as the embedding hears it. Raises ``DecodeError``."""
    audio = decode(path)
    return resampled(audio.samples, LOW_RATE, quality(LOW_RATE, audio.native_rate))


@cache
def _banks() -> Filterbanks:
    return filterbanks()


def _save(target: Path, root: Path, heard: Mapping[str, Mapping[str, Raw]]) -> None:
    paths = list(heard)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "paths": np.array([str(Path(path).relative_to(root)) for path in paths])
    }
    for way in dict.fromkeys(way for found in heard.values() for way in found):
        rows = [place for place, path in enumerate(paths) if way in heard[path]]
        arrays[f"rows of {way}"] = np.array(rows, np.intp)
        arrays[way] = np.stack([heard[paths[place]][way] for place in rows])
    np.savez_compressed(target, **arrays)


if __name__ == "__main__":
    main()
