from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.analysis.effnet.backbone import OnnxBackbone, TensorflowBackbone
from harmonie_daemon.analysis.effnet.embedder import EffnetEmbedder
from harmonie_daemon.analysis.effnet.head import GenreHead
from harmonie_daemon.analysis.effnet.mel import SAMPLE_RATE
from harmonie_daemon.analysis.embeddings import embedder
from harmonie_daemon.analysis.essentia import standard
from harmonie_daemon.analysis.samples import Samples, resampled
from harmonie_daemon.analysis.weights import EFFNET_MODEL, weights_of
from harmonie_daemon.domain.errors import ModelError
from harmonie_daemon.domain.track import Embedding
from tests.analysis.sounds import chords, clicks, music
from tests.standins.build import Standins, build_tiny

ONNX, GRAPH = "discogs-effnet-bsdynamic-1.onnx", "discogs-effnet-bs64-1.pb"
HEAD_ONNX = "genre_discogs400-discogs-effnet-1.onnx"
HEAD_GRAPH = "genre_discogs400-discogs-effnet-1.pb"


@pytest.fixture(scope="module")
def standins(tmp_path_factory: pytest.TempPathFactory) -> Standins:
    return build_tiny(tmp_path_factory.mktemp("standins"))


def listening(seconds: float = 12.0) -> Samples:
    return resampled(music(seconds), SAMPLE_RATE, "HQ")


def folder_with(folder: Path, **files: Path) -> Path:
    """A weights folder: keyword = published name with dots and dashes as underscores."""
    folder.mkdir(exist_ok=True)
    names = {name.replace("-", "_").replace(".", "_"): name for name in (ONNX, GRAPH)}
    names |= {name.replace("-", "_").replace(".", "_"): name for name in (HEAD_ONNX, HEAD_GRAPH)}
    for keyword, source in files.items():
        shutil.copy(source, folder / names[keyword])
    return folder


def load(folder: Path) -> EffnetEmbedder:
    return EffnetEmbedder.load(weights_of(EFFNET_MODEL), folder)


@pytest.fixture
def onnx_folder(tmp_path: Path, standins: Standins) -> Path:
    return folder_with(
        tmp_path / "onnx",
        discogs_effnet_bsdynamic_1_onnx=standins.effnet_onnx,
        genre_discogs400_discogs_effnet_1_pb=standins.head_pb,
    )


@pytest.fixture
def graph_folder(tmp_path: Path, standins: Standins) -> Path:
    return folder_with(
        tmp_path / "graph",
        discogs_effnet_bs64_1_pb=standins.effnet_pb,
        genre_discogs400_discogs_effnet_1_pb=standins.head_pb,
    )


def test_a_vector_has_1280_numbers_and_length_one(onnx_folder: Path) -> None:
    heard = load(onnx_folder).hear(listening())
    assert heard is not None
    assert heard.vector.shape == (1280,)
    assert heard.vector.dtype == np.float32
    assert np.linalg.norm(heard.vector) == pytest.approx(1, abs=1e-5)
    assert heard.style_probabilities is not None
    assert heard.style_probabilities.shape == (400,)
    assert heard.style_probabilities.dtype == np.float32
    assert heard.style_probabilities.min() >= 0
    assert heard.style_probabilities.max() <= 1


def test_other_sounds_have_other_vectors(onnx_folder: Path) -> None:
    model = load(onnx_folder)
    one = model.embed(resampled(chords(6.0, (48, 4)), SAMPLE_RATE, "HQ"))
    other = model.embed(resampled(clicks(150, 6.0), SAMPLE_RATE, "HQ"))
    assert one is not None
    assert other is not None
    assert float(one @ other) < 0.999


def test_below_one_patch_there_is_no_vector(onnx_folder: Path, graph_folder: Path) -> None:
    sound = listening()
    for folder in (onnx_folder, graph_folder):
        model = load(folder)
        assert model.hear(sound[:32_512]) is None
        assert model.hear(sound[:32_513]) is not None


def test_onnxruntime_and_tensorflow_agree(onnx_folder: Path, graph_folder: Path) -> None:
    sound = listening()
    ours, theirs = load(onnx_folder).hear(sound), load(graph_folder).hear(sound)
    assert ours is not None
    assert theirs is not None
    assert np.abs(ours.vector - theirs.vector).max() < 1e-5
    assert float(ours.vector @ theirs.vector) == pytest.approx(1, abs=1e-6)
    assert ours.style_probabilities is not None
    assert theirs.style_probabilities is not None
    assert np.abs(ours.style_probabilities - theirs.style_probabilities).max() < 1e-5


