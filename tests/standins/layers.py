"""What the stand-in networks are made of, whichever format they are written in.

Images are seen as height x width x channels, kernels as height x width x in x out, and borders
are padded as TensorFlow's SAME does; a format that thinks otherwise converts.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

FRAMES, BANDS = 128, 96
"""A patch: this many frames of this many mel bands."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a node puts out; height and width are 1 after pooling."""

    name: str
    height: int = 1
    width: int = 1


class Layers(Protocol):
    """A graph under construction."""

    def patches(self, name: str) -> Tensor:
        """The input float32[b, 128, 96] as images of one channel."""

    def rows(self, name: str, width: int) -> Tensor:
        """The input float32[b, width]."""

    def conv(self, x: Tensor, kernel: np.ndarray, bias: np.ndarray, stride: int = 1) -> Tensor:
        """Convolution with kernel[h, w, in, out]."""

    def depthwise(self, x: Tensor, kernel: np.ndarray, bias: np.ndarray, stride: int) -> Tensor:
        """Each channel convolved with its own kernel[h, w, channel]."""

    def dense(self, x: Tensor, weights: np.ndarray, bias: np.ndarray) -> Tensor:
        """x @ weights[in, out] + bias."""

    def swish(self, x: Tensor) -> Tensor:
        """x * sigmoid(x)."""

    def sigmoid(self, x: Tensor) -> Tensor:
        """1 / (1 + exp(-x))."""

    def add(self, x: Tensor, y: Tensor) -> Tensor:
        """x + y."""

    def gated(self, x: Tensor, gate: Tensor) -> Tensor:
        """x * gate, the gate being one number a channel."""

    def pooled(self, x: Tensor) -> Tensor:
        """The mean over height and width, still an image (1 x 1)."""

    def flat(self, x: Tensor) -> Tensor:
        """An image of 1 x 1 as a row."""


def padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after, as SAME wants them."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2
