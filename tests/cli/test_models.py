from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.analysis.weights import EFFNET_MODEL
from harmonie_daemon.cli import main
from tests.standins.build import Standins, build_tiny

ONNX, GRAPH = "discogs-effnet-bsdynamic-1.onnx", "discogs-effnet-bs64-1.pb"
HEAD = "genre_discogs400-discogs-effnet-1.pb"


@pytest.fixture(scope="module")
def standins(tmp_path_factory: pytest.TempPathFactory) -> Standins:
    return build_tiny(tmp_path_factory.mktemp("standins"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the weights go; nothing listens at the source address."""
    monkeypatch.setenv("HARMONIE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HARMONIE_MODELS_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("harmonie_daemon.analysis.weights.download.FIRST_PAUSE_S", 0.001)
    return tmp_path / "data" / "models"


@pytest.fixture
def mine(tmp_path: Path, standins: Standins) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(standins.effnet_onnx, folder / ONNX)
    shutil.copy(standins.effnet_pb, folder / GRAPH)
    shutil.copy(standins.head_pb, folder / HEAD)
    return folder


@pytest.fixture
def source(tmp_path: Path, mine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A mirror of the publisher on this machine, holding the stand-ins."""
    root = tmp_path / "mirror"
    for name, place in (
        (ONNX, "feature-extractors/discogs-effnet"),
        (HEAD, "classification-heads/genre_discogs400"),
    ):
        (root / place).mkdir(parents=True)
        shutil.copy(mine / name, root / place)
    handler = partial(_Quiet, directory=str(root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("HARMONIE_MODELS_URL", f"http://127.0.0.1:{server.server_port}/")
        yield root
        server.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Tests read standard error."""


def models(*arguments: str) -> int:
    return main(["models", *arguments])


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    """The last line of standard error, which is all there may be beside the licence."""
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) <= 2, lines
    return lines[-1]


def test_the_list_says_what_there_is_and_what_it_costs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models("list") == 0
    text = capsys.readouterr().out
    assert "timbre316-2: usable, built in" in text
    assert f"{EFFNET_MODEL}: no weights in {folder}" in text
    assert "not for commercial use" in text
    assert models("list", "--json") == 0
    builtin, effnet = document(capsys)["models"]
    assert builtin == {"model": "timbre316-2", "usable": True, "built_in": True}
    assert (effnet["usable"], effnet["dim"], effnet["files"]) == (False, 1280, [])
    assert effnet["licence"].startswith("CC BY-NC-SA 4.0")


def test_nothing_is_fetched_before_the_licence_is_accepted(
    folder: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models("download") == 1
    lines = capsys.readouterr().err.splitlines()
    assert "CC BY-NC-SA 4.0: not for commercial use" in lines[0]
    assert "the licence was not accepted" in lines[1]
    assert not folder.exists()


def test_a_download_makes_the_model_usable(
    folder: Path, source: Path, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models("add", str(mine / ONNX), "--trust") == 0
    assert f"{HEAD} is missing" in capsys.readouterr().out
    assert models("download", EFFNET_MODEL, "--accept-licence", "--json") == 0
    found = document(capsys)
    assert (found["usable"], found["problem"]) == (True, None)
    assert [file["name"] for file in found["files"]] == [ONNX, HEAD]
    assert models("verify") == 0
    assert "right, and loads" in capsys.readouterr().out
    assert models("download") == 0, "what is here needs no licence again"


def test_a_bad_checksum_installs_nothing(
    folder: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models("download", "--accept-licence") == 1
    assert "its checksum is" in complaint(capsys)
    assert list(folder.iterdir()) == []


def test_a_missing_file_at_the_source_is_one_line(
    folder: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(source)
    assert models("download", "--accept-licence") == 1
    assert "answers 404" in complaint(capsys)


def test_no_network_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert models("download", "--accept-licence") == 1
    assert "cannot be reached" in complaint(capsys)
    assert models("list") == 0


def test_an_unknown_name_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert models("download", "x", "--accept-licence") == 1
    assert EFFNET_MODEL in complaint(capsys)


def test_a_conversion_needs_ones_word(
    folder: Path, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models("add", str(mine / ONNX)) == 1
    assert "--trust" in complaint(capsys)
    assert models("add", str(mine / ONNX), "--trust", "--json") == 0
    (file,) = document(capsys)["files"]
    assert (file["is_trusted"], file["is_published"]) == (True, False)


def test_a_file_that_cannot_be_read_is_named_and_nothing_is_made(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models("add", str(tmp_path / ONNX)) == 1
    assert f"{tmp_path / ONNX} cannot be read: No such file" in complaint(capsys)
    assert models("add", str(tmp_path)) == 1
    assert f"{tmp_path} cannot be read: Is a directory" in complaint(capsys)
    assert not folder.exists()


def test_verify_without_weights_finds_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models("verify") == 3
    assert "no weights" in capsys.readouterr().out


def test_verify_reads_anew_and_fails_on_damage(
    folder: Path, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models("add", str(mine / GRAPH)) == models("add", str(mine / HEAD)) == 0
    capsys.readouterr()
    assert models("verify", "--json") == 0
    assert document(capsys)["models"][0]["usable"]
    (folder / HEAD).write_bytes((folder / HEAD).read_bytes()[:-100])
    assert models("verify") == 1
    assert "damaged" in capsys.readouterr().out


def test_verify_loads_what_looks_right_and_is_not(
    folder: Path, mine: Path, standins: Standins, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(standins.head_onnx, mine / ONNX)
    assert models("add", str(mine / ONNX), "--trust") == 0
    assert models("add", str(mine / HEAD)) == 0
    capsys.readouterr()
    assert models("verify", "--json") == 1
    (model,) = document(capsys)["models"]
    assert "does not take mel patches" in model["problem"]
    assert not model["usable"]