@pytest.mark.parametrize("length", [32_513, 48_384, 48_385, 100_000, 640_001])
def test_patches_begin_and_end_where_essentia_has_them(standins: Standins, length: int) -> None:
    sound = np.tile(listening(), 4)[:length]
    ours = OnnxBackbone(standins.effnet_onnx).embeddings(sound)
    theirs = TensorflowBackbone(standins.effnet_pb).embeddings(sound)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-4


def test_digital_silence_inside_a_track_agrees_too(standins: Standins) -> None:
    sound = listening()
    sound[60_000:120_000] = 0
    ours = OnnxBackbone(standins.effnet_onnx).embeddings(sound)
    theirs = TensorflowBackbone(standins.effnet_pb).embeddings(sound)
    assert np.abs(ours - theirs).max() < 1e-4


def test_the_head_is_what_essentia_makes_of_its_graph(standins: Standins) -> None:
    patches = OnnxBackbone(standins.effnet_onnx).embeddings(listening())
    predict = standard().TensorflowPredict2D(
        graphFilename=str(standins.head_pb),
        input="serving_default_model_Placeholder",
        output="PartitionedCall:0",
    )
    expected = np.asarray(predict(patches))
    for file in (standins.head_pb, standins.head_onnx):
        assert np.abs(GenreHead.load(file).probabilities(patches) - expected).max() < 1e-5


def test_thinned_patches_give_nearly_the_same_mean(standins: Standins) -> None:
    sound = np.tile(listening(), 5)
    everything = OnnxBackbone(standins.effnet_onnx).embeddings(sound)
    thinned = OnnxBackbone(standins.effnet_onnx, most_patches=16).embeddings(sound)
    assert len(everything) > 50
    assert len(thinned) == 16
    assert cosine(everything.mean(axis=0), thinned.mean(axis=0)) > 0.999


def cosine(one: Embedding, other: Embedding) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_onnx_is_preferred_where_both_are_present(onnx_folder: Path, standins: Standins) -> None:
    (onnx_folder / GRAPH).write_bytes(b"never read")
    assert load(onnx_folder).hear(listening()) is not None


def test_missing_weights_are_named(onnx_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"discogs-effnet-bsdynamic-1\.onnx is not in"):
        load(tmp_path)
    (onnx_folder / HEAD_GRAPH).unlink()
    with pytest.raises(ModelError, match=r"genre_discogs400-discogs-effnet-1\.pb is not in"):
        load(onnx_folder)
    with pytest.raises(ModelError, match="no folder"):
        embedder(EFFNET_MODEL)


def test_weights_that_arrive_later_are_found(onnx_folder: Path, standins: Standins) -> None:
    (onnx_folder / ONNX).unlink()
    with pytest.raises(ModelError):
        embedder(EFFNET_MODEL, str(onnx_folder))
    shutil.copy(standins.effnet_onnx, onnx_folder / ONNX)
    assert embedder(EFFNET_MODEL, str(onnx_folder)).dim == 1280


@pytest.mark.parametrize("name", [ONNX, HEAD_GRAPH])
@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty", "other network"])
def test_a_file_that_is_no_such_network_is_named(
    onnx_folder: Path, standins: Standins, name: str, damage: str
) -> None:
    file = onnx_folder / name
    match damage:
        case "garbage":
            file.write_bytes(bytes(range(256)) * 100)
        case "truncated":
            file.write_bytes(file.read_bytes()[:-2000])
        case "empty":
            file.write_bytes(b"")
        case _:
            other = {ONNX: standins.head_onnx, HEAD_GRAPH: standins.effnet_pb}[name]
            shutil.copy(other, file)
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        load(onnx_folder)


@pytest.mark.parametrize("content", [b"", b"garbage" * 100])
def test_a_damaged_graph_is_named(graph_folder: Path, content: bytes) -> None:
    (graph_folder / GRAPH).write_bytes(content)
    with pytest.raises(ModelError, match=r"discogs-effnet-bs64-1\.pb"):
        load(graph_folder)


def test_another_graph_is_refused(graph_folder: Path, standins: Standins) -> None:
    shutil.copy(standins.head_pb, graph_folder / GRAPH)
    with pytest.raises(ModelError, match=r"discogs-effnet-bs64-1\.pb"):
        load(graph_folder)
