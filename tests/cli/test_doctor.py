"""The command, in the place of the service and beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harmonie_daemon.cli.main import main


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HARMONIE_DATA_DIR", str(tmp_path / "data"))


def _report(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    findings = json.loads(capsys.readouterr().out)["findings"]
    return {
        verdict: [f"{one['area']}: {one['said']}" for one in findings if one["verdict"] == verdict]
        for verdict in ("fine", "note", "problem")
    }


def test_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "music" / "album").mkdir(parents=True)
    monkeypatch.setenv("HARMONIE_LIBRARIES", str(tmp_path / "music"))
    assert main(["doctor", "--try"]) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[-1] == "all is well"
    assert "a playlist was written" in text
    assert not list((tmp_path / "data" / "playlists").iterdir())


def test_a_folder_whose_name_is_no_text_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "music" / "album").mkdir(parents=True)
    monkeypatch.setenv("HARMONIE_LIBRARIES", str(tmp_path / "music"))
    monkeypatch.setenv("HARMONIE_M3U_DIR", f"{tmp_path}/lists\udcff")
    assert main(["doctor", "--try", "--json"]) == 0
    assert f"m3u: 0 playlists in {tmp_path}/lists\ufffd" in _report(capsys)["fine"]


@pytest.mark.parametrize("setting", ["DATA_DIR", "BACKUP_DIR"])
def test_no_database_is_in_a_folder_whose_name_is_no_text(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    setting: str,
) -> None:
    """SQLite opens none there."""
    monkeypatch.setenv(f"HARMONIE_{setting}", f"{tmp_path}/\udcff")
    assert main(["doctor", "--json"]) == 1
    (said,) = _report(capsys)["problem"]
    assert f"HARMONIE_{setting}" in said
    assert "must be UTF-8" in said


def test_what_needs_a_hand_comes_first_and_is_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARMONIE_LIBRARIES", str(tmp_path / "music"))
    monkeypatch.setenv("HARMONIE_LIBARIES", "x")
    assert main(["doctor", "--json"]) == 1
    report = _report(capsys)
    assert report["problem"] == [
        "configuration: HARMONIE_LIBARIES is not a setting",
        f"folders: {tmp_path / 'music'} cannot be read: it is not there",
    ]


def test_a_configuration_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARMONIE_PORT", "x")
    assert main(["doctor", "--json"]) == 1
    (said,) = _report(capsys)["problem"]
    assert "HARMONIE_PORT" in said


def test_a_damaged_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "harmonie.db").write_bytes(b"no database" * 1000)
    assert main(["doctor", "--json"]) == 1
    problems = _report(capsys)["problem"]
    assert any(said.startswith("daemon: ") and "harmonie.db" in said for said in problems)
