"""A cover drawn: a field of colour, a glyph and a title over it."""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PIL import Image, ImageDraw

from harmonie_daemon.mediaservers.covers import field
from harmonie_daemon.mediaservers.covers.field import Floats
from harmonie_daemon.mediaservers.covers.lettering import Lettering, Lines, laid_out, lettering
from harmonie_daemon.mediaservers.covers.palette import palette

STYLE = 1
"""Raised when covers are drawn otherwise, so that all are drawn anew."""
SQUARE = (1024, 1024)
BACKDROP = (1920, 1080)
MEDIA_TYPE = "image/jpeg"
CONTRAST = 4.8
"""Of the title with what is behind it, at least; WCAG 2.2 asks for 4.5, and packing costs some."""
_QUALITY = 92
_MARGIN = 0.078
"""Of the width, on all sides of the title."""
_TITLE_HEIGHT = 0.64
"""Of the height, at most."""
_FADE = 0.4
"""Of the height, above the title: from the darkness behind it to the colours as they are."""
_INK = (255, 255, 255)


class Glyph(StrEnum):
    """A sign for what a playlist is."""

    NONE = ""
    LOOP = "loop"
    """What is played again and again."""


@dataclass(frozen=True, slots=True)
class CoverRequest:
    """What a cover depends on, and nothing else."""

    title: str
    at: tuple[float, ...]
    """Of the playlist; see ``palette.coordinates``."""
    glyph: Glyph = Glyph.NONE


@dataclass(frozen=True, slots=True)
class Cover:
    """Two pictures of type ``MEDIA_TYPE``."""

    square: bytes
    backdrop: bytes
    """Without the title, which stands beside it wherever a server shows a backdrop."""


def cover_hash(request: CoverRequest) -> str:
    """A short name for what ``draw`` makes of it on this machine; may ask fontconfig."""
    words = lettering(request.title)
    written = None if words is None else (words.text, words.faces)
    known = [STYLE, written, request.at, request.glyph]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:32]


def draw(request: CoverRequest) -> Cover:
    """Draw both pictures; takes some tenths of a second, so not for the event loop."""
    return Cover(_packed(draw_square(request)), _packed(draw_backdrop(request)))


def draw_square(request: CoverRequest) -> Image.Image:
    """The square one, with title and glyph."""
    picture, lines = behind_title(request)
    if lines is not None:
        _write(picture, lines)
    if request.glyph is Glyph.LOOP:
        _draw_loop(picture)
    return picture


def behind_title(request: CoverRequest) -> tuple[Image.Image, Lines | None]:
    """The square one before it is written on, and what is to be written, if anything."""
    width, height = SQUARE
    words = lettering(request.title)
    lines = None if words is None else _title_lines(words, width, height)
    coarse = _coarse(request.at, SQUARE)
    if lines is not None:
        coarse = _darkened(coarse, _title_top(lines, height) / height)
    return field.smooth(field.encoded(coarse), width, height), lines


def draw_backdrop(request: CoverRequest) -> Image.Image:
    """The wide one, of colour alone."""
    return field.smooth(field.encoded(_coarse(request.at, BACKDROP)), *BACKDROP)


def _coarse(at: Sequence[float], size: tuple[int, int]) -> Floats:
    """Linear sRGB for every eighth pixel."""
    width, height = size[0] // field.COARSE, size[1] // field.COARSE
    return field.linear_rgb(field.oklab(palette(at), width, height))


def _darkened(coarse: Floats, top: float) -> Floats:
    """Dark enough for the title from ``top`` (a share of the height) down, fading out above."""
    rows = (np.arange(coarse.shape[0], dtype=np.float32) + 0.5) / coarse.shape[0]
    reached = np.clip((rows - (top - _FADE)) / _FADE, 0.0, 1.0)
    amount = reached * reached * (3 - 2 * reached)
    behind = field.luminance(coarse[rows >= top - _FADE / 8])
    share = min(1.0, (1.05 / CONTRAST - 0.05) / float(behind.max()))
    kept = (1 - amount * (1 - share)).astype(np.float32)
    return np.asarray(coarse * kept[:, None, None], np.float32)


def _title_lines(words: Lettering, width: int, height: int) -> Lines:
    room = round(width * (1 - 2 * _MARGIN)), round(height * _TITLE_HEIGHT)
    return laid_out(words, *room, scale=width / SQUARE[0])


def _title_top(lines: Lines, height: int) -> float:
    bottom = height * (1 - _MARGIN)
    return bottom - lines.leading * len(lines.lines)


def _write(picture: Image.Image, lines: Lines) -> None:
    """The lines at the lower left, those that begin at the right at the lower right."""
    pen = ImageDraw.Draw(picture)
    margin = picture.width * _MARGIN
    baseline = picture.height - margin - lines.size * 0.22 - lines.leading * (len(lines.lines) - 1)
    for line in lines.lines:
        width = sum(run.width(lines.size) for run in line)
        x = picture.width - margin - width if lines.is_from_right else margin
        for run in line:
            pen.text((x, baseline), run.text, _INK, run.face.at(lines.size), anchor="ls")
            x += run.width(lines.size)
        baseline += lines.leading


def _draw_loop(picture: Image.Image) -> None:
    """Two arrows that follow each other round, at the upper left."""
    over = 4  # drawn larger and made smaller, for smooth edges
    side = round(picture.width * 0.15) * over
    layer = Image.new("L", (side, side))
    pen = ImageDraw.Draw(layer)
    middle, radius, stroke = side / 2, side * 0.36, side * 0.085
    box = [middle - radius, middle - radius, middle + radius, middle + radius]
    for turn in (0, 180):
        pen.arc(box, turn + 25, turn + 158, fill=255, width=round(stroke))
        _draw_head(pen, middle, radius - stroke / 2, turn + 158, side * 0.13)
        _draw_end(pen, middle, radius - stroke / 2, turn + 25, stroke / 2)
    sign = layer.resize((side // over, side // over), Image.Resampling.LANCZOS)
    edge = round(picture.width * _MARGIN - side / over * 0.1)
    picture.paste(_INK, (edge, edge), sign)


def _draw_head(
    pen: ImageDraw.ImageDraw, middle: float, radius: float, degrees: float, size: float
) -> None:
    """A triangle whose tip lies ahead on the circle."""
    angle = math.radians(degrees)
    x, y = middle + radius * math.cos(angle), middle + radius * math.sin(angle)
    ahead = angle + math.pi / 2
    tip = x + 1.3 * size * math.cos(ahead), y + 1.3 * size * math.sin(ahead)
    sides = [
        (x + sign * size * math.cos(angle), y + sign * size * math.sin(angle)) for sign in (-1, 1)
    ]
    pen.polygon([tip, *sides], fill=255)


def _draw_end(
    pen: ImageDraw.ImageDraw, middle: float, radius: float, degrees: float, size: float
) -> None:
    """The round end of a stroke."""
    angle = math.radians(degrees)
    x, y = middle + radius * math.cos(angle), middle + radius * math.sin(angle)
    pen.ellipse([x - size, y - size, x + size, y + size], fill=255)


def _packed(picture: Image.Image) -> bytes:
    into = io.BytesIO()
    picture.save(into, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
    return into.getvalue()
