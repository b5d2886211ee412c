"""Networks as ONNX."""

from collections.abc import Mapping, Sequence

import numpy as np
from onnx import TensorProto, helper

from tests.standins.layers import BANDS, FRAMES, Tensor, padding

OPSET, IR_VERSION = 13, 8
"""Those of the published files' generation; any onnxruntime of today reads them."""


class OnnxLayers:
    """An ONNX graph under construction."""

    def __init__(self) -> None:
        self._nodes: list[object] = []
        self._constants: list[object] = []
        self._inputs: list[object] = []

    def finished(self, outputs: Mapping[str, tuple[Tensor, int]]) -> bytes:
        """The model; ``outputs``: name to tensor and its width."""
        for name, (tensor, _) in outputs.items():
            self._nodes.append(helper.make_node("Identity", [tensor.name], [name]))
        infos = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["b", width])
            for name, (_, width) in outputs.items()
        ]
        graph = helper.make_graph(self._nodes, "standin", self._inputs, infos, self._constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        return model.SerializeToString(deterministic=True)

    def patches(self, name: str) -> Tensor:
        self._input(name, ["b", FRAMES, BANDS])
        axes = self._constant(np.array([1], np.int64))
        return self._node("Unsqueeze", [name, axes], Tensor("", FRAMES, BANDS))

    def rows(self, name: str, width: int) -> Tensor:
        self._input(name, ["b", width])
        return Tensor(name)

    def conv(self, x: Tensor, kernel: np.ndarray, bias: np.ndarray, stride: int = 1) -> Tensor:
        return self._conv(x, kernel.transpose(3, 2, 0, 1), bias, stride, groups=1)

    def depthwise(self, x: Tensor, kernel: np.ndarray, bias: np.ndarray, stride: int) -> Tensor:
        turned = kernel.transpose(2, 0, 1)[:, None]
        return self._conv(x, turned, bias, stride, groups=len(turned))

    def dense(self, x: Tensor, weights: np.ndarray, bias: np.ndarray) -> Tensor:
        return self._node("Gemm", [x.name, self._constant(weights), self._constant(bias)], x)

    def swish(self, x: Tensor) -> Tensor:
        return self._node("Mul", [x.name, self.sigmoid(x).name], x)

    def sigmoid(self, x: Tensor) -> Tensor:
        return self._node("Sigmoid", [x.name], x)

    def add(self, x: Tensor, y: Tensor) -> Tensor:
        return self._node("Add", [x.name, y.name], x)

    def gated(self, x: Tensor, gate: Tensor) -> Tensor:
        return self._node("Mul", [x.name, gate.name], x)

    def pooled(self, x: Tensor) -> Tensor:
        return self._node("GlobalAveragePool", [x.name], Tensor(""))

    def flat(self, x: Tensor) -> Tensor:
        return self._node("Flatten", [x.name], x, axis=1)

    def _conv(
        self, x: Tensor, kernel: np.ndarray, bias: np.ndarray, stride: int, groups: int
    ) -> Tensor:
        top, bottom = padding(x.height, kernel.shape[2], stride)
        left, right = padding(x.width, kernel.shape[3], stride)
        return self._node(
            "Conv",
            [x.name, self._constant(kernel), self._constant(bias)],
            Tensor("", -(-x.height // stride), -(-x.width // stride)),
            group=groups,
            kernel_shape=kernel.shape[2:],
            pads=[top, left, bottom, right],
            strides=[stride, stride],
        )

    def _input(self, name: str, sizes: Sequence[str | int]) -> None:
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes))

    def _constant(self, values: np.ndarray) -> str:
        name = f"constant{len(self._constants)}"
        kind = TensorProto.FLOAT if values.dtype == np.float32 else TensorProto.INT64
        little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
        self._constants.append(
            helper.make_tensor(name, kind, values.shape, little.tobytes(), raw=True)
        )
        return name

    def _node(self, op: str, inputs: Sequence[str], size: Tensor, **attributes: object) -> Tensor:
        name = f"{op.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return Tensor(name, size.height, size.width)
