"""What a worker is told of the tracks, as files in a folder: it maps them into its memory.

Runs on both sides. A row is a track; the rows of all files are the same tracks in the same order.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]
"""Numbers of rows."""
Mask = npt.NDArray[np.bool_]

VECTORS, MOODS, DURATIONS = "vectors.npy", "moods.npy", "durations.npy"
ARTISTS, SONGS = "artists", "songs"


@dataclass(frozen=True, slots=True)
class Sets:
    """For each row a few numbers, those of its artists for instance."""

    offsets: npt.NDArray[np.int64]
    """int64[rows + 1]."""
    members: npt.NDArray[np.int64]

    def of(self, row: int) -> list[int]:
        """Those of one row."""
        found: list[int] = self.members[self.offsets[row] : self.offsets[row + 1]].tolist()
        return found

    def taken(self, rows: Rows) -> Sets:
        """Those of some rows, which are numbered anew."""
        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        starts = np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        return Sets(offsets, self.members[starts + np.arange(offsets[-1])])

    def save(self, folder: Path, name: str) -> None:
        """Write them down."""
        np.save(folder / f"{name}-offsets.npy", self.offsets)
        np.save(folder / f"{name}-members.npy", self.members)

    @classmethod
    def read(cls, folder: Path, name: str) -> Sets:
        """Those that were written down."""
        return cls(np.load(folder / f"{name}-offsets.npy"), np.load(folder / f"{name}-members.npy"))

    @classmethod
    def made(cls, members: list[tuple[int, ...]]) -> Sets:
        """Of these, one entry for each row."""
        lengths = np.array([len(one) for one in members], np.int64)
        flat = [number for one in members for number in one]
        return cls(np.concatenate(([0], np.cumsum(lengths))), np.array(flat, np.int64))


@dataclass(frozen=True, slots=True)
class Facts:
    """What choosing and scoring look at beside the vectors."""

    moods: Floats
    """float32[rows, 17], 0 to 1; NaN where nothing is known."""
    durations_s: Floats
    artists: Sets
    songs: Sets
    """Rows that share a number are the same song."""

    def taken(self, rows: Rows) -> Facts:
        """Those of some rows, which are numbered anew."""
        return Facts(
            self.moods[rows],
            self.durations_s[rows],
            self.artists.taken(rows),
            self.songs.taken(rows),
        )

    def save(self, folder: Path) -> None:
        """Write them down."""
        np.save(folder / MOODS, self.moods)
        np.save(folder / DURATIONS, self.durations_s)
        self.artists.save(folder, ARTISTS)
        self.songs.save(folder, SONGS)

    @classmethod
    def read(cls, folder: Path) -> Facts:
        """Those that were written down."""
        return cls(
            np.load(folder / MOODS),
            np.load(folder / DURATIONS),
            Sets.read(folder, ARTISTS),
            Sets.read(folder, SONGS),
        )


def first_of_each_song(songs: Sets) -> Rows:
    """The rows that are no second copy of an earlier one."""
    heard: set[int] = set()
    rows = []
    for row in range(len(songs.offsets) - 1):
        own = songs.of(row)
        if heard.isdisjoint(own):
            rows.append(row)
        heard.update(own)
    return np.array(rows, np.intp)


def strongest(moods: Floats, count: int) -> Floats:
    """Each row's ``count`` highest scores, 0 for the rest; NaN stays."""
    if count >= moods.shape[1]:
        return moods
    order = np.argsort(-moods, axis=1, kind="stable")
    kept = moods.copy()
    np.put_along_axis(kept, order[:, count:], np.where(np.isnan(moods[:, :1]), np.nan, 0), axis=1)
    return kept


def let_go(mapped: np.memmap[tuple[int, int], np.dtype[np.float32]]) -> None:
    """Take the pages of a file that has been read out of the process's memory again."""
    found = mapped._mmap  # type: ignore[attr-defined]  # numpy has no public name for it
    found.madvise(mmap.MADV_DONTNEED)
