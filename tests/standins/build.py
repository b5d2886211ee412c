"""Stand-ins for the published EffNet files: same tensor names and shapes, made-up weights.

    python -m tests.standins.build FOLDER [--full]

Every network comes as ONNX and as a frozen TensorFlow graph of the same weights. The tiny
backbones are also kept beside this file. A head is 2 MB however little it has learned (its one
layer is 1280 x 400, as in the published file), so heads are made when wanted.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.standins.layers import Layers
from tests.standins.networks import (
    EMBEDDING,
    STYLES,
    Draw,
    Effnet,
    full_effnet,
    head,
    tiny_effnet,
)
from tests.standins.onnx_layers import OnnxLayers
from tests.standins.tensorflow_layers import TensorflowLayers

ONNX_INPUT = "melspectrogram"
"""Of the published bsdynamic file; converted ones have TENSORFLOW_INPUT instead."""
TENSORFLOW_INPUT = "serving_default_melspectrogram"
HEAD_INPUT = "serving_default_model_Placeholder"
HEAD_OUTPUT = "PartitionedCall:0"
BATCH = 64
"""The published bs64 graph takes exactly so many patches."""

SEED = 1905_11946
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Standins:
    """The four files of one size."""

    effnet_onnx: Path
    effnet_pb: Path
    head_onnx: Path
    head_pb: Path


def build_tiny(folder: Path, seed: int = SEED) -> Standins:
    """Small enough for tests: each patch costs microseconds. Other seeds hear otherwise."""
    return _build(folder, "tiny", tiny_effnet, lambda: Draw(np.random.RandomState(seed), 3))


def build_full(folder: Path, seed: int = SEED) -> Standins:
    """The real thing's size and cost: 4.5 million weights, 93 million products a patch."""
    return _build(folder, "full", full_effnet, lambda: Draw(np.random.RandomState(seed)))


def _build(
    folder: Path,
    size: str,
    network: Callable[[Layers, str, Draw], Effnet],
    draw: Callable[[], Draw],
) -> Standins:
    files = Standins(
        folder / f"effnet-{size}.onnx",
        folder / f"effnet-{size}.pb",
        folder / f"head-{size}.onnx",
        folder / f"head-{size}.pb",
    )
    folder.mkdir(parents=True, exist_ok=True)
    files.effnet_onnx.write_bytes(effnet_onnx(network, draw()))
    files.effnet_pb.write_bytes(effnet_tensorflow(network, draw()))
    files.head_onnx.write_bytes(head_onnx(draw()))
    files.head_pb.write_bytes(head_tensorflow(draw()))
    return files


def effnet_onnx(
    network: Callable[[Layers, str, Draw], Effnet], draw: Draw, input_name: str = ONNX_INPUT
) -> bytes:
    """Any batch; outputs ``activations`` [b, 400] and ``embeddings`` [b, 1280]."""
    layers = OnnxLayers()
    heard = network(layers, input_name, draw)
    return layers.finished(
        {
            "activations": (heard.activations, STYLES),
            "embeddings": (heard.embeddings, EMBEDDING),
        }
    )


def effnet_tensorflow(network: Callable[[Layers, str, Draw], Effnet], draw: Draw) -> bytes:
    """PartitionedCall:0 are the activations, PartitionedCall:1 the embeddings."""
    layers = TensorflowLayers(BATCH)
    heard = network(layers, TENSORFLOW_INPUT, draw)
    return layers.finished([heard.activations, heard.embeddings])


def head_onnx(draw: Draw) -> bytes:
    """As tf2onnx names it."""
    layers = OnnxLayers()
    return layers.finished({HEAD_OUTPUT: (head(layers, f"{HEAD_INPUT}:0", draw), STYLES)})


def head_tensorflow(draw: Draw) -> bytes:
    """One MatMul with a constant of 1280 x 400, one BiasAdd, one Sigmoid."""
    layers = TensorflowLayers()
    return layers.finished([head(layers, HEAD_INPUT, draw)])


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--full", action="store_true", help="the size of the published ones")
    arguments = parser.parse_args()
    build = build_full if arguments.full else build_tiny
    print(build(arguments.folder))


if __name__ == "__main__":
    main()
