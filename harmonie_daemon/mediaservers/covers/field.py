"""A smooth field of colour between the five of a palette, and how bright it is under a title."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from harmonie_daemon.mediaservers.covers.palette import Palette

Floats = npt.NDArray[np.float32]

COARSE = 8
"""The field is computed for every eighth pixel and made smooth between: it has no detail."""
_REACH = 0.36
"""How far a colour reaches, as a share of the picture."""
_BEND = 0.09
_GRAIN = 1.1
"""Levels of 255: what keeps a smooth gradient from showing bands."""

_TO_LMS = np.array(
    [[1.0, 0.3963377774, 0.2158037573], [1.0, -0.1055613458, -0.0638541728],
     [1.0, -0.0894841775, -1.2914855480]]
)  # fmt: skip
_TO_RGB = np.array(
    [[4.0767416621, -3.3077115913, 0.2309699292], [-1.2684380046, 2.6097574011, -0.3413193965],
     [-0.0041960863, -0.7034186147, 1.7076147010]]
)  # fmt: skip
"""From OKLab to linear sRGB (https://bottosson.github.io/posts/oklab)."""
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def oklab(palette: Palette, width: int, height: int) -> Floats:
    """The field as float32[height, width, 3] in OKLab."""
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (across + 0.5) / width, (down + 0.5) / height
    one, two, three, four = (np.float32(2 * np.pi * phase) for phase in palette.phases)
    bent_x = x + _BEND * np.sin(2 * np.pi * (0.8 * y + 0.3 * x) + 4 * one + two)
    bent_y = y + _BEND * np.sin(2 * np.pi * (0.7 * x - 0.4 * y) + 4 * three + four)
    weights = np.stack(
        [
            np.exp(-((bent_x - px) ** 2 + (bent_y - py) ** 2) / (2 * _REACH**2))
            for px, py in palette.places
        ],
        axis=-1,
    )
    weights /= weights.sum(axis=-1, keepdims=True)
    return np.asarray(weights @ np.array(palette.colours), np.float32)


def linear_rgb(lab: Floats) -> Floats:
    """Linear sRGB 0 to 1 of OKLab; what no screen shows is clipped."""
    return np.asarray(np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_RGB.T, 0.0, 1.0), np.float32)


def luminance(rgb: Floats) -> Floats:
    """Relative luminance 0 to 1 of linear sRGB (WCAG 2.2)."""
    return np.asarray(rgb @ _LUMINANCE, np.float32)


def contrast_with_white(rgb: Floats) -> Floats:
    """Contrast ratio 1 to 21 of white with each linear colour (WCAG 2.2)."""
    return np.float32(1.05) / (luminance(rgb) + np.float32(0.05))


def encoded(rgb: Floats) -> Floats:
    """sRGB 0 to 255 of linear sRGB."""
    low = 12.92 * rgb
    high = 1.055 * np.power(np.maximum(rgb, 1e-6), 1 / 2.4) - 0.055
    return (255 * np.where(rgb <= 0.0031308, low, high)).astype(np.float32)


def smooth(coarse: Floats, width: int, height: int) -> Image.Image:
    """An RGB picture of that size from float32[h, w, 3] in sRGB 0 to 255, with fine grain."""
    channels = [
        np.asarray(
            Image.fromarray(coarse[..., channel]).resize((width, height), Image.Resampling.BICUBIC)
        )
        for channel in range(3)
    ]
    grain = np.random.RandomState(7).uniform(-_GRAIN, _GRAIN, (height, width, 1))
    picture = np.stack(channels, axis=-1) + grain.astype(np.float32)
    return Image.fromarray(np.clip(np.rint(picture), 0, 255).astype(np.uint8), "RGB")
