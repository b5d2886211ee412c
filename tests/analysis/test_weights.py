from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from harmonie_daemon.analysis.weights import EFFNET_MODEL, REGISTRY, WeightStore, weights_of
from harmonie_daemon.analysis.weights.network_file import read_network
from harmonie_daemon.analysis.weights.protobuf import fields
from harmonie_daemon.domain.errors import ModelError
from tests.standins.build import Standins, build_tiny

ONNX, GRAPH = "discogs-effnet-bsdynamic-1.onnx", "discogs-effnet-bs64-1.pb"
HEAD = "genre_discogs400-discogs-effnet-1.pb"


@pytest.fixture(scope="module")
def standins(tmp_path_factory: pytest.TempPathFactory) -> Standins:
    return build_tiny(tmp_path_factory.mktemp("standins"))


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    return WeightStore(tmp_path / "models")


@pytest.fixture
def mine(tmp_path: Path, standins: Standins) -> Path:
    """A folder of one's own with files under their published names."""
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(standins.effnet_onnx, folder / ONNX)
    shutil.copy(standins.effnet_pb, folder / GRAPH)
    shutil.copy(standins.head_pb, folder / HEAD)
    return folder


def test_nothing_is_there_at_first(store: WeightStore) -> None:
    assert store.available() == ()
    assert "harmonie models download" in store.problems()[EFFNET_MODEL]
    assert store.files(EFFNET_MODEL) == ()
    assert not store.folder.exists(), "asking makes no folder"


def test_an_unknown_model_is_an_error_that_names_the_known(store: WeightStore) -> None:
    with pytest.raises(ModelError, match=EFFNET_MODEL):
        store.problem("x")
    with pytest.raises(ModelError, match=EFFNET_MODEL):
        weights_of("x")


def test_the_licence_is_said() -> None:
    for weights in REGISTRY.values():
        assert "not for commercial use" in weights.licence


def test_added_files_make_a_model_usable_once_all_are_there(store: WeightStore, mine: Path) -> None:
    assert store.add(mine / GRAPH).problem is None
    assert HEAD in store.problems()[EFFNET_MODEL]
    store.add(mine / HEAD)
    assert store.available() == (EFFNET_MODEL,)


def test_a_conversion_is_taken_only_on_somebodys_word(store: WeightStore, mine: Path) -> None:
    store.add(mine / HEAD)
    with pytest.raises(ModelError, match="--trust"):
        store.add(mine / ONNX)
    assert not (store.folder / ONNX).exists()
    report = store.add(mine / ONNX, trust=True)
    assert (report.is_published, report.is_trusted, report.problem) == (False, True, None)
    assert store.available() == (EFFNET_MODEL,)
    assert WeightStore(store.folder).available() == (EFFNET_MODEL,), "the word is remembered"
    assert [file.problem for file in store.verify(EFFNET_MODEL)] == [None, None]


def test_the_word_is_for_that_content_only(store: WeightStore, mine: Path) -> None:
    store.add(mine / ONNX, trust=True)
    content = bytearray((store.folder / ONNX).read_bytes())
    content[5_000] ^= 1
    (store.folder / ONNX).write_bytes(content)
    assert "its checksum is" in store.problems()[EFFNET_MODEL]


