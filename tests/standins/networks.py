"""The stand-in networks: shaped like the published ones, their weights drawn from a seed.

They have heard no music: what they put out tells tracks apart, but means nothing.
"""

from dataclasses import dataclass

import numpy as np

from tests.standins.layers import Layers, Tensor

EMBEDDING, STYLES = 1280, 400


@dataclass(frozen=True, slots=True)
class Draw:
    """Where weights come from. RandomState's streams never change with numpy's version."""

    random: np.random.RandomState
    levels: int | None = None
    """Weights take only so many values either side of zero; they compress well then."""

    def kernel(self, *shape: int, fan_in: int, gain: float = 1.0) -> np.ndarray:
        """float32 weights that keep the size of signals from layer to layer."""
        if self.levels is None:
            values = self.random.standard_normal(shape)
        else:
            values = self.random.randint(-self.levels, self.levels + 1, shape) / self.levels * 1.5
        step = 2.0 ** np.round(np.log2(gain / np.sqrt(fan_in)))
        scale = gain / np.sqrt(fan_in) if self.levels is None else step
        return (values * scale).astype(np.float32)


def zeros(width: int) -> np.ndarray:
    """A bias without effect."""
    return np.zeros(width, np.float32)


@dataclass(frozen=True, slots=True)
class Effnet:
    """What the backbone puts out."""

    activations: Tensor
    embeddings: Tensor


def tiny_effnet(layers: Layers, name: str, draw: Draw) -> Effnet:
    """Four convolutions and two dense layers, 41 000 weights."""
    x = layers.patches(name)
    x = _convolved(layers, draw, x, 5, 1, 6, stride=4)
    kernel = draw.kernel(3, 3, 6, fan_in=9, gain=1.7)
    x = layers.swish(layers.depthwise(x, kernel, zeros(6), 2))
    x = _convolved(layers, draw, x, 1, 6, 12)
    x = _convolved(layers, draw, x, 3, 12, 24, stride=2)
    pooled = layers.flat(layers.pooled(x))
    hidden = draw.kernel(24, EMBEDDING, fan_in=24)
    embeddings = layers.swish(layers.dense(pooled, hidden, zeros(EMBEDDING)))
    styles = draw.kernel(24, STYLES, fan_in=24)
    activations = layers.sigmoid(layers.dense(pooled, styles, zeros(STYLES) - 4.0))
    return Effnet(activations, embeddings)


@dataclass(frozen=True, slots=True)
class Stage:
    """Blocks of one width in EfficientNet-B0."""

    expansion: int
    width: int
    blocks: int
    stride: int
    kernel: int


B0 = (
    Stage(1, 16, 1, 1, 3),
    Stage(6, 24, 2, 2, 3),
    Stage(6, 40, 2, 2, 5),
    Stage(6, 80, 3, 2, 3),
    Stage(6, 112, 3, 1, 5),
    Stage(6, 192, 4, 2, 5),
    Stage(6, 320, 1, 1, 3),
)
"""Table 1 of EfficientNet (Tan and Le 2019), arXiv:1905.11946."""
STEM = 32


def full_effnet(layers: Layers, name: str, draw: Draw) -> Effnet:
    """EfficientNet-B0 for one channel, 4.5 million weights; batch norm folded into biases."""
    x = layers.patches(name)
    x = _convolved(layers, draw, x, 3, 1, STEM, stride=2)
    width = STEM
    for stage in B0:
        for number in range(stage.blocks):
            x = _block(layers, draw, x, width, stage, stage.stride if number == 0 else 1)
            width = stage.width
    x = _convolved(layers, draw, x, 1, width, EMBEDDING)
    embeddings = layers.flat(layers.pooled(x))
    styles = draw.kernel(EMBEDDING, STYLES, fan_in=EMBEDDING)
    activations = layers.sigmoid(layers.dense(embeddings, styles, zeros(STYLES) - 4.0))
    return Effnet(activations, embeddings)


def _block(layers: Layers, draw: Draw, x: Tensor, width: int, stage: Stage, stride: int) -> Tensor:
    """MBConv: widen, filter each channel, weigh the channels, narrow, add what came in."""
    inside = width * stage.expansion
    y = x if stage.expansion == 1 else _convolved(layers, draw, x, 1, width, inside)
    size = stage.kernel
    kernel = draw.kernel(size, size, inside, fan_in=size * size, gain=SWISH_GAIN)
    y = layers.swish(layers.depthwise(y, kernel, zeros(inside), stride))
    y = layers.gated(y, _gate(layers, draw, y, inside, max(1, width // 4)))
    narrow = draw.kernel(1, 1, inside, stage.width, fan_in=inside, gain=1.25)
    y = layers.conv(y, narrow, zeros(stage.width))
    return layers.add(x, y) if stride == 1 and width == stage.width else y


SWISH_GAIN = 1.6
"""About what swish takes from a signal of unit size."""


def _gate(layers: Layers, draw: Draw, x: Tensor, width: int, squeezed: int) -> Tensor:
    """Squeeze and excitation (Hu et al. 2018)."""
    y = layers.pooled(x)
    y = layers.swish(
        layers.conv(y, draw.kernel(1, 1, width, squeezed, fan_in=width), zeros(squeezed))
    )
    excited = draw.kernel(1, 1, squeezed, width, fan_in=squeezed)
    return layers.sigmoid(layers.conv(y, excited, zeros(width)))


def _convolved(
    layers: Layers, draw: Draw, x: Tensor, size: int, old: int, new: int, stride: int = 1
) -> Tensor:
    kernel = draw.kernel(size, size, old, new, fan_in=size * size * old, gain=SWISH_GAIN)
    return layers.swish(layers.conv(x, kernel, zeros(new), stride))


def head(layers: Layers, name: str, draw: Draw) -> Tensor:
    """One dense layer and a sigmoid: embeddings to styles, few of them likely."""
    x = layers.rows(name, EMBEDDING)
    weights = draw.kernel(EMBEDDING, STYLES, fan_in=EMBEDDING)
    return layers.sigmoid(layers.dense(x, weights, zeros(STYLES) - 4.0))
