"""What the files of a network hold, read without any runtime: tensors, inputs, outputs.

TensorFlow's frozen graphs (tensorflow/core/framework/graph.proto) and ONNX (onnx.proto).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harmonie_daemon.analysis.weights.protobuf import integers, messages, text
from harmonie_daemon.domain.errors import ModelError

Floats = npt.NDArray[np.float32]

ONNX_SUFFIX, GRAPH_SUFFIX = ".onnx", ".pb"
FLOAT, TENSORFLOW_HALF, ONNX_HALF = 1, 19, 10
"""The element types in which weights come."""


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """The content of one file."""

    nodes: frozenset[str]
    """TensorFlow: the names of its nodes. ONNX: of its inputs and outputs."""
    tensors: tuple[Floats, ...]
    """Every constant of floating-point numbers, in file order."""


def read_network(path: Path, suffix: str | None = None) -> NetworkFile:
    """Read a .onnx or .pb file; ``ModelError`` if it is neither, truncated or damaged.

    ``suffix`` says which of the two it is where its name does not.
    """
    try:
        content = memoryview(path.read_bytes())
        network = _onnx(content) if (suffix or path.suffix) == ONNX_SUFFIX else _graph(content)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ModelError(f"{path.name} is damaged or no network: {error}") from error
    if not network.tensors:
        raise ModelError(f"{path.name} holds no weights")
    return network


def _graph(content: memoryview) -> NetworkFile:
    """A GraphDef; constants may stand in its functions too (field 2, library)."""
    nodes = [*messages(content, 1), *messages(content, 2, 1, 3)]
    tensors = [
        tensor for node in nodes if text(node, 2) == "Const" for tensor in _graph_constants(node)
    ]
    return NetworkFile(frozenset(text(node, 1) for node in nodes), tuple(tensors))


def _graph_constants(node: memoryview) -> Iterator[Floats]:
    for tensor in messages(node, 5, 2, 8):
        shape = [next(integers(dim, 1), 0) for dim in messages(tensor, 2, 2)]
        kind = next(integers(tensor, 1), 0)
        data = b"".join(messages(tensor, 4)) or b"".join(messages(tensor, 5))
        yield from _floats(data, kind, TENSORFLOW_HALF, shape)


def _onnx(content: memoryview) -> NetworkFile:
    """A ModelProto: initializers, and constants that are nodes."""
    stored = [
        *messages(content, 7, 5),
        *(tensor for node in messages(content, 7, 1) for tensor in messages(node, 5, 5)),
    ]
    tensors = [floats for tensor in stored for floats in _onnx_tensor(tensor)]
    ends = [*messages(content, 7, 11), *messages(content, 7, 12)]
    return NetworkFile(frozenset(text(end, 1) for end in ends), tuple(tensors))


def _onnx_tensor(tensor: memoryview) -> Iterator[Floats]:
    data = b"".join(messages(tensor, 9)) or b"".join(messages(tensor, 4))
    kind = next(integers(tensor, 2), 0)
    yield from _floats(data, kind, ONNX_HALF, list(integers(tensor, 1)))


def _floats(data: bytes, kind: int, half: int, shape: list[int]) -> Iterator[Floats]:
    """The tensor, if it is one of floats; a single value stands for a tensor full of it."""
    types = {FLOAT: "<f4", half: "<f2"}
    if kind not in types or not data:
        return
    values = np.frombuffer(data, np.dtype(types[kind])).astype(np.float32)
    yield np.broadcast_to(values, shape) if values.size == 1 else values.reshape(shape)