@pytest.mark.parametrize("trust", [False, True])
@pytest.mark.parametrize("name", [ONNX, GRAPH, HEAD])
@pytest.mark.parametrize("content", [b"", b"\xff" * 5000, b"<html>log in</html>"])
def test_what_is_no_network_is_never_taken(
    store: WeightStore, tmp_path: Path, name: str, content: bytes, trust: bool
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        store.add(tmp_path / name, trust=trust)
    assert not (store.folder / name).exists()


def test_another_network_under_the_name_is_not_taken(
    store: WeightStore, tmp_path: Path, standins: Standins
) -> None:
    shutil.copy(standins.effnet_pb, tmp_path / HEAD)
    with pytest.raises(ModelError, match="no layer of 1280 x 400"):
        store.add(tmp_path / HEAD)
    shutil.copy(standins.head_pb, tmp_path / GRAPH)
    with pytest.raises(ModelError, match="another network"):
        store.add(tmp_path / GRAPH)


def test_a_file_of_another_name_is_refused(store: WeightStore, tmp_path: Path) -> None:
    (tmp_path / "model.pb").write_bytes(b"x")
    with pytest.raises(ModelError, match="none of the files"):
        store.add(tmp_path / "model.pb")
    with pytest.raises(ModelError, match="No such file"):
        store.add(tmp_path / HEAD)


def test_files_that_were_just_put_there_are_found(store: WeightStore, mine: Path) -> None:
    store.folder.mkdir()
    shutil.copy(mine / GRAPH, store.folder)
    shutil.copy(mine / HEAD, store.folder)
    assert store.available() == (EFFNET_MODEL,)


def test_a_check_is_remembered_until_the_file_changes(store: WeightStore, mine: Path) -> None:
    store.add(mine / GRAPH)
    store.add(mine / HEAD)
    memory = store.folder / "verified.json"
    remembered = json.loads(memory.read_text())
    remembered[HEAD]["size"] = "never looked at"
    remembered[GRAPH]["problem"] = "remembered"
    memory.write_text(json.dumps(remembered))
    assert store.problems() == {EFFNET_MODEL: "remembered"}
    os.utime(store.folder / GRAPH, ns=(1, 1))
    assert store.available() == (EFFNET_MODEL,)


def test_without_a_published_checksum_the_first_one_counts(
    store: WeightStore, mine: Path, standins: Standins, tmp_path: Path
) -> None:
    store.add(mine / GRAPH)
    store.add(mine / HEAD)
    other = build_tiny(tmp_path / "other", seed=7).head_pb
    shutil.copy(other, store.folder / HEAD)
    assert "when it was taken in" in store.problems()[EFFNET_MODEL]
    assert store.verify(EFFNET_MODEL)[1].problem is not None, "looking again changes nothing"
    shutil.copy(other, mine / HEAD)
    store.add(mine / HEAD)
    assert store.available() == (EFFNET_MODEL,)


@pytest.mark.parametrize("memory", ["", "[]", "{", '{"a": 1}', '{"a": {"b": 2}}'])
def test_a_damaged_memory_is_no_trouble(store: WeightStore, mine: Path, memory: str) -> None:
    store.add(mine / GRAPH)
    store.add(mine / HEAD)
    (store.folder / "verified.json").write_text(memory)
    assert store.available() == (EFFNET_MODEL,)


def test_a_truncated_file_is_seen(store: WeightStore, mine: Path) -> None:
    store.add(mine / GRAPH)
    store.add(mine / HEAD)
    content = (store.folder / HEAD).read_bytes()
    (store.folder / HEAD).write_bytes(content[:-1_000])
    assert "damaged" in store.problems()[EFFNET_MODEL]
    assert store.available() == ()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, mine: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = WeightStore(tmp_path / "file" / "models")
    assert store.available() == ()
    with pytest.raises(ModelError, match="Not a directory"):
        store.add(mine / HEAD)


def test_both_formats_hold_the_same_weights(standins: Standins) -> None:
    graph, onnx = read_network(standins.head_pb), read_network(standins.head_onnx)
    for shape in ((1280, 400), (400,)):
        (one,) = [tensor for tensor in graph.tensors if tensor.shape == shape]
        (other,) = [tensor for tensor in onnx.tensors if tensor.shape == shape]
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "content",
    [b"\x0a\x05abc", b"\x00", b"\x0f", b"\xff" * 11, b"\x08", b"\x0d\x01"],
    ids=["short", "field 0", "wire type 7", "long varint", "no varint", "short fixed"],
)
def test_what_is_not_in_the_wire_format_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(fields(memoryview(content)))


def test_the_wire_format_is_read_field_by_field() -> None:
    content = b"\x08\x96\x01" + b"\x12\x03abc" + b"\x1d\x01\x02\x03\x04"
    values = [
        (number, value if isinstance(value, int) else bytes(value))
        for number, value in fields(memoryview(content))
    ]
    assert values == [(1, 150), (2, b"abc"), (3, b"\x01\x02\x03\x04")]
