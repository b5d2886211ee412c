"""Colours of a playlist, from how it sounds: near in sound, near in colour.

The mean of the tracks' embeddings is projected onto twelve fixed random directions, which keeps
distances (Johnson and Lindenstrauss 1984), and the coordinates become five colours in OKLab
(Ottosson 2020), in which distances are about as large as they look. The directions are the same in
every library and for ever, so that a playlist keeps its colours when others come and go.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
Lab = tuple[float, float, float]
"""Lightness 0 to 1, and the two axes of colour, about -0.3 to 0.3."""

DIRECTIONS = 12
_SEED = 11
"""Of the random directions; another number gives every playlist other colours. Of ten that were
tried on 124 tracks of seven soundtracks, this one keeps distances best (docs/jellyfin.md)."""
STEPS = 20
"""Coordinates are rounded to so many steps of a standard deviation: a difference that nobody sees
makes no new cover."""

_HUES = tuple(math.radians(one) for one in (0, -38, 22, 46, -20))
"""Turned so far, each a little farther: neighbours, for opposites would mix to grey."""
_SHARED, _OWN = 0.8, 0.6
"""How much of its hue a colour has from the directions of all, and from two of its own."""
_PLACES: Sequence[tuple[float, float]] = (
    (0.5, 0.42),
    (0.05, 0.0),
    (1.0, 0.08),
    (0.95, 1.0),
    (0.0, 0.95),
)
"""Where the five colours are, as shares of width and height: the middle, then clockwise from the
upper left."""
_LIGHTNESS = (0.62, 0.68, 0.80, 0.46, 0.34)
"""Light from above, and dark below, where the title stands."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Five colours, where they are, and how the field between them bends."""

    colours: tuple[Lab, ...]
    phases: tuple[float, ...]
    """Of four waves, in turns."""

    @property
    def places(self) -> Sequence[tuple[float, float]]:
        """Of the colours, as shares of width and height."""
        return _PLACES


def coordinates(vectors: npt.NDArray[np.float32]) -> tuple[float, ...]:
    """Where the mean of vectors float32[n, dim] lies: twelve numbers, about standard normal.

    No vectors, or some that cancel out, lie in the middle.
    """
    mean = vectors.mean(axis=0, dtype=np.float64) if len(vectors) else np.zeros(1)
    length = float(np.linalg.norm(mean))
    if not math.isfinite(length) or length < 1e-6:
        return (0.0,) * DIRECTIONS
    projected = _directions(len(mean)) @ (mean / length)
    return tuple(round(float(one) * STEPS) / STEPS for one in projected)


@lru_cache(maxsize=4)
def _directions(dim: int) -> npt.NDArray[np.float64]:
    """float64[12, dim]. ``RandomState`` gives the same numbers in every version of numpy."""
    return np.random.RandomState(_SEED).standard_normal((DIRECTIONS, dim))


def palette(at: Sequence[float]) -> Palette:
    """The colours of these coordinates. Pure: the same for the same numbers, near for near ones."""
    colours = []
    for number, (lightness, turn) in enumerate(zip(_LIGHTNESS, _HUES, strict=True)):
        own = (0.0, 0.0) if number == 0 else (at[2 * number], at[2 * number + 1])
        a, b = (_SHARED * all_ + _OWN * one for all_, one in zip(at, own, strict=False))
        chroma = 0.065 + 0.095 * math.tanh(math.hypot(a, b) / 1.4)
        lift = 0.055 * math.tanh(at[10] / 1.5) + 0.05 * math.tanh(at[(11 + number) % 12] / 1.5)
        colours.append(_lab(lightness + lift, chroma, math.atan2(b, a) + turn))
    phases = tuple(0.25 * math.tanh(one / 2) for one in (at[3], at[6], at[8], at[11]))
    return Palette(tuple(colours), phases)


def _lab(lightness: float, chroma: float, hue: float) -> Lab:
    return lightness, chroma * math.cos(hue), chroma * math.sin(hue)
