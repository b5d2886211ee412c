"""The stand-ins are what they claim: the same bytes every time, the same network in each format."""

import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import soxr

from harmonie_daemon.analysis.essentia import standard
from tests.analysis import sounds
from tests.standins import wire
from tests.standins.build import FOLDER, HEAD_INPUT, Standins, build_full, build_tiny

RATE, FRAME, HOP = 16_000, 512, 256
PATCH, PATCH_HOP = 128, 62


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Standins:
    return build_tiny(tmp_path_factory.mktemp("standins"))


@pytest.fixture(scope="module")
def music() -> np.ndarray:
    """Twenty seconds with a beat and a harmony, float32 at 16 kHz."""
    return soxr.resample(sounds.music(20), sounds.RATE, RATE)


@pytest.fixture(scope="module")
def patches(music: np.ndarray) -> np.ndarray:
    """float32[n, 128, 96] as Essentia's own predictor cuts them: the first frame is centred."""
    bands = standard().TensorflowInputMusiCNN()
    frames = standard().FrameGenerator(music, frameSize=FRAME, hopSize=HOP)
    mel = np.array([bands(frame) for frame in frames])
    starts = range(0, len(mel) - PATCH + 1, PATCH_HOP)
    return np.stack([mel[start : start + PATCH] for start in starts])


def test_building_again_gives_the_committed_bytes(tiny: Standins) -> None:
    for built in (tiny.effnet_onnx, tiny.effnet_pb):
        assert built.read_bytes() == (FOLDER / built.name).read_bytes()


def test_the_committed_files_stay_small() -> None:
    for name in ("effnet-tiny.onnx", "effnet-tiny.pb"):
        assert (FOLDER / name).stat().st_size < 300_000


def test_another_seed_is_another_network(tiny: Standins, tmp_path: Path) -> None:
    other = build_tiny(tmp_path, seed=1)
    assert other.effnet_onnx.read_bytes() != tiny.effnet_onnx.read_bytes()
    assert other.head_pb.read_bytes() != tiny.head_pb.read_bytes()


def test_names_and_shapes_are_those_of_the_published_files(tiny: Standins) -> None:
    session = onnxruntime.InferenceSession(tiny.effnet_onnx)
    assert [(each.name, each.shape) for each in session.get_inputs()] == [
        ("melspectrogram", ["b", 128, 96])
    ]
    assert [(each.name, each.shape) for each in session.get_outputs()] == [
        ("activations", ["b", 400]),
        ("embeddings", ["b", 1280]),
    ]


def test_both_engines_hear_the_same(tiny: Standins, music: np.ndarray, patches: np.ndarray) -> None:
    session = onnxruntime.InferenceSession(tiny.effnet_onnx)
    ours = session.run(None, {"melspectrogram": patches})
    for index in (0, 1):
        theirs = standard().TensorflowPredictEffnetDiscogs(
            graphFilename=os.fspath(tiny.effnet_pb), output=f"PartitionedCall:{index}"
        )(music)
        np.testing.assert_allclose(ours[index][: len(theirs)], theirs, atol=1e-5, rtol=0)
        assert len(patches) - len(theirs) in (0, 1)
        assert theirs.std(axis=0).max() > 0.01, "hears no difference between patches"


def test_both_engines_find_the_same_styles(tiny: Standins, patches: np.ndarray) -> None:
    embeddings = onnxruntime.InferenceSession(tiny.effnet_onnx).run(
        ["embeddings"], {"melspectrogram": patches}
    )[0]
    session = onnxruntime.InferenceSession(tiny.head_onnx)
    ours = session.run(None, {session.get_inputs()[0].name: embeddings})[0]
    theirs = standard().TensorflowPredict2D(
        graphFilename=os.fspath(tiny.head_pb), input=HEAD_INPUT, output="PartitionedCall:0"
    )(embeddings)
    np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=0)
    assert 0 < (ours.mean(axis=0) > 0.05).sum() < 100


def test_the_full_network_has_the_size_and_cost_of_efficientnet_b0(tmp_path: Path) -> None:
    model = onnx.load(build_full(tmp_path).effnet_onnx)
    shapes = {each.name: list(each.dims) for each in model.graph.initializer}
    assert sum(np.prod(shape) for shape in shapes.values()) == pytest.approx(4.5e6, rel=0.01)
    assert products(model) == pytest.approx(92.9e6, rel=0.01)


def products(model: onnx.ModelProto) -> int:
    """Multiplications of one patch in convolutions and dense layers."""
    inferred = onnx.shape_inference.infer_shapes(model)
    sizes = {
        each.name: [dim.dim_value for dim in each.type.tensor_type.shape.dim]
        for each in inferred.graph.value_info
    }
    weights = {each.name: int(np.prod(each.dims)) for each in model.graph.initializer}
    total = 0
    for node in model.graph.node:
        if node.op_type in ("Conv", "Gemm"):
            total += weights[node.input[1]] * int(np.prod(sizes[node.output[0]][2:]))
    return total


def test_negative_sizes_are_written_in_twos_complement() -> None:
    assert wire.varint(300) == b"\xac\x02"
    assert wire.varint(-1) == b"\xff" * 9 + b"\x01"
