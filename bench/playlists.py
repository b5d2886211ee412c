"""How well playlists hold together and flow, beside another version of this program and chance.

    python bench/playlists.py DATABASE [--before CHECKOUT] [--seeds N]

DATABASE is a library that was analysed (it is copied, never changed). From N seeds, spread over
the library, each version makes lists of twenty; tempo counts where it is known, octaves are near.
``package`` is the first folder of a path. A row of means over the lists; "worst" and "least" are
the mean of each list's worst and least step. The random order has the same tracks as the row
above it; the random lists are drawn from the library.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.playlist import Mode, SeededRequest
from harmonie_daemon.domain.track import Track, TrackId
from harmonie_daemon.playlists.builder import PlaylistBuilder
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors

LENGTH = 20
MODES = (Mode.SIMILAR, Mode.DRIFT)
KNOWN_TEMPO = 0.3
"""Confidence below which nobody should rely on a tempo."""
COLUMNS = (
    "seed's package %", "pairs of a package %", "pairs of an artist %", "longest run of a package",
    "tempo step BPM", "worst", "loudness step dB", "worst", "cosine", "least",
)  # fmt: skip
T = TypeVar("T")
Lists = dict[str, list[list[int]]]


@dataclass(frozen=True)
class Library:
    """What lists are judged by."""

    tracks: dict[int, Track]
    vectors: dict[int, npt.NDArray[np.float32]]

    @property
    def seeds(self) -> list[int]:
        """Every track that has a vector, in the order of the paths."""
        return sorted(self.vectors, key=lambda id_: self.tracks[id_].file.path)


def main() -> None:
    """Make the lists, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("database", type=Path)
    parser.add_argument("--before", type=Path, help="a checkout to compare with")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--lists", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.lists:
        seeds = [int(seed) for seed in arguments.lists.split(",")]
        print(json.dumps(asyncio.run(with_copy(arguments.database, lists_from(seeds)))))
        return
    library = asyncio.run(with_copy(arguments.database, read_library))
    known = library.seeds
    spread = np.linspace(0, len(known) - 1, arguments.seeds).round().astype(int)
    seeds = [known[place] for place in spread]
    after = asyncio.run(with_copy(arguments.database, lists_from(seeds)))
    before = made_by(arguments.before, arguments.database, seeds) if arguments.before else None
    print_table(library, seeds, before, after)


