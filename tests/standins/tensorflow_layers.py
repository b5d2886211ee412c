"""Networks as frozen TensorFlow GraphDefs, without TensorFlow."""

from collections.abc import Sequence

import numpy as np

from tests.standins import wire
from tests.standins.layers import BANDS, FRAMES, Tensor

FLOAT = wire.DType(wire.FLOAT)
INT32 = wire.DType(wire.INT32)


class TensorflowLayers:
    """A GraphDef under construction, for a fixed batch or (-1) any."""

    def __init__(self, batch: int = -1) -> None:
        self._batch = batch
        self._nodes: list[bytes] = []

    def finished(self, outputs: Sequence[Tensor]) -> bytes:
        """The graph; its outputs are PartitionedCall:0, :1 and so on, as in a saved model."""
        names = [tensor.name for tensor in outputs]
        kinds = [FLOAT] * len(names)
        self._nodes.append(wire.node("PartitionedCall", "IdentityN", names, {"T": kinds}))
        return wire.graph(self._nodes)

    def patches(self, name: str) -> Tensor:
        self._input(name, (self._batch, FRAMES, BANDS))
        axis = self._constant(np.array(3, np.int32))
        return self._node(
            "ExpandDims", [name, axis], Tensor("", FRAMES, BANDS), T=FLOAT, Tdim=INT32
        )

    def rows(self, name: str, width: int) -> Tensor:
        self._input(name, (self._batch, width))
        return Tensor(name)

    def conv(self, x: Tensor, kernel: np.ndarray, bias: np.ndarray, stride: int = 1) -> Tensor:
        return self._conv("Conv2D", x, kernel, bias, stride)

    def depthwise(self, x: Tensor, kernel: np.ndarray, bias: np.ndarray, stride: int) -> Tensor:
        return self._conv("DepthwiseConv2dNative", x, kernel[..., None], bias, stride)

    def dense(self, x: Tensor, weights: np.ndarray, bias: np.ndarray) -> Tensor:
        product = self._node(
            "MatMul",
            [x.name, self._constant(weights)],
            x,
            T=FLOAT,
            transpose_a=False,
            transpose_b=False,
        )
        return self._biased(product, bias)

    def swish(self, x: Tensor) -> Tensor:
        return self._node("Mul", [x.name, self.sigmoid(x).name], x, T=FLOAT)

    def sigmoid(self, x: Tensor) -> Tensor:
        return self._node("Sigmoid", [x.name], x, T=FLOAT)

    def add(self, x: Tensor, y: Tensor) -> Tensor:
        return self._node("AddV2", [x.name, y.name], x, T=FLOAT)

    def gated(self, x: Tensor, gate: Tensor) -> Tensor:
        return self._node("Mul", [x.name, gate.name], x, T=FLOAT)

    def pooled(self, x: Tensor) -> Tensor:
        axes = self._constant(np.array([1, 2], np.int32))
        return self._node("Mean", [x.name, axes], Tensor(""), T=FLOAT, Tidx=INT32, keep_dims=True)

    def flat(self, x: Tensor) -> Tensor:
        return self._node("Squeeze", [x.name], x, T=FLOAT, squeeze_dims=[1, 2])

    def _conv(
        self, op: str, x: Tensor, kernel: np.ndarray, bias: np.ndarray, stride: int
    ) -> Tensor:
        size = Tensor("", -(-x.height // stride), -(-x.width // stride))
        convolved = self._node(
            op,
            [x.name, self._constant(kernel)],
            size,
            T=FLOAT,
            data_format=b"NHWC",
            dilations=[1, 1, 1, 1],
            padding=b"SAME",
            strides=[1, stride, stride, 1],
        )
        return self._biased(convolved, bias)

    def _biased(self, x: Tensor, bias: np.ndarray) -> Tensor:
        inputs = [x.name, self._constant(bias)]
        return self._node("BiasAdd", inputs, x, T=FLOAT, data_format=b"NHWC")

    def _input(self, name: str, sizes: tuple[int, ...]) -> None:
        attributes = {"dtype": FLOAT, "shape": wire.Shape(sizes)}
        self._nodes.append(wire.node(name, "Placeholder", [], attributes))

    def _constant(self, values: np.ndarray) -> str:
        kind = FLOAT if values.dtype == np.float32 else INT32
        return self._node("Const", [], Tensor(""), dtype=kind, value=values).name

    def _node(
        self, op: str, inputs: Sequence[str], size: Tensor, **attributes: wire.Attribute
    ) -> Tensor:
        name = f"{op}_{len(self._nodes)}"
        self._nodes.append(wire.node(name, op, inputs, attributes))
        return Tensor(name, size.height, size.width)
