"""Fonts for titles: DejaVu Sans, which comes along, and the system's for scripts that it lacks."""

from __future__ import annotations

import logging
import shutil
import struct
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

OWN = Path(__file__).parent / "fonts" / "DejaVuSans-Bold.ttf"
TIMEOUT_S = 5.0
"""For fontconfig, which answers in some hundredths of a second once it has its cache."""
LARGEST_LIST_BYTES = 2**20
LARGEST_FONT_BYTES = 64 * 2**20
MOST_LETTERS = 64
"""Different ones that a system font is looked for by; fontconfig takes them on its command line."""
_FORMAT = "%{file}\t%{index}\t%{weight}\t%{slant}\t%{scalable}\t%{color}\t%{variable}\n"
_BOLD = 200
"""As fontconfig counts weights."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FontFace:
    """One face of a font file."""

    path: str
    index: int = 0

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The face at this size in pixels. Raises ``OSError`` when it cannot be read."""
        return _open(self.path, self.index, size)


OWN_FACE = FontFace(str(OWN))


@lru_cache(maxsize=64)
def _open(path: str, index: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index)


def is_own(letter: str) -> bool:
    """Whether the font that comes along has this letter."""
    return ord(letter) in _own_letters()


@lru_cache(maxsize=1)
def _own_letters() -> frozenset[int]:
    return letters_of(OWN.read_bytes())


def letters_of(font: bytes) -> frozenset[int]:
    """The code points that a TrueType font maps to glyphs, by its table of format 4 or 12.

    https://learn.microsoft.com/typography/opentype/spec/cmap
    """
    tables = struct.unpack_from(">H", font, 4)[0]
    entries = (struct.unpack_from(">4sLLL", font, 12 + 16 * at) for at in range(tables))
    start = next(offset for tag, _, offset, _ in entries if tag == b"cmap")
    count = struct.unpack_from(">H", font, start + 2)[0]
    found: set[int] = set()
    for at in range(count):
        offset = start + struct.unpack_from(">HHL", font, start + 4 + 8 * at)[2]
        form = struct.unpack_from(">H", font, offset)[0]
        if form == 4:
            found |= _segments(font, offset)
        elif form == 12:
            found |= _groups(font, offset)
    return frozenset(found - {0xFFFF})


def _segments(font: bytes, offset: int) -> set[int]:
    twice = struct.unpack_from(">H", font, offset + 6)[0]
    shape = f">{twice // 2}H"
    ends = struct.unpack_from(shape, font, offset + 14)
    starts = struct.unpack_from(shape, font, offset + 16 + twice)
    return {letter for a, b in zip(starts, ends, strict=True) for letter in range(a, b + 1)}


def _groups(font: bytes, offset: int) -> set[int]:
    count = struct.unpack_from(">L", font, offset + 12)[0]
    groups = (struct.unpack_from(">LLL", font, offset + 16 + 12 * at) for at in range(count))
    return {letter for a, b, _ in groups for letter in range(a, b + 1)}


def system_face(letters: Collection[str]) -> FontFace | None:
    """A face of the system that has all of these letters, bold if there is one; ``None``: none.

    Asks fontconfig in a process of its own, so not for the event loop; answers are remembered.
    """
    if not letters or len(set(letters)) > MOST_LETTERS:
        return None
    return _system_face(frozenset(letters))


@lru_cache(maxsize=256)
def _system_face(letters: frozenset[str]) -> FontFace | None:
    command = shutil.which("fc-list")
    if command is None:
        return None
    charset = " ".join(f"{ord(letter):x}" for letter in sorted(letters))
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are numbers
            [command, "-f", _FORMAT, f":charset={charset}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.info("fontconfig does not say which fonts there are: %s", type(error).__name__)
        return None
    lines = done.stdout[:LARGEST_LIST_BYTES].decode("utf-8", "replace").splitlines()
    ranked = sorted(ranking for line in lines if (ranking := _ranked(line)) is not None)
    for _, path, index in ranked:
        face = FontFace(path, index)
        if _is_readable(face):
            return face
    return None


def _ranked(line: str) -> tuple[tuple[bool, bool, float], str, int] | None:
    """How well a face suits, the smallest best: sans serif, upright, about bold."""
    try:
        path, index, weight, slant, scalable, colour, variable = line.split("\t")
        is_fit = scalable == "True" and colour != "True" and variable != "True"
        name = Path(path).name.lower()
        is_plain = "mono" not in name and "serif" not in name.replace("sansserif", "")
        rank = not is_plain, slant != "0", abs(float(weight) - _BOLD)
        return (rank, path, int(index) & 0xFFFF) if is_fit else None
    except ValueError:
        return None


def _is_readable(face: FontFace) -> bool:
    try:
        if Path(face.path).stat().st_size > LARGEST_FONT_BYTES:
            return False
        face.at(20)
    except (OSError, ValueError):
        return False
    return True
