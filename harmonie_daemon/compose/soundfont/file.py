"""Reads SoundFont files: SF2, and SF3, whose samples are Ogg Vorbis."""

from __future__ import annotations

import io
import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from harmonie_daemon.compose.soundfont.zones import Generators, Zone, preset_zones
from harmonie_daemon.domain.errors import SoundFontError

DRUM_BANK = 128
LARGEST_FILE_BYTES = 2 * 2**30
MOST_RECORDS = 500_000
"""Of each table; the largest fonts in use have a tenth of that."""
LONGEST_SAMPLE_FRAMES = 48_000 * 60
_VORBIS = 0x10
_RECORDS = {
    b"phdr": np.dtype([("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"),
                       ("more", "<u4", 3)]),
    b"pbag": np.dtype([("generator", "<u2"), ("modulator", "<u2")]),
    b"pgen": np.dtype([("operator", "<u2"), ("amount", "<i2")]),
    b"inst": np.dtype([("name", "S20"), ("bag", "<u2")]),
    b"ibag": np.dtype([("generator", "<u2"), ("modulator", "<u2")]),
    b"igen": np.dtype([("operator", "<u2"), ("amount", "<i2")]),
    b"shdr": np.dtype([("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop_start", "<u4"),
                       ("loop_end", "<u4"), ("rate", "<u4"), ("key", "u1"), ("correction", "i1"),
                       ("link", "<u2"), ("kind", "<u2")]),
}  # fmt: skip
_Table = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording of one tone."""

    frames: NDArray[np.float32]
    """From −1 to 1."""
    loop_start: int
    loop_end: int
    rate: float
    key: int
    correction_cents: int


class SoundFont:
    """An open file. Zones and samples are looked up when they are needed, and kept."""

    def __init__(self, raw: mmap.mmap, samples_at: int, tables: Mapping[bytes, _Table]) -> None:
        self._raw = raw
        self._samples_at = samples_at
        self._tables = tables
        self._presets = {
            (int(row["bank"]), int(row["program"])): number
            for number, row in reversed(list(enumerate(tables[b"phdr"][:-1])))
        }
        self._zones: dict[tuple[int, int], tuple[Zone, ...]] = {}
        self._samples: dict[int, Sample | None] = {}

    @classmethod
    def open(cls, path: Path) -> SoundFont:
        """Raises ``SoundFontError`` when it cannot be read or is none."""
        try:
            with path.open("rb") as file:
                raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise SoundFontError(f"{path} cannot be read: {error.strerror}") from error
        except ValueError as error:  # an empty file
            raise SoundFontError(f"{path} is no SoundFont") from error
        if len(raw) > LARGEST_FILE_BYTES or raw[:4] != b"RIFF" or raw[8:12] != b"sfbk":
            raise SoundFontError(f"{path} is no SoundFont")
        try:
            chunks = dict(_chunks(raw))
            tables = {name: _table(raw, chunks, name) for name in _RECORDS}
        except (KeyError, ValueError, struct.error) as error:
            raise SoundFontError(f"{path} is a damaged SoundFont") from error
        return cls(raw, chunks.get(b"smpl", (0, 0))[0], tables)

    def zones(self, program: int, *, is_drums: bool) -> tuple[Zone, ...]:
        """Those of a General MIDI program, or of the drum kit of this number.

        What the font does not have is played by its nearest kin, at last by nobody.
        """
        place = (DRUM_BANK if is_drums else 0, program)
        if place not in self._zones:
            self._zones[place] = tuple(self._found(*place))
        return self._zones[place]

    def sample(self, number: int) -> Sample | None:
        """A sample; ``None`` when it is empty or damaged."""
        if number not in self._samples:
            self._samples[number] = self._read_sample(number)
        return self._samples[number]

    def _found(self, bank: int, program: int) -> Iterator[Zone]:
        same_family = program // 8 * 8
        for there in ((bank, program), (bank, same_family), (bank, 0)):
            number = self._presets.get(there)
            if number is not None:
                instruments = _Groups(self._tables, b"inst", b"ibag", b"igen")
                presets = _Groups(self._tables, b"phdr", b"pbag", b"pgen")
                yield from preset_zones(presets[number], instruments)
                return

    def _read_sample(self, number: int) -> Sample | None:
        headers = self._tables[b"shdr"]
        if not 0 <= number < len(headers) - 1:
            return None
        header = headers[number]
        start, end = int(header["start"]), int(header["end"])
        loop = int(header["loop_start"]), int(header["loop_end"])
        if int(header["kind"]) & _VORBIS:
            frames = self._decoded(start, end)
        else:
            frames = self._plain(start, end)
            loop = loop[0] - start, loop[1] - start
        rate = float(header["rate"])
        if len(frames) < 8 or not 400 <= rate <= 200_000:
            return None
        key = int(header["key"])
        key = key if key <= 127 else 60
        return Sample(frames, *loop, rate, key, int(header["correction"]))

    def _plain(self, start: int, end: int) -> NDArray[np.float32]:
        end = min(end, start + LONGEST_SAMPLE_FRAMES)
        raw = self._raw[self._samples_at + 2 * start : self._samples_at + 2 * end]
        frames = np.frombuffer(raw[: len(raw) // 2 * 2], "<i2").astype(np.float32)
        frames /= 32_768
        return frames

    def _decoded(self, start: int, end: int) -> NDArray[np.float32]:
        raw = self._raw[self._samples_at + start : self._samples_at + end]
        try:
            with soundfile.SoundFile(io.BytesIO(raw)) as file:
                frames: NDArray[np.float32] = file.read(
                    LONGEST_SAMPLE_FRAMES, dtype="float32", always_2d=True
                )[:, 0]
        except (soundfile.SoundFileError, OSError):
            return np.zeros(0, np.float32)
        return frames


class _Groups(Mapping[int, tuple[Generators, ...]]):
    """The zones of presets or instruments by number."""

    def __init__(
        self, tables: Mapping[bytes, _Table], heads: bytes, bags: bytes, generators: bytes
    ) -> None:
        self._heads = tables[heads]["bag"]
        self._bags = tables[bags]["generator"]
        self._generators = tables[generators]

    def __getitem__(self, number: int) -> tuple[Generators, ...]:
        if not 0 <= number < len(self):
            raise KeyError(number)
        first, last = int(self._heads[number]), int(self._heads[number + 1])
        bounds = [int(at) for at in self._bags[first : last + 1]]
        return tuple(dict(self._generators[start:end].tolist()) for start, end in pairwise(bounds))

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def __len__(self) -> int:
        return max(0, len(self._heads) - 1)


def _chunks(raw: mmap.mmap) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Where each chunk begins and ends, those within lists, too."""
    lists = [(12, len(raw))]
    for at, end in lists:
        while at + 8 <= end:
            name, size = struct.unpack_from("<4sI", raw, at)
            start, after = at + 8, min(at + 8 + size, end)
            if name == b"LIST" and len(lists) < 16:
                lists.append((start + 4, after))
            yield name, (start, after)
            at = start + size + size % 2  # noqa: PLW2901 - the loop is over lists


def _table(raw: mmap.mmap, chunks: Mapping[bytes, tuple[int, int]], name: bytes) -> _Table:
    start, end = chunks[name]
    record = _RECORDS[name]
    count = (end - start) // record.itemsize
    if not 1 <= count <= MOST_RECORDS:
        raise ValueError(name)
    return np.frombuffer(raw[start : start + count * record.itemsize], record)