async def with_copy(path: Path, work: Callable[[Tracks, Vectors], Awaitable[T]]) -> T:
    """What ``work`` makes of a copy of the database."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, folder)
        database = await Database.open(Path(folder) / path.name)
        try:
            return await work(Tracks(database, lambda: 0.0), Vectors(database))
        finally:
            await database.close()


async def read_library(tracks: Tracks, vectors: Vectors) -> Library:
    """Everything in the database that has a vector of its active model."""
    model = await vectors.active_model() or (await vectors.models())[0].name
    ids, rows = await vectors.load(model)
    wanted = [TrackId(int(id_)) for id_ in ids]
    known = {int(track.id): track for track in await tracks.get_many(wanted)}
    return Library(known, dict(zip(ids.tolist(), rows, strict=True)))


def lists_from(seeds: Sequence[int]) -> Callable[[Tracks, Vectors], Awaitable[Lists]]:
    """What the program that is imported here makes of these seeds."""

    async def work(tracks: Tracks, vectors: Vectors) -> Lists:
        spaces = Spaces(vectors)
        await spaces.load()
        builder = PlaylistBuilder(tracks, spaces, Resolver(tracks))
        made: Lists = {}
        for mode in MODES:
            wishes = [SeededRequest(mode, LENGTH, (TrackId(seed),)) for seed in seeds]
            built = [await builder.build(wish) for wish in wishes]
            made[mode.value] = [[int(item.track_id) for item in one.items] for one in built]
        spaces.close()
        return made

    return work


def made_by(checkout: Path, database: Path, seeds: Sequence[int]) -> Lists:
    """What another checkout makes of these seeds, in a process of its own."""
    command = [sys.executable, __file__, str(database), "--lists", ",".join(map(str, seeds))]
    environment = {**os.environ, "PYTHONPATH": str(checkout.resolve())}
    ran = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(ran.stdout)  # type: ignore[no-any-return]


def print_table(library: Library, seeds: Sequence[int], before: Lists | None, after: Lists) -> None:
    """One row for each mode and side, and what chance does."""
    rng = np.random.default_rng(0)
    print("| lists |", " | ".join(COLUMNS), "|")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for mode in MODES:
        sides = {"before": before, "after": after} if before else {"after": after}
        for side, lists in sides.items():
            print_row(f"{mode}, {side}", library, seeds, lists[mode.value])
        shuffled = [rng.permutation(one).tolist() for one in after[mode.value]]
        print_row(f"{mode}, in random order", library, seeds, shuffled)
    everything = [id_ for id_ in library.seeds if id_ not in seeds]
    drawn = [rng.choice(everything, LENGTH, replace=False).tolist() for _ in seeds]
    print_row("random lists", library, seeds, drawn)


def print_row(
    name: str, library: Library, seeds: Sequence[int], lists: Sequence[Sequence[int]]
) -> None:
    """The means over the lists."""
    measured = [measures(library, seed, one) for seed, one in zip(seeds, lists, strict=True)]
    means = np.nanmean(np.array(measured, float), axis=0)
    print(f"| {name} |", " | ".join(f"{value:.2f}" for value in means), "|")


def measures(library: Library, seed: int, ids: Sequence[int]) -> list[float]:
    """One list by each of ``COLUMNS``; steps from the seed onwards."""
    tracks = [library.tracks[id_] for id_ in (seed, *ids)]
    packages = [package(track) for track in tracks]
    cosines = [float(library.vectors[a] @ library.vectors[b]) for a, b in pairwise((seed, *ids))]
    tempo = [tempo_step(a, b) for a, b in pairwise(tracks)]
    known = [step for step in tempo if step is not None] or [np.nan]
    loudness = [loudness_step(a, b) for a, b in pairwise(tracks)]
    return [
        100 * float(np.mean([one == packages[0] for one in packages[1:]])),
        100 * share_of_pairs(packages[1:]),
        100 * share_of_pairs([track.tags.artist for track in tracks[1:]]),
        longest_run(packages[1:]),
        float(np.mean(known)),
        max(known),
        float(np.mean(loudness)),
        max(loudness),
        float(np.mean(cosines)),
        min(cosines),
    ]


def package(track: Track) -> str:
    """The first folder of its path."""
    return track.file.relative_path.partition("/")[0]


def share_of_pairs(names: Sequence[str | None]) -> float:
    """Neighbours of one name, out of all neighbours."""
    return float(np.mean([a is not None and a == b for a, b in pairwise(names)]))


def longest_run(names: Sequence[str]) -> float:
    """How many of one name stand in a row at most."""
    longest = run = 1
    for before, after in pairwise(names):
        run = run + 1 if before == after else 1
        longest = max(longest, run)
    return longest


def tempo_step(before: Track, after: Track) -> float | None:
    """BPM from one to the octave of the other that is nearest; ``None`` if one is unknown."""
    for track in (before, after):
        confidence = track.descriptors.bpm_confidence
        if track.descriptors.bpm is None or (confidence or 0.0) < KNOWN_TEMPO:
            return None
    one, other = before.descriptors.bpm or 0.0, after.descriptors.bpm or 0.0
    return min(abs(other * octave - one) for octave in (0.5, 1.0, 2.0))


def loudness_step(before: Track, after: Track) -> float:
    """Difference of the gains in dB."""
    return abs((before.descriptors.loudness_db or 0.0) - (after.descriptors.loudness_db or 0.0))


if __name__ == "__main__":
    main()
